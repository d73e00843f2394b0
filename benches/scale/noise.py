"""Log ratios of pairs of equal revisions: drawn as machines were measured to make them, and worse.

A row is a benchmark, a column a pair, in the order of measuring. Spreads are those that the comparisons of
`docs/performance/detection` met, where threads are left out; the shape ``recorded`` is that of the pairs that
`pairs.jsonl` keeps.
"""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING

import numpy as np

from detection.evidence import read
from scale.evidence import FOLDER
from scale.pairs import recorded, standardised

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    Logs = npt.NDArray[np.float64]

_MEMORY = 0.5  # correlation of neighbours
_ODD = (1 / 12, 0.17)  # how often the two children of a pair lie apart for their layout alone, and by how much
_SHARED = 0.5  # of the variance, where a repository's benchmarks are contended together


def _normal(chance: np.random.Generator, spreads: Logs, pairs: int) -> Logs:
    return chance.normal(size=(len(spreads), pairs)) * spreads[:, None]


def _heavy(chance: np.random.Generator, spreads: Logs, pairs: int) -> Logs:
    """Draw Student's t of 3 degrees of freedom, of the same standard deviation."""
    logs: Logs = chance.standard_t(3, size=(len(spreads), pairs)) / math.sqrt(3.0) * spreads[:, None]
    return logs


def _drifting(chance: np.random.Generator, spreads: Logs, pairs: int) -> Logs:
    """Let the ratio wander by one standard deviation from the first pair to the last, up or down."""
    way: Logs = np.linspace(-0.5, 0.5, pairs) * chance.choice((-1.0, 1.0), size=(len(spreads), 1))
    return _normal(chance, spreads, pairs) + way * spreads[:, None]


def _autocorrelated(chance: np.random.Generator, spreads: Logs, pairs: int) -> Logs:
    steps = chance.normal(size=(len(spreads), pairs))
    for pair in range(1, pairs):
        steps[:, pair] = _MEMORY * steps[:, pair - 1] + math.sqrt(1 - _MEMORY**2) * steps[:, pair]
    logs: Logs = steps * spreads[:, None]
    return logs


def _clusters(chance: np.random.Generator, spreads: Logs, pairs: int) -> Logs:
    """Let one pair in twelve lie 17 % off, to either side."""
    often, far = _ODD
    shape = (len(spreads), pairs)
    odd: Logs = (chance.random(shape) < often) * chance.choice((-far, far), size=shape)
    return _normal(chance, spreads, pairs) + odd


def _recorded(chance: np.random.Generator, spreads: Logs, pairs: int) -> Logs:
    """Draw from real pairs; of equal revisions either may be called head, so each is drawn either way."""
    shape = (len(spreads), pairs)
    logs: Logs = chance.choice(recorded_shape(), size=shape) * chance.choice((-1.0, 1.0), size=shape)
    return logs * spreads[:, None]


def _shared(chance: np.random.Generator, spreads: Logs, pairs: int) -> Logs:
    """Disturb all benchmarks of a repository together: one pair walks the whole suite."""
    together = chance.normal(size=pairs) * spreads[:, None]
    return math.sqrt(_SHARED) * together + math.sqrt(1 - _SHARED) * _normal(chance, spreads, pairs)


KINDS: dict[str, Callable[[np.random.Generator, Logs, int], Logs]] = {
    "normal": _normal,
    "heavy-tailed": _heavy,
    "two clusters": _clusters,
    "drifting": _drifting,
    "autocorrelated": _autocorrelated,
    "shared": _shared,
    "recorded": _recorded,
}


@functools.cache
def recorded_spreads() -> Logs:
    """Collect the spreads of one pair that were met, threads left out."""
    judged = (said for one in read(FOLDER.parent / "detection") for said in one.said)
    return np.array([said.spread for said in judged if said.spread and said.kind != "threads"])


@functools.cache
def recorded_shape() -> Logs:
    """Pool the recorded pairs, each benchmark's centred and of standard deviation one."""
    return np.concatenate(standardised(recorded()))
