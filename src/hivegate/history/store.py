"""A store: transactions on a database of ours, one writer at a time, never half of anything."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event, func, select

from hivegate.errors import HistoryError
from hivegate.history.faults import PATIENCE, translated
from hivegate.history.migrations import NEWEST, migrate, version_of
from hivegate.history.place import check_file, locate, nothing_kept, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

_CACHE = 32 * 1024  # KiB: a large import touches the pages of every series again and again
_CONNECTING = 10  # seconds to reach a server
_WRITERS_LOCK = 0x68697665  # "hive": the advisory lock that PostgreSQL's writers share
_WRITES = "hivegate_writes"
_BARE = "hivegate_bare"  # outside of any transaction


class Store:
    """Transactions on an open store; `where` names it in errors. A connection lives as long as its transaction."""

    def __init__(self, engine: Engine, where: str) -> None:
        self.where = where
        self._readers = engine
        self._writers = engine.execution_options(**{_WRITES: True})

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """Read one consistent state; raises `HistoryError` for what the database refuses."""
        with translated(self.where), self._readers.begin() as connection:
            yield connection

    @contextlib.contextmanager
    def writing(self) -> Iterator[Connection]:
        """Write all of the block or, where it raises or the process dies, nothing.

        One process writes at a time, so what the block reads stays so; others wait up to `PATIENCE` seconds.
        """
        with translated(self.where), self._writers.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{PATIENCE}s'")
                connection.execute(select(func.pg_advisory_xact_lock(_WRITERS_LOCK)))
            yield connection

    def shrink(self) -> None:
        """Give the room of what was taken out back to the disk; other writers wait meanwhile.

        PostgreSQL does that by itself.
        """
        if self._readers.dialect.name == "sqlite":
            with translated(self.where), self._readers.execution_options(**{_BARE: True}).connect() as connection:
                connection.exec_driver_sql("VACUUM")


def open_store(place: str, *, folder: Path, create: bool) -> Store:
    """Open the store at a path or URL and lead it to the newest schema; with `create` a new one is made.

    Paths are relative to `folder`. Raises `HistoryError` for a place that cannot hold a store, for a database of
    something else or of a newer hivegate, and, without `create`, where nothing is kept yet.
    """
    url = locate(place, folder)
    if url.get_backend_name() == "sqlite":
        check_file(Path(url.database or ""), create=create)
    store = Store(_engine(url), shown(url))
    with store.reading() as connection:
        version = version_of(connection, store.where)
    if not version and not create:
        raise nothing_kept(store.where)
    if version < NEWEST:
        with store.writing() as connection:
            # Read again: another process may have been faster.
            migrate(connection, version_of(connection, store.where))
    return store


def _engine(url: URL) -> Engine:
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url, poolclass=NullPool, connect_args={"timeout": PATIENCE})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    try:
        return create_engine(url, poolclass=NullPool, connect_args={"connect_timeout": _CONNECTING})
    except ModuleNotFoundError as fault:
        hint = "install it: pip install 'hivegate[postgres]'"
        raise HistoryError("needs psycopg, which is not installed here", where=shown(url), hint=hint) from fault


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


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes later could not be led to its end beside another of that kind.
    options = connection.get_execution_options()
    if not options.get(_BARE):
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get(_WRITES) else "BEGIN")
