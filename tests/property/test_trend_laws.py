"""Laws of trends: what scaling, permuting, mirroring and other environments must not change."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hivegate.instruments import metric_named
from hivegate.model.trend import ChangeCause, Point, Series, Trend
from hivegate.stats.changepoints import find_change_points
from hivegate.stats.drift import measure_drift
from hivegate.stats.trend import find_trends

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

RUNS = 60
NOISE = 0.01
Logs = npt.NDArray[np.float64]
seeds = st.integers(0, 10**6)
places = st.integers(15, RUNS - 15)
sizes = st.floats(0.08, 0.5) | st.floats(-0.5, -0.08)


def environment(seed: int, benchmarks: int) -> list[Logs]:
    """Draw the logs of benchmarks that nothing happens to."""
    random = np.random.default_rng(seed)
    return [random.uniform(-15, 2) + random.normal(0.0, NOISE, RUNS) for _ in range(benchmarks)]


def after(place: int, size: float) -> Logs:
    """Rise by `size` at `place`."""
    return np.where(np.arange(RUNS) >= place, size, 0.0)


def series(logs: Sequence[Logs], metric: str = "mean", where: str = "here") -> list[Series]:
    """Make a series of each benchmark."""
    return [
        Series(
            benchmark=f"b{number}",
            environment=where,
            metric=metric_named(metric),
            points=tuple(Point(run=run, value=float(np.exp(one))) for run, one in enumerate(values)),
        )
        for number, values in enumerate(logs)
    ]


def places_of(trend: Trend, cause: ChangeCause) -> list[int]:
    """List the indices of a trend's changes of one cause."""
    return [one.index for one in trend.changes if one.cause is cause]


def near(index: int, others: Iterable[int]) -> bool:
    """Tell whether a point is as good as one of others."""
    return any(abs(index - other) < 5 for other in others)


@given(seeds, st.floats(1e-6, 1e6), sizes, places)
@settings(max_examples=40, deadline=None)
def test_scaling_a_history_scales_its_levels_only(seed: int, factor: float, size: float, place: int) -> None:
    """Law: the unit of a metric changes no change point."""
    values = np.exp(environment(seed, 1)[0] + after(place, size))
    one, other = find_change_points(values), find_change_points(values * factor)
    assert [(step.index, step.first, step.last) for step in one] == [
        (step.index, step.first, step.last) for step in other
    ]
    assert [step.after * factor for step in one] == pytest.approx([step.after for step in other])


@given(seeds, sizes, places)
@settings(max_examples=40, deadline=None)
def test_a_throughput_tells_the_same_as_a_time(seed: int, size: float, place: int) -> None:
    """Law: the inverse of a history changes at the same places, and worse stays worse."""
    logs = [values + after(place, size) for values in environment(seed, 1)]
    (time,) = find_trends(series(logs))
    (rate,) = find_trends(series([-values for values in logs], "throughput"))
    assert [(one.index, one.worse) for one in time.changes] == [(one.index, one.worse) for one in rate.changes]
    assert time.drift is not None
    assert rate.drift is not None
    assert rate.drift.ratio == pytest.approx(time.drift.ratio)


@given(seeds, st.integers(3, 8), sizes, places)
@settings(max_examples=40, deadline=None)
def test_a_factor_on_all_benchmarks_is_the_machine(seed: int, benchmarks: int, size: float, place: int) -> None:
    """Law: one factor on all series at one point is told as the machine's, with its size."""
    for trend in find_trends(series([values + after(place, size) for values in environment(seed, benchmarks)])):
        shared = [one.shared for one in trend.changes if one.index == place and one.shared is not None]
        assert shared == pytest.approx([math.exp(size)], rel=0.03)


@given(seeds, st.integers(4, 8), st.data())
@settings(max_examples=40, deadline=None)
def test_a_step_of_one_benchmark_is_found(seed: int, benchmarks: int, data: st.DataObject) -> None:
    """Law: a step added to one benchmark is that one's regression, wherever the machine moved besides."""
    one, own, shared = data.draw(st.integers(0, benchmarks - 1)), data.draw(places), data.draw(places)
    assume(own == shared or abs(own - shared) >= 10)
    size, move = data.draw(st.floats(0.1, 0.5)), data.draw(sizes)
    logs = [values + after(shared, move) for values in environment(seed, benchmarks)]
    logs[one] = logs[one] + after(own, size)
    found = [change.index for change in find_trends(series(logs))[one].regressions]
    assert [index for index in found if near(index, [own])] == [own]


def test_what_happens_to_all_or_to_one_is_hardly_ever_another_ones_change() -> None:
    """At most in 2 of 100 environments: every test for a change has an error (4 of 1000 in many more draws).

    What a benchmark's own noise is taken for, without what happened, does not count.
    """
    wrong = 0
    for seed in range(100):
        random = np.random.default_rng(seed)
        one, (own, shared) = int(random.integers(5)), (int(place) for place in random.integers(15, RUNS - 15, 2))
        size, move = float(random.uniform(0.1, 0.5)), float(random.uniform(0.08, 0.5) * random.choice((-1, 1)))
        quiet = environment(seed, 5)
        moved = [values + after(shared, move) for values in quiet]
        stepped = [values + after(own, size * (number == one)) for number, values in enumerate(moved)]
        alone, together, beside = (
            [places_of(trend, ChangeCause.CODE) for trend in find_trends(series(logs))]
            for logs in (quiet, moved, stepped)
        )
        for number in range(5):
            wrong += any(near(index, [shared]) and not near(index, alone[number]) for index in together[number])
            new = [index for index in beside[number] if not near(index, [*alone[number], *together[number]])]
            wrong += number != one and any(near(index, [own, shared]) for index in new)
    assert wrong <= 2


@given(seeds, st.integers(2, 8), st.randoms(use_true_random=False), sizes, places)
@settings(max_examples=30, deadline=None)
def test_the_order_of_benchmarks_changes_nothing(
    seed: int,
    benchmarks: int,
    chance: st.randoms,  # type: ignore[valid-type]
    size: float,
    place: int,
) -> None:
    """Law: permuting the series permutes the trends."""
    logs = environment(seed, benchmarks)
    given_order = series([values + after(place, size * (number % 3)) for number, values in enumerate(logs)])
    shuffled = list(given_order)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    told = {trend.series.benchmark: trend for trend in find_trends(shuffled)}
    assert [told[trend.series.benchmark] for trend in find_trends(given_order)] == list(find_trends(given_order))


@given(seeds, sizes, places)
@settings(max_examples=20, deadline=None)
def test_other_environments_tell_nothing(seed: int, size: float, place: int) -> None:
    """Law: what all benchmarks did on another machine is no evidence on this one."""
    here = series(environment(seed, 4))
    there = series([values + after(place, size) for values in environment(seed + 1, 4)], where="there")
    together = find_trends([*here, *there])
    assert together == (*find_trends(here), *find_trends(there))


@given(seeds, sizes, places, st.integers(0, RUNS))
@settings(max_examples=30, deadline=None)
def test_a_change_lies_in_its_range(seed: int, size: float, place: int, gap: int) -> None:
    """Law: last good is right before first bad, both within the range, whatever the runs are numbered."""
    values = environment(seed, 1)[0] + after(place, size)
    numbered = series([values])[0]
    points = tuple(
        Point(run=point.run + (5 if point.run >= gap else 0), value=point.value) for point in numbered.points
    )
    (trend,) = find_trends(
        [Series(benchmark="b", environment="e", metric=numbered.metric, points=points)],
    )
    assert trend.changes
    for change in trend.changes:
        assert points[change.index] == change.first_bad
        assert points[change.index - 1] == change.last_good
        assert change.surely_before.run <= change.last_good.run < change.first_bad.run <= change.surely_after.run
        assert change.worse == (change.after > change.before)


@given(seeds, st.floats(-20, 20), st.floats(0.0, 0.2))
@settings(max_examples=40, deadline=None)
def test_creep_has_no_unit(seed: int, unit: float, rise: float) -> None:
    """Law: drift is the same in every unit, and rises with the current level."""
    logs = environment(seed, 1)[0]
    logs[-15:] += rise
    found = measure_drift(logs, since=RUNS - 15, confidence=0.99)
    other = measure_drift(logs + unit, since=RUNS - 15, confidence=0.99)
    assert found is not None
    assert other is not None
    assert other.distance == pytest.approx(found.distance, abs=1e-9)
    assert found.low <= found.distance <= found.high
    assert found.low <= rise + 3 * NOISE
    assert found.high >= rise - 3 * NOISE


def test_ten_times_one_percent_is_seen_although_no_step_is() -> None:
    """The drift guard: each step is too small to be called, their sum is not."""
    random = np.random.default_rng(8)
    logs = np.repeat(np.arange(11) * 0.01, 12) + random.normal(0.0, 0.02, 132)
    points = tuple(Point(run=run, value=float(value)) for run, value in enumerate(np.exp(logs)))
    (trend,) = find_trends([Series(benchmark="b", environment="e", metric=metric_named("mean"), points=points)])
    assert trend.drift is not None
    assert trend.drift.low > 1.05
    assert trend.drift.best_last.run < 60 < trend.drift.current_first.run


def test_two_benchmarks_are_no_majority() -> None:
    """Two that move together may share the code that changed: that is not put down to the machine."""
    logs = [values + after(30, 0.2) for values in environment(1, 2)]
    assert [places_of(trend, ChangeCause.CODE) for trend in find_trends(series(logs))] == [[30], [30]]


def test_a_minority_that_moves_is_the_code() -> None:
    """Three of eight benchmarks slower by one commit are three budgets."""
    logs = [values + after(30, 0.2 if number < 3 else 0.0) for number, values in enumerate(environment(2, 8))]
    trends = find_trends(series(logs))
    assert [places_of(trend, ChangeCause.CODE) for trend in trends] == [[30]] * 3 + [[]] * 5


def test_memory_does_not_follow_the_machine() -> None:
    """A faster processor needs no less memory: where all allocate more, it is the code."""
    logs = [values + after(30, 0.2) for values in environment(3, 5)]
    trends = find_trends(series(logs, "peak_memory"))
    assert [places_of(trend, ChangeCause.CODE) for trend in trends] == [[30]] * 5


def test_a_benchmark_that_was_absent_is_told_nothing_of_the_move() -> None:
    """A benchmark that is younger than the machine's move has no change there."""
    (*rest, last) = series([values + after(30, 0.2) for values in environment(4, 5)])
    young = Series(benchmark=last.benchmark, environment=last.environment, metric=last.metric, points=last.points[35:])
    trends = find_trends([*rest, young])
    assert [places_of(trend, ChangeCause.MACHINE) for trend in trends] == [[30]] * 4 + [[]]


def test_an_empty_series_has_no_trend() -> None:
    """Nothing is said of nothing."""
    empty = Series(benchmark="b", environment="e", metric=metric_named("mean"), points=())
    assert find_trends([empty]) == (Trend(series=empty),)
    assert find_trends([]) == ()
