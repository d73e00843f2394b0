"""Recordings of one benchmark in two revisions compared: which functions take more time, beyond what sampling makes up.

Shares are zero-sum: where one function grows, all others seem to shrink. So both sides are scaled by the time of a
call that the gate measured without a profiler, and a function is named only when its own time moved by more than
three standard errors; by more where many functions are looked at, because some of them always seem to move. Pure.
"""

from __future__ import annotations

import math
from collections import Counter
from statistics import NormalDist
from typing import TYPE_CHECKING

import msgspec

from hivegate.profile.flame import Flame, Frame, Stack, hottest

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

_SURE = 3.0  # standard errors, at least
_WRONG = 0.01  # the chance that any function of an unchanged benchmark is named
_COUNTED = 5  # samples that a function needs in each recording to tell how the recordings differ


class Shift(msgspec.Struct, frozen=True, kw_only=True):
    """How a function's own part of a call moved from base to head, with the standard error of that.

    `file` is head's; `before` is base's, where the function moved from another one.
    """

    function: str
    file: str
    before: str = ""
    base: float
    head: float
    error: float

    @property
    def delta(self) -> float:
        """What head takes more than base."""
        return self.head - self.base


def shifts(base: Sequence[Flame], head: Sequence[Flame], *, unsure: float = 0.0) -> tuple[Shift, ...]:
    """List the functions whose own time surely moved, the largest movement first; one flame a recording.

    The error of a share p of N samples is sqrt(p(1-p)/N), times what the recordings of a side differ more than that;
    a share of zero is taken as one half sample, because not having been seen is not the same as not being there.
    `unsure` is the relative standard error of head's time of a call over base's. A function that moved to another file
    is the same one. O(frames).
    """
    before, after = _Side(base), _Side(head)
    elsewhere = _moved_functions(before.own, after.own)
    before.rename({old: new for new, old in elsewhere.items()})
    names = {**before.own, **after.own}
    spread = _spread(before, after)
    moved = [
        Shift(
            function=name.name,
            file=name.file,
            before=elsewhere[name].file if name in elsewhere else "",
            base=before.value(name),
            head=after.value(name),
            error=math.hypot(
                spread * before.error(name),
                spread * after.error(name),
                unsure * max(before.value(name), after.value(name)),
            ),
        )
        for name in names
    ]
    bar = _bar(len(names))
    sure = (one for one in moved if abs(one.delta) > bar * one.error)
    return tuple(sorted(sure, key=lambda one: (-abs(one.delta), one.function, one.file)))


def disagreement(base: Sequence[Flame], head: Sequence[Flame]) -> float:
    """Return how much more the recordings of a side differ than samples at random would; 1 where they agree."""
    return _spread(_Side(base), _Side(head))


def certainty(base: Sequence[Flame], head: Sequence[Flame]) -> float:
    """Return by how many times the error of its samples anything in a picture must have moved, to be called moved."""
    before, after = _Side(base), _Side(head)
    return _bar(len({**before.own, **after.own})) * _spread(before, after)


def scaled(flame: Flame) -> dict[Stack, float]:
    """Scale stacks to what they take of a call; the benchmark's own add up to its `per_call`."""
    return {stack: count * flame.per_sample for stack, count in flame.stacks.items()}


class _Side:
    """The recordings of one revision: samples by function, in each and in all."""

    def __init__(self, flames: Sequence[Flame]) -> None:
        self.parts = [{hot.frame.function: hot.own for hot in hottest(flame)} for flame in flames]
        self.kept = [flame.kept for flame in flames]
        self.own: Counter[Frame] = Counter()
        for part in self.parts:
            self.own.update(part)
        self._all = sum(self.kept)
        self._per_call = flames[0].per_call

    def rename(self, functions: Mapping[Frame, Frame]) -> None:
        """Call functions what the other side calls them."""
        self.parts = [{functions.get(name, name): count for name, count in part.items()} for part in self.parts]
        self.own = Counter({functions.get(name, name): count for name, count in self.own.items()})

    def value(self, name: Frame) -> float:
        return self.own[name] / self._all * self._per_call if self._all else 0.0

    def error(self, name: Frame) -> float:
        if not self._all:
            return math.inf
        share = min(max(self.own[name], 0.5) / self._all, 1 - 0.5 / self._all)
        return math.sqrt(share * (1 - share) / self._all) * self._per_call

    def chi_square(self) -> tuple[float, int]:
        """Sum over functions and recordings how far each is from its share of all; with the degrees of freedom."""
        total, degrees = 0.0, 0
        for name, count in self.own.items():
            share = count / self._all if self._all else 1.0
            expected = [kept * share for kept in self.kept]
            if share < 1 and min(expected) >= _COUNTED:
                off = (part.get(name, 0) - mean for part, mean in zip(self.parts, expected, strict=True))
                total += sum(one * one / mean / (1 - share) for one, mean in zip(off, expected, strict=True))
                degrees += len(expected) - 1
        return total, degrees


def _moved_functions(base: Collection[Frame], head: Collection[Frame]) -> dict[Frame, Frame]:
    """Find functions of head that base has in another file, where one of that name is on either side alone."""
    alone = [[one for one in side if one not in other and one.file] for side, other in ((base, head), (head, base))]
    named = [Counter(one.name for one in side) for side in alone]
    here = {one.name: one for one in alone[1]}
    return {
        here[one.name]: one
        for one in alone[0]
        if named[0][one.name] == named[1][one.name] == 1 and not one.name.startswith("<")
    }


def _bar(functions: int) -> float:
    return max(_SURE, NormalDist().inv_cdf(1 - _WRONG / 2 / max(1, functions)))


def _spread(*sides: _Side) -> float:
    """Return how much more the recordings of a side differ than random samples do, by Pearson's ratio; at least 1."""
    squares, degrees = zip(*(side.chi_square() for side in sides), strict=True)
    return math.sqrt(max(1.0, sum(squares) / sum(degrees))) if sum(degrees) else 1.0
