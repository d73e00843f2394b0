"""The rows that every format spells: what failed, what was inconclusive, what passed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import msgspec

from hivegate.instruments import dimension_of_change, instrument_of, metric_named
from hivegate.model.change import Clock
from hivegate.model.metric import Dimension
from hivegate.model.quantity import change_interval, excess, interval, percent, quantity, signed
from hivegate.model.targets import REFERENCE, RuleKind
from hivegate.model.verdict import GateResult, Outcome, Severity, Verdict, VerdictKey
from hivegate.report.alterations import alteration_lines
from hivegate.report.headline import counts, machine, method
from hivegate.report.messages import advice_text, label, reason_text
from hivegate.report.span import Span
from hivegate.report.untested import untested_lines

if TYPE_CHECKING:
    from hivegate.model.change import Change


_CLOCKS = {
    Clock.CPU: "processor time",
    Clock.OWN: "wall time without waiting for others",
    Clock.WALL: "wall time",
    Clock.CALLS: "wall time of single calls",
    Clock.FILES: "what the two files hold",
    Clock.TIMER: "the suite's own timer",
}


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One verdict in words.

    `metric` is what was asked for, `brief` the same for a narrow column, and `estimator` what stands for it, in full;
    `of` says whether that is of rounds or of single calls. `base` and `head` are what a call takes on either side of a
    change. `basis` says what the interval rests on and `beyond` by how much the limit is exceeded; `headroom` is the
    limit over the value (below 1: broken), None without both; `span` is of a change alone; `label` names the outcome by
    its weight; `causes` are what a profile showed; `since` is a part of `reason`.
    """

    key: VerdictKey
    outcome: Outcome
    label: str
    severity: Severity
    benchmark: str
    title: str
    tier: str
    metric: str
    brief: str
    estimator: str
    of: str
    limit: str
    value: str
    base: str
    head: str
    interval: str
    basis: str
    beyond: str
    reason: str
    advice: str
    where: str
    headroom: float | None
    span: Span | None = None
    causes: tuple[str, ...] = ()
    since: str = ""


class View(msgspec.Struct, frozen=True, kw_only=True):
    """A gate's rows in the order a reader needs them; every verdict is in one group.

    `closest` repeats targets, and `changes` what was compared, what matters first; `unnamed_as` says of what has
    neither what it is; `unchanged` is what the change cannot reach. `alterations` are what the change alters
    about its own judging.
    """

    headline: str
    counts: str
    method: str
    machine: str
    broken: tuple[Row, ...]
    review: tuple[Row, ...]
    unknown: tuple[Row, ...]
    waived: tuple[Row, ...]
    passed: tuple[Row, ...]
    unnamed: tuple[Row, ...]
    unnamed_as: str
    unchanged: tuple[Row, ...]
    closest: tuple[Row, ...]
    changes: tuple[Row, ...]
    alterations: tuple[str, ...]
    notes: tuple[str, ...]


_BROKEN = {Outcome.FAILED, Outcome.SLOWER}
_UNKNOWN = {Outcome.CRASHED, Outcome.INCONCLUSIVE, Outcome.MISSING, Outcome.INVALID}
_MATTERS = (
    Outcome.SLOWER,
    Outcome.REVIEW,
    Outcome.INCONCLUSIVE,
    Outcome.INVALID,
    Outcome.WAIVED,
    Outcome.FASTER,
    Outcome.PASSED,
    Outcome.UNCHANGED,
)
_TOP = 3


def view(result: GateResult) -> View:
    """Arrange a result for reading."""
    rows = [row(verdict) for verdict in result.verdicts]
    return View(
        headline=result.outcome.value.upper(),
        counts=counts(result),
        method=method(result),
        machine=machine(result),
        broken=tuple(sorted((one for one in rows if one.outcome in _BROKEN), key=_worst_first)),
        review=tuple(one for one in rows if one.outcome is Outcome.REVIEW),
        unknown=tuple(sorted((one for one in rows if one.outcome in _UNKNOWN), key=_crashed_first)),
        waived=tuple(one for one in rows if one.outcome is Outcome.WAIVED),
        passed=tuple(one for one in rows if one.outcome in {Outcome.PASSED, Outcome.FASTER}),
        unnamed=tuple(one for one in rows if one.outcome is Outcome.NEW),
        unnamed_as="measured without a target" if result.base is None else "new: base cannot run them",
        unchanged=tuple(one for one in rows if one.outcome is Outcome.UNCHANGED),
        closest=_closest(rows),
        changes=tuple(sorted((one for one in rows if one.span is not None), key=_matters_first)),
        alterations=alteration_lines(result.alterations),
        notes=(*untested_lines(result.untested), *result.notes),
    )


def _worst_first(row: Row) -> tuple[int, float]:
    return -row.severity, math.inf if row.headroom is None else row.headroom


def _crashed_first(row: Row) -> tuple[bool, int]:
    return row.outcome is not Outcome.CRASHED, -row.severity


def _matters_first(row: Row) -> tuple[int, float]:
    """Order changes: the outcome first, then the farthest from no change."""
    change = 0.0 if row.span is None or row.span.ratio <= 0 else abs(math.log(row.span.ratio))
    return _MATTERS.index(row.outcome) if row.outcome in _MATTERS else len(_MATTERS), -change


def _closest(rows: list[Row]) -> tuple[Row, ...]:
    """Pick the targets with the least room: what breaks next, or broke already."""
    judged = [one for one in rows if one.headroom is not None and one.span is None]
    return tuple(sorted(judged, key=lambda one: one.headroom or 0.0)[:_TOP])


def row(verdict: Verdict) -> Row:
    """Spell one verdict."""
    return Row(
        key=verdict.key,
        outcome=verdict.outcome,
        label=label(verdict.outcome, verdict.severity),
        severity=verdict.severity,
        benchmark=verdict.benchmark,
        title=verdict.name or verdict.benchmark,
        tier=verdict.tier or "",
        metric=_metric(verdict, verdict.metric),
        brief=_brief(verdict),
        estimator=_metric(verdict, verdict.estimator or verdict.metric),
        of=_of(verdict),
        limit=verdict.limit.text if verdict.limit else "",
        value=_value(verdict),
        base=_side(verdict, "base"),
        head=_side(verdict, "head"),
        interval=_interval(verdict),
        basis=_basis(verdict),
        beyond=_beyond(verdict) if verdict.outcome in _BROKEN else "",
        reason="; ".join(filter(None, (reason_text(verdict), _levels(verdict), verdict.since))),
        advice=advice_text(verdict),
        where=verdict.where or "",
        headroom=_headroom(verdict),
        span=_span(verdict),
        causes=verdict.causes,
        since=verdict.since or "",
    )


def _span(verdict: Verdict) -> Span | None:
    change, limit = verdict.change, verdict.limit
    if change is None or limit is None or limit.maximum is None:
        return None
    return Span(low=change.low, ratio=change.ratio, high=change.high, limit=limit.maximum)


def _value(verdict: Verdict) -> str:
    if verdict.change is not None:
        return signed(verdict.change.ratio, dimension_of_change(verdict.change, verdict.metric))
    return "" if verdict.estimate is None else quantity(verdict.estimate.value, shown_dimension(verdict))


def _side(verdict: Verdict, side: str) -> str:
    """Spell what a call takes on one side of a change."""
    change = verdict.change
    if change is None:
        return ""
    value = change.base_value if side == "base" else change.head_value
    return quantity(value, dimension_of_change(change, verdict.metric))


def _interval(verdict: Verdict) -> str:
    if verdict.change is not None:
        change = verdict.change
        return change_interval(change.low, change.high, dimension_of_change(change, verdict.metric))
    return "" if verdict.estimate is None else interval(verdict.estimate, shown_dimension(verdict))


def shown_dimension(verdict: Verdict) -> Dimension:
    """Choose how a ratio is spelled: in percent where its limit is, else as the plain number that the limit is."""
    plain = verdict.limit is not None and "%" not in verdict.limit.text
    return Dimension.NUMBER if verdict.dimension is Dimension.RATIO and plain else verdict.dimension


def _metric(verdict: Verdict, name: str | None) -> str:
    if name is None:
        return ""
    per = " per operation" if verdict.per_operation else ""
    if verdict.relative_to is None:
        return f"{name}{per}"
    partner = "the reference loop" if verdict.relative_to == REFERENCE else verdict.relative_to
    return f"{name}{per} relative to {partner}"


def _brief(verdict: Verdict) -> str:
    if verdict.metric is None:
        return ""
    per = "/op" if verdict.per_operation else ""
    if verdict.kind is RuleKind.BUDGET and verdict.estimator is not None:
        return verdict.estimator.partition(" of ")[0]
    return f"{verdict.metric}{per}" if verdict.relative_to is None else f"{verdict.metric}{per} ratio"


def _of(verdict: Verdict) -> str:
    _, _, sample = (verdict.estimator or "").partition(" of ")
    return f"of {sample}" if sample else ""


def _basis(verdict: Verdict) -> str:
    estimate, change = verdict.estimate, verdict.change
    if change is not None:
        return _basis_of_change(change, verdict.metric)
    if estimate is None:
        return ""
    if estimate.assumed is not None:
        return f"one pass, a spread of {percent(estimate.assumed)} assumed"
    if estimate.n == 1:
        return "one sample"
    instrument = instrument_of(metric_named(verdict.metric or ""))
    if not instrument.exact:
        return f"{estimate.n} {instrument.counted}{_here(verdict)}"
    equal = estimate.low == estimate.high
    return f"{estimate.n} {instrument.counted}, {'all equal' if equal else 'the least and the most of them'}"


def _here(verdict: Verdict) -> str:
    """Say what was measured here, where the estimate is at the speed of the reference machine."""
    if verdict.measured is None or verdict.scaling is None:
        return ""
    here = quantity(verdict.measured.value, shown_dimension(verdict))
    unlike = f"; scaled in part, because of {verdict.scaling.unlike}" if verdict.scaling.unlike else ""
    return f"; {here} here, at {verdict.scaling.speed:.2f} of the reference machine's speed{unlike}"


def _levels(verdict: Verdict) -> str:
    """Say which two levels the passes fall into."""
    if not verdict.levels:
        return ""
    dimension = shown_dimension(verdict)
    low, high = (f"{quantity(level.value, dimension)} ({level.passes})" for level in verdict.levels)
    return f"the passes fall into two levels, {low} and {high}"


def _basis_of_change(change: Change, metric: str | None) -> str:
    dimension = dimension_of_change(change, metric)
    values = f"{quantity(change.base_value, dimension)} -> {quantity(change.head_value, dimension)}"
    if change.clock is None:
        return f"{change.n} processes each; {values} a call"
    counted = ("pass" if change.n == 1 else "passes") if change.clock is Clock.FILES else f"pair{'s' * (change.n != 1)}"
    return f"{change.n} {counted}, {_CLOCKS[change.clock]}; {values} a call"


def _beyond(verdict: Verdict) -> str:
    """Say by how much a limit is exceeded, and by how much at least."""
    estimate, limit = verdict.estimate, verdict.limit
    if estimate is None or limit is None:
        return ""
    if limit.maximum is not None and limit.maximum > 0 and estimate.low > limit.maximum:
        by, at_least = estimate.value / limit.maximum - 1, estimate.low / limit.maximum - 1
    elif limit.minimum is not None and 0 < estimate.value <= estimate.high < limit.minimum:
        by, at_least = limit.minimum / estimate.value - 1, limit.minimum / estimate.high - 1
    else:
        return ""
    return f"missed by {excess(by)}, at least by {excess(at_least)}"


def _headroom(verdict: Verdict) -> float | None:
    estimate, limit = verdict.estimate, verdict.limit
    if verdict.change is not None and limit is not None and limit.maximum is not None:
        return limit.maximum / verdict.change.ratio if verdict.change.ratio > 0 else None
    if estimate is None or limit is None or estimate.value <= 0:
        return None
    rooms = []
    if limit.maximum is not None and limit.maximum > 0:
        rooms.append(limit.maximum / estimate.value)
    if limit.minimum is not None and limit.minimum > 0:
        rooms.append(estimate.value / limit.minimum)
    return min(rooms, default=None)
