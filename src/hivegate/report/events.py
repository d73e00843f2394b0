"""What happened in a history, ranked: one item an event, over all benchmarks that it moved."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import msgspec

from hivegate.model.quantity import change_size, quantity
from hivegate.model.record import MachineTrends
from hivegate.model.trend import ChangeCause, ChangePoint, Series
from hivegate.report.escape import printable, shorten
from hivegate.report.trend import NOT_CODE, SHORT, SUSPECTS, boundary_text, moved_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


_MOVES = 4  # benchmarks of an event that are named
_CAUSES = {
    ChangeCause.CODE: "",
    ChangeCause.MACHINE: "the machine: most benchmarks moved together",
    ChangeCause.OUTSIDE: "not the code: no commit between changed anything that runs",
    ChangeCause.EITHER: "the machine, what it runs on, or the code",
    ChangeCause.BENCHMARK: "the benchmark's own code was changed",
}


class EventFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which events: from a moment on (ISO 8601), only for the worse, of a least size (0.05 is 5 %)."""

    since: str | None = None
    worse: bool = False
    least: float = 0.0


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """One series' part in an event."""

    series: Series
    change: ChangePoint

    @property
    def size(self) -> float:
        """How far it moved, as a logarithm; without bound where it has no ratio."""
        ratio = self.change.ratio
        return math.inf if ratio is None or ratio <= 0 else abs(math.log(ratio))


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Changes whose ranges have a run in common: it came after `after` and not after `until`; the largest first."""

    told: MachineTrends
    after: int
    until: int
    moved: tuple[Moved, ...]

    @property
    def cause(self) -> ChangeCause:
        """What most of its changes are put down to."""
        causes = [one.change.cause for one in self.moved]
        return max(dict.fromkeys(causes), key=causes.count)

    @property
    def newest(self) -> ChangePoint:
        """The change that tells of it: the largest."""
        return self.moved[0].change


def find_events(told: Iterable[MachineTrends], wanted: EventFilter) -> tuple[Event, ...]:
    """Find the events, ranked: what the code may answer for first, and in that the largest first."""
    events = [event for one in told for event in _events(one, wanted)]
    events.sort(key=lambda one: (one.cause in NOT_CODE, -one.moved[0].size, one.after))
    return tuple(events)


def _events(told: MachineTrends, wanted: EventFilter) -> Iterator[Event]:
    changes = sorted(
        (
            moved
            for trend in told.trends
            for change in trend.changes
            if _is_wanted(told, moved := Moved(series=trend.series, change=change), wanted)
        ),
        key=lambda one: (one.change.surely_after.run, one.change.surely_before.run),
    )
    group: list[Moved] = []
    after = until = -1
    for one in changes:
        first, last = one.change.surely_before.run, one.change.surely_after.run
        if group and first >= until:
            yield _event(told, after, until, group)
            group = []
        after, until = (max(after, first), min(until, last)) if group else (first, last)
        group.append(one)
    if group:
        yield _event(told, after, until, group)


def _event(told: MachineTrends, after: int, until: int, group: list[Moved]) -> Event:
    return Event(told=told, after=after, until=until, moved=tuple(sorted(group, key=lambda one: -one.size)))


def _is_wanted(told: MachineTrends, moved: Moved, wanted: EventFilter) -> bool:
    moment = told.runs[moved.change.first_bad.run].moment
    return (
        (wanted.since is None or moment >= wanted.since)
        and (moved.change.worse or not wanted.worse)
        and moved.size >= math.log1p(wanted.least)
    )


def render_events(events: Sequence[Event], *, limit: int | None, width: int = 100) -> str:
    """Spell the first events as text, and how many more there are."""
    shown = events if limit is None else events[:limit]
    lines = [line for event in shown for line in (*_lines(event), "")]
    changes = sum(len(one.moved) for one in events)
    rest = f", the first {len(shown)} shown: --limit shows more" if len(shown) < len(events) else ""
    counted = f"{len(events)} event{'s' * (len(events) != 1)}, {changes} change{'s' * (changes != 1)}{rest}"
    return "\n".join([*(shorten(line, width) for line in lines), counted]) + "\n"


def _lines(event: Event) -> Iterator[str]:
    yield f"{_when(event)}  {_between(event)}"
    for boundary in (boundary for boundary in event.told.boundaries if event.after < boundary.run <= event.until):
        yield f"  environment: {boundary_text(boundary)}"
    if _CAUSES[event.cause]:
        yield f"  {_CAUSES[event.cause]}"
    if event.cause not in NOT_CODE:
        yield from (f"  {line}" for line in _suspects(event))
    for one in event.moved[:_MOVES]:
        dimension, change = one.series.metric.dimension, one.change
        levels = f"{quantity(change.before, dimension)} -> {quantity(change.after, dimension)}"
        yield f"  {moved_text(change)}  {printable(one.series.benchmark)}  {one.series.metric.name} {levels}"
    if len(event.moved) > _MOVES:
        sizes = [one.change.ratio for one in event.moved if one.change.ratio is not None]
        span = f", {change_size(min(sizes))} to {change_size(max(sizes))}" if sizes else ""
        yield f"  and {len(event.moved) - _MOVES} more{span} in all"


def _when(event: Event) -> str:
    return event.told.runs[event.newest.first_bad.run].moment[:10]


def _between(event: Event) -> str:
    old, new = (event.told.runs[place].commit for place in (event.after, event.until))
    if old is None or new is None:
        return "between two runs without a commit"
    if old == new:
        return f"within {printable(new[:SHORT])}: the same code on both sides"
    return f"{printable(old[:SHORT])}..{printable(new[:SHORT])}"


def _suspects(event: Event) -> Iterator[str]:
    change = event.newest
    listed = event.told.evidence_of(change)
    if listed is None:
        subject = event.told.runs[change.first_bad.run].subject
        if subject:
            yield printable(subject)
        return
    could = [one for one in listed if one.could]
    if len(listed) > 1:
        yield f"{len(could)} of {len(listed)} commits could have done it"
    yield from (f"{printable(one.commit[:SHORT])} {printable(one.subject)}" for one in could[:SUSPECTS])


def render_feed(events: Sequence[Event], *, title: str) -> str:
    """Spell events as a JSON Feed (jsonfeed.org, version 1.1), the newest first."""
    newest = sorted(events, key=lambda one: one.until, reverse=True)
    items = [
        {
            "id": f"{one.told.environment.key}:{one.told.runs[one.after].commit}..{one.told.runs[one.until].commit}",
            "title": _title(one),
            "content_text": "\n".join(_lines(one)),
            "date_published": one.told.runs[one.until].moment,
            "tags": [one.cause.value, "worse" if one.newest.worse else "better"],
        }
        for one in newest
    ]
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": printable(title), "items": items}
    return msgspec.json.format(msgspec.json.encode(feed), indent=2).decode() + "\n"


def _title(event: Event) -> str:
    first = event.moved[0]
    more = f" and {len(event.moved) - 1} more" if len(event.moved) > 1 else ""
    return f"{moved_text(first.change)}: {printable(first.series.benchmark)}{more}"
