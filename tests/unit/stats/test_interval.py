"""Intervals over passes."""

from __future__ import annotations

import math

import pytest
from scipy import stats

from hivegate.stats.interval import estimate_over_passes, estimate_plain, estimate_range, per_look

SPREAD = 0.15


def test_interval_is_students_t_on_the_log_scale() -> None:
    """The interval is the one that scipy computes for the logarithms."""
    values = [1.0, 1.1, 0.95, 1.05, 1.2]
    logs = [math.log(value) for value in values]
    low, high = stats.t.interval(0.99, df=4, loc=sum(logs) / 5, scale=stats.sem(logs))
    found = estimate_over_passes(values, confidence=0.99, assumed_spread=SPREAD)
    assert (found.low, found.high) == pytest.approx((math.exp(low), math.exp(high)))
    assert found.value == pytest.approx(stats.gmean(values))
    assert (found.n, found.assumed) == (5, None)


def test_single_value_rests_on_the_assumed_spread_and_says_so() -> None:
    """One value has no spread of its own: its interval is 2.58 assumed spreads wide, and labelled."""
    found = estimate_over_passes([2.0], confidence=0.99, assumed_spread=SPREAD)
    assert found.value == 2.0
    assert (found.low, found.high) == pytest.approx(
        (2 * math.exp(-2.5758 * 0.15), 2 * math.exp(2.5758 * 0.15)), rel=1e-4
    )
    assert (found.n, found.assumed) == (1, SPREAD)


def test_equal_values_give_back_themselves_exactly() -> None:
    """Rounding through the logarithm must not push a count of 12 beyond a limit of 12."""
    found = estimate_over_passes([12.3] * 7, confidence=0.99, assumed_spread=SPREAD)
    assert (found.low, found.value, found.high) == (12.3, 12.3, 12.3)


@pytest.mark.parametrize("values", [[0.0], [-3.0]])
def test_single_value_without_logarithm_has_an_infinite_interval(values: list[float]) -> None:
    """Where the assumed spread, which is of the log, cannot apply, nothing is known of the ends."""
    found = estimate_over_passes(values, confidence=0.99, assumed_spread=SPREAD)
    assert (found.low, found.high) == (-math.inf, math.inf)


def test_values_with_a_zero_are_estimated_on_the_plain_scale() -> None:
    """Counts of 0, 1 and 2 have no log; their mean has a symmetrical interval."""
    found = estimate_over_passes([0.0, 1.0, 2.0], confidence=0.95, assumed_spread=SPREAD)
    assert found.value == 1.0
    assert (found.low, found.high) == pytest.approx(stats.t.interval(0.95, df=2, loc=1.0, scale=1 / math.sqrt(3)))


@pytest.mark.parametrize("values", [[1e-300, 1e300], [1e308, 1.7e308, 1e308], [-1.7e308, 1.7e308], [5e-324, 5e-324]])
def test_extreme_values_neither_raise_nor_become_no_numbers(values: list[float]) -> None:
    """An interval that is too wide for a float reaches infinity, and the value stays finite."""
    found = estimate_over_passes(values, confidence=0.99, assumed_spread=SPREAD)
    assert math.isfinite(found.value)
    assert found.low <= found.value <= found.high


def test_two_readings_of_memory_are_exact_or_both_shown() -> None:
    """Equal readings have no width; unequal ones are the ends."""
    equal, unequal = estimate_range([64.0, 64.0]), estimate_range([64.0, 80.0])
    assert (equal.low, equal.high) == (64.0, 64.0)
    assert (unequal.low, unequal.value, unequal.high) == (64.0, 72.0, 80.0)


def test_one_reading_of_memory_is_not_taken_for_exact() -> None:
    """Nothing shows that a single reading would repeat, so its ends are open."""
    found = estimate_range([64.0])
    assert (found.low, found.high) == (-math.inf, math.inf)


def test_plain_single_value_rests_on_its_standard_error() -> None:
    """An exponent of one pass is judged by the error that the assumed spread gives the slope."""
    found = estimate_plain([1.0], confidence=0.99, single_error=0.1, assumed=SPREAD)
    assert (found.low, found.high) == pytest.approx((1 - 0.25758, 1 + 0.25758), rel=1e-4)
    assert found.assumed == SPREAD


def test_error_is_split_over_the_looks() -> None:
    """Six looks at 99 % leave each a sixth of what two early ones, a hundredth of the error each, leave of it."""
    assert per_look(0.99, 6) == pytest.approx(1 - 0.01 * 0.98 / 6)
    assert per_look(0.99, 6, passes=4) == pytest.approx(1 - 0.01 * 0.01)
    assert per_look(0.99, 1) == pytest.approx(0.99)
