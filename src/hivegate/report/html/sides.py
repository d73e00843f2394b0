"""Base and head over one another: what a call took on either side of each pair, on one axis."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from hivegate.instruments import dimension_of_change
from hivegate.model.quantity import quantity, round_quantity
from hivegate.report.html.scale import across, fit

if TYPE_CHECKING:
    from hivegate.model.verdict import Verdict

_MOST_DOTS = 120  # of a side


class Lane(msgspec.Struct, frozen=True, kw_only=True):
    """One side: its dots, and where the value is that is shown of it."""

    name: str
    dots: tuple[str, ...]
    middle: str
    label: str


class Sides(msgspec.Struct, frozen=True, kw_only=True):
    """Both sides on one axis."""

    lanes: tuple[Lane, ...]
    ticks: tuple[tuple[str, str], ...]
    summary: str


def sides(verdict: Verdict) -> Sides | None:
    """Draw what both sides took; None where the result does not hold it."""
    change = verdict.change
    if change is None or not change.base_values or len(change.base_values) != len(change.ratios):
        return None
    base = change.base_values
    values = {"base": base, "head": tuple(one * ratio for one, ratio in zip(base, change.ratios, strict=True))}
    dimension = dimension_of_change(change, verdict.metric)
    scale = fit([change.base_value, change.head_value, *(one for side in values.values() for one in side)])
    lanes = []
    for name, found in values.items():
        middle = change.base_value if name == "base" else change.head_value  # as everywhere else
        label = f"{name} {quantity(middle, dimension)}"
        dots = tuple(across(scale.place(one)) for one in found[:_MOST_DOTS])
        lanes.append(Lane(name=name, dots=dots, middle=across(scale.place(middle)), label=label))
    return Sides(
        lanes=tuple(lanes),
        ticks=tuple((across(scale.place(one)), round_quantity(one, dimension, like=one)) for one in scale.ticks()),
        summary=f"{len(base)} pairs: {lanes[0].label}, {lanes[1].label}",
    )
