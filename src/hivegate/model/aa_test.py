"""A calibration: what comparisons can see on this machine."""

from __future__ import annotations

import msgspec

from hivegate.model.change import Clock


class BenchmarkSensitivity(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One benchmark against itself: relative numbers, seconds of a call; only the trouble where it has no pairs.

    `spread` is the standard deviation of the log of a pair, `bias` what equal revisions seem to differ by, `visible`
    the smallest slowdown that the `budget` calls slower, and `least_budget` the smallest one within which an unchanged
    benchmark is found, each in 95 of 100 comparisons.
    """

    benchmark: str
    budget: float
    where: str
    pairs: int = 0
    seconds: float | None = None
    clock: Clock | None = None
    spread: float | None = None
    bias: float | None = None
    visible: float | None = None
    least_budget: float | None = None
    trouble: str = ""

    @property
    def too_tight(self) -> bool:
        """Whether the budget is smaller than what can be judged here."""
        return self.least_budget is not None and self.budget < self.least_budget


class Sensitivity(msgspec.Struct, frozen=True, kw_only=True):
    """All chosen benchmarks of a suite; `interrupted` where a signal ended it before all had their pairs."""

    revision: str
    benchmarks: tuple[BenchmarkSensitivity, ...]
    notes: tuple[str, ...] = ()
    interrupted: bool = False
