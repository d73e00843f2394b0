"""The databases' own errors, said so that a person knows what to do."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from hivegate.errors import HistoryError

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE = 30  # seconds that one writer waits for the others
DENIED = "42501"  # SQLSTATE
# Who cannot connect is told no SQLSTATE.
FULL = ("too many clients", "too many connections", "remaining connection slots", "no more connections allowed")

_OTHER_PLACE = "or set another location: history under [tool.hivegate]"
_SPACE = ("its disk is full; nothing of this was stored", "free some space and try again")
_BUSY = (f"another process has been writing for more than {PATIENCE} s", "wait for it or end it, then try again")
_READ_ONLY = ("is read-only", f"make it and its folder writable, {_OTHER_PLACE}")
_CONFLICT = (f"other writers held it for {PATIENCE} s", "try again")

# By the beginning of SQLite's name for the fault, the most special first.
_OF_SQLITE = {
    "SQLITE_NOTADB": ("is not a SQLite database", f"move the file away, {_OTHER_PLACE}"),
    "SQLITE_CORRUPT": ("is damaged", "move it away and start a new one; sqlite3 FILE .recover saves what can be read"),
    "SQLITE_FULL": _SPACE,
    "SQLITE_READONLY": _READ_ONLY,
    "SQLITE_CANTOPEN": (
        "cannot be opened: the file or its folder is not readable and writable",
        f"make both writable, {_OTHER_PLACE}",
    ),
    "SQLITE_BUSY": _BUSY,
    "SQLITE_PERM": _READ_ONLY,
    "SQLITE_IOERR_WRITE": (
        "cannot be written to; nothing of this was stored",
        f"check the quota, the limit of file sizes and the disk, {_OTHER_PLACE}",
    ),
    "SQLITE_IOERR": ("its disk fails, or does not support the locks of SQLite", f"check the disk, {_OTHER_PLACE}"),
}
# By the beginning of PostgreSQL's SQLSTATE.
_OF_POSTGRESQL = {
    "53100": _SPACE,
    "55P03": _BUSY,
    "25006": _READ_ONLY,
    "40": _CONFLICT,
    "57014": (
        "the server's statement timeout expired",
        "try again later, or raise the timeout: &options=-cstatement_timeout%3D300s in the URL",
    ),
    "53300": ("has no free connections", "raise max_connections, or use a connection pooler"),
}
_UNREACHED = f"start the server, or fix the URL, the user or the password, {_OTHER_PLACE}"
_UNTRUSTED = "fix sslmode, sslrootcert, sslcert or sslkey in the URL, or the server's certificate"
_CRYPTIC = ("certificate", "SSL", "sslmode")


@contextlib.contextmanager
def translated(where: str) -> Iterator[None]:
    """Turn what a database raises into `HistoryError`s that name `where`."""
    try:
        yield
    except DBAPIError as fault:
        message, hint = _explained(fault.orig)
        raise HistoryError(message, where=where, hint=hint) from fault


def state_of(fault: BaseException | None) -> str | None:
    """Return PostgreSQL's SQLSTATE: empty if a connection failed or was lost, None for errors of no server."""
    # The driver is an extra, so its kind of error is known by its name.
    kinds = {kind.__name__ for kind in type(fault).__mro__}
    state: str | None = getattr(fault, "sqlstate", None)
    return "" if state is None and "OperationalError" in kinds and not isinstance(fault, sqlite3.Error) else state


def _explained(fault: BaseException | None) -> tuple[str, str]:
    said = " ".join(str(fault).split())
    if isinstance(fault, sqlite3.Error):
        known, name = _OF_SQLITE, getattr(fault, "sqlite_errorname", None) or ""
    else:
        known, name = _OF_POSTGRESQL, state_of(fault) or ""
        if not name and any(one in said for one in FULL):
            name = "53300"
        if not name:
            return f"cannot be reached: {said}", _UNTRUSTED if any(one in said for one in _CRYPTIC) else _UNREACHED
        if name == DENIED:
            return (
                f"its role lacks the rights: {said}",
                f"use a role that has them (docs/how-to/shared-history.md), {_OTHER_PLACE}",
            )
    for begin, told in known.items():
        if name.startswith(begin):
            return told
    return f"database error: {said}", f"another tool may have changed the database; move it away, {_OTHER_PLACE}"
