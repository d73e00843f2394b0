"""Axes: where a value stands between two ends, and where round numbers are."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

_PADDING = 0.06  # of the axis, beyond its outermost value on either side
_LEAST_WIDTH = 4e-3  # of the value: equal values still have an axis, and the smallest noise does not fill it
_DECADES_FROM = 8.0  # an axis whose end is so often its start has ticks of 1, 2 and 5
_FINE_TO = 100.0  # beyond, tens are enough
_MOST_TICKS = 6
_LARGEST = 1e150


class Scale(msgspec.Struct, frozen=True, kw_only=True):
    """An axis from `low` to `high`, logarithmic or plain."""

    low: float
    high: float
    log: bool

    def place(self, value: float) -> float:
        """Compute the share of the axis before a value, from 0 to 1; what lies beyond stands at that end."""
        if self.log and value <= 0:
            return 0.0
        low, high, at = (math.log(one) if self.log else one for one in (self.low, self.high, min(value, self.high)))
        return min(1.0, max(0.0, (at - low) / (high - low)))

    def holds(self, value: float) -> bool:
        """Tell whether a value lies on the axis."""
        return self.low <= value <= self.high

    def ticks(self) -> tuple[float, ...]:
        """Choose a few round numbers on the axis, in rising order."""
        if self.log and self.high >= _DECADES_FROM * self.low:
            found = [one for one in _decades(self.low, self.high) if self.holds(one)]
            return tuple(found[:: max(1, math.ceil(len(found) / _MOST_TICKS))])
        step = _step((self.high - self.low) / _MOST_TICKS)
        first = math.ceil(self.low / step)
        numbers = (
            round(index * step, 12 - math.floor(math.log10(step))) for index in range(first, first + 2 * _MOST_TICKS)
        )
        return tuple(one for one in numbers if self.holds(one))


def fit(values: Iterable[float]) -> Scale:
    """Make an axis that holds all values with room around; logarithmic where all are above zero."""
    found = [_within(one) for one in values if math.isfinite(one)] or [0.0, 1.0]
    low, high = min(found), max(found)
    if low > 0:
        pad = math.exp(max((math.log(high) - math.log(low)) * _PADDING, _LEAST_WIDTH))
        return Scale(low=low / pad, high=high * pad, log=True)
    width = max(high - low, _LEAST_WIDTH * max(abs(high), abs(low))) or 1.0
    return Scale(low=low - width * _PADDING, high=high + width * _PADDING, log=False)


def _within(value: float) -> float:
    """Keep an axis within numbers that may be divided and multiplied; what nobody measures stands at its end."""
    if value > 0:
        return min(_LARGEST, max(1 / _LARGEST, value))
    return max(-_LARGEST, value) if value < -1 / _LARGEST else 0.0


def across(share: float) -> str:
    """Spell a share of the width as SVG does."""
    return f"{share * 100:.2f}%"


def _decades(low: float, high: float) -> Iterable[float]:
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    steps = (1, 2, 5) if high <= _FINE_TO * low else (1,)
    return (step * 10.0**power for power in range(first, last + 1) for step in steps)


def _step(width: float) -> float:
    """Round a width up to 1, 2 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(width))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= width)
