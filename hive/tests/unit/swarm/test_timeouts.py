"""Adaptive time-outs: what they learn, and what that is worth on simulated heavy-tailed durations."""

import math
from collections.abc import Callable
from random import Random
from typing import Any, NamedTuple

import pytest

from hivemind.swarm import AdaptiveTimeout, PipelineError

STAGES = 6
ROUNDS = 2000
HANGS = 0.01


class Trial(NamedTuple):
    """How the adaptive time-outs did beside one fixed time-out with the same mean time to notice a hang."""

    adaptive: int
    fixed: int
    hangs: int
    noticed: int
    completed: int


def lognormal(random: Random) -> float:
    """Return a factor of median 1 whose 99.9th percentile is 6.4."""
    return math.exp(random.gauss(0, 0.6))


def pareto(random: Random) -> float:
    """Return a factor of median 1 whose variance is nearly infinite."""
    return random.paretovariate(2.5) / 2 ** (1 / 2.5)


def simulate(draw: Callable[[Random], float], seed: int, *, differing: float, drift: float) -> Trial:
    """Let stages whose medians differ by up to `differing` run under a load that drifts by `drift` a round."""
    random = Random(seed)  # noqa: S311  a simulation
    medians = [0.1 * differing ** random.uniform(-1, 1) for _ in range(STAGES)]
    timeouts = [AdaptiveTimeout(1.0, ceiling=60.0) for _ in range(STAGES)]
    load, false, waits, durations, hangs = 0.0, 0, [], [], 0
    for _ in range(ROUNDS):
        load = 0.99 * load + random.gauss(0, drift)
        for median, timeout in zip(medians, timeouts, strict=True):
            budget = timeout.seconds
            if random.random() < HANGS:
                hangs += 1
                waits.append(budget)
                timeout.expired()
                continue
            duration = median * math.exp(load) * draw(random)
            durations.append(duration)
            if duration > budget:
                false += 1
                timeout.expired()
            else:
                timeout.completed(duration)
    fixed = sum(waits) / len(waits)
    return Trial(
        adaptive=false,
        fixed=sum(duration > fixed for duration in durations),
        hangs=hangs,
        noticed=sum(map(math.isfinite, waits)),
        completed=len(durations),
    )


@pytest.mark.parametrize(("draw", "most"), [(lognormal, 0.75), (pareto, 0.85)])
@pytest.mark.parametrize("seeds", [range(5), range(5, 10)])
def test_it_has_fewer_false_time_outs_than_a_fixed_one_at_equal_detection(
    draw: Callable[[Random], float], most: float, seeds: range
) -> None:
    """Where stages differ by up to two times either way and load drifts, at least 15 % fewer, all hangs noticed."""
    trials = [simulate(draw, seed, differing=2.0, drift=0.05) for seed in seeds]
    assert sum(trial.adaptive for trial in trials) <= most * sum(trial.fixed for trial in trials)
    assert all(trial.noticed == trial.hangs > 80 for trial in trials)


def test_among_equal_stages_under_constant_load_it_costs_little() -> None:
    """There nothing is to be learned, and the best fixed time-out is better: by less than a quarter."""
    trials = [simulate(pareto, seed, differing=1.0, drift=0.0) for seed in range(5)]
    adaptive, fixed = sum(trial.adaptive for trial in trials), sum(trial.fixed for trial in trials)
    assert fixed < adaptive < 1.25 * fixed


def test_time_outs_are_learned_from_so_that_few_attempts_run_out_of_time() -> None:
    """Even with nearly infinite variance 98 of 100 are let through; learning from completions alone, 96 are."""
    trials = [simulate(pareto, seed, differing=1.0, drift=0.0) for seed in range(5)]
    assert sum(trial.adaptive for trial in trials) < 0.025 * sum(trial.completed for trial in trials)


def test_before_anything_completed_the_budget_is_the_initial_one() -> None:
    """A single time-out teaches nothing yet; from the second in a row on the budget doubles, up to the ceiling."""
    timeout = AdaptiveTimeout(2.0, ceiling=10.0)
    budgets = []
    for _ in range(5):
        budgets.append(timeout.seconds)
        timeout.expired()
    assert budgets == pytest.approx([2, 2, 4, 8, 10])
    assert timeout.observations == 0


def test_the_first_duration_leaves_room_for_a_factor_of_sixteen() -> None:
    """Four deviations of a factor of two, as long as nothing else is known."""
    timeout = AdaptiveTimeout(60.0)
    timeout.completed(0.5)
    assert timeout.seconds == pytest.approx(0.5 * 2**4)


def test_a_new_level_is_found_within_a_few_attempts() -> None:
    """Ten times slower from one moment on: the budget doubles until one attempt completes, and then fits."""
    timeout = AdaptiveTimeout(1.0)
    random = Random(1)  # noqa: S311  a simulation
    for _ in range(500):
        timeout.completed(0.1 * lognormal(random))
    missed = 0
    for _ in range(100):
        duration = 3.0 * lognormal(random)
        if duration > timeout.seconds:
            timeout.expired()
            missed += 1
        else:
            timeout.completed(duration)
    assert 1 <= missed <= 10
    assert timeout.seconds > 6


def test_one_slow_attempt_hardly_moves_the_budget() -> None:
    """A thousand times the usual duration, let through once, is no reason to wait ten times as long."""
    timeout = AdaptiveTimeout(1.0)
    for number in range(500):
        timeout.completed(0.1 * (1 + number % 3))
    before = timeout.seconds
    timeout.completed(200.0)
    assert before < timeout.seconds < 2 * before


def test_the_budget_keeps_to_its_floor_and_ceiling() -> None:
    """Even after durations of nothing, and of years."""
    low, high = AdaptiveTimeout(1.0, floor=0.5), AdaptiveTimeout(1.0, ceiling=5.0)
    for _ in range(100):
        low.completed(0.0)
        high.completed(1e300)
        high.expired()
    assert low.seconds == 0.5
    assert high.seconds == 5.0


@pytest.mark.parametrize("duration", [math.nan, math.inf, -1.0, True, "1 s"])
def test_a_duration_that_is_none_is_refused_and_learned_from_by_nobody(duration: float) -> None:
    """NaN would stay in the budget for ever."""
    timeout = AdaptiveTimeout(1.0)
    timeout.completed(0.5)
    before = timeout.seconds
    with pytest.raises(PipelineError, match=r"a duration is .*; give a finite number from 0"):
        timeout.completed(duration)
    assert (timeout.seconds, timeout.observations) == (before, 1)


@pytest.mark.parametrize(
    "fields",
    [
        {"initial": 0},
        {"initial": 5000},
        {"initial": 1, "floor": 2},
        {"initial": math.nan},
        {"initial": 1, "ceiling": math.inf},
        {"initial": 1, "deviations": 0},
        {"initial": 1, "gain": 0},
        {"initial": 1, "spread_gain": 2},
    ],
)
def test_settings_that_cannot_be_are_refused(fields: dict[str, Any]) -> None:
    """The message says what was given and what is allowed."""
    with pytest.raises(PipelineError, match=r"must (be above 0|rise from floor)"):
        AdaptiveTimeout(**fields)
