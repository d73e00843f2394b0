"""Rates from counted verdicts."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

_Z = 1.959964  # 95 %


class Rate(NamedTuple):
    """So many of so many."""

    hits: int
    n: int

    @property
    def share(self) -> float:
        """The share; nan where there is nothing."""
        return self.hits / self.n if self.n else math.nan

    def wilson(self) -> tuple[float, float]:
        """Bound the true share with 95 % confidence (Wilson, 1927): it holds near 0 and 1 and for few, too."""
        if not self.n:
            return 0.0, 1.0
        squared = _Z * _Z / self.n
        middle = (self.share + squared / 2) / (1 + squared)
        half = _Z * math.sqrt(self.share * (1 - self.share) / self.n + squared / (4 * self.n)) / (1 + squared)
        return max(0.0, middle - half), min(1.0, middle + half)

    def __str__(self) -> str:
        """Spell it with its interval, in percent."""
        if not self.n:
            return "-"
        low, high = self.wilson()
        return f"{100 * self.share:.1f} % ({100 * low:.1f} to {100 * high:.1f}; {self.hits} of {self.n})"


def rate(answers: Iterable[bool]) -> Rate:
    """Count how many are true."""
    found = list(answers)
    return Rate(sum(found), len(found))
