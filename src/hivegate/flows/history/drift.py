"""Drift for targets: how far each benchmark's mean drifted by the history of this machine, this run included."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import msgspec

from hivegate.flows.history.record import Origin, record_of
from hivegate.instruments import instrument_of
from hivegate.model.identity import matches
from hivegate.model.record import environment_key
from hivegate.model.trend import Point
from hivegate.stats.trend import find_trends

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from hivegate.flows.history.series import BoundedSeries, Machine
    from hivegate.flows.project import Project
    from hivegate.model.run import Run
    from hivegate.model.targets import Targets
    from hivegate.model.trend import Drift, Series

    DriftLookup: TypeAlias = Callable[[Run], Mapping[str, Drift | None] | None]

DRIFTING = "mean"  # the metric that a drift is of


def drift_of(project: Project, targets: Targets) -> DriftLookup:
    """Make the look-up of drift in a run's benchmarks; it finds none where no target asks or there is no history.

    Raises `HistoryError` for a history that a target needs and that cannot be read.
    """
    asked = [target.benchmark for target in targets.targets if instrument_of(target.metric).of_history]
    if not asked or not project.has_history():
        return lambda _run: None
    means: dict[str, list[tuple[Machine, BoundedSeries]]] = {}

    def drift(run: Run) -> Mapping[str, Drift | None]:
        key = environment_key(run.environment)
        if key not in means:
            means[key] = _means(project, key)
        return _drifts(run, means[key], asked, targets.confidence)

    return drift


def _means(project: Project, key: str) -> list[tuple[Machine, BoundedSeries]]:
    from hivegate.flows.history.series import TrendOptions, open_machines  # noqa: PLC0415  same
    from hivegate.flows.history.store import existing_store  # noqa: PLC0415  SQLAlchemy is an extra
    from hivegate.history.queries import list_environments  # noqa: PLC0415  same

    store = existing_store(project)
    if not any(environment.key == key for environment in list_environments(store, key)):
        return []
    machines: list[Machine] = list(open_machines(store, TrendOptions(environment=key, joined=True), project.folder))
    return [(machine, series) for machine in machines for series in machine.load(machine.firsts(DRIFTING).values())]


def _drifts(
    run: Run, history: Sequence[tuple[Machine, BoundedSeries]], asked: Sequence[str], confidence: float
) -> Mapping[str, Drift | None]:
    now = {one.benchmark: one.value for one in record_of(run, Origin()).levels if one.metric.name == DRIFTING}
    last = max((point.run for _, one in history for point in one.series.points), default=-1)
    measured = [_continued(one.series, now, last + 1, run) for _, one in history if one.series.benchmark in now]
    series = [one for one in measured if any(matches(selector, one.benchmark) for selector in asked)]
    names = {one.benchmark for one in series}
    others = [one for one in measured if one.benchmark not in names]
    boundaries = history[0][0].boundaries if history else ()
    trends = find_trends(series, witnesses=others, boundaries=boundaries, confidence=confidence)
    return {one.series.benchmark: one.drift for one in trends}


def _continued(series: Series, now: Mapping[str, float], place: int, run: Run) -> Series:
    """Add this run behind the history, unless it is there already."""
    value, commit = now[series.benchmark], run.commit.sha if run.commit else None
    newest = series.points[-1]
    if newest.value == value and newest.commit == commit:
        return series
    return msgspec.structs.replace(series, points=(*series.points, Point(run=place, value=value, commit=commit)))
