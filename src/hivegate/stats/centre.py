"""Where pairs lie: a mean that a few odd ones do not move, and its bounds at the looks.

Now and then the two children of a pair differ by a tenth and more, for no other reason than where their objects lie.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from hivegate.model.statistics import USUAL, ComparisonStatistics
from hivegate.stats.distributions import student_quantile

if TYPE_CHECKING:
    import numpy.typing as npt

SMALLEST_SPREAD = 0.0015  # a few pairs may agree by luck
TRIMMED = 5  # of so many pairs the least and the greatest are left aside


class Centre(msgspec.Struct, frozen=True, kw_only=True):
    """Where the log ratios of pairs lie: their trimmed mean, its error with degrees of freedom, the spread of one."""

    mean: float
    error: float
    freedom: int
    spread: float

    def low(self, statistics: ComparisonStatistics = USUAL) -> float:
        """Bound the mean from below, at the error of *slower*, which is split over the looks (Bonferroni)."""
        return self.mean - self._reach(statistics.slower_error / len(statistics.looks))

    def high(self, statistics: ComparisonStatistics = USUAL) -> float:
        """Bound the mean from above, at the error of *within*, split likewise."""
        return self.mean + self._reach(statistics.within_error / len(statistics.looks))

    def _reach(self, error: float) -> float:
        return student_quantile(error, self.freedom) * self.error if self.freedom else math.inf


def centre(logs: npt.NDArray[np.float64]) -> Centre:
    """Compute the trimmed mean of Tukey and McLaughlin (1963): one pair in twelve differs by 17 % for its layout."""
    ordered, n = np.sort(logs), len(logs)
    cut = n // TRIMMED
    kept = n - 2 * cut
    if n == 1:
        return Centre(mean=float(ordered[0]), error=math.inf, freedom=0, spread=math.inf)
    winsorized = np.clip(ordered, ordered[cut], ordered[n - cut - 1])
    spread = float(winsorized.std(ddof=1)) * math.sqrt(n * (n - 1) / (kept * (kept - 1)))
    error = max(spread, SMALLEST_SPREAD) / math.sqrt(n)
    return Centre(mean=float(ordered[cut : n - cut].mean()), error=error, freedom=kept - 1, spread=spread)
