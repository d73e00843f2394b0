"""Since when: what the history says of a benchmark that failed; it never changes a verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from hivegate.errors import HistoryError
from hivegate.flows.history.drift import DRIFTING
from hivegate.model.metric import METRICS, Source
from hivegate.model.record import environment_key
from hivegate.model.trend import Cause
from hivegate.model.verdict import Outcome
from hivegate.report.quantity import quantity, signed
from hivegate.system import commits

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from hivegate.model.targets import Limit
    from hivegate.model.trend import ChangePoint, Point, Trend
    from hivegate.model.verdict import GateResult, Verdict

_BROKEN = frozenset({Outcome.FAILED, Outcome.SLOWER})
_MOST = 40  # benchmarks that are looked up: a gate in which all fail is not about any of them
_SHORT = 12  # digits of a commit that tell it from all others
_CAUSES = {
    Cause.CODE: "",
    Cause.MACHINE: ", when most benchmarks of this machine moved: the machine, not the code",
    Cause.BENCHMARK: ", where the benchmark's own code was changed",
}


def with_since(result: GateResult, project: Path, place: str) -> GateResult:
    """Say under each failed or slower verdict since when, where the project's history knows.

    Without a history the result is returned as it is; one that cannot be read adds a note.
    """
    broken = [one for one in result.verdicts if one.outcome in _BROKEN][:_MOST]
    if not broken or ("://" not in place and not (project / place).exists()):
        return result
    try:
        trends = _trends(result, broken, project, place)
    except HistoryError as fault:
        note = f"since when is not known: {fault.where}: {fault.message}".replace(": :", ":")
        return msgspec.structs.replace(result, notes=(*result.notes, note))
    after_base = _after_base(project, result)
    said = {id(one): _said(one, trends, after_base) for one in broken}
    verdicts = tuple(msgspec.structs.replace(one, since=said.get(id(one))) for one in result.verdicts)
    return msgspec.structs.replace(result, verdicts=verdicts)


def _trends(result: GateResult, broken: list[Verdict], project: Path, place: str) -> dict[tuple[str, str], Trend]:
    """Find the trends of the metrics that verdicts are about, on this machine alone."""
    from hivegate.flows.history.documents import existing_store  # noqa: PLC0415  same
    from hivegate.flows.history.series import TrendOptions, open_machines  # noqa: PLC0415  same
    from hivegate.flows.history.trends import machine_trends  # noqa: PLC0415  same
    from hivegate.flows.source.definitions import Bodies  # noqa: PLC0415  SQLAlchemy is an extra, and most results have no history
    from hivegate.history.queries import list_environments  # noqa: PLC0415  same

    store = existing_store(project, place)
    key = environment_key(result.environment)
    if not any(one.key == key for one in list_environments(store, key)):
        return {}
    asked = {(one.benchmark, _series_of(one)) for one in broken}
    found: dict[tuple[str, str], Trend] = {}
    for machine in open_machines(store, TrendOptions(environment=key), project):
        wanted = [one for one in machine.series if (one.benchmark, one.metric.name) in asked]
        trends = machine_trends(machine, wanted, Bodies(project))
        found |= {(one.series.benchmark, one.series.metric.name): one for one in trends}
    return found


def _after_base(project: Path, result: GateResult) -> Callable[[ChangePoint], bool]:
    """Tell whether a change came after the base of a comparison, so that it is a part of what was compared."""

    def after(change: ChangePoint) -> bool:
        base, bad = result.base_sha, change.first_bad.commit
        return base is not None and bad is not None and not commits.is_ancestor(project, bad, base)

    return after


def _said(
    verdict: Verdict, trends: Mapping[tuple[str, str], Trend], after_base: Callable[[ChangePoint], bool]
) -> str | None:
    trend = trends.get((verdict.benchmark, _series_of(verdict)))
    if trend is None:
        return None
    if _is_drift(verdict):
        return _held(trend)
    if verdict.change is None and verdict.limit is not None and not (verdict.relative_to or verdict.per_operation):
        return _crossed(trend, verdict.limit)
    worse = [one for one in trend.changes if one.worse and (verdict.change is None or after_base(one))]
    return f"its {trend.series.metric.name} last got worse {_at(worse[-1])}" if worse else None


def _is_drift(verdict: Verdict) -> bool:
    return verdict.metric in METRICS and METRICS[verdict.metric].source is Source.HISTORY


def _series_of(verdict: Verdict) -> str:
    """Name the metric whose series tells of a verdict."""
    return DRIFTING if _is_drift(verdict) else verdict.metric or ""


def _held(trend: Trend) -> str | None:
    """Say when the best level was held."""
    if trend.drift is None:
        return None
    best = quantity(trend.drift.best, trend.series.metric.dimension)
    return f"the best level, {best}, was held from {_point(trend.drift.best_first)} to {_point(trend.drift.best_last)}"


def _crossed(trend: Trend, limit: Limit) -> str:
    """Say where a series went beyond a limit for the last time and stayed."""
    points = trend.series.points
    levels = [*(one.before for one in trend.changes[:1]), *(one.after for one in trend.changes)]
    if not levels:
        levels = [sorted(point.value for point in points)[len(points) // 2]]
    if not _beyond(levels[-1], limit):
        return f"within the limit in the history, last on {_point(points[-1])}: new since then"
    start = len(levels) - 1
    while start and _beyond(levels[start - 1], limit):
        start -= 1
    if not start:
        return f"so in all {len(points)} runs of the history, since {_point(points[0])}"
    return f"so since its {trend.series.metric.name} moved {_at(trend.changes[start - 1])}"


def _beyond(level: float, limit: Limit) -> bool:
    above = limit.maximum is not None and level > limit.maximum
    return above or (limit.minimum is not None and level < limit.minimum)


def _at(change: ChangePoint) -> str:
    old, new = change.last_good.commit, change.first_bad.commit
    ratio = "" if change.ratio is None else f"by {signed(change.ratio)} "
    between = f"between {old[:_SHORT]} and {new[:_SHORT]}, " if old and new and old != new else ""
    return f"{ratio}{between}{(change.first_bad.created or '?')[:10]}{_CAUSES[change.cause]}"


def _point(point: Point) -> str:
    return f"{(point.created or '?')[:10]}" + (f" ({point.commit[:_SHORT]})" if point.commit else "")
