"""How far the current level lies above the best one, and what a target for it means."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.measured import TODAY, benchmark, run, target, targets

from hivegate.instruments.estimates import estimate_targets
from hivegate.judge import judge
from hivegate.model.estimate import Estimate, NoEstimate
from hivegate.model.targets import Effect
from hivegate.model.trend import Drift, Point
from hivegate.model.verdict import Outcome, Severity, Verdict
from hivegate.report.messages import advice_text, reason_text
from hivegate.stats.drift import estimate_drift, measure_drift

NOISE = 0.01


def stairs(steps: int, size: float, length: int, seed: int = 1) -> np.ndarray:
    """Climb `steps` of `size` each, `length` runs long, in noise of one percent."""
    levels = np.repeat(np.arange(steps + 1) * math.log1p(size), length)
    return np.asarray(levels + np.random.default_rng(seed).normal(0, NOISE, len(levels)))


def drifted(low: float, high: float) -> Drift:
    """Make a drift whose interval is from `low` to `high`."""
    point = Point(run=1, value=1.0)
    return Drift(
        ratio=(low + high) / 2,
        low=low,
        high=high,
        best=1.0,
        current=(low + high) / 2,
        runs=60,
        best_first=point,
        best_last=point,
        current_first=point,
    )


def judged(drift: dict[str, Drift | None] | None, **fields: object) -> Verdict:
    """Judge the benchmark ``a`` by a drift of at most five percent."""
    wanted = targets(target("a", "drift", maximum=0.05, **fields))
    measured = run(benchmark("a", [1.0, 1.0, 1.0]))
    return judge(wanted, measured, estimate_targets(wanted, measured, drift=drift), today=TODAY).verdicts[0]


def test_ten_times_one_percent_is_ten_percent() -> None:
    """Steps too small to be called one by one add up."""
    found = measure_drift(stairs(10, 0.01, 20), since=0, confidence=0.99)
    assert found is not None
    assert math.exp(found.low) > 1.07
    assert found.low < 10 * math.log1p(0.01) < found.high
    assert found.best_last < 40


def test_a_steady_history_has_not_crept() -> None:
    """The best window of many was lucky: the interval covers no change in nine of ten histories and more."""
    held = 0
    for seed in range(100):
        found = measure_drift(stairs(0, 0.0, 300, seed), since=0, confidence=0.95)
        assert found is not None
        held += found.low <= 0 <= found.high
    assert held >= 90


def test_a_faster_level_is_the_best_so_far() -> None:
    """After an improvement the current level lies below all that was sustained."""
    logs = np.concatenate((stairs(0, 0.0, 60), stairs(0, 0.0, 20, 2) - 0.2))
    found = measure_drift(logs, since=60, confidence=0.99)
    assert found is not None
    assert found.high < 0


@pytest.mark.parametrize("length", [10, 20, 40])
def test_the_best_level_is_found_where_it_was_held(length: int) -> None:
    """The window of ten, twenty or forty runs that were fastest, and by how much the last twenty are slower."""
    logs = np.tile([NOISE, -NOISE], 60)  # no window is luckier than another
    logs[30 : 30 + length] -= 0.2
    found = measure_drift(logs, since=0, confidence=0.99)
    assert found is not None
    assert (found.best_first, found.best_last, found.current_first) == (30, 30 + length - 1, 100)
    assert found.best == pytest.approx(logs[30 : 30 + length].mean(), abs=1e-3)
    assert found.current == pytest.approx(logs[100:].mean(), abs=1e-3)
    assert found.distance == pytest.approx(found.current - found.best)
    assert (found.low + found.high) / 2 == pytest.approx(found.distance)
    assert 0.15 < found.low < found.high < 0.25


def test_what_was_fast_for_a_moment_is_no_level() -> None:
    """A burst of fast runs shorter than ten is not held against the code."""
    logs = stairs(0, 0.0, 80)
    logs[30:33] -= 0.3
    found = measure_drift(logs, since=0, confidence=0.99)
    assert found is not None
    assert found.low <= 0 <= found.high


@pytest.mark.parametrize(("length", "since"), [(13, 0), (40, 37), (29, 9)])
def test_too_short_a_history_has_no_drift(length: int, since: int) -> None:
    """Fewer than ten runs before the current level, or fewer than four in it, tell nothing."""
    assert measure_drift(stairs(0, 0.0, length), since=since, confidence=0.99) is None


@pytest.mark.parametrize(
    ("length", "since", "current"), [(14, 0, 10), (29, 0, 10), (30, 0, 10), (60, 0, 40), (60, 50, 50)]
)
def test_fourteen_runs_tell_of_drift(length: int, since: int, current: int) -> None:
    """Ten that held a level and four that make the current one are enough; the current one is of twenty at most."""
    found = measure_drift(stairs(0, 0.0, length), since=since, confidence=0.99)
    assert found is not None
    assert found.current_first == current
    assert found.best_last < current


@pytest.mark.parametrize(
    ("interval", "outcome"),
    [((1.0, 1.04), Outcome.PASSED), ((1.06, 1.1), Outcome.FAILED), ((1.0, 1.1), Outcome.INCONCLUSIVE)],
)
def test_a_target_for_creep_has_three_answers(interval: tuple[float, float], outcome: Outcome) -> None:
    """Within, beyond, or across the limit; more passes of this run would not tell more."""
    verdict = judged({"a": drifted(*interval)})
    assert verdict.outcome is outcome
    assert isinstance(verdict.estimate, Estimate)
    assert not verdict.needs_more


def test_a_failed_creep_names_the_command_that_tells_since_when() -> None:
    """The advice is the trend, where the many small steps are seen."""
    assert advice_text(judged({"a": drifted(1.06, 1.1)})) == "Find the cause: hivegate history trend a"


@pytest.mark.parametrize("drift", [None, {}, {"b": drifted(1.0, 1.01)}])
def test_without_a_history_creep_is_missing(drift: dict[str, Drift | None] | None) -> None:
    """A level that nobody knows is never passed: missing by name, exit 3."""
    verdict = judged(drift)
    assert (verdict.benchmark, verdict.outcome, verdict.severity) == ("a", Outcome.MISSING, Severity.UNKNOWN)
    assert "history" in reason_text(verdict)


def test_a_short_history_leaves_creep_open() -> None:
    """Inconclusive, by the policy for what stays open, until there are runs enough."""
    assert (judged({"a": None}).outcome, judged({"a": None}).severity) == (Outcome.INCONCLUSIVE, Severity.WARNING)
    assert judged({"a": None}, inconclusive=Effect.FAIL).severity is Severity.UNKNOWN
    found = estimate_drift("a", {"a": None})
    assert isinstance(found, NoEstimate)
    assert found.needs_more
