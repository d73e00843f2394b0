"""Times at another speed of the machine."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.measured import benchmark, sample

from hivegate.model.estimate import Estimate
from hivegate.model.run import Benchmark, Doubles, Sample, Speed
from hivegate.stats.speed import (
    ASSUMED,
    Slope,
    at_speed,
    bound_by,
    distance,
    has_readings,
    hull,
    learn_slope,
    slope_factor,
    widened,
)

FAST, SLOW = 50e-9, 95e-9


def speed(turns: list[float], places: list[int], lost: list[float] | None = None, **fields: Any) -> Speed:  # noqa: ANN401
    """Make the readings around blocks of rounds; nothing was lost unless it is said."""
    of_blocks = [0.0] * (len(places) - 1) if lost is None else lost
    known = {"elapsed": 1.0, "waited": 0.0, "others": 0.0, **fields}
    return Speed(loop=1, turns=Doubles(turns), places=tuple(places), lost=Doubles(of_blocks), **known)


def steady(seconds: float, turn: float, index: int = 0, rounds: int = 20) -> Sample:
    """Make a pass of equal rounds at one speed."""
    return sample([seconds] * rounds, index, speed=speed([turn, turn], [0, rounds]))


def two_states(slope: float, passes: int = 5) -> list[Sample]:
    """Make passes that are in the fast state first and in the slow one then, of code with a slope."""
    found = []
    for index in range(passes):
        slow = 1e-3 * (SLOW / FAST) ** slope
        readings = speed([FAST, FAST, SLOW, SLOW], [0, 10, 10, 20])
        found.append(sample([1e-3] * 10 + [slow] * 10, index, speed=readings))
    return found


@pytest.mark.parametrize("slope", [0.3, 0.85, 1.2])
def test_a_slope_is_learned_from_rounds_that_saw_two_speeds(slope: float) -> None:
    """Memory slows down less than the loop, regular expressions more; both are found, and surely."""
    found = learn_slope(two_states(slope))
    assert found.value == pytest.approx(slope, abs=0.03)
    assert found.error < 0.1


def test_one_speed_teaches_no_slope() -> None:
    """Readings that differ by a few percent are noise; the slope is then what is assumed, and as unsure."""
    assert learn_slope([steady(1e-3, FAST * (1 + index / 100), index) for index in range(5)]) == ASSUMED


def test_passes_teach_a_slope_too() -> None:
    """Runs of before had two readings a pass: passes in unlike states are points as rounds are."""
    moods = enumerate([FAST, SLOW] * 4)
    passes = [sample([1e-3 * (turn / FAST) ** 0.5], index, reference=turn) for index, turn in moods]
    found = learn_slope(passes)
    assert found.value == pytest.approx(0.5, abs=0.05)


def test_a_block_that_changed_its_speed_teaches_nothing() -> None:
    """What ran between a fast and a slow reading ran at neither."""
    changing = sample([1e-3] * 10 + [5e-3] * 10, 0, speed=speed([FAST, SLOW, FAST], [0, 10, 20]))
    assert learn_slope([changing, changing]) == ASSUMED


def test_each_round_is_taken_to_the_reference_by_its_own_speed() -> None:
    """A pass that changed its speed is resolved: fast and slow rounds come out alike."""
    (mixed, *_) = two_states(1.0)
    scaled = at_speed(mixed, Slope(value=1.0, error=0.0), FAST)
    assert list(scaled.rounds) == pytest.approx([1e-3] * 20)


def test_single_calls_are_taken_by_their_own_readings() -> None:
    """A p99 of calls scales by the speed around each call, not by that of the rounds."""
    calls = sample(
        [1e-3],
        single_calls=Doubles([2e-3] * 4),
        speed=speed([FAST, FAST], [0, 1]),
        single_speed=speed([SLOW, SLOW], [0, 4]),
    )
    scaled = at_speed(calls, Slope(value=1.0, error=0.0), FAST)
    assert list(scaled.single_calls) == pytest.approx([2e-3 * FAST / SLOW] * 4)
    assert list(scaled.rounds) == pytest.approx([1e-3])


def test_time_lost_to_others_comes_off_the_slowest_rounds() -> None:
    """A slice of the scheduler falls on one round; what it cost is known, and the others keep what they took."""
    held_up = sample([1e-4] * 9 + [3.1e-3], 0, calls=1, speed=speed([FAST, FAST], [0, 10], lost=[3e-3]))
    assert list(at_speed(held_up, ASSUMED, FAST).rounds) == pytest.approx([1e-4] * 10)
    long = sample([0.05], 0, calls=1, speed=speed([FAST, FAST], [0, 1], lost=[0.02]))
    assert list(at_speed(long, ASSUMED, FAST).rounds) == pytest.approx([0.03])


def test_more_is_never_taken_off_than_a_round_took() -> None:
    """A call that ran took some time, whatever was counted as lost."""
    odd = sample([1e-3], 0, calls=1, speed=speed([FAST, FAST], [0, 1], lost=[5.0]))
    assert 0 < at_speed(odd, ASSUMED, FAST).rounds[0] < 1e-3


@pytest.mark.parametrize(
    ("fields", "unlike"),
    [
        ({}, ""),
        ({"waited": 0.2}, "waiting"),
        ({"others": 0.2}, "threads"),
        ({"waited": 0.02, "others": 0.02}, ""),
    ],
)
def test_what_does_not_follow_the_loop_is_named(fields: dict[str, Any], unlike: str) -> None:
    """Waiting and other threads have speeds of their own; a few percent of them are nothing."""
    measured = sample([1e-3], speed=speed([FAST, FAST], [0, 1], **fields))
    assert bound_by(Benchmark(id="a", node_id="a", samples=(measured,))) == unlike


def test_kernel_time_and_declared_threads_do_not_follow_the_loop() -> None:
    """Half of the processor time in the kernel, or two threads that the benchmark declares."""
    copying = sample([1e-3], speed=speed([FAST, FAST], [0, 1]), cpu=1.0, wall=1.0, kernel=0.5)
    assert bound_by(Benchmark(id="a", node_id="a", samples=(copying,))) == "the kernel"
    assert bound_by(benchmark("a", [1.0], parallelism=2)) == "threads"


def test_a_pass_without_a_reading_cannot_be_scaled() -> None:
    """Nor one of another version of the loop."""
    known = benchmark("a", [])
    with_readings = (steady(1e-3, FAST), sample([1e-3], 1, reference=FAST))
    assert has_readings(Benchmark(id=known.id, node_id="a", samples=with_readings), 1)
    assert not has_readings(Benchmark(id="a", node_id="a", samples=(*with_readings, sample([1e-3], 2))), 1)
    assert not has_readings(Benchmark(id="a", node_id="a", samples=with_readings), 2)


def test_the_distance_is_that_of_the_middle_rounds() -> None:
    """Two passes at half the speed of the reference are a logarithm of 2 away."""
    assert distance([steady(1e-3, 2 * FAST), steady(1e-3, 2 * FAST, 1)], FAST) == pytest.approx(math.log(2))


def test_not_knowing_the_slope_widens_with_the_distance() -> None:
    """At the speed of the reference nothing is added; far away what the slope may be wrong by."""
    known = Estimate(value=1.0, low=0.9, high=1.1, n=5)
    assert slope_factor(ASSUMED, 0.0, 0.99) == 1.0
    assert widened(known, 1.0).low == pytest.approx(known.low)
    near, far = (widened(known, slope_factor(ASSUMED, away, 0.99)) for away in (0.1, 0.6))
    assert far.low < near.low < 0.9
    assert far.high > near.high > 1.1
    assert math.log(widened(Estimate(value=1.0, low=1.0, high=1.0, n=5), 1.5).high) == pytest.approx(math.log(1.5))


def test_ends_that_are_unknown_stay_unknown() -> None:
    """One sample has an infinite interval, which no factor makes finite."""
    open_ended = widened(Estimate(value=1.0, low=-math.inf, high=math.inf, n=1), 1.2)
    assert (open_ended.low, open_ended.high) == (0.0, math.inf)


def test_the_hull_holds_both() -> None:
    """Where code follows the loop in part, the answer lies between scaled and measured."""
    joined = hull(Estimate(value=1.0, low=0.9, high=1.1, n=5), Estimate(value=2.0, low=1.9, high=2.1, n=5))
    assert (joined.value, joined.low, joined.high) == (1.0, 0.9, 2.1)


@given(
    st.lists(st.floats(1e-7, 1e-1), min_size=4, max_size=12),
    st.lists(st.floats(0.5, 2.0), min_size=5, max_size=5),
    st.floats(0.3, 3.0),
)
def test_a_machine_that_is_slower_for_everything_changes_nothing(
    rounds: list[float], moods: list[float], factor: float
) -> None:
    """Times and the loop multiplied by one constant are the same at the reference, where the slope is 1."""
    slope = Slope(value=1.0, error=0.1)
    ends = [0, len(rounds)]
    for mood in moods:
        here = sample(rounds, 0, speed=speed([FAST * mood] * 2, ends))
        there = sample([each * factor for each in rounds], 0, speed=speed([FAST * mood * factor] * 2, ends))
        assert np.allclose(at_speed(here, slope, FAST).rounds, at_speed(there, slope, FAST).rounds, rtol=1e-9)
