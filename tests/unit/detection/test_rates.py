from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from detection.rates import Rate, rate

COUNTS = st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def test_wilson_intervals_are_those_of_the_literature() -> None:
    """0 of 10 and 81 of 263 as Newcombe (1998) tabulates them, to his four digits."""
    assert [round(one, 4) for one in Rate(81, 263).wilson()] == [0.2553, 0.3662]
    assert [round(one, 4) for one in Rate(0, 20).wilson()] == [0.0, 0.1611]
    assert [round(one, 4) for one in Rate(1, 29).wilson()] == [0.0061, 0.1718]


@given(COUNTS)
def test_an_interval_holds_its_share_and_mirrors(counts: tuple[int, int]) -> None:
    """The share lies within, within 0 to 1; counting the others mirrors the interval."""
    hits, n = counts
    low, high = Rate(hits, n).wilson()
    assert 0 <= low <= hits / n + 1e-12
    assert hits / n - 1e-12 <= high <= 1
    other_low, other_high = Rate(n - hits, n).wilson()
    assert math.isclose(low, 1 - other_high, abs_tol=1e-9)
    assert math.isclose(high, 1 - other_low, abs_tol=1e-9)


@given(COUNTS)
def test_more_of_the_same_narrows(counts: tuple[int, int]) -> None:
    """Twice the counts give a narrower interval."""
    hits, n = counts
    few, many = Rate(hits, n).wilson(), Rate(2 * hits, 2 * n).wilson()
    assert many[1] - many[0] < few[1] - few[0]


def test_nothing_counted_says_nothing() -> None:
    """Of none, the interval is everything and the text a dash."""
    assert rate([]).wilson() == (0.0, 1.0)
    assert str(rate([])) == "-"
    assert str(rate([True, False])).startswith("50.0 % (")
