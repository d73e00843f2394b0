"""Whether a level is one of the speeds that a history runs at now and then, held no longer than before."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

_LONGEST = 40  # points: what lasts longer is news, whether or not it was so before
_FEWEST = 3  # stays elsewhere that make a mode: two are strays that happen to agree
_FEWEST_BACK = 2  # where this one is over, too
_ALIKE = 1.5  # times over or under the size
_BACK = 0.35  # of the size: what comes back comes to the level before
_ERROR = 0.05


def without_modes(logs: npt.NDArray[np.float64], places: Sequence[int]) -> list[int]:
    """Leave out the cuts around levels that are stays in a mode, the shortest level first."""
    kept = sorted(places)
    while kept:
        edges = [0, *kept, len(logs)]
        stays = sorted(itertools.pairwise(edges), key=lambda one: one[1] - one[0])
        gone = next((stay for stay in stays if _is_stay(logs, edges, *stay)), None)
        if gone is None:
            break
        kept = [place for place in kept if place not in gone]
    return kept


def _is_stay(logs: npt.NDArray[np.float64], edges: Sequence[int], start: int, stop: int) -> bool:
    """Tell whether other stays at such a distance make one as long as this likely.

    Their lengths are taken for exponential: after m of them, S points in all, one lasts longer than l with the
    probability (S / (S + l))^m.
    """
    if stop - start > _LONGEST:
        return False
    at = edges.index(start)
    beside = [pair for pair in ((at - 1, at), (at + 1, at + 2)) if pair[0] >= 0 and pair[1] < len(edges)]
    if not beside:
        return False
    first, last = max(beside, key=lambda pair: edges[pair[1]] - edges[pair[0]])
    base = float(np.median(logs[edges[first] : edges[last]]))
    away = float(np.median(logs[start:stop])) - base
    if not away or any(
        abs(float(np.median(logs[edges[one] : edges[other]])) - base) > _BACK * abs(away) for one, other in beside
    ):
        return False
    rest = logs.copy()
    for one, other in itertools.pairwise(edges):
        rest[one:other] -= base if one == start else np.median(logs[one:other])
    held = (rest / away > 1 / _ALIKE) & (rest / away < _ALIKE)
    others = [length for begin, length in _runs(held) if begin + length <= start or begin >= stop]
    # Levels that were cut out already are stays, too, where they lie as far from the level before them.
    for one, other in itertools.pairwise(edges):
        if one != start and one > 0 and 1 / _ALIKE < (np.median(logs[one:other]) - base) / away < _ALIKE:
            others.append(other - one)
    if len(others) < (_FEWEST_BACK if len(beside) > 1 else _FEWEST):
        return False
    total = sum(others) + 1
    return (len(others) + 1) * (total / (total + stop - start)) ** len(others) > _ERROR


def _runs(held: npt.NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Go through the runs of what is true: where each begins and how long it is."""
    ends = np.flatnonzero(np.diff(np.concatenate(([0], held.view(np.int8), [0]))))
    yield from ((int(one), int(other - one)) for one, other in ends.reshape(-1, 2))
