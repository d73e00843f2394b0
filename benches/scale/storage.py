"""What an estimate takes on disk, by hivegate's own tables on real databases: one percent of a company's year."""

from __future__ import annotations

import random
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec
from sqlalchemy import NullPool, create_engine, text
from tests.postgres import engine, server

from hivegate.history.runs import add
from hivegate.history.store import open_store
from hivegate.instruments import METRICS
from hivegate.model.record import Level, Record, StoredVerdict
from hivegate.model.run import Commit, Environment
from hivegate.model.targets import RuleKind
from hivegate.model.verdict import Outcome
from scale.evidence import load, save

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Engine

    from hivegate.history.store import Store

Ask: TypeAlias = "Callable[[str], list[tuple[Any, ...]]]"

REPOSITORIES = 100
BENCHMARKS = 50  # of a repository, two metrics of each
RUNS = 100  # a year
_METRICS = ("p50", "mean")
_TABLES = ("estimates", "verdicts", "runs", "series", "benchmarks", "environments")
_WEIGH_SQLITE = """
SELECT tbl_name, sum(CASE type WHEN 'table' THEN pgsize ELSE 0 END), sum(CASE type WHEN 'index' THEN pgsize ELSE 0 END)
FROM dbstat JOIN sqlite_master USING (name) GROUP BY tbl_name
"""
_WEIGH_POSTGRESQL = "SELECT pg_database_size(current_database())"
_SEED = 20_26
_NOW = "2026-11-23T12:00:00+00:00"


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """One table when the year was over: rows, bytes of the rows and of their indexes."""

    rows: int
    bytes: int
    indexes: int


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """One database: bytes before anything was kept and after a year."""

    database: str
    empty: int
    bytes: int
    tables: dict[str, Table]

    @property
    def estimates(self) -> int:
        """Count what was kept."""
        return self.tables["estimates"].rows

    def each(self, table: str) -> float:
        """Tell the bytes of a row of a table, indexes and all."""
        found = self.tables[table]
        return (found.bytes + found.indexes) / found.rows


class Storage(msgspec.Struct, frozen=True, kw_only=True):
    """Both databases."""

    kept: tuple[Kept, ...]


def measure() -> None:
    """Fill both databases with the same year and weigh them."""
    save("storage", Storage(kept=(_sqlite(), _postgresql())))


def read() -> Storage:
    """Read what was kept."""
    return load("storage", Storage)


def a_run(repository: int, run: int, chance: random.Random) -> Record:
    """Make one run of one repository, judged."""
    names = [f"suite_{number // 10}/scenario_{repository}_{number}[1000]" for number in range(BENCHMARKS)]
    machine = Environment(cpu="AMD EPYC 7763", cores=4, os="Linux 6.8", python="3.13.1", runner=f"team-{repository}")
    levels = tuple(
        Level(benchmark=name, metric=METRICS[metric], value=value, low=value * 0.98, high=value * 1.02, n=5)
        for name in names
        for metric in _METRICS
        for value in (chance.gauss(1e-3, 1e-5),)
    )
    reason = "the whole interval lies within the limit"
    verdicts = tuple(
        StoredVerdict(
            benchmark=name, kind=RuleKind.TARGET, outcome=Outcome.PASSED, tier="must", metric="p50", value=1e-3,
            limit="max 2 ms", reason=reason,
        )
        for name in names
    )  # fmt: skip
    created = f"2026-{1 + run // 9:02}-{1 + 3 * (run % 9):02}T{repository % 24:02}:00:00+00:00"
    return Record(
        source="hivegate",
        created=created,
        committed=created,
        commit=Commit(sha=f"{repository:08x}{run:032x}", branch="main"),
        subject="Read the settings once instead of for every request",
        environment=machine,
        levels=levels,
        nodes={name: f"benches/bench_{name.replace('/', '.py::test_', 1)}" for name in names},
        outcome=Outcome.PASSED,
        judged=verdicts,
    )


def _sqlite() -> Kept:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "history.db")
        store = open_store(str(file), folder=Path(folder), create=True)
        store.shrink()
        empty = file.stat().st_size
        _a_year(store)
        with _asked(create_engine(f"sqlite:///{file}", poolclass=NullPool)) as ask:
            ask("PRAGMA wal_checkpoint(TRUNCATE)")
            weights = {name: (own, indexes) for name, own, indexes in ask(_WEIGH_SQLITE)}
            tables = _tables(ask, weights.__getitem__)
        size = file.stat().st_size
    return Kept(database="SQLite", empty=empty, bytes=size, tables=tables)


def _postgresql() -> Kept:
    with server() as url:
        store = open_store(url, folder=Path.cwd(), create=True)
        with _asked(engine(url)) as ask:
            empty = ask(_WEIGH_POSTGRESQL)[0][0]
        _a_year(store)
        with _asked(engine(url)) as ask:
            tables = _tables(ask, lambda name: ask(f"SELECT pg_table_size('{name}'), pg_indexes_size('{name}')")[0])
            size = ask(_WEIGH_POSTGRESQL)[0][0]
    return Kept(database="PostgreSQL", empty=empty, bytes=size, tables=tables)


def _tables(ask: Ask, weigh: Callable[[str], tuple[Any, ...]]) -> dict[str, Table]:
    """Count and weigh what is in each table."""
    found = {}
    for name in _TABLES:
        own, indexes = weigh(f"hivegate_{name}")
        ((rows,),) = ask(f"SELECT count(*) FROM hivegate_{name}")  # noqa: S608  our own names
        found[name] = Table(rows=rows, bytes=own, indexes=indexes)
    return found


def _a_year(store: Store) -> None:
    """Keep a year as it comes in, all repositories in turn."""
    chance = random.Random(_SEED)  # noqa: S311  reproducible input, no secret
    for run in range(RUNS):
        add(store, [a_run(repository, run, chance) for repository in range(REPOSITORIES)], now=_NOW)


@contextmanager
def _asked(database: Engine) -> Iterator[Ask]:
    """Ask a database in words of its own."""
    with database.connect() as connection:
        yield lambda statement: [tuple(row) for row in connection.execute(text(statement))]
