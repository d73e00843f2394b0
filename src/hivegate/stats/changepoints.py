"""Change points: where a history leaves one level for another.

Robust to outliers (they are clipped against running medians), to drift (a jump must show within the points that drift
leaves undisturbed) and to noise that changes on the way. How it was built and how it compares with Apache Otava:
docs/performance/CHANGE_POINTS.md.
"""

from __future__ import annotations

import functools
import itertools
import math
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from hivegate.stats.distributions import normal_quantile
from hivegate.stats.jumps import Jump, find_reach, locate, test_jump
from hivegate.stats.levels import SHORTEST, Segment, Sums, find_candidates, fitted, partition
from hivegate.stats.modes import without_modes
from hivegate.stats.noise import Noise, clipped, estimate_noise
from hivegate.stats.permutation import unexplained

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

ERROR = 0.1  # of a t test, which believes in normal noise
_DEALT = 0.001  # of the permuted residuals
SMALLEST = 0.01  # a hundredth is the least that anybody is told of
_CUT_ERROR = 0.1  # of a cut, before its test
_REFITS = 2
_ROUNDS = 3


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A change of level: `index` is the first value of the new one, with 95 % confidence from `first` to `last`.

    `before` and `after` are the levels at the step; `p` is the probability of such a difference where nothing changed,
    for as many places as there are values.
    """

    index: int
    first: int
    last: int
    before: float
    after: float
    p: float


def find_change_points(
    values: Sequence[float] | npt.NDArray[np.float64], *, error: float = ERROR, smallest: float = SMALLEST
) -> tuple[Step, ...]:
    """Find the steps of a history, in order.

    Sizes count relatively (on the log scale) where all values are above zero, else as shares of the median size;
    `smallest` is the least that is called. Values that are not finite are passed over. O(n log n) but for the square
    of the number of places where something moves: 10,000 values take about 0.3 s.
    """
    given = np.asarray(values, dtype=np.float64)
    kept = np.flatnonzero(np.isfinite(given))
    if len(kept) < 2 * SHORTEST:
        return ()
    numbers = given[kept]
    typical = float(np.median(np.abs(numbers))) or 1.0
    relative = bool(numbers.min() > 0)
    logs = np.log(numbers) - math.log(typical) if relative else numbers / typical

    def as_value(level: float) -> float:
        return math.exp(level) * typical if relative else level * typical

    return tuple(
        Step(
            index=int(kept[one.place]),
            first=int(kept[one.first]),
            last=int(kept[one.last]),
            before=as_value(one.before),
            after=as_value(one.after),
            p=one.p,
        )
        for one in _jumps(logs, error, math.log1p(smallest))
    )


def _jumps(logs: npt.NDArray[np.float64], error: float, smallest: float) -> list[Jump]:
    """Cut, test and prune; what fails is barred, and what it stood in the way of gets its turn."""
    noise = estimate_noise(logs)
    barred: set[int] = set()
    kept: list[Jump] = []
    center = None
    for _ in range(_ROUNDS):
        segments, calm = _cut(logs, noise, center, barred)
        survivors, kept, failed = _prune(logs, calm, noise, segments, error, smallest)
        if not failed:
            break
        barred |= {place + near for place in failed for near in (-1, 0, 1)}
        center = fitted(calm, survivors)
    return _standing_out(logs, noise, kept)


def _standing_out(logs: npt.NDArray[np.float64], noise: Noise, jumps: Sequence[Jump]) -> list[Jump]:
    """Keep the jumps that the history's own noise does not explain, with the levels that are then around them."""
    found = unexplained(logs, noise, without_modes(logs, [one.place for one in jumps]), _DEALT)
    kept = [one for one in {one.place: one for one in jumps}.values() if one.place in found]
    if len(kept) == len(jumps):
        return [one._replace(p=max(one.p, found[one.place])) for one in kept]
    edges = [0, *(one.place for one in kept), len(logs)]
    return [
        one._replace(
            before=float(np.median(logs[edges[at] : one.place])),
            after=float(np.median(logs[one.place : edges[at + 2]])),
            p=max(one.p, found[one.place]),
        )
        for at, one in enumerate(kept)
    ]


def _cut(
    logs: npt.NDArray[np.float64],
    noise: Noise,
    center: npt.NDArray[np.float64] | None,
    barred: set[int],
) -> tuple[list[Segment], npt.NDArray[np.float64]]:
    """Cut a history into segments, its outliers clipped against what was cut before."""
    penalty = normal_quantile(_CUT_ERROR / (2 * len(logs))) ** 2
    segments: list[Segment] = []
    for _ in range(_REFITS):
        calm = clipped(logs, noise, center)
        sums = Sums(calm, noise.of_means)
        candidates = find_candidates(sums)
        free = candidates[~np.isin(candidates, list(barred))]
        before, segments = segments, partition(sums, free, penalty)
        if segments == before:
            break
        center = fitted(calm, segments)
    return segments, calm


def _prune(
    logs: npt.NDArray[np.float64],
    calm: npt.NDArray[np.float64],
    noise: Noise,
    segments: list[Segment],
    error: float,
    smallest: float,
) -> tuple[list[Segment], list[Jump], list[int]]:
    """Join segments, the least different first, until every cut between levels is a jump.

    A cut beside a sloped segment that is no jump stays as the bend of a drift, and is not reported.
    """
    segments = list(segments)
    reach = {right.start: find_reach(calm, noise, segments, cut) for cut, right in enumerate(segments[1:])}
    failed: list[int] = []

    @functools.cache
    def test(left: Segment, right: Segment) -> Jump:
        return test_jump(calm, noise, left, right, reach[right.start])

    while True:
        pairs = list(itertools.pairwise(segments))
        jumps = [test(*pair) for pair in pairs]
        good = [one.p <= error and abs(one.after - one.before) >= smallest for one in jumps]
        flat = [not (left.sloped or right.sloped) for left, right in pairs]
        bad = [cut for cut in range(len(pairs)) if flat[cut] and not good[cut]]
        if not bad:
            found = [
                locate(logs, noise, *pair, reach[pair[1].start], jump)
                for pair, jump, is_good in zip(pairs, jumps, good, strict=True)
                if is_good
            ]
            return segments, found, failed
        worst = max(bad, key=lambda cut: (jumps[cut].p, -abs(jumps[cut].after - jumps[cut].before)))
        failed.append(jumps[worst].place)
        segments[worst : worst + 2] = [Segment(segments[worst].start, segments[worst + 1].stop, sloped=False)]
