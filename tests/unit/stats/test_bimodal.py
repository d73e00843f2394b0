"""Passes that fall into two levels."""

from __future__ import annotations

import numpy as np
import pytest

from hivegate.stats.bimodal import two_levels


def test_two_humps_are_two_levels() -> None:
    """Three fast passes and two slow ones, as of a machine with two speeds."""
    low, high = two_levels([9.3e-6, 16.5e-6, 9.2e-6, 16.7e-6, 9.4e-6])
    assert low.value == pytest.approx(9.3e-6, rel=0.01)
    assert high.value == pytest.approx(16.6e-6, rel=0.01)
    assert (low.passes, high.passes) == (3, 2)


@pytest.mark.parametrize(
    "values",
    [
        [1.0, 1.0, 2.0, 2.0],  # of four, any two and two look like levels
        [1.0, 1.01, 0.99, 1.0, 2.0],  # one alone is a stray
        [1.0, 1.2, 1.4, 1.6, 1.8, 2.0],  # evenly spread
        [1.0, 1.0, 1.1, 1.1, 1.1],  # less than passes differ by anyway
        [0.0, 0.0, 1.0, 1.0, 1.0],
        [1.0, 1.0, float("inf"), float("inf"), float("inf")],
    ],
)
def test_what_is_no_two_levels(values: list[float]) -> None:
    """Neither few passes, nor a stray, nor noise."""
    assert two_levels(values) == ()


def test_noise_rarely_looks_like_two_levels() -> None:
    """Of a thousand runs of five passes that spread by 15 %, fewer than one in thirty."""
    rng = np.random.default_rng(1)
    found = sum(bool(two_levels(list(np.exp(rng.normal(0, 0.15, 5))))) for _ in range(1000))
    assert found < 33
