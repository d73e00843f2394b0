"""What a comparison can see: the spread of pairs of equal revisions, and what it means for a budget."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from hivegate.stats.pairs import LOOKS, SLOWER_ERROR, SMALLEST_SPREAD, WITHIN_ERROR, clocks_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hivegate.model.pairs import PairSample

_POWER = 0.95  # how often what is called visible is seen


class Resolution(msgspec.Struct, frozen=True, kw_only=True):
    """Of one benchmark: the spread of the log of a pair, and three relative slowdowns.

    `bias` is what equal revisions seem to differ by, `floor` the smallest slowdown that can be told from none, and
    `least_budget` the smallest budget within which an unchanged benchmark is found; each in 95 of 100 comparisons.
    """

    n: int
    seconds: float
    clock: str
    spread: float
    bias: float
    floor: float
    least_budget: float

    def visible(self, budget: float) -> float:
        """Tell the smallest slowdown that a budget calls slower."""
        return (1 + budget) * (1 + self.floor) - 1


def resolution(samples: Sequence[PairSample]) -> Resolution:
    """Solve the bounds of the last look for the slowdown; `samples` are at least two pairs of equal revisions."""
    from scipy.special import stdtrit  # noqa: PLC0415  a tenth of the import time of scipy.stats

    clocks = clocks_of(samples)
    clock, logs = max(clocks.items(), key=lambda one: float(one[1].std(ddof=1)))
    spread = max(float(logs.std(ddof=1)), SMALLEST_SPREAD)
    pairs, parts = LOOKS[-1], len(LOOKS) * len(clocks)
    luck = float(stdtrit(pairs - 1, _POWER))

    def needed(error: float) -> float:
        bound = float(stdtrit(pairs - 1, 1 - error / parts))
        return math.expm1((bound + luck) * spread / math.sqrt(pairs))

    return Resolution(
        n=len(samples),
        seconds=float(np.median([np.median(one.base_wall) / one.calls for one in samples])),
        clock=clock,
        spread=spread,
        bias=math.expm1(float(logs.mean())),
        floor=needed(SLOWER_ERROR),
        least_budget=needed(WITHIN_ERROR),
    )
