"""What a run means for its targets."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from tests.measured import TODAY, benchmark, broken, gate, run, sample, target, targets, verdict

from hivegate.judge import needing_more
from hivegate.model.metric import Dimension
from hivegate.model.reason import AdviceCode
from hivegate.model.run import Benchmark, Environment, MemorySample, Run, TestOutcome
from hivegate.model.targets import Effect, RuleKind, Target, Waiver
from hivegate.model.verdict import Outcome, Severity
from hivegate.report.messages import advice_text, reason_text

STEADY = [1.0, 1.01, 0.99, 1.0, 1.0]  # 99 % of t: 0.985 .. 1.015
NOISY = [1.0, 1.5, 0.7, 1.2, 0.8]


def a(passes: list[float]) -> Run:
    """Run the benchmark ``a``."""
    return run(benchmark("a", passes))


@pytest.mark.parametrize(
    ("bounds", "outcome"),
    [
        ({"maximum": 1.2}, Outcome.PASSED),
        ({"maximum": 0.9}, Outcome.FAILED),
        ({"maximum": 1.0}, Outcome.INCONCLUSIVE),
        ({"minimum": 0.9}, Outcome.PASSED),
        ({"minimum": 1.2}, Outcome.FAILED),
        ({"minimum": 1.0}, Outcome.INCONCLUSIVE),
        ({"minimum": 0.9, "maximum": 1.1}, Outcome.PASSED),
        ({"minimum": 1.1, "maximum": 1.2}, Outcome.FAILED),
        ({"minimum": 0.5, "maximum": 0.6}, Outcome.FAILED),
    ],
)
def test_three_answers(bounds: dict[str, Any], outcome: Outcome) -> None:
    """Within where the unfavourable bound is within, failed where the favourable one is outside, else inconclusive."""
    assert verdict(targets(target("a", **bounds)), a(STEADY)).outcome is outcome


def test_the_limit_itself_is_within() -> None:
    """A count of 12 keeps a limit of 12."""
    counted = Benchmark(id="a", node_id="a", samples=tuple(sample(1.0, i, metrics={"c": 12.0}) for i in range(3)))
    assert verdict(targets(target("a", "c", maximum=12.0)), run(counted)).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("tier", "severity", "status"),
    [("must", Severity.BROKEN, 1), ("should", Severity.WARNING, 0), ("nice", Severity.NOTE, 0)],
)
def test_a_broken_target_does_what_its_tier_says(tier: str, severity: Severity, status: int) -> None:
    """Only a tier that fails turns the exit status; the verdict stays *failed* in every tier."""
    result = gate(targets(target("a", maximum=0.5, tier=tier)), a(STEADY))
    assert (result.verdicts[0].outcome, result.verdicts[0].severity) == (Outcome.FAILED, severity)
    assert result.exit_status == status


def test_failed_verdict_says_what_to_do_next_with_the_name_quoted() -> None:
    """The advice can be pasted into a shell, whatever the benchmark is called."""
    name = "a[x'; rm -rf ~ #]"
    found = verdict(targets(target(name, maximum=0.5)), run(benchmark(name, STEADY)))
    assert advice_text(found) == "Find the cause: hivegate profile 'a[x'\"'\"'; rm -rf ~ #]'"


@pytest.mark.parametrize(
    ("policy", "of_target", "status"),
    [
        (Effect.WARN, None, 0),
        (Effect.FAIL, None, 3),
        (Effect.WARN, Effect.FAIL, 3),
        (Effect.FAIL, Effect.WARN, 0),
    ],
)
def test_inconclusive_policy(policy: Effect, of_target: Effect | None, status: int) -> None:
    """The policy of the file holds unless the target has its own; either way the gate is not called passed."""
    wanted = targets(target("a", maximum=1.0, inconclusive=of_target), inconclusive=policy)
    result = gate(wanted, a(NOISY))
    assert (result.outcome, result.exit_status) == (Outcome.INCONCLUSIVE, status)
    assert needing_more(result) == {"a"}


def test_one_judged_target_beside_an_open_one_makes_the_gate_pass() -> None:
    """What is open is counted beside it."""
    result = gate(targets(target("a", maximum=1.0), target("a", "mean", maximum=9.0)), a(NOISY))
    assert (result.outcome, result.exit_status) == (Outcome.PASSED, 0)


@pytest.mark.parametrize(("policy", "status"), [(Effect.WARN, 0), (Effect.FAIL, 3)])
def test_what_is_mostly_inconclusive_is_not_called_passed(policy: Effect, status: int) -> None:
    """Two open of three: the headline says so, and a policy of its own sets the exit status."""
    wanted = targets(
        *(target(name, maximum=1.0) for name in "ab"), target("c", maximum=9.0), mostly_inconclusive=policy
    )
    passes = {"a": NOISY, "b": NOISY, "c": STEADY}
    result = gate(wanted, run(*(benchmark(name, values) for name, values in passes.items())))
    assert (result.outcome, result.exit_status) == (Outcome.INCONCLUSIVE, status)
    assert result.verdicts[2].severity is Severity.NONE


@pytest.mark.parametrize("tier", ["must", "nice"])
def test_missing_and_invalid_are_never_passed_over(tier: str) -> None:
    """Even the tier that only notes cannot be answered by nothing: exit 3."""
    missing = gate(targets(target("b", maximum=1.0, tier=tier)), a(STEADY))
    invalid = gate(targets(target("a", "p99", maximum=1.0, tier=tier)), a(STEADY))
    assert [one.outcome for one in missing.verdicts] == [Outcome.MISSING, Outcome.NEW]
    assert [one.outcome for one in invalid.verdicts] == [Outcome.INVALID]
    assert (missing.exit_status, invalid.exit_status) == (3, 3)


def test_failed_weighs_more_than_missing() -> None:
    """Exit 1 where something failed, also where something else is missing."""
    assert gate(targets(target("a", maximum=0.5), target("b", maximum=1.0)), a(STEADY)).exit_status == 1


def test_nothing_judged_is_not_passed() -> None:
    """A run that no target speaks of is new, and exit 3; so is one of which the only benchmark was skipped, or none."""
    assert gate(targets(), a(STEADY)).exit_status == 3
    assert gate(targets(), run(benchmark("a", STEADY), broken("b", TestOutcome.SKIPPED))).exit_status == 3
    assert gate(targets(), run()).exit_status == 3


def test_a_crash_is_headed_as_a_crash() -> None:
    """Even of a benchmark without a target: the result, too, says what makes it red."""
    result = gate(targets(target("a", maximum=9.0)), run(benchmark("a", STEADY), broken("b")))
    assert result.verdicts[1].outcome is Outcome.CRASHED
    assert reason_text(result.verdicts[1]) == "crashed: signal 11"
    assert (result.outcome, result.exit_status) == (Outcome.CRASHED, 3)
    beside = gate(targets(target("a", maximum=0.1)), run(benchmark("a", STEADY), broken("b")))
    assert (beside.outcome, beside.exit_status) == (Outcome.FAILED, 1)


def test_selection_that_splits_a_growth_leaves_its_benchmark_a_verdict() -> None:
    """A complexity over sizes that were not selected has no answer, and the size that was measured does not vanish."""
    measured = run(benchmark("g[1]", STEADY, size=1.0), not_selected=("g[2]", "g[3]"))
    result = gate(targets(target("g[*]", "complexity", maximum=1.0)), measured)
    assert [(one.benchmark, one.outcome) for one in result.verdicts] == [("g[1]", Outcome.NEW)]
    assert (result.partial, result.exit_status) == (True, 3)


@pytest.mark.parametrize(
    ("cores", "outcome"), [(None, Outcome.INCONCLUSIVE), (2, Outcome.INCONCLUSIVE), (8, Outcome.FAILED)]
)
def test_min_cores(cores: int | None, outcome: Outcome) -> None:
    """A target that needs eight cores is only noted on a smaller machine, and not measured on."""
    measured = run(benchmark("a", STEADY), environment=Environment(cores=cores))
    result = gate(targets(target("a", maximum=0.5, min_cores=8)), measured)
    assert result.verdicts[0].outcome is outcome
    assert needing_more(result) == frozenset()


def test_min_cores_excuse_no_crash() -> None:
    """A small machine is no reason for a benchmark that does not run."""
    assert gate(targets(target("a", maximum=0.5, min_cores=8)), run(broken("a"))).exit_status == 3


def test_single_file_is_judged_far_from_the_limit_only() -> None:
    """With the assumed spread of 15 % a limit twice as high is kept; one 20 % above is inconclusive, with advice."""
    assert verdict(targets(target("a", maximum=2.0)), a([1.0])).outcome is Outcome.PASSED
    near = verdict(targets(target("a", maximum=1.2)), a([1.0]))
    assert near.outcome is Outcome.INCONCLUSIVE
    assert near.advice is AdviceCode.MORE_RESULTS
    assert advice_text(near).endswith("one result has no confidence interval.")
    assert verdict(targets(target("a", maximum=1.2), assumed_spread=0.02), a([1.0])).outcome is Outcome.PASSED


def test_memory() -> None:
    """Two equal readings are exact, unequal ones are both judged, a single one proves nothing; passes do not help."""

    def peak(*readings: int) -> Outcome:
        memory = tuple(MemorySample(peak=one) for one in readings)
        result = gate(targets(target("a", "peak_memory", maximum=100.0)), run(benchmark("a", [1.0], memory=memory)))
        assert needing_more(result) == frozenset()
        return result.verdicts[0].outcome

    assert [peak(100, 100), peak(101, 101)] == [Outcome.PASSED, Outcome.FAILED]
    assert [peak(90, 110), peak(100)] == [Outcome.INCONCLUSIVE, Outcome.INCONCLUSIVE]


def busy(share: float, passes: int = 5, seconds: float = 1.0) -> Run:
    """Run ``a`` on a machine where it had the processor for a share of the time."""
    samples = tuple(sample(seconds, i, cpu=share * 10, wall=10.0, switches=0) for i in range(passes))
    return run(Benchmark(id="a", node_id="a", samples=samples))


@pytest.mark.parametrize(
    ("wanted", "share", "outcome"),
    [
        (target("a", maximum=0.8), 0.95, Outcome.FAILED),
        (target("a", maximum=0.8), 0.8, Outcome.INCONCLUSIVE),  # a neighbour may explain a quarter
        (target("a", maximum=0.1), 0.8, Outcome.FAILED),  # and not a factor of ten
        (target("a", maximum=1.2), 0.5, Outcome.PASSED),  # who is fast enough among others is fast enough
        (target("a", minimum=0.8), 0.5, Outcome.INCONCLUSIVE),  # slow enough only because of others, maybe
        (target("a", minimum=1.2), 0.5, Outcome.FAILED),  # too fast, and faster still without others
        (target("a", "throughput", minimum=1.2), 0.8, Outcome.INCONCLUSIVE),
        (target("a", "throughput", maximum=0.8), 0.5, Outcome.FAILED),
        (target("a", "cpu_time", maximum=0.3), 0.5, Outcome.FAILED),  # processor time is its own
    ],
)
def test_a_neighbour_is_blamed_for_what_it_can_explain(wanted: Target, share: float, outcome: Outcome) -> None:
    """Wall time under a processor held by others is judged where no neighbour changes the answer."""
    assert verdict(targets(wanted), busy(share)).outcome is outcome


def test_disturbed_verdict_says_so_and_may_be_measured_on() -> None:
    """Later passes may be calm."""
    result = gate(targets(target("a", maximum=0.8)), busy(0.8))
    assert "the quietest pass got 80 % of it" in reason_text(result.verdicts[0])
    assert needing_more(result) == {"a"}


def waiver(limit: float | None = None, days: int = 30, **fields: object) -> Waiver:
    """Make a waiver of ``a`` that ends in some days."""
    given = {
        "benchmark": "a",
        "kind": RuleKind.TARGET,
        "reason": "validates now",
        "owner": "@team",
        "where": "targets.yaml:9:5",
    }
    return Waiver(**{**given, "limit": limit, "expires": TODAY + dt.timedelta(days=days), **fields})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "outcome"),
    [
        (waiver(), Outcome.WAIVED),
        (waiver(0.12), Outcome.WAIVED),  # up to 1.064; the interval ends at 1.015
        (waiver(0.06), Outcome.INCONCLUSIVE),  # up to 1.007
        (waiver(0.01), Outcome.FAILED),
        (waiver(days=1), Outcome.WAIVED),
        (waiver(days=0), Outcome.FAILED),  # from its date on it no longer applies
        (waiver(kind=RuleKind.BUDGET), Outcome.FAILED),
        (waiver(benchmark="b"), Outcome.FAILED),
        (waiver(metric=target("a", "mean", maximum=1.0).metric), Outcome.FAILED),
        (waiver(metric=target("a", "p50", maximum=1.0).metric), Outcome.WAIVED),
    ],
)
def test_waiver_moves_the_limit_by_its_share(given: Waiver, outcome: Outcome) -> None:
    """A waiver of 12 % accepts what lies within 12 % beyond the limit, until the day it expires, for its metric."""
    assert verdict(targets(target("a", maximum=0.95), waivers=(given,)), a(STEADY)).outcome is outcome


def test_waiver_of_a_lower_limit_accepts_a_share_below() -> None:
    """A throughput of 1 keeps a limit of 1.1 waived by 12 %, and not one of 1.2."""
    given = (waiver(0.12),)
    assert verdict(targets(target("a", "throughput", minimum=1.1), waivers=given), a(STEADY)).outcome is Outcome.WAIVED
    assert verdict(targets(target("a", "throughput", minimum=1.2), waivers=given), a(STEADY)).outcome is Outcome.FAILED


def test_waiver_accepts_what_is_open_too() -> None:
    """Within the limit or within what is accepted: either way nobody has to act."""
    assert verdict(targets(target("a", maximum=1.0), waivers=(waiver(0.12),)), a(STEADY)).outcome is Outcome.WAIVED


def test_waiver_never_excuses_what_was_not_measured() -> None:
    """A waiver accepts slowness, not absence."""
    assert gate(targets(target("a", maximum=1.0), waivers=(waiver(),)), run(broken("a"))).exit_status == 3


@pytest.mark.parametrize(
    ("days", "note"), [(15, None), (14, "expires on 2026-06-15"), (1, "expires on"), (0, "expired on 2026-06-01")]
)
def test_waiver_is_announced_from_14_days_before_it_ends(days: int, note: str | None) -> None:
    """Nobody is surprised by the day a waiver ends, and a dead one is not forgotten."""
    notes = gate(targets(target("a", maximum=9.0), waivers=(waiver(days=days),)), a(STEADY)).notes
    assert (len(notes) == 0) if note is None else (note in notes[0])


def test_waiver_of_nothing_is_noted() -> None:
    """A waiver that names no benchmark of the run is a typing error or a leftover."""
    notes = gate(targets(waivers=(waiver(benchmark="gone/*"),)), a(STEADY)).notes
    assert notes == ("the waiver for gone/* names no benchmark of this run (targets.yaml:9:5)",)


def test_ratio_is_a_ratio() -> None:
    """A verdict spells its numbers in the dimension of its limit."""
    wanted = target("a", maximum=0.6, relative_to="b", dimension=Dimension.RATIO)
    result = gate(targets(wanted), run(benchmark("a", STEADY), benchmark("b", [2 * one for one in STEADY])))
    assert result.verdicts[0].dimension is Dimension.RATIO
    assert result.verdicts[0].outcome is Outcome.PASSED
