"""Measure the history: adding runs, and telling the trend of one benchmark.

Input is made from a fixed seed: runs of one machine, a commit each.
"""

import itertools
import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from hivegate.gate.series import TrendOrder
from hivegate.gate.trends import tell_trends
from hivegate.history.runs import add
from hivegate.history.store import Store, open_store
from hivegate.model.metric import METRICS
from hivegate.model.record import Level, Record
from hivegate.model.run import Commit, Environment
from reference.measuring import declare

SEED = 20_26
MACHINE = Environment(cpu="AMD EPYC 7763", cores=4, os="Linux 6.8", python="3.13.1", implementation="CPython")
NOW = "2026-06-01T00:00:00+00:00"
ADDED = (40, 500)  # runs of so many benchmarks: 20,000 estimates
TOLD = (2000, 4)
STEP = 1200  # the run at which one benchmark gets slower by a tenth

# The columns and indices of the history's estimates, alone.
_RAW = """
CREATE TABLE run (id INTEGER PRIMARY KEY);
CREATE TABLE series (id INTEGER PRIMARY KEY);
CREATE TABLE estimate (series INTEGER NOT NULL REFERENCES series, run INTEGER NOT NULL REFERENCES run,
    value REAL NOT NULL, low REAL, high REAL, n INTEGER NOT NULL, PRIMARY KEY (series, run));
CREATE INDEX of_run ON estimate (run);
"""


def records(runs: int, benchmarks: int) -> list[Record]:
    """Make the runs of successive commits."""
    chance = random.Random(SEED)  # noqa: S311  reproducible input, no secret

    def level(run: int, number: int) -> Level:
        value = chance.gauss(1e-3, 1e-5) * (1.1 if number == 0 and run >= STEP else 1.0)
        return Level(benchmark=f"made/{number}", metric=METRICS["p50"], value=value, low=9e-4, high=1.2e-3, n=5)

    return [
        Record(
            source="hivegate",
            created=f"2026-01-{1 + run // 1440:02}T{run // 60 % 24:02}:{run % 60:02}:00+00:00",
            commit=Commit(sha=f"{run:040x}"),
            environment=MACHINE,
            levels=tuple(level(run, number) for number in range(benchmarks)),
        )
        for run in range(runs)
    ]


@pytest.fixture
def files(tmp_path: Path) -> Iterator[Path]:
    """Give a new file each time."""
    return (tmp_path / f"{number}.db" for number in itertools.count())


def test_adding(benchmark: BenchmarkFixture, files: Iterator[Path]) -> None:
    """Add runs to an empty SQLite history, in one transaction."""
    made = records(*ADDED)
    declare(benchmark, size=len(made), operations=ADDED[0] * ADDED[1])

    def fresh() -> tuple[tuple[Store], dict[str, object]]:
        return (open_store(str(next(files)), folder=Path.cwd(), create=True),), {}

    added = benchmark.pedantic(lambda store: add(store, made, now=NOW), setup=fresh, rounds=5)  # type: ignore[no-untyped-call]
    assert added == len(made)


def test_adding_raw(benchmark: BenchmarkFixture, files: Iterator[Path]) -> None:
    """Insert the same estimates by the standard library alone: what adding is held against."""
    made = records(*ADDED)
    declare(benchmark, size=len(made), operations=ADDED[0] * ADDED[1])

    def fresh() -> tuple[tuple[sqlite3.Connection], dict[str, object]]:
        connection = sqlite3.connect(next(files))
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(_RAW)
        return (connection,), {}

    def insert(connection: sqlite3.Connection) -> int:
        with connection:
            connection.executemany("INSERT INTO run VALUES (?)", ((run,) for run in range(ADDED[0])))
            connection.executemany("INSERT INTO series VALUES (?)", ((number,) for number in range(ADDED[1])))
            for run, record in enumerate(made):
                rows = ((at, run, one.value, one.low, one.high, one.n) for at, one in enumerate(record.levels))
                connection.executemany("INSERT INTO estimate VALUES (?, ?, ?, ?, ?, ?)", rows)
        connection.close()
        return len(made)

    assert benchmark.pedantic(insert, setup=fresh, rounds=5) == len(made)  # type: ignore[no-untyped-call]


def test_trend(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    """Read a benchmark's history and find its change, asking the others whether the machine moved."""
    add(open_store("history.db", folder=tmp_path, create=True), records(*TOLD), now=NOW)
    declare(benchmark, size=TOLD[0], operations=TOLD[0])
    order = TrendOrder(selectors=("made/0",))
    ((told,),) = (one.trends for one in benchmark(tell_trends, tmp_path, "history.db", order))
    (change,) = told.changes
    assert abs(change.index - STEP) <= 2
    assert len(told.series.points) == TOLD[0]
