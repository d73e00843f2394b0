"""Interval bars: all verdicts of a table on one axis, so that the eye compares them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import msgspec

from hivegate.model.quantity import change_tick
from hivegate.report.html.scale import Scale, across
from hivegate.report.span import Span, near_reach

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hivegate.model.verdict import Verdict

_LEAST, _MOST = 1e-3, 1e2  # shares of the limit at the ends of the longest axis
_NARROWEST = (0.5, 2.0)
_MOST_REACH = 700.0  # of a logarithm: beyond, a double overflows


class Bar(msgspec.Struct, frozen=True, kw_only=True):
    """An interval on the axis of its table, in percent of the width; `open` where an end lies beyond the axis."""

    low: str
    high: str
    point: str
    limits: tuple[str, ...]
    open_low: bool
    open_high: bool


class Axis(msgspec.Struct, frozen=True, kw_only=True):
    """The bars of a table, None where a verdict has none, and the ticks of its head: place, label, and whether main."""

    bars: tuple[Bar | None, ...]
    ticks: tuple[tuple[str, str, bool], ...]


def limit_axis(verdicts: Sequence[Verdict]) -> Axis:
    """Place what was measured as a share of its limit, so that all limits are one line; more is always worse."""
    used = [_used(one) for one in verdicts]
    points = [at for one in used if one is not None for at in (one.ratio, *_lower(one))]
    low = max(_LEAST, min([_NARROWEST[0], *(0.7 * one for one in points)]))
    high = min(_MOST, max([_NARROWEST[1], *(1.3 * one for one in points)]))
    scale = Scale(low=low, high=high, log=True)
    return Axis(
        bars=tuple(None if one is None else _bar(one, scale, 1.0, *_lower(one)) for one in used),
        ticks=tuple((across(scale.place(one)), _share(one), one == 1) for one in scale.ticks()),
    )


def change_axis(spans: Sequence[Span | None]) -> Axis:
    """Place changes with none in the middle; each has a budget of its own."""
    reach = min(_MOST_REACH, near_reach([one for one in spans if one is not None]))
    scale = Scale(low=math.exp(-reach), high=math.exp(reach), log=True)
    return Axis(
        bars=tuple(None if one is None else _bar(one, scale, one.limit) for one in spans),
        ticks=tuple((across(scale.place(one)), change_tick(one), one == 1) for one in scale.ticks()),
    )


def _bar(span: Span, scale: Scale, *limits: float) -> Bar:
    return Bar(
        low=across(scale.place(span.low)),
        high=across(scale.place(span.high)),
        point=across(scale.place(span.ratio)),
        limits=tuple(across(scale.place(one)) for one in limits if scale.holds(one)),
        open_low=min(span.low, span.ratio) < scale.low,
        open_high=max(span.high, span.ratio) > scale.high,
    )


def _used(verdict: Verdict) -> Span | None:
    """Divide by the upper limit, or turn round what has only a lower one; `limit` is then the other end, or 0."""
    found, limit = verdict.estimate, verdict.limit
    if found is None or limit is None:
        return None
    if limit.maximum is not None and limit.maximum > 0:
        low, value, high = (max(0.0, one) / limit.maximum for one in (found.low, found.value, found.high))
        return Span(low=low, ratio=value, high=high, limit=(limit.minimum or 0.0) / limit.maximum)
    if limit.minimum is not None and limit.minimum > 0:
        low, value, high = (
            limit.minimum / one if one > 0 else math.inf for one in (found.high, found.value, found.low)
        )
        return Span(low=low, ratio=value, high=high, limit=0.0)
    return None


def _lower(span: Span) -> tuple[float, ...]:
    return (span.limit,) if span.limit > 0 else ()


def _share(value: float) -> str:
    if value == 1:
        return "limit"
    return f"{value * 100:.3g} %" if value < 1 else f"{value:.3g}x"
