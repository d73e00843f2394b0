"""Find what became of benchmarks from run to run, and since when."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from hivegate.errors import UsageError
from hivegate.flows.history.record import utc
from hivegate.flows.history.series import TrendOptions, is_named, open_machines, selected
from hivegate.flows.history.store import existing_store
from hivegate.flows.source.evidence import CodeHistory
from hivegate.history.queries import list_series
from hivegate.model.identity import closest
from hivegate.model.record import MachineTrends
from hivegate.model.trend import ChangeCause, Trend
from hivegate.stats import trend as statistics
from hivegate.system import commits, git

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from hivegate.flows.history.series import BoundedSeries, Machine
    from hivegate.flows.project import Project
    from hivegate.history.store import Store
    from hivegate.model.record import StoredSeries
    from hivegate.model.trend import ChangePoint, CommitEvidence, Series

_WITNESSES = 24  # benchmarks that say whether it was the machine, where few are asked for
_MOST_PLACES = 3000  # asked for one by one
_AROUND = 30  # runs on each side of a change that they are asked about


def find_trends(project: Project, options: TrendOptions | None = None) -> tuple[MachineTrends, ...]:
    """Find where benchmarks left one level for another, as ``hivegate history trend`` does; one item a machine.

    Raises `HistoryError` where no run is kept, and `UsageError` for a benchmark, metric or environment that none has.
    """
    options = options or TrendOptions()
    store = existing_store(project)
    found = []
    for machine in open_machines(store, options, project.folder):
        code = code_history(project.folder, machine)
        trends = machine_trends(machine, selected(machine, options), code)
        found.append(
            MachineTrends(
                environment=machine.environment,
                members=machine.members,
                boundaries=machine.boundaries,
                runs=machine.runs,
                left_out=machine.left_out,
                trends=trends,
                between=_counted(project.folder, trends),
                evidence=_evidence(trends, code),
            )
        )
    if not any(machine.trends for machine in found):
        raise _nothing(store, options)
    return tuple(found)


def moment_of(project: Path, named: str) -> str:
    """Tell when a day began or a revision was committed, in UTC; raises `UsageError` for what is neither."""
    told = utc(named)
    if told is not None:
        return told
    sha = git.resolve(project, named)
    described = commits.describe(project, [sha]) if sha else {}
    found = utc(described[sha].committed) if sha in described else None
    if found is None:
        raise UsageError(f"{named!r} is neither a day nor a revision of this clone", hint="as in 2026-05-01 or v1.2")
    return found


def machine_trends(machine: Machine, wanted: Sequence[StoredSeries], code: CodeHistory) -> tuple[Trend, ...]:
    """Find the trends of some series of one machine; where they moved, others are asked whether the machine did."""
    drawn = list(machine.load(wanted))
    series = [one.series for one in drawn]
    trends = statistics.find_trends(series, boundaries=machine.boundaries)
    others = _others(machine, {one.benchmark for one in wanted})
    if len(wanted) < _WITNESSES and others and any(one.changes or _drifted(one) for one in trends):
        witnesses = _witnesses(machine, others, trends)
        trends = statistics.find_trends(series, witnesses=witnesses, boundaries=machine.boundaries)
    return explained(drawn, trends, code)


def explained(drawn: Iterable[BoundedSeries], trends: Iterable[Trend], code: CodeHistory) -> tuple[Trend, ...]:
    """Put changes that came with a change of the benchmark's own body down to that, and none to harmless commits."""
    return tuple(_explained(trend, one.node_id, code) for one, trend in zip(drawn, trends, strict=True))


def _others(machine: Machine, wanted: set[str]) -> list[StoredSeries]:
    """Choose other benchmarks' series, evenly from all of them."""
    others = [one for name, one in machine.firsts().items() if name not in wanted]
    return others[:: max(1, -(-len(others) // _WITNESSES))]


def _witnesses(machine: Machine, others: Sequence[StoredSeries], trends: Sequence[Trend]) -> list[Series]:
    """Read what others measured around the changes; all of it where nothing jumped and yet the level drifted."""
    if any(_drifted(one) and not one.changes for one in trends):
        return [one.series for one in machine.load(others)]
    places: set[int] = set()
    for trend in trends:
        for change in trend.changes:
            places.update(range(change.first_bad.run - _AROUND, change.first_bad.run + _AROUND))
    if len(places) > _MOST_PLACES:
        return [one.series for one in machine.load(others)]
    return [one.series for one in machine.load_at(others, sorted(places))]


def _drifted(trend: Trend) -> bool:
    return trend.drift is not None and trend.drift.low > 1


def _explained(trend: Trend, node_id: str | None, code: CodeHistory) -> Trend:
    changes = tuple(msgspec.structs.replace(one, cause=_cause(one, node_id, code)) for one in trend.changes)
    outside = max((one.first_bad.run for one in changes if one.cause is ChangeCause.OUTSIDE), default=-1)
    drift = None if trend.drift is not None and trend.drift.best_last.run < outside else trend.drift
    return msgspec.structs.replace(trend, changes=changes, drift=drift) if changes else trend


def _cause(change: ChangePoint, node_id: str | None, code: CodeHistory) -> ChangeCause:
    if change.cause not in {ChangeCause.CODE, ChangeCause.EITHER}:
        return change.cause
    listed = code.between(change.surely_before.commit, change.surely_after.commit)
    if listed is not None and not any(one.could for one in listed):
        return ChangeCause.OUTSIDE
    own = node_id is not None and code.definitions.differ(node_id, change.last_good.commit, change.first_bad.commit)
    return ChangeCause.BENCHMARK if own and change.cause is ChangeCause.CODE else change.cause


def code_history(project: Path, machine: Machine) -> CodeHistory:
    """Open what git knows of the project's code, and which of its files hold the machine's benchmarks."""
    return CodeHistory(project, {one.node_id for one in machine.series if one.node_id is not None})


def _evidence(trends: Iterable[Trend], code: CodeHistory) -> dict[str, tuple[CommitEvidence, ...]]:
    """List the commits of each change's whole range."""
    ranges = {(one.surely_before.commit, one.surely_after.commit) for trend in trends for one in trend.changes}
    found = ((old, new, code.between(old, new)) for old, new in ranges)
    return {f"{old}..{new}": listed for old, new, listed in found if listed is not None}


def _counted(project: Path, trends: Iterable[Trend]) -> dict[str, int]:
    """Count the commits between the runs on both sides of each change, where the clone has them."""
    ranges = {(one.last_good.commit, one.first_bad.commit) for trend in trends for one in trend.changes}
    found = ((old, new, commits.count_between(project, old, new)) for old, new in ranges if old and new)
    return {f"{old}..{new}": count for old, new, count in found if count is not None}


def _nothing(store: Store, options: TrendOptions) -> UsageError:
    series = list_series(store)
    names = sorted({one.benchmark for one in series})
    for selector in options.selectors:
        if not any(is_named(selector, one.benchmark, one.node_id) for one in series):
            near = closest(selector, [one.node_id or "" for one in series] if "::" in selector else names)
            hint = f"did you mean {near}?" if near else f"there are {len(names)}, such as {', '.join(names[:3])}"
            return UsageError(f"no benchmark of this history matches {selector!r}", hint=hint)
    if options.metric is not None and not any(one.metric.name == options.metric for one in series):
        metrics = ", ".join(sorted({one.metric.name for one in series})[:12])
        return UsageError(f"no series of the metric {options.metric!r} is stored", hint=f"there are {metrics}")
    branches = "" if options.branch is None else f" on the branch {options.branch!r}"
    return UsageError(f"no run{branches} measured that", hint="see the runs with: hivegate history show")
