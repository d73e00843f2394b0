"""How much passes differ, held against SciPy and against simulated passes."""

from __future__ import annotations

import math
import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import chdtri

from hivegate.model.estimate import Estimate, NoEstimate
from hivegate.stats.spread import estimate_spread

_TIMES = st.lists(st.floats(1e-9, 1e3), min_size=2, max_size=20)


def spread(values: list[float], confidence: float = 0.99) -> Estimate:
    """Estimate a spread that there is."""
    found = estimate_spread(values, confidence=confidence)
    assert isinstance(found, Estimate)
    return found


def test_it_is_the_standard_deviation_over_the_mean() -> None:
    """Of the sample, not of the population: two passes of 1 and 3 spread by the root of two, over two."""
    assert spread([1.0, 3.0]).value == pytest.approx(math.sqrt(2) / 2)
    assert spread([0.98, 1.0, 1.02]).value == pytest.approx(0.02)


@pytest.mark.parametrize("passes", [2, 3, 5, 6, 15, 40])
@pytest.mark.parametrize("confidence", [0.5, 0.99, 0.9999])
def test_its_interval_is_that_of_chi_squared(passes: int, confidence: float) -> None:
    """To the eighth digit, for odd and even degrees of freedom."""
    found = spread([1.0 + 0.01 * number for number in range(passes)], confidence)
    freedom, tail = passes - 1, (1 - confidence) / 2
    assert found.low == pytest.approx(found.value * math.sqrt(freedom / chdtri(freedom, tail)), rel=1e-8)
    assert found.high == pytest.approx(found.value * math.sqrt(freedom / chdtri(freedom, 1 - tail)), rel=1e-8)
    assert found.n == passes


def test_the_interval_holds_the_true_spread_as_often_as_it_promises() -> None:
    """Of 2,000 simulated benchmarks whose passes spread by 3 %, nine in ten at 90 %."""
    passes = np.random.default_rng(20260601).normal(1.0, 0.03, size=(2000, 5))
    found = [spread(list(map(float, one)), 0.9) for one in passes]
    held = sum(one.low <= 0.03 <= one.high for one in found) / len(found)
    assert held == pytest.approx(0.9, abs=0.02)


@given(_TIMES, st.floats(1e-6, 1e6))
def test_the_unit_of_the_times_does_not_matter(values: list[float], factor: float) -> None:
    """Seconds or nanoseconds: a share of the mean is the same; the estimate lies in its interval."""
    found, scaled = spread(values), spread([value * factor for value in values])
    assert scaled.value == pytest.approx(found.value, rel=1e-6, abs=1e-9)
    assert found.low <= found.value <= found.high
    assert found.value == pytest.approx(statistics.stdev(values) / statistics.fmean(values), rel=1e-6, abs=1e-9)


def test_one_pass_has_none_yet() -> None:
    """More passes may give one; passes that took no time never do."""
    single = estimate_spread([1.0], confidence=0.99)
    assert isinstance(single, NoEstimate)
    assert single.needs_more
    nothing = estimate_spread([0.0, 0.0], confidence=0.99)
    assert isinstance(nothing, NoEstimate)
    assert not nothing.needs_more
