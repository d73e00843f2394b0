"""Since when: what the history says of a benchmark that failed; it never changes a verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from hivegate.errors import HistoryError
from hivegate.flows.history.drift import DRIFTING
from hivegate.instruments import instrument_of, metric_named
from hivegate.model.record import environment_key
from hivegate.model.trend import OriginKind, RegressionOrigin
from hivegate.model.verdict import Outcome
from hivegate.report.regression_origin import render_origin
from hivegate.system import commits

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from hivegate.flows.project import Project
    from hivegate.model.targets import Limit
    from hivegate.model.trend import ChangePoint, Trend
    from hivegate.model.verdict import GateResult, Verdict

_BROKEN = frozenset({Outcome.FAILED, Outcome.SLOWER})
_MOST = 40  # benchmarks that are looked up: a gate in which all fail is not about any of them


def with_since(result: GateResult, project: Project) -> GateResult:
    """Say under each failed or slower verdict since when, where the project's history knows.

    Without a history the result is returned as it is; one that cannot be read adds a note.
    """
    broken = [one for one in result.verdicts if one.outcome in _BROKEN][:_MOST]
    if not broken or not project.has_history():
        return result
    try:
        trends = _trends(result, broken, project)
    except HistoryError as fault:
        note = f"since when is not known: {fault.where}: {fault.message}".replace(": :", ":")
        return msgspec.structs.replace(result, notes=(*result.notes, note))
    after_base = _after_base(project.folder, result)
    since = {
        verdict.key: render_origin(origin)
        for verdict in broken
        if (origin := _origin(verdict, trends, after_base)) is not None
    }
    verdicts = tuple(msgspec.structs.replace(verdict, since=since.get(verdict.key)) for verdict in result.verdicts)
    return msgspec.structs.replace(result, verdicts=verdicts)


def _trends(result: GateResult, broken: list[Verdict], project: Project) -> dict[tuple[str, str], Trend]:
    """Find the trends of the metrics that verdicts are about, on this machine alone."""
    from hivegate.flows.history.series import TrendOptions, open_machines  # noqa: PLC0415  same
    from hivegate.flows.history.store import existing_store  # noqa: PLC0415  same
    from hivegate.flows.history.trends import code_history, machine_trends  # noqa: PLC0415  SQLAlchemy is an extra, and most results have no history
    from hivegate.history.queries import list_environments  # noqa: PLC0415  same

    store = existing_store(project)
    key = environment_key(result.environment)
    if not any(one.key == key for one in list_environments(store, key)):
        return {}
    asked = {(one.benchmark, _series_of(one)) for one in broken}
    found: dict[tuple[str, str], Trend] = {}
    for machine in open_machines(store, TrendOptions(environment=key, joined=True), project.folder):
        wanted = [one for one in machine.series if (one.benchmark, one.metric.name) in asked]
        trends = machine_trends(machine, wanted, code_history(project.folder, machine))
        found |= {(one.series.benchmark, one.series.metric.name): one for one in trends}
    return found


def _after_base(project: Path, result: GateResult) -> Callable[[ChangePoint], bool]:
    """Tell whether a change came after the base of a comparison, so that it is a part of what was compared."""

    def after(change: ChangePoint) -> bool:
        base, bad = result.base_sha, change.first_bad.commit
        return base is not None and bad is not None and not commits.is_ancestor(project, bad, base)

    return after


def _origin(
    verdict: Verdict, trends: Mapping[tuple[str, str], Trend], after_base: Callable[[ChangePoint], bool]
) -> RegressionOrigin | None:
    trend = trends.get((verdict.benchmark, _series_of(verdict)))
    if trend is None:
        return None
    if _is_drift(verdict):
        return _best_level(trend)
    if verdict.change is None and verdict.limit is not None and not (verdict.relative_to or verdict.per_operation):
        return _crossing(trend, verdict.limit)
    worse = [change for change in trend.changes if change.worse and (verdict.change is None or after_base(change))]
    if not worse:
        return None
    return RegressionOrigin(kind=OriginKind.WORSENED, metric=trend.series.metric, change=worse[-1])


def _is_drift(verdict: Verdict) -> bool:
    return verdict.metric is not None and instrument_of(metric_named(verdict.metric)).of_history


def _series_of(verdict: Verdict) -> str:
    """Name the metric whose series a verdict is about."""
    return DRIFTING if _is_drift(verdict) else verdict.metric or ""


def _best_level(trend: Trend) -> RegressionOrigin | None:
    """Find when the best level was held."""
    drift = trend.drift
    if drift is None:
        return None
    return RegressionOrigin(
        kind=OriginKind.DRIFTED,
        metric=trend.series.metric,
        best=drift.best,
        first=drift.best_first,
        last=drift.best_last,
    )


def _crossing(trend: Trend, limit: Limit) -> RegressionOrigin:
    """Find where a series went beyond a limit for the last time and stayed."""
    points, metric = trend.series.points, trend.series.metric
    levels = [*(change.before for change in trend.changes[:1]), *(change.after for change in trend.changes)]
    if not levels:
        levels = [sorted(point.value for point in points)[len(points) // 2]]
    if not _beyond(levels[-1], limit):
        return RegressionOrigin(kind=OriginKind.NEW, metric=metric, last=points[-1])
    start = len(levels) - 1
    while start and _beyond(levels[start - 1], limit):
        start -= 1
    if not start:
        return RegressionOrigin(kind=OriginKind.ALWAYS, metric=metric, first=points[0], runs=len(points))
    return RegressionOrigin(kind=OriginKind.CROSSED, metric=metric, change=trend.changes[start - 1])


def _beyond(level: float, limit: Limit) -> bool:
    above = limit.maximum is not None and level > limit.maximum
    return above or (limit.minimum is not None and level < limit.minimum)
