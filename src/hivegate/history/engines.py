"""Engines: how each database is connected to, what it waits for, and what a transaction of ours begins with."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL, Connection, Engine, NullPool, QueuePool, create_engine, event

from hivegate.errors import HistoryError
from hivegate.history.faults import PATIENCE
from hivegate.history.locks import Access, beginning
from hivegate.history.url import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

_CACHE = 32 * 1024  # KiB: a large import touches the pages of every series again and again
_ACCESS = "hivegate_access"
_CONNECTING = 10  # seconds to reach a server
# What the URL does not say itself. A server that is gone is noticed within half a minute, not after hours.
_DEFAULTS: Mapping[str, str | int] = {
    "application_name": "hivegate",
    "connect_timeout": _CONNECTING,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": PATIENCE * 1000,
}


def make_engine(url: URL) -> Engine:
    """Make an engine that begins no transaction; raises `HistoryError` where PostgreSQL's driver is not installed."""
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url, poolclass=NullPool, connect_args={"timeout": PATIENCE})
        event.listen(engine, "connect", _prepare_sqlite)
    else:
        engine = _make_postgresql(url)
    event.listen(engine, "begin", _begin)
    return engine


def with_access(engine: Engine, access: Access) -> Engine:
    """Derive an engine with transactions of a kind."""
    return engine.execution_options(**{_ACCESS: access})


def seconds_to_reach(url: URL) -> float:
    """Return how long a server may be away: ``connect_timeout`` of the URL."""
    try:
        said = float(str(url.query.get("connect_timeout", _CONNECTING)))
    except ValueError:
        return 0.0  # the driver refuses it, and says so
    return said if said > 0 else _CONNECTING


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:  # noqa: ANN401  SQLAlchemy's signature
    # Python's own module begins transactions late and only for some statements; we begin them ourselves.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(f"PRAGMA cache_size = -{_CACHE}")
    try:
        connection.execute("PRAGMA journal_mode = WAL")
    except sqlite3.OperationalError as fault:
        # Whoever holds the file switches it as well. It lets readers and the writer run beside each other, no more.
        if not (fault.sqlite_errorname or "").startswith("SQLITE_BUSY"):
            raise


def _make_postgresql(url: URL) -> Engine:
    told = {name: value for name, value in _DEFAULTS.items() if name not in url.query}
    try:
        return create_engine(
            url,
            # A process keeps one connection, and takes more only where it reads within a read.
            poolclass=QueuePool,
            pool_size=1,
            max_overflow=-1,
            isolation_level="AUTOCOMMIT",  # `_begin` begins, with all that belongs to it in one round trip
            use_native_hstore=False,
            # A statement that is prepared on one connection is not known on the next behind a pooler.
            connect_args={**told, "prepare_threshold": None},
        )
    except ModuleNotFoundError as fault:
        hint = "install it: pip install 'hivegate[postgres]'"
        raise HistoryError("needs psycopg, which is not installed", where=shown(url), hint=hint) from fault


def _begin(connection: Connection) -> None:
    access = connection.get_execution_options().get(_ACCESS)
    if access is None:
        return
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(beginning(access))
    else:
        # One that reads first and writes later could not be led to its end beside another of that kind.
        connection.exec_driver_sql("BEGIN" if access is Access.READ else "BEGIN IMMEDIATE")
