"""Cut a history into levels: the cheapest partition, by dynamic programming over the places where something moves.

Candidates are the local peaks of moving-sum statistics at many bandwidths, even and uneven (as in Cho & Kirch, 2022,
"Two-stage data segmentation permitting multiscale change points"); the partition minimises weighted squares plus a
penalty a cut (Yao, 1988), and a segment may have a slope at a further price, so that drift is not read as stairs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

SHORTEST = 4  # points of a level: three strays in a row are none
_SHORTEST_SLOPE = 12
_SLOPE_PRICE = 2.0  # cuts: a ramp must replace more than two
_CANDIDATE = 3.0  # standard errors
_WIDENING = 1.5
_UNEVEN = 4


class Segment(NamedTuple):
    """Points from `start` up to `stop` that share a level, or, where `sloped`, a line."""

    start: int
    stop: int
    sloped: bool


class Sums:
    """Cumulative sums of a history, by which any stretch's squares cost the same few operations."""

    def __init__(self, logs: npt.NDArray[np.float64], noise: npt.NDArray[np.float64]) -> None:
        """Weigh each point by its noise."""
        self.size = len(logs)
        places = np.arange(self.size) - self.size / 2
        weights = noise**-2
        columns = (weights, weights * places, weights * places**2, weights * logs, weights * logs * places)
        self._sums = np.zeros((6, self.size + 1))
        np.cumsum((*columns, weights * logs**2), axis=1, out=self._sums[:, 1:])

    def squares(
        self, start: npt.NDArray[np.int64], stop: npt.NDArray[np.int64]
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Compute the squares about the mean and about the line of each stretch, in units of the noise.

        Of many starts and one stop, or the reverse, too.
        """
        w, wt, wtt, wx, wtx, wxx = self._sums[:, stop] - self._sums[:, start]
        flat = wxx - wx**2 / w
        run = wtt - wt**2 / w
        rise = wtx - wt * wx / w
        return flat, flat - rise**2 / np.where(run > 0, run, np.inf)

    def contrast(
        self, start: npt.NDArray[np.int64], middle: npt.NDArray[np.int64], stop: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.float64]:
        """Compute how far the means on both sides of `middle` lie apart, in standard errors."""
        weight, value = self._sums[0], self._sums[3]
        left, right = weight[middle] - weight[start], weight[stop] - weight[middle]
        apart = (value[stop] - value[middle]) / right - (value[middle] - value[start]) / left
        found: npt.NDArray[np.float64] = np.abs(apart) * np.sqrt(left * right / (left + right))
        return found


def find_candidates(sums: Sums) -> npt.NDArray[np.int64]:
    """Find the places where means over some bandwidth lie apart, in O(n log n)."""
    places = np.arange(SHORTEST, sums.size - SHORTEST + 1)
    width, found = SHORTEST, [np.empty(0, dtype=np.int64)]
    while width == SHORTEST or 2 * width <= sums.size:
        for left, right in ((width, width), (width, _UNEVEN * width), (_UNEVEN * width, width)):
            apart = sums.contrast(np.maximum(places - left, 0), places, np.minimum(places + right, sums.size))
            peaks = apart == sliding_maximum(apart, width // 2)
            found.append(places[peaks & (apart >= _CANDIDATE)])
        width = max(width + 1, int(width * _WIDENING))
    return np.unique(np.concatenate(found))


def sliding_maximum(values: npt.NDArray[np.float64], reach: int) -> npt.NDArray[np.float64]:
    """Compute the largest of each value and up to `reach` neighbours on either side, in O(n log reach).

    Windows of twice the width are joined from two; the last two overlap.
    """
    size, width = 2 * reach + 1, 1
    largest = np.pad(values, reach, constant_values=-np.inf)
    while 2 * width <= size:
        largest = np.maximum(largest[:-width], largest[width:])
        width *= 2
    return np.maximum(largest[: len(values)], largest[size - width : size - width + len(values)])


def partition(sums: Sums, candidates: npt.NDArray[np.int64], penalty: float) -> list[Segment]:
    """Choose the cuts among the candidates that cost least; O(candidates squared), each row at once."""
    cuts = np.concatenate(([0], candidates, [sums.size])).astype(np.int64)
    cost = np.full(len(cuts), np.inf)
    cost[0] = 0.0
    came, sloped = np.zeros(len(cuts), dtype=np.int64), np.zeros(len(cuts), dtype=np.bool_)
    for end in range(1, len(cuts)):
        starts = cuts[: int(np.searchsorted(cuts, cuts[end] - SHORTEST, side="right"))]
        if not len(starts):
            continue
        flat, line = sums.squares(starts, cuts[end : end + 1])
        line = np.where(cuts[end] - starts >= _SHORTEST_SLOPE, line + _SLOPE_PRICE * penalty, np.inf)
        total = cost[: len(starts)] + np.minimum(flat, line) + penalty
        best = int(np.argmin(total))
        cost[end], came[end], sloped[end] = total[best], best, line[best] < flat[best]
    return _walk_back(cuts, came, sloped)


def _walk_back(
    cuts: npt.NDArray[np.int64], came: npt.NDArray[np.int64], sloped: npt.NDArray[np.bool_]
) -> list[Segment]:
    segments, end = [], len(cuts) - 1
    while end > 0:
        start = int(came[end])
        segments.append(Segment(int(cuts[start]), int(cuts[end]), bool(sloped[end])))
        end = start
    return segments[::-1]


def fitted(logs: npt.NDArray[np.float64], segments: Sequence[Segment]) -> npt.NDArray[np.float64]:
    """Draw the median of each flat segment and the line of each sloped one."""
    drawn = np.empty_like(logs)
    for start, stop, sloped in segments:
        part = logs[start:stop]
        if sloped:
            places = np.arange(stop - start) - (stop - start - 1) / 2
            drawn[start:stop] = part.mean() + places * float(places @ part / (places @ places))
        else:
            drawn[start:stop] = np.median(part)
    return drawn
