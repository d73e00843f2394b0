"""Complexity plots: what each pass took at each size, both axes logarithmic, with the fitted exponent as a line."""

from __future__ import annotations

import math
from statistics import median
from typing import TYPE_CHECKING

import msgspec

from hivegate.model.metric import Dimension
from hivegate.model.quantity import quantity, round_quantity
from hivegate.report.html.scale import across, fit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hivegate.model.estimate import SizeValues
    from hivegate.model.verdict import Verdict

_MOST_POINTS = 400
_LEAST_GAP = 0.1  # of the width, which holds a number


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """One pass at one size, or the middle of its passes."""

    x: str
    y: str
    label: str


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A straight line over the whole width; its ends may lie above or below the plot."""

    start: str
    end: str
    label: str


class Complexity(msgspec.Struct, frozen=True, kw_only=True):
    """Points by size with the fitted line, and the line of the limit through the same centre."""

    points: tuple[Point, ...]
    middles: tuple[Point, ...]
    fitted: Line
    allowed: Line | None
    sizes: tuple[tuple[str, str], ...]
    times: tuple[tuple[str, str], ...]
    summary: str


def complexity(verdict: Verdict) -> Complexity | None:
    """Draw a complexity; None where the result holds no sizes, or times that have no logarithm."""
    found = [one for one in verdict.sizes if one.values and all(0 < it < math.inf for it in (one.size, *one.values))]
    estimate, limit = verdict.estimate, verdict.limit
    if estimate is None or len(found) < 2 or len(found) != len(verdict.sizes):  # noqa: PLR2004  a line has two ends
        return None
    plot = _Plot(found)
    most = None if limit is None else limit.maximum
    middles = [(one.size, median(one.values)) for one in found]
    told = ", ".join(f"{quantity(value, Dimension.SECONDS)} at size {size:g}" for size, value in middles)
    return Complexity(
        points=tuple(
            plot.point(one.size, value) for one in found for value in one.values[: max(1, _MOST_POINTS // len(found))]
        ),
        middles=tuple(plot.point(size, value, ", the middle") for size, value in middles),
        fitted=plot.line(estimate.value, f"{estimate.value:.3g}"),
        allowed=None if most is None else plot.line(most, f"{most:g}"),
        sizes=plot.sizes(),
        times=plot.times(),
        summary=f"exponent {estimate.value:.3g}; {told}",
    )


class _Plot:
    """Two logarithmic axes, and the point that every fitted line runs through: the mean of the logs."""

    def __init__(self, found: Sequence[SizeValues]) -> None:
        self._sizes = [one.size for one in found]
        self._right = fit(self._sizes)
        self._up = fit(value for one in found for value in one.values)
        self._center = (
            math.fsum(map(math.log, self._sizes)) / len(found),
            math.fsum(math.fsum(map(math.log, one.values)) / len(one.values) for one in found) / len(found),
        )

    def point(self, size: float, value: float, what: str = "") -> Point:
        label = f"size {size:g}: {quantity(value, Dimension.SECONDS)}{what}"
        return Point(x=across(self._right.place(size)), y=across(1 - self._up.place(value)), label=label)

    def line(self, exponent: float, label: str) -> Line:
        bottom, top = math.log(self._up.low), math.log(self._up.high)
        ends = (
            self._center[1] + exponent * (math.log(at) - self._center[0]) for at in (self._right.low, self._right.high)
        )
        start, end = (across((top - one) / (top - bottom)) for one in ends)
        return Line(start=start, end=end, label=label)

    def times(self) -> tuple[tuple[str, str], ...]:
        ticks = self._up.ticks()
        return tuple(
            (across(1 - self._up.place(one)), round_quantity(one, Dimension.SECONDS, like=one)) for one in ticks
        )

    def sizes(self) -> tuple[tuple[str, str], ...]:
        """Label the sizes themselves, those that would run into their neighbour left out."""
        ticks: list[tuple[str, str]] = []
        last = -1.0
        for size in sorted(self._sizes):
            place = self._right.place(size)
            if place - last > _LEAST_GAP:
                ticks.append((across(place), f"{size:g}"))
                last = place
        return tuple(ticks)
