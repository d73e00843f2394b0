"""What the page shows, as values: the templates only spell them."""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from hivegate.model.metric import METRICS, Dimension
from hivegate.model.verdict import GateResult, Outcome, Severity, Verdict
from hivegate.report.headline import counts, machine, method
from hivegate.report.html.anchors import anchors
from hivegate.report.html.bars import Bar, change_axis, limit_axis
from hivegate.report.html.causes import Profiled, profiled
from hivegate.report.html.growth import Growth, growth
from hivegate.report.html.scale import across
from hivegate.report.html.strip import Strip, strip
from hivegate.report.quantity import percent, quantity
from hivegate.report.view import Row, row

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hivegate.report.bundle import Bundle

_ORDER = (
    Outcome.FAILED,
    Outcome.SLOWER,
    Outcome.MISSING,
    Outcome.INVALID,
    Outcome.NOT_JUDGED,
    Outcome.WAIVED,
    Outcome.FASTER,
    Outcome.PASSED,
    Outcome.NEW,
)
_MOST = 1000  # verdicts: a page of 5 MB that a browser draws in two seconds
_OPENED = 3  # what is broken is unfolded, but the list must stay a list
_CLOSEST = 3
_LEAST_SPARE, _MOST_SPARE = 0.01, 1000.0  # beyond, the number says no more


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One verdict with its pictures.

    `order` is its place by weight, `room` and `change` are numbers to sort by, `spare` is the room in words, `needs`
    tells that a person should look, and `base` and `head` are what one call took.
    """

    anchor: str
    row: Row
    slug: str
    order: int
    room: str
    change: str
    spare: str
    needs: bool
    opened: bool
    node_id: str
    base: str
    head: str
    bar: Bar | None
    strip: Strip | None
    growth: Growth | None
    profiles: tuple[Profiled, ...]


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """Verdicts of one kind, what matters first, on one axis."""

    kind: str
    items: tuple[Item, ...]
    ticks: tuple[tuple[str, str, bool], ...]


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One result in words."""

    result: GateResult
    title: str
    slug: str
    counts: str
    method: str
    machine: str
    confidence: str
    created: str


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """An outcome or tier that the reader may choose, how many verdicts have it, and its piece of the whole."""

    value: str
    slug: str
    count: int
    start: str
    width: str


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """The whole page: `total` verdicts, and how many that weigh the least were `left_out`."""

    headline: str
    slug: str
    artifacts: str
    parts: tuple[Part, ...]
    tables: tuple[Table, ...]
    outcomes: tuple[Choice, ...]
    tiers: tuple[Choice, ...]
    closest: tuple[Item, ...]
    total: int
    left_out: int


class _Entry(NamedTuple):
    verdict: Verdict
    row: Row
    anchor: str


class _Sight(NamedTuple):
    """What all items share: the anchors of those unfolded, and what explains them."""

    opened: frozenset[str]
    bundle: Bundle


def page(bundle: Bundle) -> Page:
    """Arrange a bundle for reading."""
    verdicts = bundle.verdicts
    entries = sorted(map(_Entry, verdicts, map(row, verdicts), anchors(verdicts)), key=_weight)[:_MOST]
    opened = frozenset([one.anchor for one in entries if one.verdict.severity is Severity.BROKEN][:_OPENED])
    sight = _Sight(opened, bundle)
    tables = (
        _table("targets", [one for one in entries if one.verdict.kind != "regression"], sight),
        _table("changes", [one for one in entries if one.verdict.kind == "regression"], sight),
    )
    items = [item for table in tables for item in table.items]
    return Page(
        headline=bundle.outcome.value,
        slug=slug(bundle.outcome.value),
        artifacts=bundle.artifacts or "",
        parts=tuple(map(_part, bundle.results)),
        tables=tuple(table for table in tables if table.items),
        outcomes=_choices([one.row.outcome.value for one in items], [one.value for one in _ORDER]),
        tiers=_choices([one.row.tier for one in items if one.row.tier], ["must", "should", "nice"]),
        closest=_closest(items),
        total=len(items),
        left_out=len(verdicts) - len(items),
    )


def slug(words: str) -> str:
    """Make a class name of an outcome."""
    return words.replace(" ", "-")


def _part(result: GateResult) -> Part:
    return Part(
        result=result,
        title="Targets" if result.base is None else "Comparison",
        slug=slug(result.outcome.value),
        counts=counts(result),
        method=method(result),
        machine=machine(result),
        confidence=percent(result.confidence),
        created=_moment(result.created or ""),
    )


def _moment(created: str) -> str:
    """Spell a time to the minute; what is no time stays as it is."""
    try:
        return dt.datetime.fromisoformat(created).strftime("%Y-%m-%d %H:%M %Z").rstrip()
    except ValueError:
        return created


def _needs(verdict: Verdict) -> bool:
    return verdict.severity >= Severity.WARNING


def _weight(entry: _Entry) -> tuple[int, int, float]:
    """Order by weight, then outcome, then what is farthest beyond its limit."""
    margin = entry.row.margin
    return -entry.verdict.severity, _ORDER.index(entry.row.outcome), math.inf if margin is None else margin


def _table(kind: str, entries: Sequence[_Entry], sight: _Sight) -> Table:
    if kind == "targets":
        axis = limit_axis([one.verdict for one in entries])
    else:
        axis = change_axis([one.row.span for one in entries])
    items = (
        _item(number, entry, bar, sight) for number, (entry, bar) in enumerate(zip(entries, axis.bars, strict=True))
    )
    return Table(kind=kind, items=tuple(items), ticks=axis.ticks)


def _item(number: int, entry: _Entry, bar: Bar | None, sight: _Sight) -> Item:
    verdict, shown, anchor = entry
    return Item(
        anchor=anchor,
        row=shown,
        slug=slug(shown.outcome.value),
        order=number,
        room=_number(shown.margin),
        change=_number(None if verdict.change is None else verdict.change.ratio),
        spare=_spare(shown.margin),
        needs=_needs(verdict),
        opened=anchor in sight.opened,
        node_id=verdict.node_id or "",
        base=_side(verdict, "base"),
        head=_side(verdict, "head"),
        bar=bar,
        strip=strip(verdict),
        growth=growth(verdict),
        profiles=profiled(verdict.benchmark, sight.bundle),
    )


def _spare(margin: float | None) -> str:
    if margin is None:
        return ""
    if margin < _LEAST_SPARE:
        return f"<{_LEAST_SPARE:g}x"
    return f"{margin:.3g}x" if margin < _MOST_SPARE else f">{_MOST_SPARE:g}x"


def _number(value: float | None) -> str:
    return "" if value is None or not math.isfinite(value) else f"{value:.6g}"


def _side(verdict: Verdict, side: str) -> str:
    """Spell what one call took on a side of a comparison."""
    change = verdict.change
    if change is None:
        return ""
    known = METRICS.get(verdict.metric or "")
    dimension = known.dimension if known is not None and change.clock == "memory" else Dimension.SECONDS
    return quantity(change.base_value if side == "base" else change.head_value, dimension)


def _choices(values: Sequence[str], order: Sequence[str]) -> tuple[Choice, ...]:
    """Count what occurs, in order, then what the order does not know."""
    known = [*order, *sorted(set(values) - set(order))]
    found: list[Choice] = []
    before = 0
    for value in known:
        count = values.count(value)
        if count:
            start, width = across(before / len(values)), across(count / len(values))
            found.append(Choice(value=value, slug=slug(value), count=count, start=start, width=width))
        before += count
    return tuple(found)


def _closest(items: Iterable[Item]) -> tuple[Item, ...]:
    """Pick the targets that passed with the least room, what breaks next; of changes the budget is no room."""
    passed = [
        one
        for one in items
        if one.row.outcome is Outcome.PASSED and one.row.span is None and one.row.margin is not None
    ]
    return tuple(sorted(passed, key=lambda one: one.row.margin or 0.0)[:_CLOSEST])
