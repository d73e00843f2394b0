"""What a run's drift is of: the mean of each benchmark, on the machine that it is of, this run included once."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import msgspec
import pytest
from tests.measured import run as measured
from tests.measured import sample, target, targets

from hivegate.flows.history.drift import drift_of
from hivegate.flows.history.runs import AddOptions, add_runs
from hivegate.flows.project import Project
from hivegate.ingest import write_run
from hivegate.model.run import Benchmark, Commit, Environment, MemorySample, Run

if TYPE_CHECKING:
    from pathlib import Path

MACHINE = Environment(cpu="Z80", cores=4, os="Linux 6.1.0", python="3.11.7", implementation="CPython")
RUNS = 15
DRIFT = targets(target("b/a", "drift", maximum=1.1))


def made(number: int, *names: str, slower: float = 1.0) -> Run:
    """Make the run of a numbered commit, whose slowest round and memory grow although the mean does not.

    The first benchmark takes `slower` times as long as it did.
    """
    chance = random.Random(number)  # noqa: S311  reproducible input, no secret

    def one(name: str, factor: float) -> Benchmark:
        mean = factor * 1e-3 * chance.gauss(1, 0.003)
        far = 0.02 * (number + 1)  # the slowest round lies so far above the mean, the fastest below
        rounds = [mean * (1 + far), mean, mean * (1 - far)]
        samples = tuple(sample(rounds, index) for index in range(3))
        memory = tuple(MemorySample(peak=1_000_000 * (1 + number)) for _ in range(2))
        return Benchmark(id=name, node_id=name, samples=samples, memory=memory)

    first, *others = names or ("b/a", "b/other")
    return measured(
        one(first, slower),
        *(one(name, 1.0) for name in others),
        commit=Commit(sha=f"{number + 1:040x}", branch="main"),
        created=f"2026-02-01T00:{number:02}:00+00:00",
        environment=MACHINE,
    )


@pytest.fixture
def followed(tmp_path: Path) -> Project:
    """Make a project with a history of fifteen runs of one speed."""
    project, files = Project(folder=tmp_path), []
    for number in range(RUNS):
        files.append(tmp_path / f"r{number}.json")
        files[-1].write_bytes(write_run(made(number)))
    assert add_runs(project, AddOptions(files=tuple(files))).new == RUNS
    return project


def test_a_drift_is_of_the_mean(followed: Project) -> None:
    """Memory and the slowest rounds grew from run to run; the mean stayed, so nothing drifted."""
    drifts = drift_of(followed, DRIFT)(made(RUNS))
    assert drifts is not None
    assert set(drifts) == {"b/a"}  # of what a target asks for alone
    drift = drifts["b/a"]
    assert drift is not None
    assert drift.ratio == pytest.approx(1.0, abs=0.01)
    assert drift.current == pytest.approx(1e-3, rel=0.01)


def test_this_run_counts_once(followed: Project) -> None:
    """A new one comes behind the history; one that was stored already is in it, and a second of its commit is new."""
    look_up = drift_of(followed, DRIFT)
    last = made(RUNS - 1)
    again = msgspec.structs.replace(last, benchmarks=made(RUNS - 1, slower=1.001).benchmarks)
    alike = msgspec.structs.replace(last, commit=Commit(sha="f" * 40, branch="main"))
    counted = []
    for run in (made(RUNS), last, again, alike):
        drift = (look_up(run) or {})["b/a"]
        assert drift is not None
        counted.append(drift.runs)
    assert counted == [RUNS + 1, RUNS, RUNS + 1, RUNS + 1]


def test_what_slows_down_for_long_enough_drifts(followed: Project, tmp_path: Path) -> None:
    """Eight runs that are 20 % slower make a level; the run that is judged is the last of them."""
    files = [tmp_path / f"r{number}.json" for number in range(RUNS, RUNS + 7)]
    for number, file in enumerate(files, start=RUNS):
        file.write_bytes(write_run(made(number, slower=1.2)))
    add_runs(followed, AddOptions(files=tuple(files)))
    drift = (drift_of(followed, DRIFT)(made(RUNS + 7, slower=1.2)) or {})["b/a"]
    assert drift is not None
    assert drift.ratio == pytest.approx(1.2, abs=0.02)
    assert drift.best_last.run < RUNS
    assert drift.current_first.run == RUNS


def test_where_nothing_was_followed_nothing_is_known(followed: Project, tmp_path: Path) -> None:
    """Another machine's runs, another benchmark's, a project without a history and targets of today say nothing."""
    elsewhere = msgspec.structs.replace(made(RUNS), environment=msgspec.structs.replace(MACHINE, cpu="another"))
    look_up = drift_of(followed, DRIFT)
    assert look_up(elsewhere) == {}
    assert look_up(made(RUNS, "b/new")) == {}
    assert drift_of(followed, targets(target("b/a", maximum=1.0)))(made(RUNS)) is None
    bare = tmp_path / "bare"
    bare.mkdir()
    assert drift_of(Project(folder=bare), DRIFT)(made(RUNS)) is None
