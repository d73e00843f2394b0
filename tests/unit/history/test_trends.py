"""Trends of a store: the right runs, the right metric, and the right one to blame."""

from __future__ import annotations

import random
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import msgspec
import pytest
from tests.records import MACHINE, NOW, moment, record
from tests.repository import Repository

from hivegate.errors import UsageError
from hivegate.flows.history.series import TrendOptions, in_order, on_branch
from hivegate.flows.history.trends import find_trends
from hivegate.flows.project import Project, Settings
from hivegate.history.queries import list_runs
from hivegate.history.runs import add
from hivegate.history.store import open_store
from hivegate.instruments import METRICS
from hivegate.model.record import Level
from hivegate.model.run import Commit
from hivegate.model.trend import ChangeCause
from hivegate.report.events import Event, EventFilter, find_events, render_events, render_feed
from hivegate.report.trend import render_trends
from hivegate.system import git

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


def hosted(chance: random.Random) -> tuple[str, float]:
    """Draw the processor that a hosted runner gives, and how long its benchmarks take there."""
    cpu = chance.choices(("EPYC 7763", "Xeon 8370C"), (0.7, 0.3))[0]
    return cpu, (1.0 if cpu == "EPYC 7763" else 1.22) * chance.gauss(1, 0.01)


@pytest.mark.parametrize(("step", "cause"), [(45, ChangeCause.CODE), (60, ChangeCause.EITHER), (None, None)])
def test_environments_in_turns_are_one_series(tmp_path: Path, step: int | None, cause: ChangeCause | None) -> None:
    """Two processors in turns are told as one; a step at the one switch of the kernel may be either, and says so."""
    chance = random.Random(12)  # noqa: S311  reproducible input, no secret
    made = []
    for number in range(RUNS):
        cpu, speed = hosted(chance)
        kernel = "Linux 6.8.0" if number < 60 else "Linux 6.11.0"
        slow = 1.1 if step is not None and number >= step else 1.0
        values = {name: 1e-3 * speed * slow ** (name == "s/0") * chance.gauss(1, 0.005) for name in NAMES[:5]}
        made.append(record(number, values, environment=msgspec.structs.replace(MACHINE, cpu=cpu, os=kernel)))
    keep(tmp_path, made)
    (told,) = find_trends(Project(folder=tmp_path, settings=Settings(history=PLACE)), TrendOptions())
    assert (len(told.members), len(told.runs)) == (4, RUNS)
    assert [(one.run, one.factor) for one in told.boundaries] == [(60, "system")]
    found = {trend.series.benchmark: [(one.index, one.cause) for one in trend.changes] for trend in told.trends}
    assert found == {name: [(step, cause)] if name == "s/0" and step is not None else [] for name in NAMES[:5]}
    text = render_trends([told])
    assert "4 environments as one" in text
    assert ("or it was the environment: system Linux 6.8 -> Linux 6.11" in text) == (cause is ChangeCause.EITHER)
    assert (re.search(r"to find out: hivegate compare [^\s-][^\s,]*, at ", text) is not None) == (
        cause is ChangeCause.EITHER
    )
    one = TrendOptions(environment=told.environment.key)
    assert len(find_trends(Project(folder=tmp_path, settings=Settings(history=PLACE)), one)[0].runs) < RUNS


def test_what_most_benchmarks_felt_unlike_is_not_put_down_to_the_code_alone(tmp_path: Path) -> None:
    """One event that moves many by unlike amounts, some up and some down, may be the machine's."""
    chance = random.Random(13)  # noqa: S311  reproducible input, no secret
    sizes = dict(zip(NAMES[:6], (0.74, 0.9, 0.95, 1.02, 1.2, 1.0), strict=True))
    keep(
        tmp_path,
        [
            record(
                number,
                {name: 1e-3 * chance.gauss(1, 0.003) * size ** (number >= STEP) for name, size in sizes.items()},
            )
            for number in range(RUNS)
        ],
    )
    (told,) = find_trends(Project(folder=tmp_path, settings=Settings(history=PLACE)), TrendOptions())
    causes = {change.cause for trend in told.trends for change in trend.changes}
    assert causes == {ChangeCause.EITHER}


def test_an_event_is_told_once_with_levels_that_were_measured(tmp_path: Path) -> None:
    """Where the machine slowed down, a benchmark that slowed down more has one change, from what was to what is."""
    chance = random.Random(14)  # noqa: S311  reproducible input, no secret
    keep(
        tmp_path,
        [
            record(
                number,
                {
                    name: 1e-3 * chance.gauss(1, 0.003) * ((1.5 if name == "s/0" else 1.1) if number >= STEP else 1)
                    for name in NAMES[:6]
                },
            )
            for number in range(RUNS)
        ],
    )
    (told,) = find_trends(Project(folder=tmp_path, settings=Settings(history=PLACE)), TrendOptions())
    (change,) = told.trends[0].changes
    assert (change.cause, change.worse) == (ChangeCause.CODE, True)
    assert (change.before, change.after) == pytest.approx((1e-3, 1.5e-3), rel=0.01)
    assert change.shared == pytest.approx(1.1, rel=0.01)


def test_a_machine_that_got_faster_hides_no_creep_that_never_was(tmp_path: Path) -> None:
    """Creep is told by levels that were measured: what takes less time than ever has not crept."""
    chance = random.Random(15)  # noqa: S311  reproducible input, no secret
    keep(
        tmp_path,
        [
            record(
                number,
                {
                    name: 1e-3 * chance.gauss(1, 0.003) * (0.7 if number >= STEP and name != "s/0" else 1)
                    for name in NAMES[:6]
                },
            )
            for number in range(RUNS)
        ],
    )
    (told,) = find_trends(Project(folder=tmp_path, settings=Settings(history=PLACE)), TrendOptions())
    drift = told.trends[0].drift
    assert drift is not None
    assert drift.low < 1.0
    assert drift.ratio < 1.02


def events_of(folder: Path, wanted: EventFilter = EventFilter()) -> tuple[Event, ...]:  # noqa: B008  frozen
    """Find the events of a history that is kept."""
    told = find_trends(Project(folder=folder, settings=Settings(history=PLACE)), TrendOptions())
    return find_events(told, wanted)


def test_one_event_is_one_item_over_all_that_it_moved(tmp_path: Path) -> None:
    """A dozen benchmarks that one revision slowed down, by unlike amounts, and one that another made faster before."""
    chance = random.Random(16)  # noqa: S311  reproducible input, no secret
    size = {name: 1.1 + 0.01 * number for number, name in enumerate(NAMES[:12])}
    keep(
        tmp_path,
        [
            record(
                number,
                {
                    name: 1e-3
                    * chance.gauss(1, 0.004)
                    * (size.get(name, 1) if number >= STEP else 1)
                    / (1.4 if name == NAMES[30] and number >= 30 else 1)
                    for name in NAMES[:40]
                },
            )
            for number in range(RUNS)
        ],
    )
    faster, slower = events_of(tmp_path)
    assert [len(one.moved) for one in (faster, slower)] == [1, 12]
    assert slower.moved[0].series.benchmark == NAMES[11]
    assert slower.after < STEP <= slower.until
    text = render_events((faster, slower), limit=1)
    assert "2 events, 13 changes, the first 1 shown" in text
    assert "and 8 more, +10" in render_events((slower,), limit=None)
    assert events_of(tmp_path, EventFilter(worse=True)) == (slower,)
    assert events_of(tmp_path, EventFilter(since=moment(40))) == (slower,)
    assert [len(one.moved) for one in events_of(tmp_path, EventFilter(least=0.15))] == [1, 7]
    feed = msgspec.json.decode(render_feed((faster, slower), title="t"))
    assert [one["tags"] for one in feed["items"]] == [["code", "worse"], ["code", "better"]]
    assert len({one["id"] for one in feed["items"]}) == 2
    (tmp_path / "pyproject.toml").write_text(f"[tool.hivegate]\nhistory = {PLACE!r}\n", encoding="utf-8")
    options = ("--worse", "--least", "15", "--limit", "1", "--since", "2026-01-01", "--feed", "feed.json")
    done = subprocess.run(
        (sys.executable, "-m", "hivegate", "history", "trend", *options),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout.count(" worse  ")) == (0, 4)
    assert done.stdout.endswith("1 event, 7 changes\n")
    assert len(msgspec.json.decode((tmp_path / "feed.json").read_bytes())["items"]) == 1
    command = (sys.executable, "-m", "hivegate", "history", "trend", "--since", "soon")
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == 2


def test_the_clone_decides_the_order_of_runs(tmp_path: Path) -> None:
    """Clocks may be wrong; commits that the branch lost are left out; a clone that lacks most is no judge."""
    made = [at(number, "main") for number in range(20)]
    runs = keep(tmp_path, made)
    shas = [one.commit or "" for one in runs]
    backwards = {sha: -place for place, sha in enumerate(shas)}
    assert [one.commit for one in in_order(runs, backwards)] == shas[::-1]
    assert [one.commit for one in in_order(runs, {sha: place for place, sha in enumerate(shas[2:])})] == shas[2:]
    assert in_order(runs, {sha: -place for place, sha in enumerate(shas[3:])}) == in_order(runs, {}) == runs


def test_the_order_of_commits_is_that_of_the_branch(tmp_path: Path) -> None:
    """Ancestors come first, whatever their dates; a branch that is not there has none."""
    repository = Repository.new(tmp_path)
    shas = [repository.commit({"n": str(number)}) for number in range(3)]
    assert list(git.ancestry(tmp_path, "main")) == shas
    assert git.ancestry(tmp_path, "other") == git.ancestry(tmp_path / "none", "main") == {}


def test_a_node_id_names_its_benchmark(tmp_path: Path) -> None:
    """What pytest calls it is as good as its id, and what is near one is hinted at."""
    keep(tmp_path, [record(number) for number in range(3)])
    project = Project(folder=tmp_path, settings=Settings(history=PLACE))
    (told,) = find_trends(project, TrendOptions(selectors=("benches/s/a",)))
    assert [one.series.benchmark for one in told.trends] == ["s/a"]
    with pytest.raises(UsageError) as refused:
        find_trends(project, TrendOptions(selectors=("benches/s/b",)))
    assert "matches 'benches/s/b'" in str(refused.value)
