"""The rows that every format spells: what failed, what was not judged, what passed."""

from __future__ import annotations

import math

import msgspec

from hivegate.model.metric import Dimension
from hivegate.model.targets import CALIBRATION
from hivegate.model.verdict import GateResult, Outcome, Severity, Verdict
from hivegate.report.quantity import interval, quantity


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One verdict in words; `margin` is the limit over the value (above 1: room to spare), None without both."""

    outcome: Outcome
    severity: Severity
    benchmark: str
    title: str
    metric: str
    limit: str
    value: str
    interval: str
    basis: str
    reason: str
    advice: str
    where: str
    margin: float | None


class View(msgspec.Struct, frozen=True, kw_only=True):
    """A gate's rows in the order a reader needs them; every verdict is in exactly one group."""

    headline: str
    counts: str
    method: str
    machine: str
    broken: tuple[Row, ...]
    unknown: tuple[Row, ...]
    passed: tuple[Row, ...]
    unnamed: tuple[Row, ...]
    bottlenecks: tuple[Row, ...]
    notes: tuple[str, ...]


_HEADLINES = {
    Outcome.PASSED: "PASSED",
    Outcome.FAILED: "FAILED",
    Outcome.SLOWER: "SLOWER",
    Outcome.NOT_JUDGED: "NOT JUDGED",
}
_BROKEN = {Outcome.FAILED, Outcome.SLOWER}
_UNKNOWN = {Outcome.NOT_JUDGED, Outcome.MISSING, Outcome.INVALID}
_TOP = 3


def view(result: GateResult) -> View:
    """Arrange a result for reading."""
    rows = [_row(verdict) for verdict in result.verdicts]
    broken = tuple(sorted((one for one in rows if one.outcome in _BROKEN), key=_worst_first))
    return View(
        headline=_HEADLINES.get(result.outcome, result.outcome.value.upper()),
        counts=_counts(result),
        method=_method(result),
        machine=_machine(result),
        broken=broken,
        unknown=tuple(sorted((one for one in rows if one.outcome in _UNKNOWN), key=lambda one: -one.severity)),
        passed=tuple(one for one in rows if one.outcome in {Outcome.PASSED, Outcome.FASTER, Outcome.WAIVED}),
        unnamed=tuple(one for one in rows if one.outcome is Outcome.NEW),
        bottlenecks=_bottlenecks(rows),
        notes=result.notes,
    )


def _worst_first(row: Row) -> tuple[int, float]:
    return -row.severity, math.inf if row.margin is None else row.margin


def _bottlenecks(rows: list[Row]) -> tuple[Row, ...]:
    """Pick the targets with the least room: what breaks next, or broke already."""
    judged = [one for one in rows if one.margin is not None]
    return tuple(sorted(judged, key=lambda one: one.margin or 0.0)[:_TOP])


def _row(verdict: Verdict) -> Row:
    estimate, dimension = verdict.estimate, verdict.dimension
    return Row(
        outcome=verdict.outcome,
        severity=verdict.severity,
        benchmark=verdict.benchmark,
        title=verdict.name or verdict.benchmark,
        metric=_metric(verdict),
        limit=verdict.limit.text if verdict.limit else "",
        value="" if estimate is None else quantity(estimate.value, dimension),
        interval="" if estimate is None else interval(estimate, dimension),
        basis=_basis(verdict),
        reason=verdict.reason,
        advice=verdict.advice,
        where=verdict.where or "",
        margin=_margin(verdict),
    )


def _metric(verdict: Verdict) -> str:
    if verdict.metric is None:
        return ""
    per = " per operation" if verdict.per_operation else ""
    if verdict.relative_to is None:
        return f"{verdict.metric}{per}"
    partner = "the calibration loop" if verdict.relative_to == CALIBRATION else verdict.relative_to
    return f"{verdict.metric}{per} relative to {partner}"


def _basis(verdict: Verdict) -> str:
    estimate = verdict.estimate
    if estimate is None:
        return ""
    if estimate.assumed is not None:
        return f"one pass, a spread of {quantity(estimate.assumed, Dimension.RATIO)} assumed"
    return f"{estimate.n} passes"


def _margin(verdict: Verdict) -> float | None:
    estimate, limit = verdict.estimate, verdict.limit
    if estimate is None or limit is None or estimate.value <= 0:
        return None
    if limit.maximum is not None:
        return limit.maximum / estimate.value if limit.maximum > 0 else None
    return estimate.value / limit.minimum if limit.minimum else None


def _counts(result: GateResult) -> str:
    order = (
        Outcome.FAILED,
        Outcome.SLOWER,
        Outcome.MISSING,
        Outcome.INVALID,
        Outcome.NOT_JUDGED,
        Outcome.WAIVED,
        Outcome.FASTER,
        Outcome.PASSED,
    )
    counted = [(outcome, sum(one.outcome is outcome for one in result.verdicts)) for outcome in order]
    parts = [f"{number} {outcome.value}" for outcome, number in counted if number]
    if not parts:
        parts = ["no target was judged"]
    if result.not_selected:
        parts.append(f"{len(result.not_selected)} benchmarks not selected")
    return ", ".join(parts)


def _method(result: GateResult) -> str:
    passes = f"{result.passes} passes" if result.passes != 1 else "one pass"
    return f"{passes}, {quantity(result.confidence, Dimension.RATIO)} intervals"


def _machine(result: GateResult) -> str:
    known = result.environment
    cores = None if known.cores is None else f"{known.cores} cores"
    python = None if known.python is None else f"{known.implementation or 'Python'} {known.python}"
    return ", ".join(part for part in (python, known.cpu, cores) if part)
