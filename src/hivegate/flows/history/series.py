"""Series of a store: whose machine, whose branch, which benchmarks, in the order of their revisions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from hivegate.errors import HistoryError, UsageError
from hivegate.history.queries import list_environments, list_runs, list_series, load_numbers, load_some
from hivegate.history.store import Store
from hivegate.model.identity import matches
from hivegate.model.record import StoredEnvironment, StoredRun, StoredSeries
from hivegate.model.trend import Point, Series
from hivegate.system import git

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from hivegate.history.queries import Number

_FIRST = ("p50", "mean", "throughput")  # metrics by which a benchmark is told of, the first that it has


class TrendOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Which trends: of benchmarks that a selector matches, of a metric, an environment (its key's beginning), a branch.

    None stands for: every benchmark; the first metric of each; every environment; the default branch.
    """

    selectors: tuple[str, ...] = ()
    metric: str | None = None
    environment: str | None = None
    branch: str | None = None


class BoundedSeries(msgspec.Struct, frozen=True, kw_only=True):
    """One series with the interval of each point, None at an open end, and the node id of its benchmark."""

    series: Series
    bounds: tuple[tuple[float | None, float | None], ...]
    node_id: str | None


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """One environment of a store: the runs that series count by, and what is kept of them."""

    store: Store
    environment: StoredEnvironment
    runs: tuple[StoredRun, ...]
    left_out: int
    series: tuple[StoredSeries, ...]

    def load(self, wanted: Iterable[StoredSeries]) -> Iterator[BoundedSeries]:
        """Read series, one at a time; those without a point in the runs are left out."""
        by_id = {one.id: one for one in wanted}
        at = {run.id: place for place, run in enumerate(self.runs)}
        for number, numbers in load_numbers(self.store, by_id):
            yield from _series(by_id[number], self.runs, at, numbers)

    def load_at(self, wanted: Sequence[StoredSeries], places: Sequence[int]) -> Iterator[BoundedSeries]:
        """Read what a few series say of some places."""
        by_id = {one.id: one for one in wanted}
        at = {self.runs[place].id: place for place in places if 0 <= place < len(self.runs)}
        for number, numbers in load_some(self.store, tuple(by_id), tuple(at)).items():
            yield from _series(by_id[number], self.runs, at, numbers)

    def firsts(self, metric: str | None = None) -> dict[str, StoredSeries]:
        """Name the series that tells of each benchmark: of a metric, else of the first that it has."""
        found: dict[str, StoredSeries] = {}
        for one in self.series:
            known = found.get(one.benchmark)
            if metric is None and (known is None or _rank(one) < _rank(known)):
                found[one.benchmark] = one
            elif one.metric.name == metric:
                found.setdefault(one.benchmark, one)
        return found


def open_machines(store: Store, options: TrendOptions, project: Path) -> Iterator[Machine]:
    """Go through the environments that were asked for, the newest first, with the runs of one branch of the project.

    Raises `HistoryError` where no run is kept, and `UsageError` for a key that none has.
    """
    found = list_environments(store, options.environment or "")
    if not found:
        everything = list_environments(store)
        if not everything:
            raise HistoryError("no run is stored here yet", where=store.where, hint="store one: hivegate history add")
        keys = ", ".join(one.key for one in everything[:8])
        raise UsageError(f"no environment has a key that begins with {options.environment!r}", hint=f"there are {keys}")
    default: str | None = None
    for environment in found:
        kept = list_runs(store, environment.key)
        if options.branch is None and default is None and len({one.branch for one in kept}) > 1:
            default = git.default_branch(project)
        runs = on_branch(kept, options.branch, default)
        yield Machine(
            store=store,
            environment=environment,
            runs=runs,
            left_out=len(kept) - len(runs),
            series=list_series(store, environment.key),
        )


def selected(machine: Machine, options: TrendOptions) -> tuple[StoredSeries, ...]:
    """Choose the series that were asked for, one a benchmark."""
    return tuple(
        one
        for name, one in machine.firsts(options.metric).items()
        if not options.selectors or any(matches(selector, name) for selector in options.selectors)
    )


def on_branch(runs: Sequence[StoredRun], branch: str | None, default: str | None) -> tuple[StoredRun, ...]:
    """Choose the runs of a branch: the one that is asked for, else the default one, where either has any.

    Runs of changed working trees are left out, for no commit names what they measured, unless there are no others.
    """
    if branch is not None:
        runs = [one for one in runs if one.branch == branch]
    elif default is not None and any(one.branch == default for one in runs):
        runs = [one for one in runs if one.branch == default]
    clean = tuple(one for one in runs if not one.dirty)
    return clean or tuple(runs)


def _rank(one: StoredSeries) -> int:
    return _FIRST.index(one.metric.name) if one.metric.name in _FIRST else len(_FIRST)


def _series(
    kept: StoredSeries, runs: Sequence[StoredRun], at: Mapping[int, int], numbers: Iterable[Number]
) -> Iterator[BoundedSeries]:
    found = sorted((at[one.run], one) for one in numbers if one.run in at)
    points = tuple(
        Point(run=place, value=one.value, commit=runs[place].commit, created=runs[place].moment) for place, one in found
    )
    if points:
        yield BoundedSeries(
            series=Series(benchmark=kept.benchmark, environment=kept.environment, metric=kept.metric, points=points),
            bounds=tuple((one.low, one.high) for _, one in found),
            node_id=kept.node_id,
        )
