"""How noisy a history is, and what outliers leave of it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

if TYPE_CHECKING:
    import numpy.typing as npt

SMALLEST_NOISE = 0.001  # exact readings have none; a tenth of a percent is never a change of level
_OF_NORMAL = 1.4826  # standard deviation of a normal distribution over its median absolute deviation
_NEIGHBOURS = 25  # points on each side that tell how noisy a place is
_PRIOR = 25  # points' worth of the whole history's noise, since few neighbours agree by luck
_BURST = 7  # a running median over so many points ignores up to three strays in a row
_CLIP = 3.0  # standard deviations
_CORRELATION_ERROR = 1.5  # times the root of the number of points: the standard error of the correlation, measured
_MOST_CORRELATION = 0.8


class Noise(NamedTuple):
    """The standard deviation at every point, and how many times over the variance of a mean counts it.

    `memory` is 1 where neighbours are independent, more where what disturbs one run is still there at the next.
    """

    spread: npt.NDArray[np.float64]
    memory: float

    @property
    def of_means(self) -> npt.NDArray[np.float64]:
        """The standard deviation that means of many points behave by."""
        return self.spread * math.sqrt(self.memory)


def estimate_noise(logs: npt.NDArray[np.float64]) -> Noise:
    """Estimate the noise from differences of neighbours: blind to steps and drift."""
    apart = np.abs(np.diff(logs)) * (_OF_NORMAL / math.sqrt(2.0))
    apart = np.append(apart, apart[-1])
    near, whole = 2 * _NEIGHBOURS + 1, float(np.median(apart))
    local = running_median(apart, near) if len(apart) > near else np.full(len(apart), whole)
    spread = np.sqrt((near * local**2 + _PRIOR * whole**2) / (near + _PRIOR))
    correlation = _correlation(logs)
    marginal = spread / math.sqrt(1 - correlation)
    return Noise(np.maximum(marginal, SMALLEST_NOISE), (1 + correlation) / (1 - correlation))


def _correlation(logs: npt.NDArray[np.float64]) -> float:
    """Estimate the correlation of neighbours, at least one standard error low.

    Of a first-order autoregression, differences over two runs vary 1 + correlation times as much as over one.
    """
    one, two = (_variance(logs[gap:] - logs[:-gap]) for gap in (1, 2))
    if one <= SMALLEST_NOISE**2:
        return 0.0
    return min(max(two / one - 1 - _CORRELATION_ERROR / math.sqrt(len(logs)), 0.0), _MOST_CORRELATION)


def _variance(apart: npt.NDArray[np.float64]) -> float:
    limit = _CLIP * _OF_NORMAL * float(np.median(np.abs(apart)))
    return float(np.mean(np.clip(apart, -limit, limit) ** 2))


def clipped(
    logs: npt.NDArray[np.float64], noise: Noise, center: npt.NDArray[np.float64] | None = None
) -> npt.NDArray[np.float64]:
    """Pull outliers in to three standard deviations from `center`, by default the running median."""
    middle = running_median(logs, _BURST) if center is None else center
    return np.clip(logs, middle - _CLIP * noise.spread, middle + _CLIP * noise.spread)


def running_median(numbers: npt.NDArray[np.float64], width: int) -> npt.NDArray[np.float64]:
    """Compute the median of the `width` (odd) points around each; near the ends, of the first or last `width`."""
    width = min(width, len(numbers))
    medians = np.median(sliding_window_view(numbers, width), axis=1)
    return medians[np.clip(np.arange(len(numbers)) - width // 2, 0, len(medians) - 1)]
