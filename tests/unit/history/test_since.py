"""Since when: what the history says under failed and slower verdicts, and never more than it knows."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import msgspec
import pytest
from tests.measured import benchmark, gate, run, target, targets, words
from tests.records import MACHINE, NOW, record
from tests.repository import Repository

from hivegate.flows.history.regression_origin import with_since
from hivegate.flows.project import Project, Settings
from hivegate.history.runs import add
from hivegate.history.store import open_store
from hivegate.model.change import Change, Clock
from hivegate.model.run import Commit
from hivegate.model.targets import RuleKind
from hivegate.model.verdict import GateResult, Outcome, Severity, Verdict

if TYPE_CHECKING:
    from pathlib import Path

PLACE = "history.db"
RUNS, STEP = 60, 30


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a repository whose every commit was measured: one benchmark got slower, one was always slow, one never."""
    folder = tmp_path_factory.mktemp("project")
    repository = Repository.new(folder)
    chance = random.Random(9)  # noqa: S311  reproducible input, no secret
    made = []
    for number in range(RUNS):
        slow = {"s/step": 1.3 if number >= STEP else 1.0, "s/always": 5.0, "s/never": 0.1}
        values = {name: 1e-3 * value * chance.gauss(1, 0.004) for name, value in slow.items()}
        sha = repository.commit({"number": str(number)})
        made.append(record(number, values, commit=Commit(sha=sha, branch="main")))
    add(open_store(PLACE, folder=folder, create=True), made, now=NOW)
    return folder


def failed(name: str, seconds: float) -> GateResult:
    """Fail a limit of 1.1 ms, on the machine of the history."""
    measured = run(benchmark(name, [seconds, seconds * 1.001, seconds * 0.999]), environment=MACHINE)
    result = gate(targets(target(name, maximum=1.1e-3)), measured)
    assert result.exit_status == 1
    return result


def of(folder: Path, history: str = PLACE) -> Project:
    """Make the project whose history is at a place."""
    return Project(folder=folder, settings=Settings(history=history))


def said(result: GateResult, project: Path) -> str | None:
    """Look since when in the project's history."""
    (verdict,) = with_since(result, of(project)).verdicts
    return verdict.since


def commits(project: Path) -> list[str]:
    """List the commits, the oldest first."""
    return Repository(project).git("log", "--reverse", "--format=%H").splitlines()


def test_a_limit_that_was_crossed(project: Path) -> None:
    """The commits between which the level went beyond the limit are named, with the size and the day."""
    told = said(failed("s/step", 1.3e-3), project) or ""
    names = commits(project)
    assert told.startswith("so since its p50 moved by +")
    assert f"between {names[STEP - 1][:12]} and {names[STEP][:12]}, 2026-01-02" in told


def test_a_limit_that_never_held(project: Path) -> None:
    """What was beyond the limit in every run says so."""
    told = said(failed("s/always", 5e-3), project) or ""
    assert told.startswith(f"so in all {RUNS} runs of the history, since 2026-01-01 (")


def test_a_failure_that_is_new(project: Path) -> None:
    """What was within its limit up to the last run is new."""
    told = said(failed("s/never", 2e-3), project) or ""
    assert told == f"within the limit in the history, last on 2026-01-03 ({commits(project)[-1][:12]}): new since then"


def test_nothing_is_said_of_what_is_not_known(project: Path) -> None:
    """Another machine, another benchmark, another metric, and no history at all: nothing, and no note."""
    result = failed("s/step", 1.3e-3)
    other = msgspec.structs.replace(result, environment=msgspec.structs.replace(MACHINE, python="3.12.1"))
    assert with_since(other, of(project)) == other
    of_another = msgspec.structs.replace(result.verdicts[0], metric="max")
    for unknown in (failed("s/unknown", 2e-3), msgspec.structs.replace(result, verdicts=(of_another,))):
        assert with_since(unknown, of(project)) == unknown
    assert with_since(result, of(project, "none.db")) == result
    passed = gate(targets(target("s/step", maximum=1.0)), run(benchmark("s/step", [1e-3] * 3), environment=MACHINE))
    assert with_since(passed, of(project)) == passed


@pytest.mark.parametrize(("base", "known"), [(STEP - 5, True), (STEP + 5, False), (None, False)])
def test_a_comparison_is_told_of_changes_after_its_base(project: Path, base: int | None, known: bool) -> None:  # noqa: FBT001  a case
    """A change that base has too is not what head is slower by."""
    change = Change(ratio=1.3, low=1.2, n=12, instrument="time", clock=Clock.CPU, base_value=1e-3, head_value=1.3e-3)
    slower = Verdict(
        benchmark="s/step",
        kind=RuleKind.BUDGET,
        outcome=Outcome.SLOWER,
        severity=Severity.BROKEN,
        reason=words("slower"),
        metric="p50",
        change=change,
    )
    result = GateResult(
        outcome=Outcome.SLOWER,
        exit_status=1,
        partial=False,
        verdicts=(slower,),
        environment=MACHINE,
        base_sha=None if base is None else commits(project)[base],
    )
    told = said(result, project)
    assert (told is not None and told.startswith("its p50 last got worse by +")) is known
