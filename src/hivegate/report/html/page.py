"""What the page shows, as values: the templates only spell them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import msgspec

from hivegate.model.targets import RuleKind
from hivegate.model.verdict import GateResult, Outcome, Severity
from hivegate.report.alterations import alteration_lines
from hivegate.report.changed_line import ChangedLine, changed_line
from hivegate.report.escape import printable
from hivegate.report.headline import counts, machine, method
from hivegate.report.html.anchors import anchors
from hivegate.report.html.items import Entry, Item, Sight, Table, table, weight
from hivegate.report.html.scale import across
from hivegate.report.messages import LABELS
from hivegate.report.view import row

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hivegate.report.bundle import Bundle

_MOST = 300  # verdicts with pictures, which a browser draws in a second; of the others each is a line
_OPENED = 3  # what is broken is unfolded, but the list must stay a list
_CLOSEST = 3
_ANSWERS = 5


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


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What failed, in a line or two: which, by how much, where from, since when."""

    anchor: str
    slug: str
    title: str
    sides: str
    value: str
    limit: str
    cause: str
    since: str
    changed: ChangedLine | None
    links: tuple[tuple[str, str], ...]


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """The whole page: `total` verdicts, of which the `left_out` that weigh the least are one line each in `rest`."""

    headline: str
    slug: str
    artifacts: str
    parts: tuple[Part, ...]
    tables: tuple[Table, ...]
    outcomes: tuple[Choice, ...]
    tiers: tuple[Choice, ...]
    closest: tuple[Item, ...]
    answers: tuple[Answer, ...]
    total: int
    rest: str
    left_out: int


def page(bundle: Bundle) -> Page:
    """Arrange a bundle for reading."""
    verdicts = bundle.verdicts
    everything = sorted(map(Entry, verdicts, map(row, verdicts), anchors(verdicts)), key=weight)
    entries, others = everything[:_MOST], everything[_MOST:]
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
        outcomes=_choices([one.row.label for one in everything], LABELS),
        tiers=_choices([one.row.tier for one in everything if one.row.tier], ["must", "should", "nice"]),
        closest=_closest(items),
        answers=_answers([one for one in items if one.row.severity >= Severity.UNKNOWN][:_ANSWERS], bundle),
        total=len(verdicts),
        rest=_lines(others),
        left_out=len(others),
    )


def _answers(items: Iterable[Item], bundle: Bundle) -> tuple[Answer, ...]:
    """Answer for each; the change that several share is shown with the first."""
    found: list[Answer] = []
    for item in items:
        answer = _answer(item, bundle)
        known = any(one.changed == answer.changed for one in found)
        found.append(msgspec.structs.replace(answer, changed=None) if known else answer)
    return tuple(found)


def _answer(item: Item, bundle: Bundle) -> Answer:
    shown = item.row
    explained = {} if bundle.profiles is None else {one.key: one.causes for one in bundle.profiles.explained}
    causes = shown.causes or explained.get(shown.key, ())
    measured = shown.value and shown.severity is Severity.BROKEN
    return Answer(
        anchor=item.anchor,
        slug=item.slug,
        title=shown.title,
        sides=f"{shown.base} → {shown.head}" if shown.base else "",
        value=shown.value,
        limit=f"{shown.limit.removesuffix(' slower')} allowed" if shown.span is not None else shown.limit,
        cause=causes[0] if causes else "" if measured else shown.reason,
        since=shown.since,
        changed=changed_line(shown.key, bundle.profiles),
        links=item.profiles[0].links[:1] if item.profiles else (),
    )


def _lines(entries: Sequence[Entry]) -> str:
    """Write verdicts for the script of the page: JSON that nothing in it can end."""
    lines = [
        [printable(text) for text in (one.label, one.tier, one.title, one.brief, one.value, one.interval, one.limit)]
        for one in (entry.row for entry in entries)
    ]
    return msgspec.json.encode(lines).decode().replace("<", "\\u003c")


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
