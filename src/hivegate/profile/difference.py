"""Two flames of one benchmark compared: which functions take more time a call, beyond what sampling can make up. Pure.

Shares are zero-sum: where one function grows, all others seem to shrink. So both sides are scaled by the time of a
call that the gate measured without a profiler, and a function is named only when its own time moved by more than
three standard errors of the sampling.
"""

from __future__ import annotations

import math

import msgspec

from hivegate.profile.flame import Flame, Frame, Stack, hottest

_SURE = 3.0  # standard errors


class Shift(msgspec.Struct, frozen=True, kw_only=True):
    """How a function's own seconds a call moved from base to head, with the standard error of that."""

    function: str
    file: str
    base: float
    head: float
    error: float

    @property
    def delta(self) -> float:
        """Seconds a call that head takes more than base."""
        return self.head - self.base


def shifts(base: Flame, head: Flame) -> tuple[Shift, ...]:
    """List the functions whose own time surely moved, the largest movement first.

    The error of a share p of N samples is sqrt(p(1-p)/N); a share of zero is taken as one half sample, because not
    having been seen is not the same as not being there.
    """
    before, after = _own(base), _own(head)
    moved = [
        Shift(
            function=function.name,
            file=function.file,
            base=before.get(function, 0) * base.per_sample,
            head=after.get(function, 0) * head.per_sample,
            error=math.hypot(_error(before.get(function, 0), base), _error(after.get(function, 0), head)),
        )
        for function in {**before, **after}
    ]
    sure = (one for one in moved if abs(one.delta) > _SURE * one.error)
    return tuple(sorted(sure, key=lambda one: (-abs(one.delta), one.function, one.file)))


def scaled(flame: Flame) -> dict[Stack, float]:
    """Scale stacks to seconds a call; the benchmark's own add up to its `seconds_per_call`."""
    return {stack: count * flame.per_sample for stack, count in flame.stacks.items()}


def _own(flame: Flame) -> dict[Frame, int]:
    return {hot.frame.function: hot.own for hot in hottest(flame)}


def _error(own: int, flame: Flame) -> float:
    kept = flame.kept
    if not kept:
        return math.inf
    share = min(max(own, 0.5) / kept, 1 - 0.5 / kept)
    return math.sqrt(share * (1 - share) / kept) * flame.per_call
