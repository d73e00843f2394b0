"""Where a store is: a file path or a database URL, checked before anything is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from hivegate.errors import HistoryError

if TYPE_CHECKING:
    from pathlib import Path

_ALLOWED = "use a path such as .hivegate/history.db, sqlite:///PATH or postgresql://USER@HOST/NAME"
_FILES = ("sslrootcert", "sslcert", "sslkey", "sslcrl", "sslcrldir", "passfile")  # options of PostgreSQL
_SETTING = "set history under [tool.hivegate] in pyproject.toml"


def locate(place: str, folder: Path) -> URL:
    """Read a path or a URL; paths, those of certificates too, are relative to `folder`.

    Raises `HistoryError` for other databases.
    """
    if "://" not in place:
        return _file(place, folder)
    try:
        url = make_url(place)
        kind, _, driver = url.drivername.partition("+")
    except (ArgumentError, ValueError) as fault:
        raise HistoryError("the history's URL is invalid", hint=f"{_ALLOWED}; {_SETTING}") from fault
    if kind == "sqlite":
        if driver or url.query or url.host:
            raise HistoryError("takes a path without options", where=shown(url), hint="sqlite:///history.db")
        return _file(url.database or "", folder)
    if kind in {"postgresql", "postgres"} and driver in {"", "psycopg"}:
        return _server(url, folder)
    raise HistoryError(f"unsupported database: {url.drivername}", hint=f"{_ALLOWED}; {_SETTING}")


def shown(url: URL) -> str:
    """Return where a store is, for people: without password and options, which may hold another."""
    if url.get_backend_name() == "sqlite" and url.database:
        return url.database
    return url.set(drivername=url.get_backend_name(), query={}).render_as_string(hide_password=True)


def check_file(path: Path, *, create: bool) -> None:
    """See that a file can be a store; with `create` its folder is made, but no folder above, which would hide a typo.

    Raises `HistoryError` naming what stands in the way.
    """
    try:
        if path.exists() and not path.is_file():
            raise HistoryError("is not a regular file", where=str(path), hint=f"use a file: {_SETTING}")
        if not create and not path.exists():
            raise nothing_kept(str(path))
        path.parent.mkdir(exist_ok=True)
    except FileNotFoundError as fault:
        hint = f"create the folder, or {_SETTING}"
        raise HistoryError(f"the folder {path.parent.parent} does not exist", where=str(path), hint=hint) from fault
    except OSError as fault:
        hint = f"make {path.parent} a writable folder, or {_SETTING}"
        raise HistoryError(fault.strerror or str(fault), where=str(path), hint=hint) from fault


def nothing_kept(where: str) -> HistoryError:
    """Return the error for a store that was never written."""
    hint = "store something first: hivegate history add, or hivegate report --store"
    return HistoryError("nothing is stored here yet", where=where, hint=hint)


def _server(url: URL, folder: Path) -> URL:
    if "@" in (url.database or "") + (url.host or ""):
        hint = "percent-encode special characters of a password: %40 for @, %2F for /"
        raise HistoryError("the history's URL is invalid: it has more than one @", hint=hint)
    if not url.database:
        raise HistoryError("names no database", where=shown(url), hint="postgresql://USER@HOST/NAME")
    files = {name: url.query[name] for name in _FILES if name in url.query}
    found = {name: str(folder / str(path)) for name, path in files.items() if path != "system"}
    return url.set(drivername="postgresql+psycopg").update_query_dict(found)


def _file(name: str, folder: Path) -> URL:
    if not name.strip() or name == ":memory:" or "\0" in name:
        raise HistoryError(f"{name!r} cannot be used as a history file", hint=f"{_ALLOWED}; {_SETTING}")
    return URL.create("sqlite", database=str((folder / name).absolute()))
