"""Growth plots: what each pass took at each size, both axes logarithmic, with the fitted exponent as a line."""

from __future__ import annotations

import math
from statistics import median
from typing import TYPE_CHECKING

import msgspec

from hivegate.model.metric import Dimension
from hivegate.report.html.scale import Scale, across, fit
from hivegate.report.quantity import quantity, round_quantity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hivegate.model.estimate import SizeValues
    from hivegate.model.verdict import Verdict

_MOST_POINTS = 400


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A straight line over the whole width; its ends may lie above or below the plot."""

    start: str
    end: str
    label: str


class Growth(msgspec.Struct, frozen=True, kw_only=True):
    """Points by size with the fitted line, and the line of the limit through the same centre."""

    points: tuple[tuple[str, str, str], ...]
    middles: tuple[tuple[str, str, str], ...]
    fitted: Line
    allowed: Line | None
    sizes: tuple[tuple[str, str], ...]
    times: tuple[tuple[str, str], ...]
    summary: str


def growth(verdict: Verdict) -> Growth | None:
    """Draw a growth; None where the result holds no sizes, or times that have no logarithm."""
    found = [one for one in verdict.sizes if one.values and one.size > 0 and min(one.values) > 0]
    estimate, limit = verdict.estimate, verdict.limit
    if estimate is None or len(found) < 2 or len(found) != len(verdict.sizes):  # noqa: PLR2004  a line has two ends
        return None
    across_sizes, up = fit(one.size for one in found), fit(value for one in found for value in one.values)
    center = _center(found)
    dimension = Dimension.SECONDS
    spelled = [(f"{one.size:g}", quantity(median(one.values), dimension)) for one in found]
    return Growth(
        points=tuple(
            (
                across(across_sizes.place(one.size)),
                _height(up, value),
                f"size {one.size:g}: {quantity(value, dimension)}",
            )
            for one in found
            for value in one.values[: max(1, _MOST_POINTS // len(found))]
        ),
        middles=tuple(
            (across(across_sizes.place(one.size)), _height(up, median(one.values)), f"size {size}: {value}, the middle")
            for one, (size, value) in zip(found, spelled, strict=True)
        ),
        fitted=_line(estimate.value, center, across_sizes, up, f"fitted {estimate.value:.3g}"),
        allowed=None
        if limit is None or limit.maximum is None
        else _line(limit.maximum, center, across_sizes, up, f"limit {limit.maximum:g}"),
        sizes=_size_ticks(found, across_sizes),
        times=tuple((_height(up, one), round_quantity(one, dimension, like=one)) for one in up.ticks()),
        summary=f"exponent {estimate.value:.3g}; " + ", ".join(f"{value} at size {size}" for size, value in spelled),
    )


def _center(found: Sequence[SizeValues]) -> tuple[float, float]:
    """Find the point that every fitted line runs through: the mean of the logs."""
    sizes = math.fsum(math.log(one.size) for one in found) / len(found)
    values = [math.fsum(math.log(value) for value in one.values) / len(one.values) for one in found]
    return sizes, math.fsum(values) / len(values)


def _line(exponent: float, center: tuple[float, float], sizes: Scale, up: Scale, label: str) -> Line:
    bottom, top = math.log(up.low), math.log(up.high)
    ends = [center[1] + exponent * (math.log(size) - center[0]) for size in (sizes.low, sizes.high)]
    start, end = (f"{(1 - (one - bottom) / (top - bottom)) * 100:.2f}%" for one in ends)
    return Line(start=start, end=end, label=label)


def _height(scale: Scale, value: float) -> str:
    return across(1 - scale.place(value))


def _size_ticks(found: Sequence[SizeValues], scale: Scale) -> tuple[tuple[str, str], ...]:
    """Label the sizes themselves, those that would run into their neighbour left out."""
    ticks: list[tuple[str, str]] = []
    last = -1.0
    for one in found:
        place = scale.place(one.size)
        if place - last > 0.1:  # noqa: PLR2004  a tenth of the width holds a number
            ticks.append((across(place), f"{one.size:g}"))
            last = place
    return tuple(ticks)
