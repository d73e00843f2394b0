"""How well found change points match known ones."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

TOLERANCE = 5  # points


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Known steps that were found, found ones that are none, known ones that were missed."""

    hits: int = 0
    false: int = 0
    missed: int = 0

    def __add__(self, other: Score) -> Score:
        """Score two series together."""
        return Score(hits=self.hits + other.hits, false=self.false + other.false, missed=self.missed + other.missed)

    @property
    def precision(self) -> float:
        """Of what was found, the share that is right; 1 where nothing was found."""
        return self.hits / (self.hits + self.false) if self.hits + self.false else 1.0

    @property
    def recall(self) -> float:
        """Of what is there, the share that was found; 1 where nothing is there."""
        return self.hits / (self.hits + self.missed) if self.hits + self.missed else 1.0


def score(found: Sequence[int], known: Sequence[int]) -> Score:
    """Match each found step with at most one known step within the tolerance, the nearest first."""
    pairs = sorted((abs(one - other), one, other) for one in found for other in known if abs(one - other) <= TOLERANCE)
    taken: set[int] = set()
    met: set[int] = set()
    for _, one, other in pairs:
        if one not in taken and other not in met:
            taken.add(one)
            met.add(other)
    return Score(hits=len(met), false=len(found) - len(met), missed=len(known) - len(met))


def total(scores: Iterable[Score]) -> Score:
    """Add scores up."""
    return sum(scores, Score())
