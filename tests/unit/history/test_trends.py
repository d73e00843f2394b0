"""Trends of a store: the right runs, the right metric, and the right one to blame."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import msgspec
import pytest
from tests.records import MACHINE, NOW, record

from hivegate.flows.history.series import TrendOptions, on_branch
from hivegate.flows.history.trends import find_trends
from hivegate.flows.project import Project, Settings
from hivegate.history.queries import list_runs
from hivegate.history.runs import add
from hivegate.history.store import open_store
from hivegate.instruments import METRICS
from hivegate.model.record import Level
from hivegate.model.run import Commit
from hivegate.model.trend import ChangeCause
from hivegate.report.trend import render_trends

if TYPE_CHECKING:
    from pathlib import Path

    from hivegate.model.record import Record, StoredRun

PLACE = "history.db"
RUNS, STEP = 90, 50
NAMES = tuple(f"s/{number}" for number in range(60))


def keep(folder: Path, records: list[Record]) -> tuple[StoredRun, ...]:
    """Keep records; returns the runs."""
    store = open_store(PLACE, folder=folder, create=True)
    add(store, records, now=NOW)
    return list_runs(store)


def at(number: int, branch: str | None, *, dirty: bool = False) -> Record:
    """Make a run of a branch."""
    return record(number, commit=Commit(sha=f"{number:07x}", branch=branch, dirty=dirty))


@pytest.mark.parametrize(
    ("branch", "default", "chosen"),
    [
        (None, "main", [0, 3]),  # the default branch, and of it what is committed
        ("topic", "main", [1]),
        ("other", "main", []),
        (None, "trunk", [0, 1, 2, 3]),  # a default branch that was never measured says nothing
        (None, None, [0, 1, 2, 3]),
        ("local", "main", [5]),  # nothing of it is committed
    ],
)
def test_the_runs_of_one_branch(tmp_path: Path, branch: str | None, default: str | None, chosen: list[int]) -> None:
    """Pull requests and half-done work do not mix with the history of the default branch."""
    branches = ["main", "topic", None, "main"]
    made = [at(number, name) for number, name in enumerate(branches)]
    made += [at(4, "main", dirty=True), at(5, "local", dirty=True)]
    runs = keep(tmp_path, made)
    assert [int(one.commit or "", 16) for one in on_branch(runs, branch, default)] == chosen


def history(folder: Path, *, moved: tuple[str, ...]) -> None:
    """Keep runs in which some benchmarks are a tenth slower from one run on."""
    chance = random.Random(4)  # noqa: S311  reproducible input, no secret
    keep(
        folder,
        [
            record(
                number,
                {
                    name: 1e-3 * (1.1 if name in moved and number >= STEP else 1.0) * chance.gauss(1, 0.005)
                    for name in NAMES
                },
            )
            for number in range(RUNS)
        ],
    )


@pytest.mark.parametrize(
    ("moved", "cause"), [(NAMES[:1], ChangeCause.CODE), (NAMES[:12], ChangeCause.CODE), (NAMES, ChangeCause.MACHINE)]
)
def test_one_benchmark_is_told_of_its_machine(tmp_path: Path, moved: tuple[str, ...], cause: ChangeCause) -> None:
    """Also where only one is asked for, the others are, before the code is blamed for what the machine did."""
    history(tmp_path, moved=moved)
    (told,) = find_trends(
        Project(folder=tmp_path, settings=Settings(history=PLACE)), TrendOptions(selectors=(NAMES[0],))
    )
    (trend,) = told.trends
    assert [(one.cause, abs(one.index - STEP) <= 1) for one in trend.changes] == [(cause, True)]
    together = find_trends(Project(folder=tmp_path, settings=Settings(history=PLACE)), TrendOptions())[0].trends[0]
    assert [one.cause for one in together.changes] == [cause]


@pytest.mark.parametrize("width", [40, 60, 80, 100])
def test_a_trend_fits_its_terminal(tmp_path: Path, width: int) -> None:
    """No line is wider than the terminal, whatever the machine is called; no word is lost and no commit is broken."""
    long = msgspec.structs.replace(
        MACHINE, cpu="Intel(R) Xeon(R) Platinum 8370C CPU @ 2.80GHz", runner="asv machine x.example.org"
    )
    chance = random.Random(8)  # noqa: S311  reproducible input, no secret
    values = (1e-3 * (1.3 if number >= STEP else 1.0) * chance.gauss(1, 0.005) for number in range(RUNS))
    keep(tmp_path, [record(number, {"suite/a": value}, environment=long) for number, value in enumerate(values)])
    told = find_trends(Project(folder=tmp_path, settings=Settings(history=PLACE)), TrendOptions())
    text = render_trends(told, width=width)
    assert max(map(len, text.splitlines())) <= width
    assert " ".join(text.split()) == " ".join(render_trends(told, width=1000).split())
    assert "1 runs" not in text


def test_each_machine_has_its_own_trend(tmp_path: Path) -> None:
    """Two Pythons of different speed, measured in turns, are two quiet trends and not one that jumps."""
    other = msgspec.structs.replace(MACHINE, python="3.12.1")
    chance = random.Random(6)  # noqa: S311  reproducible input, no secret
    values = [({"s/a": 1e-3 * (1 + number % 2) * chance.gauss(1, 0.005)}, number) for number in range(80)]
    keep(tmp_path, [record(at_, value, environment=other if at_ % 2 else MACHINE) for value, at_ in values])
    told = find_trends(Project(folder=tmp_path, settings=Settings(history=PLACE)), TrendOptions())
    assert [(len(one.runs), [trend.changes for trend in one.trends]) for one in told] == [(40, [()]), (40, [()])]


def test_the_metric_that_tells_most_comes_first(tmp_path: Path) -> None:
    """Without being told which, p50 speaks for a benchmark, else the mean, else what it has."""
    levels = {"s/a": ("peak_memory", "mean", "p50"), "s/b": ("mean", "cpu_time"), "s/c": ("peak_memory",)}
    made = [
        Level(benchmark=name, metric=METRICS[metric], value=1.0)
        for name, metrics in levels.items()
        for metric in metrics
    ]
    keep(tmp_path, [record(levels=tuple(made), nodes={})])
    (told,) = find_trends(Project(folder=tmp_path, settings=Settings(history=PLACE)), TrendOptions())
    assert {one.series.benchmark: one.series.metric.name for one in told.trends} == {
        "s/a": "p50",
        "s/b": "mean",
        "s/c": "peak_memory",
    }
    (memory,) = find_trends(
        Project(folder=tmp_path, settings=Settings(history=PLACE)), TrendOptions(metric="peak_memory")
    )
    assert [one.series.benchmark for one in memory.trends] == ["s/a", "s/c"]
