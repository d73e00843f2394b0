"""Common mode: where most benchmarks of an environment move together, it is the machine that changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np

from hivegate.stats.changepoints import find_change_points

if TYPE_CHECKING:
    import numpy.typing as npt

FEWEST = 3  # benchmarks that must move; two may share the code that changed
_ERROR = 0.01  # of seeing a move where there is none: it excuses every benchmark
_SMALLEST = 0.005
_ALIKE = 2.0  # benchmarks feel a machine differently: from half as much to twice
_NEAR = 12  # points on each side that tell how one benchmark moved
_POLISHES = 3
_OF_NORMAL = 1.4826
_STRAY = 3.0  # robust standard deviations


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """A move of the machine: from the row `index` on, or one from `first` to `last`, logs are higher by `shift`.

    `spread` is how far a benchmark's own move may differ from the shift and still be the machine's.
    """

    index: int
    first: int
    last: int
    shift: float
    spread: float
    p: float


def find_moves(logs: npt.NDArray[np.float64]) -> tuple[Move, ...]:
    """Find the moves that most benchmarks share.

    `logs` has a row for each run, in order, and a column for each benchmark; NaN where a run lacks one. The steps of
    the rows' medians are the candidates; each must be borne out by more than half of the benchmarks that can tell, and
    by three at least.
    """
    if logs.shape[1] < FEWEST:
        return ()
    common = _common(logs)
    moves = []
    for step in find_change_points(np.exp(common), error=_ERROR, smallest=_SMALLEST):
        shift = float(np.log(step.after / step.before))
        own = np.array([_own_shift(column, step.first, step.last) for column in logs.T])
        own = own[np.isfinite(own)]
        together = (own / shift >= 1 / _ALIKE) & (own / shift <= _ALIKE)
        if together.sum() >= FEWEST and 2 * together.sum() > len(own):
            spread = _STRAY * _OF_NORMAL * float(np.median(np.abs(own[together] - shift)))
            moves.append(Move(index=step.index, first=step.first, last=step.last, shift=shift, spread=spread, p=step.p))
    return tuple(moves)


def _common(logs: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Compute what the benchmarks of each run share: the median of their distances from their own levels (Tukey).

    NaN where fewer than three were measured.
    """
    enough = np.isfinite(logs).sum(axis=1) >= FEWEST
    common = np.full(len(logs), np.nan)
    seen = logs[enough]
    seen = seen[:, np.isfinite(seen).any(axis=0)]
    if not seen.size:
        return common
    effect = np.zeros(len(seen))
    for _ in range(_POLISHES):
        levels = np.nanmedian(seen - effect[:, None], axis=0)
        effect = np.nanmedian(seen - levels, axis=1)
    common[enough] = effect
    return common


def _own_shift(column: npt.NDArray[np.float64], first: int, last: int) -> float:
    """Compute how far one benchmark moved across the rows from `first` to `last`; NaN where it cannot tell."""
    before, after = column[:first], column[last:]
    before, after = before[np.isfinite(before)][-_NEAR:], after[np.isfinite(after)][:_NEAR]
    if not (len(before) and len(after)):
        return float("nan")
    return float(np.median(after) - np.median(before))
