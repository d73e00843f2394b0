"""A store: transactions on a database of ours, never half of anything, and done again where that helps."""

from __future__ import annotations

import contextlib
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from hivegate.history.engines import make_engine, seconds_to_reach, with_access
from hivegate.history.faults import translated
from hivegate.history.locks import Access
from hivegate.history.migrations import NEWEST, migrate, version_of
from hivegate.history.retries import patience_to_connect, patience_to_write, retried
from hivegate.history.url import check_file, locate, nothing_kept, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection, Engine

T = TypeVar("T")


class Store:
    """Transactions on an open store; `where` names it in errors, without password.

    A server that is away is asked again for `seconds`. Its connection is kept for the next transaction, as long as the
    store is.
    """

    def __init__(self, engine: Engine, where: str, *, seconds: float = 0.0) -> None:
        self.where = where
        self._bare = engine
        self._engines = {access: with_access(engine, access) for access in Access}
        self._seconds = seconds
        weakref.finalize(self, engine.dispose)

    def version(self) -> int:
        """Read the version of the schema, 0 where there is none."""
        with translated(self.where), self._begun(self._bare) as connection:
            return version_of(connection, self.where)

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """Read one consistent state; raises `HistoryError` for what the database refuses."""
        with translated(self.where), self._begun(self._engines[Access.READ]) as connection:
            yield connection

    def write(self, work: Callable[[Connection], T], *, alone: bool = False) -> T:
        """Write all of `work` or, where it raises or the process dies, nothing; returns what it returns.

        `work` is called again where its transaction met another or its connection was lost, perhaps after it was
        kept: it must find what is kept already. SQLite has one writer at a time, PostgreSQL many unless one is
        `alone`; others wait up to `PATIENCE` seconds.
        """
        access = Access.ALONE if alone else Access.ADD
        with translated(self.where):
            return retried(lambda: self._written(work, access), patience_to_write)

    def shrink(self) -> None:
        """Give the room of what was taken out back to the disk; other writers wait meanwhile.

        PostgreSQL does that by itself.
        """
        if self._bare.dialect.name == "sqlite":
            with translated(self.where), self._begun(self._bare) as connection:
                connection.exec_driver_sql("VACUUM")

    def _written(self, work: Callable[[Connection], T], access: Access) -> T:
        with self._begun(self._engines[access]) as connection:
            return work(connection)

    @contextlib.contextmanager
    def _begun(self, engine: Engine) -> Iterator[Connection]:
        """Begin a transaction, with patience for a server that is away or has no connection left."""
        with translated(self.where):
            connection = retried(lambda: _begin(engine), lambda fault: patience_to_connect(fault, self._seconds))
        with connection, connection.get_transaction() or contextlib.nullcontext():
            yield connection


def _begin(engine: Engine) -> Connection:
    connection = engine.connect()
    try:
        connection.begin()
    except BaseException:
        connection.close()
        raise
    return connection


def open_store(place: str, *, folder: Path, create: bool) -> Store:
    """Open the store at a path or URL and lead it to the newest schema; with `create` a new one is made.

    Paths are relative to `folder`. Raises `HistoryError` for a place that cannot hold a store, for a database of
    something else or of a newer hivegate, where a role may not make or change the tables and, without `create`, where
    nothing is kept yet.
    """
    url = locate(place, folder)
    if url.get_backend_name() == "sqlite":
        check_file(Path(url.database or ""), create=create)
    store = Store(make_engine(url), shown(url), seconds=seconds_to_reach(url))
    version = store.version()
    if not version and not create:
        raise nothing_kept(store.where)
    if version < NEWEST:
        # Read again: another process may have been faster.
        store.write(
            lambda connection: migrate(connection, version_of(connection, store.where), store.where), alone=True
        )
    return store
