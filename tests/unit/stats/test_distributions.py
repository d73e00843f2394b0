"""Tails and quantiles: SciPy is the oracle."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy import ndimage, special

from hivegate.stats.distributions import chi_squared_tail, normal_quantile, student_quantile, student_tail
from hivegate.stats.levels import sliding_maximum

CLOSE = 1e-10  # relative
FREEDOM = st.one_of(st.integers(1, 50), st.integers(1, 10**6), st.floats(1, 1e6))
TAILS = st.one_of(st.floats(-12, math.log10(0.5)).map(lambda power: 10**power), st.floats(0.01, 0.5))


@given(tail=TAILS, freedom=FREEDOM)
def test_students_quantile_is_scipys(tail: float, freedom: float) -> None:
    """From a tail of 1e-12 to one half, from one degree of freedom to a million, and the mirror of each."""
    quantile = student_quantile(tail, freedom)
    assert quantile == pytest.approx(-float(special.stdtrit(freedom, tail)), rel=CLOSE, abs=1e-15)
    assert student_quantile(1 - tail, freedom) == pytest.approx(-student_quantile(1 - (1 - tail), freedom))


@given(t=st.one_of(st.floats(-50, 50), st.floats(-6, 6).map(lambda power: 10**power)), freedom=FREEDOM)
@example(t=6.868395392292976e-09, freedom=1)
def test_students_tail_is_scipys(t: float, freedom: float) -> None:
    """On both sides and far out, as long as a double holds it; next to 0, where SciPy rounds, as the density there."""
    expected = float(special.stdtr(freedom, -t))
    if abs(t) < 1e-5:
        logarithm = special.gammaln((freedom + 1) / 2) - special.gammaln(freedom / 2)
        expected = 0.5 - t * math.exp(logarithm) / math.sqrt(freedom * math.pi)
    assert student_tail(t, freedom) == pytest.approx(expected, rel=CLOSE, abs=1e-290)


@given(tail=TAILS, freedom=FREEDOM)
def test_students_quantile_inverts_the_tail(tail: float, freedom: float) -> None:
    """Whatever SciPy says: the value is exceeded with the probability that was asked for."""
    assert student_tail(student_quantile(tail, freedom), freedom) == pytest.approx(tail, rel=1e-12)


@given(tail=TAILS)
def test_students_tails_are_known_in_closed_form(tail: float) -> None:
    """One degree of freedom is Cauchy's distribution; two have an algebraic quantile."""
    assert student_quantile(tail, 1) == pytest.approx(1 / math.tan(math.pi * tail), rel=1e-12, abs=1e-15)
    two = (1 - 2 * tail) / math.sqrt(2 * tail * (1 - tail))
    assert student_quantile(tail, 2) == pytest.approx(two, rel=1e-12, abs=1e-15)


def test_what_is_far_beyond_every_double_has_no_tail() -> None:
    """A square that overflows is no error, on either side."""
    assert (student_tail(1e200, 3), student_tail(math.inf, 3), student_tail(-math.inf, 3)) == (0.0, 0.0, 1.0)


@given(x=st.one_of(st.floats(0, 100), st.floats(-6, 4).map(lambda power: 10**power)), freedom=st.integers(1, 2000))
def test_chi_squared_is_scipys(x: float, freedom: int) -> None:
    """Even and odd degrees of freedom, from the whole distribution to the end of what a double holds."""
    assert chi_squared_tail(x, freedom) == pytest.approx(float(special.chdtrc(freedom, x)), rel=CLOSE, abs=1e-290)


@given(p=st.one_of(st.floats(-300, -1e-9).map(lambda power: 10**power), st.floats(0.001, 0.999)))
def test_the_normal_quantile_is_scipys(p: float) -> None:
    """Of any probability."""
    assert normal_quantile(p) == pytest.approx(float(special.ndtri(p)), rel=CLOSE, abs=1e-15)


@given(values=st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=60), reach=st.integers(0, 70))
def test_a_sliding_maximum_is_that_of_its_window(values: list[float], reach: int) -> None:
    """Cut off at both ends; the same as SciPy's, which mirrors what lies beyond, wherever it can."""
    found = sliding_maximum(np.array(values), reach)
    windows = [max(values[max(0, place - reach) : place + reach + 1]) for place in range(len(values))]
    assert found.tolist() == windows
    if reach < len(values):
        assert found.tolist() == ndimage.maximum_filter1d(np.array(values), size=2 * reach + 1).tolist()
