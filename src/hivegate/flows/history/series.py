"""Series of a store: whose machine, whose branch, which benchmarks, in the order of their revisions."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from hivegate.errors import HistoryError, UsageError
from hivegate.history.queries import list_environments, list_runs, list_series, load_numbers, load_some
from hivegate.history.store import Store
from hivegate.model.identity import matches
from hivegate.model.record import StoredEnvironment, StoredRun, StoredSeries, comparable, factors_of
from hivegate.model.trend import Point, Series
from hivegate.stats.environments import Factor, learn_offsets, make_factor, strangers
from hivegate.system import git

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from hivegate.history.queries import Number
    from hivegate.model.trend import Boundary

_MOST_KNOWN = 0.9  # of the runs' commits: then the others were taken off the branch
_FIRST = ("p50", "mean", "throughput")  # metrics by which a benchmark is told of, the first that it has


class TrendOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Which trends: of benchmarks that a selector matches, of a metric, an environment (its key's beginning), a branch.

    None stands for: every benchmark; the first metric of each; every environment, those that are comparable as one;
    the default branch. With `joined`, those that are comparable with the environment count, too.
    """

    selectors: tuple[str, ...] = ()
    metric: str | None = None
    environment: str | None = None
    joined: bool = False
    branch: str | None = None


class BoundedSeries(msgspec.Struct, frozen=True, kw_only=True):
    """One series with the interval of each point, None at an open end, and the node id of its benchmark."""

    series: Series
    bounds: tuple[tuple[float | None, float | None], ...]
    node_id: str | None


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """Environments of a store whose runs are one series, told as in one of them, `environment`.

    `runs` are what series count by, `left_out` counts those of other branches, of changed trees and in environments
    that were seen too rarely; `factors` are what the environments differ by, and `at` is a run in `environment`.
    """

    store: Store
    environment: StoredEnvironment
    members: tuple[StoredEnvironment, ...]
    runs: tuple[StoredRun, ...]
    left_out: int
    series: tuple[StoredSeries, ...]
    parts: dict[int, tuple[int, ...]]
    factors: tuple[Factor, ...] = ()
    at: int = 0

    @property
    def boundaries(self) -> tuple[Boundary, ...]:
        """The switches of the environment that happened once."""
        found = [one for factor in self.factors for one in factor.boundaries()]
        return tuple(sorted(found, key=lambda one: one.run))

    def load(self, wanted: Iterable[StoredSeries]) -> Iterator[BoundedSeries]:
        """Read series, one at a time; those without a point in the runs are left out."""
        at = {run.id: place for place, run in enumerate(self.runs)}
        chosen = list(wanted)
        read = load_numbers(self.store, (part for one in chosen for part in self.parts[one.id]))
        for one in chosen:
            parts = itertools.islice(read, len(self.parts[one.id]))
            yield from self._series(one, at, [each for _, several in parts for each in several])

    def load_at(self, wanted: Sequence[StoredSeries], places: Sequence[int]) -> Iterator[BoundedSeries]:
        """Read what a few series say of some places."""
        at = {self.runs[place].id: place for place in places if 0 <= place < len(self.runs)}
        found = load_some(self.store, [part for one in wanted for part in self.parts[one.id]], tuple(at))
        for one in wanted:
            yield from self._series(one, at, [each for part in self.parts[one.id] for each in found.get(part, ())])

    def _series(self, kept: StoredSeries, at: Mapping[int, int], numbers: Iterable[Number]) -> Iterator[BoundedSeries]:
        """Draw a series as in `environment`; where its factors do not explain the others, without those."""
        found = sorted(((at[one.run], one) for one in numbers if one.run in at), key=lambda pair: pair[0])
        scales = self._scales(found)
        if scales is None:
            here = self.runs[self.at].environment
            found = [pair for pair in found if self.runs[pair[0]].environment == here]
            scales = [1.0] * len(found)
        points = tuple(
            Point(
                run=place,
                value=one.value / scale,
                commit=self.runs[place].commit,
                created=self.runs[place].moment,
            )
            for (place, one), scale in zip(found, scales, strict=True)
        )
        if points:
            yield BoundedSeries(
                series=Series(
                    benchmark=kept.benchmark,
                    environment=self.environment.key,
                    metric=kept.metric,
                    points=points,
                ),
                bounds=tuple(
                    (one.low and one.low / scale, one.high and one.high / scale)
                    for (_, one), scale in zip(found, scales, strict=True)
                ),
                node_id=kept.node_id,
            )

    def _scales(self, found: Sequence[tuple[int, Number]]) -> list[float] | None:
        """Learn the factor of each point over what it were in `environment`."""
        values = np.array([one.value for _, one in found])
        if not self.factors or not len(values) or not (np.isfinite(values).all() and values.min() > 0):
            return [1.0] * len(values)
        runs = np.array([place for place, _ in found], dtype=np.int64)
        learned = learn_offsets(np.log(values), runs, self.factors, self.at)
        return None if learned is None else [float(one) for one in np.exp(learned)]

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

    Environments that are comparable are one machine, unless one of them is asked for by its key. Raises `HistoryError`
    where no run is kept, and `UsageError` for a key that none has.
    """
    everything = list_environments(store)
    if not everything:
        raise HistoryError("no run is stored here yet", where=store.where, hint="store one: hivegate history add")
    found = [one for one in everything if one.key.startswith(options.environment or "")]
    if not found:
        keys = ", ".join(one.key for one in everything[:8])
        raise UsageError(f"no environment has a key that begins with {options.environment!r}", hint=f"there are {keys}")
    alone = options.environment is not None and not options.joined
    groups: dict[object, list[StoredEnvironment]] = {}
    for one in found if alone else everything:
        groups.setdefault(one.key if alone else comparable(one.environment), []).append(one)
    for members in groups.values():
        home = next((one for one in found if one in members), None)
        if home is not None:
            yield _machine(store, home, members, options, project)


def _machine(
    store: Store, home: StoredEnvironment, members: Sequence[StoredEnvironment], options: TrendOptions, project: Path
) -> Machine:
    """Join environments into one, as seen from the first."""
    kept = sorted(
        (run for one in members for run in list_runs(store, one.key)),
        key=lambda run: (run.moment, run.created or "", run.id),
    )
    default = git.default_branch(project) if options.branch is None and len({one.branch for one in kept}) > 1 else None
    chosen = on_branch(kept, options.branch, default)
    branches = {one.branch for one in chosen}
    branch = branches.pop() if len(branches) == 1 else None
    runs = in_order(chosen, git.ancestry(project, branch) if branch and len(chosen) > 1 else {})
    factors: tuple[Factor, ...] = ()
    if len(members) > 1:
        runs, factors = _factors(runs, {one.key: factors_of(one.environment) for one in members}, home.key)
    first: dict[tuple[str, str], StoredSeries] = {}
    parts: dict[int, list[int]] = {}
    for one in (one for member in members for one in list_series(store, member.key)):
        known = first.setdefault((one.benchmark, one.metric.name), one)
        parts.setdefault(known.id, []).append(one.id)
    return Machine(
        store=store,
        environment=home,
        members=tuple(members),
        runs=runs,
        left_out=len(kept) - len(runs),
        series=tuple(sorted(first.values(), key=lambda one: (one.benchmark, one.metric.name, one.id))),
        parts={number: tuple(several) for number, several in parts.items()},
        factors=factors,
        at=max((place for place, run in enumerate(runs) if run.environment == home.key), default=0),
    )


def in_order(runs: Sequence[StoredRun], ancestry: Mapping[str, int]) -> tuple[StoredRun, ...]:
    """Order runs as their commits follow each other in the clone, whatever their clocks said.

    Runs of commits that the branch does not have any more are left out. A clone that lacks one commit in ten is no
    judge: then the times of the commits decide.
    """
    known = [one for one in runs if one.commit in ancestry]
    if not known or len(known) < _MOST_KNOWN * len(runs):
        return tuple(runs)
    return tuple(sorted(known, key=lambda run: (ancestry[run.commit or ""], run.created or "", run.id)))


def _factors(
    runs: Sequence[StoredRun], told: Mapping[str, Mapping[str, str]], home: str
) -> tuple[tuple[StoredRun, ...], tuple[Factor, ...]]:
    """Find what the environments of runs differ by, and leave out the runs whose environment cannot be compared."""
    while True:
        names = [name for name in told[home] if len({told[run.environment][name] for run in runs}) > 1]
        factors = tuple(make_factor(name, [told[run.environment][name] for run in runs]) for name in names)
        strange = {place for place in strangers(factors) if runs[place].environment != home}
        if not strange:
            return tuple(runs), factors
        runs = [run for place, run in enumerate(runs) if place not in strange]


def selected(machine: Machine, options: TrendOptions) -> tuple[StoredSeries, ...]:
    """Choose the series that were asked for, one a benchmark."""
    return tuple(
        one
        for name, one in machine.firsts(options.metric).items()
        if not options.selectors or any(is_named(selector, name, one.node_id) for selector in options.selectors)
    )


def is_named(selector: str, benchmark: str, node_id: str | None) -> bool:
    """Tell whether a selector names a benchmark, by its id or by pytest's."""
    return matches(selector, benchmark) or (node_id is not None and matches(selector, node_id))


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
