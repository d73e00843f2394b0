"""How noisy a history is: the figure that every error of a change point rests on."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest

from hivegate.stats.noise import SMALLEST_NOISE, clipped, estimate_noise, running_median

Logs = npt.NDArray[np.float64]


def normal(size: float, length: int = 4000, seed: int = 1) -> Logs:
    """Draw normal noise of a standard deviation."""
    return np.random.default_rng(seed).normal(0.0, size, length)


@pytest.mark.parametrize("size", [0.005, 0.02, 0.1])
def test_the_noise_of_normal_runs_is_their_standard_deviation(size: float) -> None:
    """Of thousands of independent runs it is exact to a few percent, at every point and for means of many."""
    noise = estimate_noise(normal(size))
    assert float(np.mean(noise.spread)) == pytest.approx(size, rel=0.03)
    assert noise.spread.min() > 0.6 * size
    assert noise.spread.max() < 1.5 * size
    assert noise.memory == pytest.approx(1.0, abs=0.1)
    assert noise.of_means == pytest.approx(noise.spread * math.sqrt(noise.memory))


def test_steps_and_drift_are_no_noise() -> None:
    """A level ten standard deviations higher, and a slope as high, change the figure by a few percent."""
    quiet = float(np.mean(estimate_noise(normal(0.02, 400)).spread))
    steps = normal(0.02, 400) + np.repeat([0.0, 0.2, -0.1, 0.4], 100)
    slope = normal(0.02, 400) + np.linspace(0.0, 0.2, 400)
    for logs in (steps, slope):
        assert float(np.mean(estimate_noise(logs).spread)) == pytest.approx(quiet, rel=0.05)


def test_noise_that_changes_is_known_where_it_changes() -> None:
    """A calm and a loud half each have their own, by two thirds: one third is that of the whole, here 0.0175."""
    spread = estimate_noise(np.concatenate((normal(0.01, 1500), normal(0.04, 1500, seed=2)))).spread
    assert float(np.mean(spread[100:1400])) == pytest.approx(0.013, rel=0.05)
    assert float(np.mean(spread[1600:2900])) == pytest.approx(0.0343, rel=0.05)


def test_noise_with_a_memory_counts_for_more_in_means() -> None:
    """Of a first-order autoregression with 0.5 the variance of a mean is three times that of independent runs."""
    logs = normal(0.02, 20_000)
    for place in range(1, len(logs)):
        logs[place] += 0.5 * logs[place - 1]
    noise = estimate_noise(logs)
    assert float(np.mean(noise.spread)) == pytest.approx(0.02 / math.sqrt(1 - 0.25), rel=0.04)
    assert noise.memory == pytest.approx(3.0, rel=0.1)


def test_exact_readings_have_the_smallest_noise() -> None:
    """Memory repeats to the byte: a tenth of a percent, and no memory of the last run."""
    noise = estimate_noise(np.full(60, 5.0))
    assert set(noise.spread.tolist()) == {SMALLEST_NOISE}
    assert noise.memory == 1.0


def test_outliers_are_pulled_in_to_three_standard_deviations() -> None:
    """From the running median by default, from a given centre otherwise; what lies inside stays as it is."""
    logs = normal(0.02, 200)
    logs[100] += 1.0
    noise = estimate_noise(logs)
    pulled = clipped(logs, noise)
    middle = float(np.median(logs[97:104]))
    assert pulled[100] == pytest.approx(middle + 3 * noise.spread[100])
    assert np.count_nonzero(pulled != logs) <= 4
    centred = clipped(logs, noise, np.full(200, 0.5))
    assert centred == pytest.approx(np.clip(logs, 0.5 - 3 * noise.spread, 0.5 + 3 * noise.spread))


def test_a_running_median_is_centred_and_whole_at_the_ends() -> None:
    """In the middle it is of the points on both sides; near an end of the first or last so many."""
    values = np.array([5.0, 1.0, 4.0, 2.0, 9.0, 3.0, 8.0])
    assert running_median(values, 3).tolist() == [4.0, 4.0, 2.0, 4.0, 3.0, 8.0, 8.0]
    assert running_median(values, 99).tolist() == [4.0] * 7
