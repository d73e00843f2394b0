"""Whether a cut stands out among what a history's own noise does: its residuals, dealt anew in blocks.

No shape of the noise is assumed. Where one run in five is slow, four slow ones in a row come about by chance, and the
permuted histories show how often; where neighbours are alike, blocks of them are dealt together.
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

import numpy as np

from hivegate.stats.noise import estimate_noise

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from hivegate.stats.noise import Noise

_DEALS = 100
_FEW = 25
_CLEAR = 50.0  # times over or under the error: more deals would say the same
_SEED = 20261201
_CLIP = 3.0  # standard deviations: beyond them, how far is no evidence
_LENGTHENED = (4, 16)  # times the shorter side: the windows that the other side is sought in
_SHORTEST = 4  # points of the shortest level, from which scales are counted
_EULER = 0.5772156649


def unexplained(logs: npt.NDArray[np.float64], noise: Noise, places: Sequence[int], error: float) -> dict[int, float]:
    """Choose the cuts that permuted residuals do not explain, each with its probability for the whole history.

    The least sure one goes first; what is left is judged again without it.
    """
    kept = sorted(set(places))
    orders: dict[int, npt.NDArray[np.int64]] = {}
    while kept:
        block = max(1, round(estimate_noise(_rest(logs, [0, *kept, len(logs)])).memory))
        if block not in orders:
            orders[block] = _orders(len(logs), block)
        found = {place: _judged(logs, noise, kept, place, orders[block], error) for place in kept}
        worst = max(found, key=found.__getitem__)
        if found[worst] <= error:
            return found
        kept.remove(worst)
    return {}


def _rest(logs: npt.NDArray[np.float64], edges: Sequence[int]) -> npt.NDArray[np.float64]:
    """Take the levels out."""
    rest = logs.copy()
    for one, other in itertools.pairwise(edges):
        rest[one:other] -= np.median(logs[one:other])
    return rest


def _orders(n: int, block: int) -> npt.NDArray[np.int64]:
    """Deal the places of a history, each deal a column, blocks of neighbours together."""
    random = np.random.default_rng(_SEED)
    if block == 1:
        return np.argsort(random.random((n, _DEALS)), axis=0)
    starts = random.integers(0, n, (-(-n // block), 1, _DEALS))
    together: npt.NDArray[np.int64] = (starts + np.arange(block)[:, None]) % n
    return together.reshape(-1, _DEALS)[:n]


def _judged(
    logs: npt.NDArray[np.float64],
    noise: Noise,
    places: Sequence[int],
    place: int,
    orders: npt.NDArray[np.int64],
    error: float,
) -> float:
    """Ask a few deals first, and all of them where those leave it open: a third of the time."""
    few = _probability(logs, noise, places, place, orders[:, :_FEW])
    if not error / _CLEAR < few < error * _CLEAR:
        return few
    return _probability(logs, noise, places, place, orders)


def _probability(
    logs: npt.NDArray[np.float64],
    noise: Noise,
    places: Sequence[int],
    place: int,
    orders: npt.NDArray[np.int64],
) -> float:
    """Estimate how often a history without this cut shows one as clear, anywhere."""
    n, at = len(logs), places.index(place)
    edges = [0, *places, n]
    start, stop = edges[at], edges[at + 2]
    rest = _rest(logs, [edge for edge in edges if edge != place])
    rest = np.clip(rest / noise.spread, -_CLIP, _CLIP)
    left, right = rest[start:place], rest[place:stop]
    seen = abs(float(right.mean() - left.mean())) * math.sqrt(len(left) * len(right) / (stop - start))
    sums = np.zeros((n + 1, orders.shape[1]))
    np.cumsum(rest[orders], axis=0, out=sums[1:])
    most = _most(sums, min(len(left), len(right)))
    return min(1.0, _gumbel_tail(most**2, seen**2) * max(1.0, math.log2(n / _SHORTEST)))


def _most(sums: npt.NDArray[np.float64], shorter: int) -> npt.NDArray[np.float64]:
    """Find the clearest cut of each history whose shorter side has so many points."""
    n = len(sums) - 1
    short = min(shorter, n // 2)
    middle = np.arange(short, n - short + 1)
    long = {min(n, times * short) for times in _LENGTHENED}
    at = sums[short : n - short + 1]
    before, after = at - sums[: n - 2 * short + 1], sums[2 * short :] - at
    sides = {(short, short), *((short, one) for one in long), *((one, short) for one in long)}
    most = np.zeros(sums.shape[1])
    for left, right in sorted(sides):
        start, stop = np.maximum(middle - left, 0), np.minimum(middle + right, n)
        lefts, rights = (middle - start)[:, None], (stop - middle)[:, None]
        one = before if left == short else at - sums[start]
        other = after if right == short else sums[stop] - at
        apart = np.abs(other / rights - one / lefts) * np.sqrt(lefts * rights / (lefts + rights))
        np.maximum(most, apart.max(axis=0), out=most)
    return most


def _gumbel_tail(maxima: npt.NDArray[np.float64], seen: float) -> float:
    """Extend the tail of maxima beyond those that were dealt: squares of means follow Gumbel's law."""
    scale = max(float(maxima.std()) * math.sqrt(6.0) / math.pi, 1e-9)
    reduced = (seen - float(maxima.mean())) / scale + _EULER
    return -math.expm1(-math.exp(-max(min(reduced, 700.0), -30.0)))
