"""What the page shows, as values: the templates only spell them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import msgspec

from hivegate.model.targets import RuleKind
from hivegate.model.verdict import GateResult, Outcome, Severity
from hivegate.report.alterations import alteration_lines
from hivegate.report.headline import counts, machine, method
from hivegate.report.html.anchors import anchors
from hivegate.report.html.items import Entry, Item, Sight, Table, table, weight
from hivegate.report.html.scale import across
from hivegate.report.messages import LABELS
from hivegate.report.view import row

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hivegate.report.bundle import Bundle

_MOST = 1000  # verdicts: a page of some megabytes, which browsers open in seconds
_OPENED = 3  # what is broken is unfolded, but the list must stay a list
_CLOSEST = 3


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One result in words."""

    result: GateResult
    title: str
    slug: str
    counts: str
    method: str
    machine: str
    created: str
    alterations: tuple[str, ...]


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


def page(bundle: Bundle) -> Page:
    """Arrange a bundle for reading."""
    verdicts = bundle.verdicts
    entries = sorted(map(Entry, verdicts, map(row, verdicts), anchors(verdicts)), key=weight)[:_MOST]
    opened = frozenset([one.anchor for one in entries if one.verdict.severity is Severity.BROKEN][:_OPENED])
    sight = Sight(opened, bundle)
    tables = (
        table("targets", [one for one in entries if one.verdict.kind is RuleKind.TARGET], sight),
        table("changes", [one for one in entries if one.verdict.kind is RuleKind.BUDGET], sight),
    )
    items = [item for one in tables for item in one.items]
    return Page(
        headline=bundle.outcome.value,
        slug=bundle.outcome.value,
        artifacts=bundle.artifacts or "",
        parts=tuple(map(_part, bundle.results)),
        tables=tuple(one for one in tables if one.items),
        outcomes=_choices([item.row.label for item in items], LABELS),
        tiers=_choices([one.row.tier for one in items if one.row.tier], ["must", "should", "nice"]),
        closest=_closest(items),
        total=len(items),
        left_out=len(verdicts) - len(items),
    )


def _part(result: GateResult) -> Part:
    return Part(
        result=result,
        title="Targets" if result.base is None else "Comparison",
        slug=result.outcome.value,
        counts=counts(result),
        method=method(result),
        machine=machine(result),
        created=_moment(result.created or ""),
        alterations=alteration_lines(result.alterations),
    )


def _moment(created: str) -> str:
    """Spell a time to the minute; what is no time stays as it is."""
    try:
        return dt.datetime.fromisoformat(created).strftime("%Y-%m-%d %H:%M %Z").rstrip()
    except ValueError:
        return created


def _choices(values: Sequence[str], order: Sequence[str]) -> tuple[Choice, ...]:
    """Count what occurs, in order, then what the order does not know."""
    known = [*order, *sorted(set(values) - set(order))]
    found: list[Choice] = []
    before = 0
    for value in known:
        count = values.count(value)
        if count:
            start, width = across(before / len(values)), across(count / len(values))
            found.append(Choice(value=value, slug=value.replace(" ", "-"), count=count, start=start, width=width))
        before += count
    return tuple(found)


def _closest(items: Iterable[Item]) -> tuple[Item, ...]:
    """Pick the targets that passed with the least headroom, what breaks next; the budget of a change is none."""
    passed = [
        one
        for one in items
        if one.row.outcome is Outcome.PASSED and one.row.span is None and one.row.headroom is not None
    ]
    return tuple(sorted(passed, key=lambda one: one.row.headroom or 0.0)[:_CLOSEST])
