"""Measure the history: adding and importing runs, telling the trend of one benchmark, and finding change points.

Input is made from a fixed seed: runs of one machine, a commit each.
"""

import itertools
import json
import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from hivegate.flows.history.runs import import_runs
from hivegate.flows.history.series import TrendOptions
from hivegate.flows.history.trends import find_trends
from hivegate.flows.project import Project, Settings
from hivegate.history.runs import add
from hivegate.history.store import Store, open_store
from hivegate.instruments import METRICS
from hivegate.model.record import Level, Record
from hivegate.model.run import Commit, Environment
from hivegate.stats.changepoints import find_change_points
from reference.measuring import declare

SEED = 20_26
MACHINE = Environment(cpu="AMD EPYC 7763", cores=4, os="Linux 6.8", python="3.13.1", implementation="CPython")
NOW = "2026-06-01T00:00:00+00:00"
ADDED = (40, 500)  # runs of so many benchmarks: 20,000 estimates
IMPORTED = (20, 500)  # files of pytest-benchmark, of so many benchmarks: an estimate of p50 and one of the mean each
TOLD = (2000, 40)  # of which 24 are asked whether the machine moved, as they would be of 500
LEVELS = 20  # of a series in which change points are sought
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


@pytest.fixture
def storage(tmp_path: Path) -> Path:
    """Make a storage folder of pytest-benchmark, as ``pytest --benchmark-autosave`` leaves it."""
    chance = random.Random(SEED)  # noqa: S311  reproducible input, no secret
    folder = tmp_path / "storage" / "Linux-CPython-3.13-64bit"
    folder.mkdir(parents=True)
    for run in range(IMPORTED[0]):
        told: dict[str, object] = {
            "version": "5.1.0",
            "datetime": f"2026-01-01T00:{run:02}:00+00:00",
            "machine_info": {"python_version": "3.13.1", "cpu": {"brand_raw": MACHINE.cpu, "count": MACHINE.cores}},
            "commit_info": {"id": f"{run:040x}", "branch": "main", "dirty": False},
            "benchmarks": [_entry(number, chance.gauss(1e-3, 1e-5)) for number in range(IMPORTED[1])],
        }
        (folder / f"{run:04}_made.json").write_text(json.dumps(told), encoding="utf-8")
    return folder.parent


def _entry(number: int, median: float) -> dict[str, object]:
    figures = {"min": median * 0.99, "max": median * 1.05, "mean": median * 1.01, "stddev": median * 0.02}
    stats = {**figures, "rounds": 20, "iterations": 1, "median": median, "ops": 1 / figures["mean"]}
    name = f"test_{number}"
    told: dict[str, object] = {"group": None, "params": None, "param": None, "extra_info": {}, "options": {}}
    return {**told, "name": name, "fullname": f"benches/bench_made.py::{name}", "stats": stats}


def test_importing(benchmark: BenchmarkFixture, storage: Path, files: Iterator[Path]) -> None:
    """Import a storage folder of pytest-benchmark into an empty SQLite history, from its files to the rows."""
    declare(benchmark, size=IMPORTED[0], operations=2 * IMPORTED[0] * IMPORTED[1])

    def fresh() -> tuple[tuple[str], dict[str, object]]:
        return (str(next(files)),), {}

    def imported(place: str) -> int:
        project = Project(folder=storage, settings=Settings(history=place))
        return import_runs(project, [storage], "main").new

    assert benchmark.pedantic(imported, setup=fresh, rounds=2) == IMPORTED[0]  # type: ignore[no-untyped-call]


def test_trend(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    """Read a benchmark's history and find its change, asking the others whether the machine moved."""
    add(open_store("history.db", folder=tmp_path, create=True), records(*TOLD), now=NOW)
    declare(benchmark, size=TOLD[0], operations=TOLD[0])
    project = Project(folder=tmp_path, settings=Settings(history="history.db"))
    options = TrendOptions(selectors=("made/0",))
    ((trend,),) = (machine.trends for machine in benchmark(find_trends, project, options))
    (change,) = trend.changes
    assert abs(change.index - STEP) <= 2
    assert len(trend.series.points) == TOLD[0]


@pytest.mark.parametrize("points", [1000, 3000, 10_000])
def test_change_points(benchmark: BenchmarkFixture, points: int) -> None:
    """Find twenty levels in a long series with noise of 3 %."""
    chance = np.random.default_rng(SEED)
    logs = np.repeat(chance.permutation(LEVELS) * 0.1, points // LEVELS) + chance.normal(0.0, 0.03, points)
    values = np.exp(logs)
    declare(benchmark, size=points, operations=points)
    found = benchmark.pedantic(find_change_points, args=(values,), rounds=5, warmup_rounds=1)  # type: ignore[no-untyped-call]
    assert len(found) == LEVELS - 1
