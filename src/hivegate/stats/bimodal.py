"""Two levels: passes that fall into two groups, which no mean stands for."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from hivegate.model.target_estimate import PassLevel

if TYPE_CHECKING:
    from collections.abc import Sequence

_FEWEST = 5  # passes; of four, any two and two look like levels
_APART = math.log(1.15)  # less is what passes differ by anyway
_NARROW = 0.25  # of the gap: how wide each level may be


def two_levels(values: Sequence[float]) -> tuple[PassLevel, ...]:
    """Find two levels, the lower first: groups of two passes or more whose gap is four times as wide as either.

    Returns nothing where there is one level, or where a value is not above zero.
    """
    ordered = sorted(values)
    if len(ordered) < _FEWEST or ordered[0] <= 0 or math.isinf(ordered[-1]):
        return ()
    logs = [math.log(value) for value in ordered]
    cuts = range(2, len(logs) - 1)
    cut = max(cuts, key=lambda place: logs[place] - logs[place - 1])
    gap = logs[cut] - logs[cut - 1]
    widest = max(logs[cut - 1] - logs[0], logs[-1] - logs[cut])
    if gap < _APART or widest > _NARROW * gap:
        return ()
    return tuple(
        PassLevel(value=math.exp(math.fsum(part) / len(part)), passes=len(part)) for part in (logs[:cut], logs[cut:])
    )
