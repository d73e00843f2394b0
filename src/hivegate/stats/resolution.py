"""What a comparison can see: the spread of pairs of equal revisions, and what it means for a budget."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import msgspec

from hivegate.model.change import Clock
from hivegate.model.statistics import USUAL
from hivegate.stats.centre import SMALLEST_SPREAD, TRIMMED, centre
from hivegate.stats.distributions import student_quantile
from hivegate.stats.pairs import clock_of, logs_by, seconds_by

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hivegate.model.pairs import PairSample
    from hivegate.model.statistics import ComparisonStatistics

_POWER = 0.95  # how often what is called visible is seen


class Resolution(msgspec.Struct, frozen=True, kw_only=True):
    """Of one benchmark: the spread of the log of a pair, and three relative slowdowns.

    `bias` is what equal revisions seem to differ by, `floor` the smallest slowdown that can be told from none, and
    `least_budget` the smallest budget within which an unchanged benchmark is found; each in 95 of 100 comparisons.
    """

    n: int
    seconds: float
    clock: Clock
    spread: float
    bias: float
    floor: float
    least_budget: float

    def visible(self, budget: float) -> float:
        """Tell the smallest slowdown that a budget calls slower."""
        return (1 + budget) * (1 + self.floor) - 1


def resolution(
    samples: Sequence[PairSample], quantile: float | None = None, statistics: ComparisonStatistics = USUAL
) -> Resolution:
    """Solve the bounds of the last look for the slowdown; `samples` are at least two pairs of equal revisions."""
    clock = clock_of(samples, quantile)
    logs = logs_by(samples, clock, quantile)
    seen = centre(logs)
    spread, pairs = max(seen.spread, SMALLEST_SPREAD), statistics.looks[-1]
    freedom = pairs - 2 * (pairs // TRIMMED) - 1
    luck = student_quantile(1 - _POWER, freedom)

    def needed(error: float) -> float:
        return math.expm1((student_quantile(error, freedom) + luck) * spread / math.sqrt(pairs))

    return Resolution(
        n=len(samples),
        seconds=seconds_by(samples, "base", clock, quantile),
        clock=clock,
        spread=spread,
        bias=math.expm1(seen.mean),
        floor=needed(statistics.slower_at(pairs)),
        least_budget=needed(statistics.within_at(pairs)),
    )
