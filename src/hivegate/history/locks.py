"""What PostgreSQL's writers wait for, and how long; SQLite has one writer at a time, which needs none of it.

Runs are added beside each other. What would meet is made one after the other: names that several runs share, versions
of documents, and, beside nobody, the schema and the removal of names that no run needs.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from hivegate.history.faults import PATIENCE

if TYPE_CHECKING:
    from sqlalchemy import Connection

_STATEMENT = 2 * PATIENCE  # seconds for one statement


class Access(enum.Enum):
    """What a transaction does: read one state, add beside others, or change what nobody else may see half of."""

    READ = enum.auto()
    ADD = enum.auto()
    ALONE = enum.auto()


class Lock(enum.IntEnum):
    """The advisory locks, which end with their transaction; on every server the same."""

    STORE = 0x68697665  # "hive"
    NAMES = 0x68697666
    DOCUMENTS = 0x68697667


def beginning(access: Access) -> str:
    """Format how a transaction begins, in one round trip: what it sees, how long it waits and for whom."""
    if access is Access.READ:  # one state, which a standby has as well
        return (
            f"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; {_patient()}{_limited('statement_timeout', _STATEMENT)}"
        )
    # What is read after a lock was waited for is the newest.
    begin = f"BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; {_patient()}"
    if access is Access.ALONE:
        return f"{begin}SELECT pg_advisory_xact_lock({Lock.STORE})"
    return f"{begin}{_limited('statement_timeout', _STATEMENT)}SELECT pg_advisory_xact_lock_shared({Lock.STORE})"


def hold(connection: Connection, lock: Lock) -> bool:
    """Wait for a lock; returns whether others may have written meanwhile."""
    if connection.dialect.name != "postgresql":
        return False
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({lock})")
    return True


def _patient() -> str:
    return _limited("lock_timeout", PATIENCE)


def _limited(name: str, seconds: int) -> str:
    """Format a limit for this transaction, unless the URL, the role or the database has one."""
    own = f"current_setting('{name}')"
    return f"SELECT set_config('{name}', CASE {own} WHEN '0' THEN '{seconds}s' ELSE {own} END, true); "
