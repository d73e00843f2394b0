"""What trying a change has shown of a benchmark so far."""

from __future__ import annotations

import math

import msgspec

from hivegate.model.change import Change
from hivegate.model.pairs import PairTrouble

FEWEST_PAIRS = 4  # before, an interval says nothing
EQUAL = 0.02  # what a comparison allows by default
_NARROW = 0.1  # width of an interval that nobody would wait to see narrower


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """A benchmark that was tried: its change, or why there is none; `doubts` are why nothing of it may be believed."""

    benchmark: str
    change: Change | None = None
    trouble: PairTrouble | None = None
    doubts: tuple[str, ...] = ()

    @property
    def is_sure(self) -> bool:
        """Whether the whole interval says faster, slower, or no difference that matters."""
        change = self.change
        if change is None or change.n < FEWEST_PAIRS:
            return False
        return change.low > 1 or change.high < 1 or self.is_equal

    @property
    def is_equal(self) -> bool:
        """Whether no difference beyond two percent is left possible."""
        change = self.change
        return change is not None and change.low > 1 - EQUAL and change.high < 1 + EQUAL

    @property
    def is_clear(self) -> bool:
        """Whether more pairs would change nothing that a person goes by."""
        if self.trouble is not None:
            return True
        change = self.change
        return change is not None and self.is_sure and (self.is_equal or math.log(change.high / change.low) < _NARROW)
