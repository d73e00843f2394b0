"""Numbers as people read them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hivegate.model.estimate import Estimate
from hivegate.model.metric import Dimension
from hivegate.model.quantity import change_interval, change_tick, excess, interval, part, percent, quantity, signed


@pytest.mark.parametrize(
    ("value", "dimension", "text"),
    [
        (0.0999999, Dimension.SECONDS, "100 ms"),
        (0.9996, Dimension.SECONDS, "1.00 s"),
        (1.4027e-7, Dimension.SECONDS, "140 ns"),
        (3_200_000, Dimension.BYTES, "3.05 MiB"),
        (0.00815, Dimension.RATIO, "0.815 %"),
        (1234567, Dimension.COUNT, "1.23 M"),
        (0.0, Dimension.SECONDS, "0 ns"),
        (2.0, Dimension.NUMBER, "2.00"),
        (1e300, Dimension.SECONDS, "1.00e+300 s"),
        (math.inf, Dimension.SECONDS, "inf"),
        (-math.inf, Dimension.SECONDS, "-inf"),
        (math.nan, Dimension.SECONDS, "?"),
    ],
)
def test_three_digits_in_a_fitting_unit(value: float, dimension: Dimension, text: str) -> None:
    """A value never shows four digits before its unit, nor an exponent for what fits."""
    assert quantity(value, dimension) == text


def test_interval_has_the_unit_of_its_value() -> None:
    """Both ends are told in one unit, open ends as what they are."""
    assert interval(Estimate(value=1.2e-3, low=9e-4, high=1.5e-3, n=5), Dimension.SECONDS) == "0.900 .. 1.50 ms"
    assert interval(Estimate(value=1.2e-3, high=1.5e-3, n=5), Dimension.SECONDS) == "-inf .. 1.50 ms"
    assert interval(Estimate(value=1.0, n=1), Dimension.SECONDS) == "interval unknown"


def test_shares() -> None:
    """A chosen share keeps its digits; an excess is a percentage, then a factor."""
    assert (percent(0.99), percent(0.999), percent(0.15)) == ("99 %", "99.9 %", "15 %")
    assert (excess(0.232), excess(1.5)) == ("23.2 %", "a factor of 2.50")


@given(st.floats(), st.sampled_from(Dimension))
def test_every_number_is_spelled_short(value: float, dimension: Dimension) -> None:
    """No number of a hostile file breaks a column or raises."""
    assert 0 < len(quantity(value, dimension)) <= 20


@pytest.mark.parametrize(
    ("ratio", "dimension", "text"),
    [
        (1.02, Dimension.SECONDS, "+2.00 %"),
        (0.8, Dimension.SECONDS, "-20 %"),
        (1 / 58, Dimension.SECONDS, "58x faster"),
        (55.9, Dimension.SECONDS, "56x slower"),
        (2.0, Dimension.SECONDS, "2.0x slower"),
        (1.994, Dimension.SECONDS, "+99 %"),
        (9.96, Dimension.SECONDS, "10x slower"),
        (4.0, Dimension.RATE, "4.0x faster"),
        (3.0, Dimension.BYTES, "3.0x as much"),
        (0.25, Dimension.BYTES, "4.0x less"),
        (1e9, Dimension.SECONDS, "1.00e+09x slower"),
        (math.inf, Dimension.SECONDS, "+inf"),
    ],
)
def test_a_change_is_percent_until_a_factor_says_more(ratio: float, dimension: Dimension, text: str) -> None:
    """Percent saturate at -100 %; a factor says what it is a factor of."""
    assert signed(ratio, dimension) == text


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (0.97, 1.04, "-3.00 % .. +4.00 %"),
        (1 / 60, 1 / 57, "57x .. 60x faster"),
        (55.0, 57.0, "55x .. 57x slower"),
        (0.9, 3.0, "-10 % .. 3.0x slower"),
        (0.25, 4.0, "4.0x faster .. 4.0x slower"),
        (0.0, 4.0, "-100 % .. 4.0x slower"),
        (0.0, math.inf, "interval unknown"),
        (1 / 5.64e53, 49229.0, "interval unknown"),
        (1 / 1000, 1000.0, "1000x faster .. 1000x slower"),
        (1 / 60_000, 1 / 50_000, "50000x .. 60000x faster"),
    ],
)
def test_an_interval_of_a_change_says_its_word_once(low: float, high: float, text: str) -> None:
    """Both ends in one direction share it, the smaller factor first."""
    assert change_interval(low, high) == text


@given(st.floats(0, allow_nan=False), st.sampled_from(Dimension))
def test_every_change_is_spelled_short(ratio: float, dimension: Dimension) -> None:
    """Neither a change nor a tick of any ratio breaks a column or raises, and a sampled share is at most all."""
    assert 0 < len(signed(ratio, dimension)) <= 20
    assert 0 < len(change_tick(ratio)) <= 12
    assert part(ratio) == "100 %" or ratio < 1
