"""What was promised, beside what was measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from detection import pooling

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from detection.pooling import One
    from detection.rates import Rate

STRICT, WIDE = "hivegate budget 1 %", "hivegate budget 2 %"


class Target(NamedTuple):
    """A promise: a rate that is at least or at most so much, of at least so many; None asks for no number."""

    what: str
    measured: Rate
    bound: float
    at_least: bool = False
    needed: int = 0

    @property
    def reached(self) -> str:
        """Tell whether it holds, and whether so many were measured as were asked for."""
        if not self.measured.n:
            return "not measured"
        share = self.measured.share
        holds = share >= self.bound if self.at_least else share < self.bound
        missing = f", of fewer than {self.needed}" if self.measured.n < self.needed else ""
        return ("yes" if holds else "**no**") + missing


def targets(found: Sequence[One]) -> Iterator[Target]:
    """Measure every promise of the issue."""
    strict = pooling.of(found, rule=STRICT)
    wide = pooling.of(found, rule=WIDE)
    yield Target("budget 1 %: equal called slower", pooling.slower(pooling.of(strict, dose=0)), 0.005, needed=800)
    yield from _power(strict, "budget 1 %", 2, 0.90, 0.95)
    yield from _power(strict, "budget 1 %", 3, 0.98, 0.99)
    real = [one for one in strict if one.said.dose > 1]
    yield Target("budget 1 %: +2 % and more called passed", pooling.called(real, "passed", "faster"), 0.05)
    yield from _power(wide, "budget 2 %", 3, 0.98, 0.99)
    real = [one for one in wide if one.said.dose > 2]
    yield Target("budget 2 %: +3 % and more called passed", pooling.called(real, "passed", "faster"), 0.05)


def _power(found: Sequence[One], budget: str, dose: int, least: float, least_calm: float) -> Iterator[Target]:
    there = pooling.of(found, dose=dose)
    yield Target(f"{budget}: +{dose} % found", pooling.slower(there), least, at_least=True, needed=200)
    alone = [one for one in there if one.said.kind != "threads"]
    yield Target(f"{budget}: +{dose} % found, without threads", pooling.slower(alone), least, at_least=True)
    what = f"{budget}: +{dose} % found, pair spread up to {100 * pooling.CALM:g} %"
    yield Target(what, pooling.slower(pooling.calm(there)), least_calm, at_least=True)
