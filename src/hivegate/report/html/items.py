"""The verdicts of a page, in tables on one axis each."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from hivegate.model.verdict import Severity, Verdict
from hivegate.report.html.bars import Bar, change_axis, limit_axis
from hivegate.report.html.causes import Profiled, profiled
from hivegate.report.html.complexity import Complexity, complexity
from hivegate.report.html.sides import Sides, sides
from hivegate.report.html.strip import Strip, strip
from hivegate.report.messages import LABELS
from hivegate.report.view import Row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hivegate.report.bundle import Bundle

_LEAST_SPARE, _MOST_SPARE = 0.01, 1000.0  # beyond, the number says no more


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One verdict with its pictures.

    `order` is its place by weight, `headroom` and `change` are numbers to sort by, `spare` is the headroom in words,
    `needs` tells that a person should look, and `base` and `head` are what one call took.
    """

    anchor: str
    row: Row
    slug: str
    order: int
    headroom: str
    change: str
    spare: str
    needs: bool
    opened: bool
    node_id: str
    base: str
    head: str
    bar: Bar | None
    strip: Strip | None
    sides: Sides | None
    complexity: Complexity | None
    profiles: tuple[Profiled, ...]


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """Verdicts of one kind, what matters first, on one axis."""

    kind: str
    items: tuple[Item, ...]
    ticks: tuple[tuple[str, str, bool], ...]


class Entry(NamedTuple):
    """A verdict, how it is spelled, and its name on the page."""

    verdict: Verdict
    row: Row
    anchor: str


class Sight(NamedTuple):
    """What all items share: the anchors of those unfolded, and what explains them."""

    opened: frozenset[str]
    bundle: Bundle


def _needs(verdict: Verdict) -> bool:
    return verdict.severity >= Severity.WARNING


def weight(entry: Entry) -> tuple[int, int, float]:
    """Order by weight, then label, then what is farthest beyond its limit."""
    headroom = entry.row.headroom
    return -entry.verdict.severity, LABELS.index(entry.row.label), math.inf if headroom is None else headroom


def table(kind: str, entries: Sequence[Entry], sight: Sight) -> Table:
    """Put verdicts of one kind on one axis, in the order given."""
    if kind == "targets":
        axis = limit_axis([one.verdict for one in entries])
    else:
        axis = change_axis([one.row.span for one in entries])
    items = (
        _item(number, entry, bar, sight) for number, (entry, bar) in enumerate(zip(entries, axis.bars, strict=True))
    )
    return Table(kind=kind, items=tuple(items), ticks=axis.ticks)


def _item(number: int, entry: Entry, bar: Bar | None, sight: Sight) -> Item:
    verdict, shown, anchor = entry
    return Item(
        anchor=anchor,
        row=shown,
        slug=shown.label,
        order=number,
        headroom=_number(shown.headroom),
        change=_number(None if verdict.change is None else verdict.change.ratio),
        spare=_spare(shown.headroom),
        needs=_needs(verdict),
        opened=anchor in sight.opened,
        node_id=verdict.node_id or "",
        base=shown.base,
        head=shown.head,
        bar=bar,
        strip=strip(verdict),
        sides=sides(verdict),
        complexity=complexity(verdict),
        profiles=profiled(shown.key, sight.bundle),
    )


def _spare(headroom: float | None) -> str:
    if headroom is None:
        return ""
    if headroom < _LEAST_SPARE:
        return f"<{_LEAST_SPARE:g}x"
    return f"{headroom:.3g}x" if headroom < _MOST_SPARE else f">{_MOST_SPARE:g}x"


def _number(value: float | None) -> str:
    return "" if value is None or not math.isfinite(value) else f"{value:.6g}"
