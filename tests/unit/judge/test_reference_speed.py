"""Limits that are meant for a reference machine, and limits that hold in every pass."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from tests.measured import TODAY, benchmark, gate, run, sample, target, targets, verdict
from tests.unit.stats.test_speed import FAST, SLOW, speed, two_states

from hivegate.model.metric import Dimension
from hivegate.model.reason import AdviceCode, ReasonCode
from hivegate.model.run import Benchmark, Environment, Run
from hivegate.model.targets import AtSpeed, Holds, RuleKind, SpeedReference, Targets, Waiver
from hivegate.model.verdict import Outcome, Verdict
from hivegate.report.messages import reason_text

PYTHON = Environment(cores=4, python="3.11.7", implementation="CPython")


def reference(turn: float, python: str = "CPython 3.11") -> SpeedReference:
    """Make the reading of a reference machine."""
    return SpeedReference(
        loop=1, python=python, turn=turn, low=turn, high=turn, passes=10, date=TODAY, where="targets.yaml:3:5"
    )


def measured_at(turn: float, seconds: float, passes: int = 5, **fields: Any) -> Run:  # noqa: ANN401  of Benchmark
    """Run a benchmark whose rounds all ran at one speed."""
    readings = speed([turn, turn], [0, 20])
    samples = tuple(sample([seconds * (1 + index / 1000)] * 20, index, speed=readings) for index in range(passes))
    return run(Benchmark(**{"id": "a", "node_id": "a", "samples": samples, **fields}), environment=PYTHON)


def limit(maximum: float, *references: SpeedReference, **fields: Any) -> Targets:  # noqa: ANN401  of Target
    """Hold the benchmark ``a`` to a maximum."""
    return targets(target("a", maximum=maximum, **fields), reference=references)


def test_a_slow_machine_fails_nothing_that_the_reference_machine_passes() -> None:
    """16.5 us in the slow state are under 20 us, where the limit of 12 us is meant for the fast one."""
    slow = measured_at(SLOW, 16.5e-6)
    assert verdict(limit(12e-6), slow).outcome is Outcome.FAILED
    judged = verdict(limit(20e-6, reference(FAST)), slow)
    assert judged.outcome is Outcome.PASSED
    assert judged.estimate is not None
    assert judged.estimate.value == pytest.approx(16.5e-6 * (FAST / SLOW) ** 0.85, rel=0.01)
    assert judged.scaling is not None
    assert judged.scaling.speed == pytest.approx(FAST / SLOW)


def test_far_from_the_reference_with_an_unknown_slope_it_is_open_rather_than_red() -> None:
    """A few percent over the limit prove nothing where the slope is only assumed."""
    assert verdict(limit(9e-6, reference(FAST)), measured_at(SLOW, 16.5e-6)).outcome is Outcome.INCONCLUSIVE


def test_a_verdict_holds_both_speeds_and_says_which_one_decided() -> None:
    """As measured it would have failed; the headline counts it among those that pass only at reference speed."""
    both = Benchmark(id="a", node_id="a", samples=tuple(two_states(0.9)))
    judged = verdict(limit(1.15e-3, reference(FAST)), run(both, environment=PYTHON))
    assert (judged.outcome, judged.measured_outcome) == (Outcome.PASSED, Outcome.FAILED)
    assert judged.only_at_reference
    near = verdict(limit(30e-6, reference(FAST)), measured_at(FAST, 16.5e-6))
    assert (near.outcome, near.measured_outcome, near.only_at_reference) == (Outcome.PASSED, Outcome.PASSED, False)


def test_a_fast_machine_hides_no_slow_code() -> None:
    """Code that would break the limit at reference speed fails on a machine twice as fast, too."""
    judged = verdict(limit(5e-6, reference(SLOW)), measured_at(FAST, 9e-6))
    assert (judged.outcome, judged.measured_outcome) == (Outcome.FAILED, Outcome.FAILED)
    hidden = verdict(limit(10e-6, reference(4 * FAST)), measured_at(FAST, 9e-6))
    assert hidden.outcome is not Outcome.PASSED


@pytest.mark.parametrize("fields", [{"speed": AtSpeed.MEASURED}, {"relative_to": "a", "dimension": Dimension.RATIO}])
def test_what_is_not_scaled(fields: dict[str, Any]) -> None:
    """A limit that is held as measured, and a ratio, which holds at any speed."""
    assert verdict(limit(12e-6, reference(FAST), **fields), measured_at(SLOW, 16.5e-6)).scaling is None


def test_code_that_waits_is_held_between_scaled_and_measured() -> None:
    """What only follows the loop in part is open where the two disagree."""
    waiting = tuple(sample([16.5e-6] * 20, index, speed=speed([SLOW, SLOW], [0, 20], waited=0.5)) for index in range(5))
    measured = run(Benchmark(id="a", node_id="a", samples=waiting), environment=PYTHON)
    judged = verdict(limit(12e-6, reference(FAST)), measured)
    assert judged.outcome is Outcome.INCONCLUSIVE
    assert judged.scaling is not None
    assert judged.scaling.unlike == "waiting"
    assert verdict(limit(30e-6, reference(FAST)), measured).outcome is Outcome.PASSED


def test_another_python_has_no_reading_and_never_fails_by_it() -> None:
    """Scaling corrects the machine, not the interpreter: what breaks the limit is open, with what would settle it."""
    other = limit(12e-6, reference(FAST, "CPython 3.13"))
    judged = verdict(other, measured_at(SLOW, 16.5e-6))
    assert (judged.outcome, judged.reason.code) == (Outcome.INCONCLUSIVE, ReasonCode.NO_SPEED_OF_PYTHON)
    assert judged.advice is AdviceCode.READ_REFERENCE
    assert "CPython 3.11.7" in reason_text(judged)
    assert verdict(limit(20e-6, reference(FAST, "CPython 3.13")), measured_at(SLOW, 16.5e-6)).outcome is Outcome.PASSED


def test_without_readings_it_is_judged_as_measured() -> None:
    """The result file of another tool knows no speed."""
    foreign = run(benchmark("a", [1.0, 1.01, 0.99, 1.0, 1.0]), environment=PYTHON)
    assert verdict(limit(0.9, reference(FAST)), foreign).outcome is Outcome.FAILED


def worst(values: list[float], shares: list[float], **fields: Any) -> Run:  # noqa: ANN401  of Sample
    """Run a benchmark that reports a custom metric, with the share of the processor that it had."""
    samples = tuple(
        sample(1.0, index, metrics={"worst": value}, processor={"worst": share}, **fields)
        for index, (value, share) in enumerate(zip(values, shares, strict=True))
    )
    return run(Benchmark(id="a", node_id="a", samples=samples))


def promised(**fields: Any) -> Targets:  # noqa: ANN401  of Targets
    """Promise a minimum in every pass."""
    return targets(target("a", "worst", minimum=100.0, holds=Holds.EVERY_PASS), **fields)


GOOD = [2500.0] * 4


def test_one_bad_second_breaks_a_promise() -> None:
    """2500, 2500, 2500, 2500, 20 with a minimum of 100: the mean is 2004, the promise is broken."""
    judged = verdict(promised(), worst([*GOOD, 20.0], [1.0] * 5))
    assert (judged.outcome, judged.reason.code) == (Outcome.FAILED, ReasonCode.BEYOND_IN_PASSES)
    assert reason_text(judged) == "beyond the limit in 1 of 5 passes, and the limit has to hold in each"
    assert verdict(promised(), worst([*GOOD, 101.0], [1.0] * 5)).outcome is Outcome.PASSED


def test_a_bad_second_without_the_processor_is_open() -> None:
    """Others had it: nobody knows what it would have been, and more passes do not undo it."""
    judged = verdict(promised(), worst([*GOOD, 20.0], [1.0, 1.0, 1.0, 1.0, 0.5]))
    assert (judged.outcome, judged.reason.code) == (Outcome.INCONCLUSIVE, ReasonCode.BEYOND_IN_CONTENDED_PASSES)
    assert verdict(promised(), worst([20.0, *GOOD, 20.0], [0.5, 1.0, 1.0, 1.0, 1.0, 0.95])).outcome is Outcome.FAILED


def test_without_a_share_of_its_own_that_of_the_pass_counts() -> None:
    """A pass that had half of the processor excuses what happened in it."""
    measured = tuple(
        sample(1.0, index, metrics={"worst": value}, cpu=0.5, wall=1.0, switches=0)
        for index, value in enumerate([*GOOD, 20.0])
    )
    judged = verdict(promised(), run(Benchmark(id="a", node_id="a", samples=measured)))
    assert judged.outcome is Outcome.INCONCLUSIVE


def test_a_promise_can_be_waived() -> None:
    """Down to a fifth of it, by an owner, for a time."""
    waiver = Waiver(
        benchmark="a",
        kind=RuleKind.TARGET,
        reason="known",
        owner="@us",
        expires=TODAY + dt.timedelta(days=30),
        limit=0.85,
        where="targets.yaml:9:5",
    )
    assert verdict(promised(waivers=(waiver,)), worst([*GOOD, 20.0], [1.0] * 5)).outcome is Outcome.WAIVED
    assert verdict(promised(waivers=(waiver,)), worst([*GOOD, 10.0], [1.0] * 5)).outcome is Outcome.FAILED


def test_the_slowest_round_is_a_fact_of_every_pass() -> None:
    """A maximum for `max` is kept where no round of any pass was slower, and not where their mean is below."""
    rounds = [[1e-3, 2e-3], [1e-3, 2e-3], [1e-3, 9e-3]]
    samples = tuple(sample(each, index) for index, each in enumerate(rounds))
    measured = run(Benchmark(id="a", node_id="a", samples=samples))
    held = target("a", "max", maximum=5e-3, holds=Holds.EVERY_PASS)
    assert verdict(targets(held), measured).outcome is Outcome.FAILED


def levels_of(passes: list[float]) -> Verdict:
    """Judge passes against a limit between two levels."""
    return gate(targets(target("a", maximum=12e-6)), run(benchmark("a", passes))).verdicts[0]


def test_two_levels_are_named_and_decide_nothing() -> None:
    """Where one level keeps the limit and the other does not, the verdict says so instead of averaging them."""
    judged = levels_of([9.3e-6, 16.5e-6, 9.2e-6, 16.7e-6, 9.4e-6, 9.3e-6, 9.3e-6, 9.25e-6, 9.3e-6, 9.2e-6])
    assert judged.outcome is Outcome.INCONCLUSIVE
    assert [level.passes for level in judged.levels] == [8, 2]
    assert levels_of([9.3e-6] * 4 + [9.4e-6]).levels == ()
