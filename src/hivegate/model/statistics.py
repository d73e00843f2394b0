"""The statistics that a gate decides by: over the passes of a run, or over the pairs of a comparison."""

from __future__ import annotations

from typing import Self

import msgspec

LOOKS = (4, 8, 14, 24, 36, 48)
SLOWER_SHARES = (1, 2, 3, 4, 5, 6)  # what is slower by little needs the late looks
WITHIN_SHARES = (2, 4, 3, 3, 3, 3)  # what is equal is most of all, and is to be done with soon
CONFIRMING_PAIRS = 8
_WITHIN_TO_SLOWER = 5  # a missed slowdown costs less than a false alarm, but not in any number
_ENOUGH_WITHIN = 0.05


class RunStatistics(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="run"):
    """Of a run: how often a benchmark was measured at most, and the confidence of all looks together.

    A run that grows is judged at most `looks` times, a number fixed beforehand.
    """

    passes: int = 0
    confidence: float = 0.99
    looks: int = 1


class ComparisonStatistics(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="comparison"):
    """Of a comparison: a group-sequential test, of which everything is fixed beforehand.

    `looks` are the numbers of pairs after which it may be decided. `slower_error` is the most that all looks together
    may call a slowdown of exactly the budget *slower*, `within_error` the most that they may call it *within*: at 99 %
    confidence 1 % and 5 %; each is split over the looks by its shares. A *slower* must be seen again in
    `confirming_pairs` fresh pairs, half of them where it is far beyond the budget. `estimator` is what is taken over
    the pairs; what is taken within one is the metric's, and said with each verdict.
    """

    confidence: float = 0.99
    slower_error: float = 0.01
    within_error: float = 0.05
    looks: tuple[int, ...] = LOOKS
    slower_shares: tuple[int, ...] = SLOWER_SHARES
    within_shares: tuple[int, ...] = WITHIN_SHARES
    confirming_pairs: int = CONFIRMING_PAIRS
    estimator: str = "mean of pairs without the least and the greatest fifth"

    @classmethod
    def at(cls, confidence: float) -> Self:
        """Derive the errors from a confidence: what it leaves for *slower*.

        For *within* five times that up to 5 %, beyond that no more than for *slower*.
        """
        slower = round(1 - confidence, 12)  # of 0.99 it is 0.01, not a little more
        within = max(slower, min(_WITHIN_TO_SLOWER * slower, _ENOUGH_WITHIN))
        return cls(confidence=confidence, slower_error=slower, within_error=within)

    def slower_at(self, pairs: int) -> float:
        """Tell how much of the error of *slower* belongs to the look at so many pairs."""
        return self.slower_error * self._share(self.slower_shares, pairs)

    def within_at(self, pairs: int) -> float:
        """Tell how much of the error of *within* belongs to the look at so many pairs."""
        return self.within_error * self._share(self.within_shares, pairs)

    def _share(self, shares: tuple[int, ...], pairs: int) -> float:
        """Where time was over before a look had all its pairs, its share is used up all the same."""
        look = next((place for place, most in enumerate(self.looks) if pairs <= most), len(self.looks) - 1)
        return shares[look] / sum(shares)


USUAL = ComparisonStatistics()
Statistics = RunStatistics | ComparisonStatistics
