"""How a history is cut into levels, by figures that are computed again the plain way."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest

from hivegate.stats.levels import SHORTEST, Segment, Sums, find_candidates, fitted, partition

Numbers = npt.NDArray[np.float64]
RANDOM = np.random.default_rng(3)
LOGS = RANDOM.normal(0.0, 1.0, 60) + np.where(np.arange(60) >= 40, 2.0, 0.0)
NOISE = RANDOM.uniform(0.5, 2.0, 60)


def places(*numbers: int) -> npt.NDArray[np.int64]:
    """Make indices as the sums take them."""
    return np.array(numbers, dtype=np.int64)


def contrast(start: int, middle: int, stop: int) -> float:
    """Compute the difference of two weighted means over its standard error, as a textbook does."""
    left, right = (slice(start, middle), slice(middle, stop))
    means = [float(np.average(LOGS[side], weights=NOISE[side] ** -2)) for side in (left, right)]
    errors = [1 / float(np.sum(NOISE[side] ** -2)) for side in (left, right)]
    return abs(means[1] - means[0]) / math.sqrt(sum(errors))


@pytest.mark.parametrize(
    ("start", "middle", "stop"), [(30, 40, 50), (36, 40, 60), (0, 40, 44), (0, 7, 60), (10, 52, 56), (56, 58, 60)]
)
def test_the_contrast_of_two_windows_is_their_difference_in_standard_errors(start: int, middle: int, stop: int) -> None:
    """Of even windows and of uneven ones, whichever is the longer, each point weighed by its own noise."""
    (computed,) = Sums(LOGS, NOISE).contrast(places(start), places(middle), places(stop))
    assert computed == pytest.approx(contrast(start, middle, stop), rel=1e-9)


@pytest.mark.parametrize(("start", "stop"), [(0, 60), (5, 30), (38, 44), (40, 60)])
def test_squares_about_the_mean_and_about_the_line(start: int, stop: int) -> None:
    """In units of the noise, as a weighted fit of a constant and of a line leaves them."""
    (flat,), (line,) = Sums(LOGS, NOISE).squares(places(start), places(stop))
    part, times, weights = LOGS[start:stop], np.arange(start, stop), 1 / NOISE[start:stop]
    for computed, degree in ((flat, 0), (line, 1)):
        rest = part - np.polyval(np.polyfit(times, part, degree, w=weights), times)
        assert computed == pytest.approx(float(np.sum((rest * weights) ** 2)), rel=1e-9)


def test_a_short_level_is_a_candidate_by_uneven_windows() -> None:
    """Both ends of four high points among many low ones: no two even windows are sure enough of so small a step."""
    logs = np.concatenate((np.zeros(28), np.full(4, 2.0), np.zeros(28)))
    sums = Sums(logs, np.ones(60))
    for width in range(SHORTEST, 28):
        assert float(sums.contrast(places(28 - width), places(28), places(28 + width))[0]) < 3.0
    assert find_candidates(sums).tolist() == [28, 32]


def test_the_cheapest_partition_has_the_true_levels_and_slopes() -> None:
    """A level, a higher one, and a ramp at its end: three segments, the last of them sloped."""
    true = np.concatenate((np.zeros(40), np.full(40, 10.0), np.linspace(10.0, 60.0, 40)))
    logs = true + np.random.default_rng(4).normal(0.0, 1.0, 120)
    sums = Sums(logs, np.ones(120))
    segments = partition(sums, places(40, 60, 80), penalty=2 * math.log(120))
    assert segments == [Segment(0, 40, False), Segment(40, 80, False), Segment(80, 120, True)]  # noqa: FBT003
    drawn = fitted(logs, segments)
    assert float(np.max(np.abs(drawn - true))) < 1.5
    assert drawn[:40] == pytest.approx(np.full(40, np.median(logs[:40])))


def test_no_level_is_shorter_than_four_points() -> None:
    """However far three points lie off, no cut is made for them."""
    logs = np.where((np.arange(40) >= 20) & (np.arange(40) < 20 + SHORTEST - 1), 50.0, 0.0)
    segments = partition(Sums(logs, np.ones(40)), places(20, 23), penalty=1.0)
    assert all(one.stop - one.start >= SHORTEST for one in segments)
