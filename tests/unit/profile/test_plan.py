"""Which benchmarks are profiled."""

import pytest
from tests.measured import words

from hivegate.errors import UsageError
from hivegate.model.change import Change, Clock
from hivegate.model.estimate import Estimate
from hivegate.model.metric import Dimension
from hivegate.model.run import Environment
from hivegate.model.targets import RuleKind
from hivegate.model.verdict import GateResult, Outcome, Severity, Verdict
from hivegate.profile.plan import Choice, ProfileTask, plan_profiles

FOUND = tuple(
    ProfileTask(id=name, node_id=f"node::{name}", path="bench.py")
    for name in ("s/fine", "s/broken", "s/slow", "s/should", "s/size[10]", "s/size[1000]")
)


def verdict(benchmark: str, outcome: Outcome, severity: Severity, **more: object) -> Verdict:
    """Make a verdict on a target."""
    kind = RuleKind.TARGET
    return Verdict(benchmark=benchmark, kind=kind, outcome=outcome, severity=severity, reason=words(""), **more)  # type: ignore[arg-type]


def result(*verdicts: Verdict) -> GateResult:
    """Make a failed gate."""
    return GateResult(
        outcome=Outcome.FAILED, exit_status=1, partial=False, verdicts=verdicts, environment=Environment()
    )


MIXED = result(
    verdict("s/should", Outcome.FAILED, Severity.WARNING),
    verdict("s/fine", Outcome.PASSED, Severity.NONE),
    verdict("s/gone", Outcome.MISSING, Severity.UNKNOWN),
    verdict("s/broke", Outcome.FAILED, Severity.BROKEN),
    verdict("s/slow", Outcome.SLOWER, Severity.BROKEN),
    verdict("s/broken", Outcome.FAILED, Severity.BROKEN),
    verdict("s/broken", Outcome.FAILED, Severity.WARNING),
)


def test_what_failed_is_profiled_once_the_heaviest_first() -> None:
    """Failures of every tier, each benchmark once; what was never measured cannot be; what is gone is named."""
    plan = plan_profiles(MIXED, Choice(limit=10), FOUND)
    assert [one.id for one in plan.tasks] == ["s/slow", "s/broken", "s/should"]
    assert len(plan.notes) == 1
    assert "s/broke cannot be profiled" in plan.notes[0]
    assert "s/broken" in plan.notes[0]


def test_selectors_narrow_what_failed() -> None:
    """Both together mean both."""
    plan = plan_profiles(MIXED, Choice(selectors=("s/s*",)), FOUND)
    assert [one.id for one in plan.tasks] == ["s/slow", "s/should"]
    assert plan.notes == ()


def test_selectors_alone_profile_also_what_is_fine() -> None:
    """Whoever asks gets an answer, and a selector that matches nothing is an error with a hint."""
    assert [one.id for one in plan_profiles(None, Choice(selectors=("s/fine",)), FOUND).tasks] == ["s/fine"]
    with pytest.raises(UsageError, match="did you mean s/fine"):
        plan_profiles(None, Choice(selectors=("s/fin",)), FOUND)


def test_a_verdict_over_all_sizes_is_explained_by_the_largest() -> None:
    """Growth is a verdict about many sizes, none of which can be called under its id."""
    plan = plan_profiles(result(verdict("s/size[*]", Outcome.FAILED, Severity.BROKEN)), Choice(), FOUND)
    assert [one.id for one in plan.tasks] == ["s/size[1000]"]


def test_what_does_not_fit_is_named() -> None:
    """The limit drops the lightest and says so."""
    plan = plan_profiles(MIXED, Choice(limit=1), FOUND)
    assert [one.id for one in plan.tasks] == ["s/slow"]
    assert "2 more are not profiled" in plan.notes[-1]
    assert "s/broken, s/should" in plan.notes[-1]


def test_time_is_scaled_by_what_the_gate_measured() -> None:
    """Only plain seconds of a call count: no ratio, no part of a call, no other metric."""
    failed = (Outcome.FAILED, Severity.BROKEN)
    seconds = Estimate(value=0.25, n=5)
    plan = plan_profiles(
        result(
            verdict("s/broken", *failed, metric="p99", estimate=Estimate(value=9.0, n=5)),
            verdict("s/broken", *failed, metric="p50", estimate=seconds),
            verdict("s/slow", *failed, metric="p50", estimate=seconds, per_operation=True),
            verdict("s/should", *failed, metric="mean", estimate=seconds, dimension=Dimension.RATIO),
            verdict("s/fine", *failed, metric="mean", estimate=seconds, relative_to="reference"),
        ),
        Choice(),
        FOUND,
    )
    assert {one.id: one.seconds_per_call for one in plan.tasks} == {
        "s/broken": 0.25,
        "s/slow": None,
        "s/should": None,
        "s/fine": None,
    }


def test_what_was_not_judged_is_profiled_on_request() -> None:
    """It is no failure, so nobody waits for it unasked."""
    mixed = result(
        verdict("s/fine", Outcome.PASSED, Severity.NONE),
        verdict("s/slow", Outcome.INCONCLUSIVE, Severity.WARNING),
    )
    assert plan_profiles(mixed, Choice(), FOUND).tasks == ()
    assert [one.id for one in plan_profiles(mixed, Choice(inconclusive=True), FOUND).tasks] == ["s/slow"]


def test_selectors_may_name_what_passed_and_still_know_its_time() -> None:
    """Times of a comparison are of both revisions, with the error of their ratio; without one there is no base."""
    change = Change(ratio=1.1, n=4, spread=0.02, instrument="time", clock=Clock.CPU, base_value=1.0, head_value=1.1)
    memory = Change(ratio=1.0, n=2, instrument="memory", base_value=100.0, head_value=100.0)
    compared = result(
        verdict("s/fine", Outcome.PASSED, Severity.NONE, metric="peak_memory", change=memory),
        verdict("s/fine", Outcome.PASSED, Severity.NONE, metric="mean", change=change),
        verdict("s/slow", Outcome.PASSED, Severity.NONE, metric="peak_memory", change=memory),
        verdict("s/broken", Outcome.NEW, Severity.NONE),
    )
    choice = Choice(selectors=("s/fine", "s/slow", "s/broken"), failing=False)
    tasks = {one.id: one for one in plan_profiles(compared, choice, FOUND).tasks}
    fine = tasks["s/fine"]
    assert (fine.base_seconds_per_call, fine.seconds_per_call) == (1.0, 1.1)
    assert fine.unsure == pytest.approx(0.01)
    assert [one.in_base for one in tasks.values()] == [True, False, True]
    assert tasks["s/slow"].seconds_per_call is None


@pytest.mark.parametrize(("metric", "instrument"), [("instructions", "instructions"), ("peak_memory", "memory")])
def test_counts_and_bytes_are_no_seconds(metric: str, instrument: str) -> None:
    """Of what was compared by another instrument nothing is known of the time of a call, in either revision."""
    change = Change(ratio=2.0, n=2, instrument=instrument, base_value=210_000.0, head_value=420_000.0)
    compared = result(verdict("s/slow", Outcome.SLOWER, Severity.BROKEN, metric=metric, change=change))
    [task] = plan_profiles(compared, Choice(), FOUND).tasks
    assert (task.seconds_per_call, task.base_seconds_per_call, task.in_base) == (None, None, True)
