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
_SEED = 20261201
_CLIP = 3.0  # standard deviations: beyond them, how far is no evidence
_LENGTHENED = (4, 16)  # times the shorter side: the windows that the other side is sought in
_SHORTEST = 4  # points of the shortest level, from which scales are counted
_EULER = 0.5772156649


def unexplained(logs: npt.NDArray[np.float64], noise: Noise, places: Sequence[int], error: float) -> dict[int, float]:
    """Choose the cuts that permuted residuals do not explain, each with its probability for the whole history.

    The least sure one goes first; what is left is judged again without it.
    """
    random = np.random.default_rng(_SEED)
    kept = sorted(set(places))
    while kept:
        memory = estimate_noise(_rest(logs, [0, *kept, len(logs)])).memory
        found = {place: _probability(logs, noise, memory, kept, place, random) for place in kept}
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


def _probability(
    logs: npt.NDArray[np.float64],
    noise: Noise,
    memory: float,
    places: Sequence[int],
    place: int,
    random: np.random.Generator,
) -> float:
    """Estimate how often a history without this cut shows one as clear, anywhere."""
    n, at = len(logs), places.index(place)
    edges = [0, *places, n]
    start, stop = edges[at], edges[at + 2]
    rest = _rest(logs, [edge for edge in edges if edge != place])
    rest = np.clip(rest / noise.spread, -_CLIP, _CLIP)
    sums = np.concatenate(([0.0], np.cumsum(rest)))
    seen = float(_contrast(sums, np.array([start]), np.array([place]), np.array([stop]))[0])
    dealt = np.cumsum(_dealt(rest, max(1, round(memory)), random), axis=1)
    most = _most(np.pad(dealt, ((0, 0), (1, 0))), min(place - start, stop - place))
    return min(1.0, _gumbel_tail(most**2, seen**2) * max(1.0, math.log2(n / _SHORTEST)))


def _dealt(rest: npt.NDArray[np.float64], block: int, random: np.random.Generator) -> npt.NDArray[np.float64]:
    """Deal residuals anew, a block of neighbours together."""
    n = len(rest)
    if block == 1:
        alone: npt.NDArray[np.float64] = random.permuted(np.broadcast_to(rest, (_DEALS, n)), axis=1)
        return alone
    starts = random.integers(0, n, (_DEALS, -(-n // block), 1))
    together: npt.NDArray[np.float64] = rest[((starts + np.arange(block)) % n).reshape(_DEALS, -1)[:, :n]]
    return together


def _most(sums: npt.NDArray[np.float64], shorter: int) -> npt.NDArray[np.float64]:
    """Find the clearest cut of each history whose shorter side has so many points."""
    n = sums.shape[1] - 1
    short = min(shorter, n // 2)
    middle = np.arange(short, n - short + 1)
    long = [min(n, times * short) for times in _LENGTHENED]
    shapes = {(short, short), *((short, one) for one in long), *((one, short) for one in long)}
    found = [
        _contrast(sums, np.maximum(middle - left, 0), middle, np.minimum(middle + right, n)).max(axis=1)
        for left, right in sorted(shapes)
    ]
    most: npt.NDArray[np.float64] = np.max(found, axis=0)
    return most


def _contrast(
    sums: npt.NDArray[np.float64],
    start: npt.NDArray[np.int64],
    middle: npt.NDArray[np.int64],
    stop: npt.NDArray[np.int64],
) -> npt.NDArray[np.float64]:
    """Compute how far the means on both sides of `middle` lie apart, in standard errors."""
    left, right = middle - start, stop - middle
    apart = (sums[..., stop] - sums[..., middle]) / right - (sums[..., middle] - sums[..., start]) / left
    found: npt.NDArray[np.float64] = np.abs(apart) * np.sqrt(left * right / (left + right))
    return found


def _gumbel_tail(maxima: npt.NDArray[np.float64], seen: float) -> float:
    """Extend the tail of maxima beyond those that were dealt: squares of means follow Gumbel's law."""
    scale = max(float(maxima.std()) * math.sqrt(6.0) / math.pi, 1e-9)
    reduced = (seen - float(maxima.mean())) / scale + _EULER
    return -math.expm1(-math.exp(-max(min(reduced, 700.0), -30.0)))
