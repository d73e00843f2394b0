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
_REMEMBERED = 8  # pairs; fewer do not tell whether neighbours are alike
_MOST_ALIKE = 0.7


class Centre(msgspec.Struct, frozen=True, kw_only=True):
    """Where the log ratios of `n` pairs lie: trimmed mean, its error with degrees of freedom, the spread of one."""

    n: int
    mean: float
    error: float
    freedom: int
    spread: float

    def low(self, statistics: ComparisonStatistics = USUAL) -> float:
        """Bound the mean from below, at this look's share of the error of *slower* (Bonferroni)."""
        return self.mean - self._reach(statistics.slower_at(self.n))

    def high(self, statistics: ComparisonStatistics = USUAL) -> float:
        """Bound the mean from above, at this look's share of the error of *within*."""
        return self.mean + self._reach(statistics.within_at(self.n))

    def _reach(self, error: float) -> float:
        return student_quantile(error, self.freedom) * self.error if self.freedom else math.inf


def centre(logs: npt.NDArray[np.float64]) -> Centre:
    """Compute the trimmed mean of Tukey and McLaughlin (1963): one pair in twelve differs by 17 % for its layout.

    `logs` are in the order of measuring: where neighbours are alike, they tell less than as many strangers.
    """
    ordered, n = np.sort(logs), len(logs)
    cut = n // TRIMMED
    kept = n - 2 * cut
    if n == 1:
        return Centre(n=1, mean=float(ordered[0]), error=math.inf, freedom=0, spread=math.inf)
    winsorized = np.clip(logs, ordered[cut], ordered[n - cut - 1])
    spread = float(winsorized.std(ddof=1)) * math.sqrt(n * (n - 1) / (kept * (kept - 1)))
    error = max(spread, SMALLEST_SPREAD) / math.sqrt(n) * _widened(winsorized)
    return Centre(n=n, mean=float(ordered[cut : n - cut].mean()), error=error, freedom=kept - 1, spread=spread)


def _widened(logs: npt.NDArray[np.float64]) -> float:
    """Tell by how much neighbours that are alike widen the error of a mean: as in a series that remembers one step.

    The estimate of how alike they are is corrected for its bias of -1/n.
    """
    around = logs - logs.mean()
    total = float(around @ around)
    if len(logs) < _REMEMBERED or total == 0:
        return 1.0
    alike = min(_MOST_ALIKE, max(0.0, float(around[1:] @ around[:-1]) / total + 1 / len(logs)))
    return math.sqrt((1 + alike) / (1 - alike))
