"""Strip plots: every pass or pair a dot, with the interval and the limit that decided."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import msgspec

from hivegate.instruments import instrument_of, metric_named
from hivegate.model.quantity import change_tick, quantity, round_quantity, signed
from hivegate.report.html.scale import Scale, across, fit
from hivegate.report.view import shown_dimension

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hivegate.model.verdict import Verdict

_MOST_DOTS = 240  # a picture, not a record
_WIDTH = 560.0  # pixels that a plot usually has: where dots would touch
_DOT = 8.0  # pixels
_MOST_LEVELS = 6  # of dots above or below the line
_NEAR = 3.0  # a limit no further from what is drawn than so many times its width is drawn too
_REACH = 8.0  # the same of an interval and the values: of three passes it is that wide
_ROOM = 0.15  # share of the width that a label needs


class Dot(msgspec.Struct, frozen=True, kw_only=True):
    """One value: where, how many levels above the line, and what it is."""

    x: str
    level: int
    label: str


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """A limit on the axis; its label stands at the side where it has room: `anchor` is SVG's."""

    x: str
    label: str
    anchor: str


class Strip(msgspec.Struct, frozen=True, kw_only=True):
    """The values behind one verdict on an axis of their own.

    The interval begins at `low` and is `width` wide; where it is not `banded` it is unknown. `marks` are limits,
    `beyond` tells of those off the axis, and `levels` are those above the line.
    """

    unit: str
    dots: tuple[Dot, ...]
    levels: int
    total: int
    banded: bool
    low: str
    width: str
    point: str
    marks: tuple[Mark, ...]
    beyond: tuple[str, ...]
    ticks: tuple[tuple[str, str], ...]
    summary: str
    listed: str
    hidden: int


def strip(verdict: Verdict) -> Strip | None:
    """Draw what a verdict rests on; None where the result does not hold it."""
    change, estimate = verdict.change, verdict.estimate
    if change is not None and change.ratios:
        marks = _limits(verdict, lambda limit: f"budget {signed(limit)}")
        return _strip(
            change.ratios,
            (change.low, change.ratio, change.high),
            "pair",
            signed,
            change_tick,
            (*marks, (1.0, "no change")),
        )
    if estimate is None or not verdict.values:
        return None
    dimension = shown_dimension(verdict)
    return _strip(
        verdict.values,
        (estimate.low, estimate.value, estimate.high),
        "process" if _of_processes(verdict) else "pass",
        lambda value: quantity(value, dimension, like=estimate.value),
        lambda tick: round_quantity(tick, dimension, like=estimate.value),
        _limits(verdict, lambda limit: f"limit {quantity(limit, dimension)}"),
    )


def _strip(
    values: Sequence[float],
    span: tuple[float, float, float],
    unit: str,
    spell: Callable[[float], str],
    spell_tick: Callable[[float], str],
    marks: Sequence[tuple[float, str]],
) -> Strip:
    low, value, high = span
    scale = _scale(values, span, [limit for limit, _ in marks])
    shown = _chosen(values)
    places = [scale.place(one) for _, one in shown]
    levels = _levels(places)
    plural = f"{unit}{'es' if unit.endswith('s') else 's'}"
    return Strip(
        unit=plural if len(values) != 1 else unit,
        dots=tuple(
            Dot(x=across(place), level=level, label=f"{unit} {number + 1}: {spell(one)}")
            for place, level, (number, one) in zip(places, levels, shown, strict=True)
        ),
        levels=max((abs(one) for one in levels), default=0),
        total=len(values),
        banded=math.isfinite(low) or math.isfinite(high),
        low=across(scale.place(low)),
        width=across(scale.place(high) - scale.place(low)),
        point=across(scale.place(value)),
        marks=_marks([(scale.place(at), label) for at, label in marks if scale.holds(at)]),
        beyond=tuple(f"← {label}" if at < scale.low else f"{label} →" for at, label in marks if not scale.holds(at)),
        ticks=_ticks(scale, spell_tick),
        summary=f"{len(values)} {unit if len(values) == 1 else plural}, {spell(min(values))} to {spell(max(values))}",
        listed=", ".join(spell(one) for _, one in shown),
        hidden=len(values) - len(shown),
    )


def _scale(values: Sequence[float], span: tuple[float, float, float], limits: Sequence[float]) -> Scale:
    """Choose the axis by the values; the interval and the limits join where they leave room to see the values."""
    wanted = [one for one in (*values, span[1]) if math.isfinite(one)] or [span[1]]
    wanted += [one for one in (span[0], span[2]) if _is_near(one, wanted, _REACH)]
    return fit([*wanted, *(one for one in limits if _is_near(one, wanted, _NEAR))])


def _is_near(value: float, values: Sequence[float], times: float) -> bool:
    low, high = min(values), max(values)
    room = times * max(high - low, 0.02 * max(abs(low), abs(high)))
    return math.isfinite(value) and low - room <= value <= high + room and (value > 0 or low <= 0)


def _chosen(values: Sequence[float]) -> list[tuple[int, float]]:
    """Keep every value with its number, or of very many an even choice from the least to the most."""
    numbered = list(enumerate(values))
    if len(numbered) <= _MOST_DOTS:
        return numbered
    ranked = sorted(numbered, key=lambda one: one[1])
    return [ranked[round(index * (len(ranked) - 1) / (_MOST_DOTS - 1))] for index in range(_MOST_DOTS)]


def _levels(places: Sequence[float]) -> list[int]:
    """Stack the dots that would touch: 0 is the line, then one above, one below, and so on; O(dots x levels)."""
    order = sorted(range(len(places)), key=lambda index: places[index])
    choices = sorted(range(-_MOST_LEVELS, _MOST_LEVELS + 1), key=lambda level: (abs(level), -level))
    ends = dict.fromkeys(choices, -math.inf)
    found = [0] * len(places)
    for index in order:
        x = places[index] * _WIDTH
        free = next((level for level in choices if x - ends[level] >= _DOT), min(choices, key=ends.__getitem__))
        found[index] = free
        ends[free] = x
    return found


def _marks(found: Sequence[tuple[float, str]]) -> tuple[Mark, ...]:
    """Put the label of the last mark to its right and those before to their left; one alone points to the middle.

    What has no room to its left is told by the axis alone.
    """
    ordered = sorted(found)
    anchors = ["end"] * (len(ordered) - 1) + ["start"] if len(ordered) > 1 else []
    anchors = anchors or ["start" if place < 0.5 else "end" for place, _ in ordered]  # noqa: PLR2004  the middle
    return tuple(
        Mark(x=across(place), label="" if anchor == "end" and place < _ROOM else label, anchor=anchor)
        for (place, label), anchor in zip(ordered, anchors, strict=True)
    )


def _ticks(scale: Scale, spell: Callable[[float], str]) -> tuple[tuple[str, str], ...]:
    return tuple((across(scale.place(one)), spell(one)) for one in scale.ticks())


def _limits(verdict: Verdict, spell: Callable[[float], str]) -> list[tuple[float, str]]:
    limit = verdict.limit
    bounds = () if limit is None else (limit.minimum, limit.maximum)
    return [(one, spell(one)) for one in bounds if one is not None]


def _of_processes(verdict: Verdict) -> bool:
    return instrument_of(metric_named(verdict.metric or "")).exact
