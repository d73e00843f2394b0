"""Trends: change points, common mode and drift of all benchmarks of an environment together."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np

from hivegate.model.metric import Dimension
from hivegate.model.trend import ChangeCause, ChangePoint, Drift, Trend
from hivegate.stats.changepoints import Step, find_change_points
from hivegate.stats.common_mode import FEWEST, Move, find_moves
from hivegate.stats.drift import measure_drift

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from hivegate.model.trend import Boundary, Series

CONFIDENCE = 0.95
_OF_TIME = frozenset({Dimension.SECONDS, Dimension.RATE})
_NEAR = 12


class _Moved(NamedTuple):
    """A move of the machine and the runs that it lies between."""

    run: int
    first: int
    last: int
    move: Move


def find_trends(
    series: Sequence[Series],
    *,
    witnesses: Sequence[Series] = (),
    boundaries: Sequence[Boundary] = (),
    confidence: float = CONFIDENCE,
) -> tuple[Trend, ...]:
    """Find the trends of series, in their order; those of one environment tell of its machine together.

    A change by which most of an environment's benchmarks moved is put down to the machine, by unlike amounts to either;
    `witnesses` are series of other benchmarks that tell of it too. A change in whose range the environment was switched
    for good is put down to either. `confidence` is that of the interval of drift.
    """
    groups: dict[str, list[Series]] = defaultdict(list)
    for one in (*series, *witnesses):
        groups[one.environment].append(one)
    moves = {environment: _moves(group) for environment, group in groups.items()}
    told = [_changes(one, moves[one.environment], boundaries) for one in series]
    shared = _shared(series, told)
    return tuple(
        Trend(
            series=one,
            changes=tuple(_or_either(change, shared[one.environment]) for change in found.changes),
            drift=_drift(one, found, confidence),
        )
        for one, found in zip(series, told, strict=True)
    )


def _moves(group: Sequence[Series]) -> tuple[_Moved, ...]:
    """Find the machine's moves by one metric of time of each benchmark."""
    voters: dict[str, Series] = {}
    for one in sorted(group, key=lambda one: (one.benchmark, one.metric.name)):
        if _follows_machine(one):
            voters.setdefault(one.benchmark, one)
    runs = sorted({point.run for one in voters.values() for point in one.points})
    row = {run: place for place, run in enumerate(runs)}
    logs = np.full((len(runs), len(voters)), np.nan)
    for column, one in enumerate(voters.values()):
        sign = -1.0 if one.metric.higher_is_better else 1.0
        for point in one.points:
            logs[row[point.run], column] = sign * math.log(point.value)
    return tuple(_Moved(runs[one.index], runs[one.first], runs[one.last], one) for one in find_moves(logs))


def _follows_machine(series: Series) -> bool:
    return series.metric.dimension in _OF_TIME and all(0 < point.value < math.inf for point in series.points)


class _Found(NamedTuple):
    """What became of a series: its values without the machine's moves, and its changes."""

    still: npt.NDArray[np.float64]
    changes: list[ChangePoint]


def _changes(series: Series, moves: Sequence[_Moved], boundaries: Sequence[Boundary]) -> _Found:
    values = np.array([point.value for point in series.points], dtype=np.float64)
    runs = np.array([point.run for point in series.points], dtype=np.int64)
    sign = -1.0 if series.metric.higher_is_better else 1.0
    moves = moves if _follows_machine(series) else ()
    still = values.copy()
    for one in moves:
        still = still * np.exp(np.where(runs >= one.run, -sign * one.move.shift, 0.0))
    steps = find_change_points(still)
    by_move = {one: _with_move(one, runs, moves) for one in steps}
    told = {id(one) for one in by_move.values() if one is not None}
    found: list[tuple[ChangePoint, float]] = [
        (_change(series, step, _cause(step, move, sign)), 1.0 if move is None else math.exp(sign * move.move.shift))
        for step, move in by_move.items()
    ]
    found += [
        (change, math.exp(sign * one.move.shift))
        for one in moves
        if id(one) not in told and (change := _machine_change(series, values, runs, one)) is not None
    ]
    found.sort(key=lambda pair: pair[0].index)
    changes = [change if scale == 1 else msgspec.structs.replace(change, shared=scale) for change, scale in found]
    if moves:
        changes = _measured(changes, values)
    return _Found(still, [_beside(one, boundaries) for one in changes])


def _with_move(step: Step, runs: npt.NDArray[np.int64], moves: Sequence[_Moved]) -> _Moved | None:
    """Find the move of the machine that a step is what is left of."""
    return next((one for one in moves if runs[step.first] <= one.last and one.first <= runs[step.last]), None)


def _cause(step: Step, move: _Moved | None, sign: float) -> ChangeCause:
    """Put what is left of a step at a move of the machine down to it, where others differ from the move as much."""
    left = sign * math.log(step.after / step.before) if min(step.before, step.after) > 0 else math.inf
    return ChangeCause.MACHINE if move is not None and abs(left) <= move.move.spread else ChangeCause.CODE


def _measured(changes: list[ChangePoint], values: npt.NDArray[np.float64]) -> list[ChangePoint]:
    """Tell levels that were measured, near the change and not beyond the next."""
    edges = [0, *(one.index for one in changes), len(values)]
    return [
        msgspec.structs.replace(
            one,
            before=float(np.median(values[max(edges[at], one.index - _NEAR) : one.index])),
            after=float(np.median(values[one.index : min(edges[at + 2], one.index + _NEAR)])),
        )
        if edges[at] < one.index < edges[at + 2]
        else one
        for at, one in enumerate(changes)
    ]


def _beside(change: ChangePoint, boundaries: Sequence[Boundary]) -> ChangePoint:
    """Name the switches of the environment in a change's range."""
    first, last = change.surely_before.run, change.surely_after.run
    here = tuple(one for one in boundaries if first < one.run <= last)
    cause = ChangeCause.EITHER if here and change.cause is ChangeCause.CODE else change.cause
    return msgspec.structs.replace(change, boundaries=here, cause=cause) if here else change


def _shared(series: Sequence[Series], told: Sequence[_Found]) -> dict[str, npt.NDArray[np.bool_]]:
    """Tell of each environment between which runs most of its benchmarks changed, three at least."""
    end = 1 + max((one.points[-1].run for one in series if one.points), default=0)
    alive: dict[str, npt.NDArray[np.int64]] = defaultdict(lambda: np.zeros(end + 1, dtype=np.int64))
    moved: dict[str, npt.NDArray[np.int64]] = defaultdict(lambda: np.zeros(end + 1, dtype=np.int64))
    seen: set[tuple[str, str]] = set()
    for one, found in zip(series, told, strict=True):
        if (one.environment, one.benchmark) in seen or not _follows_machine(one) or not one.points:
            continue
        seen.add((one.environment, one.benchmark))
        alive[one.environment][one.points[0].run + 1 : one.points[-1].run + 1] += 1
        here = np.zeros(end + 1, dtype=np.int64)
        for change in found.changes:
            here[change.surely_before.run + 1 : change.surely_after.run + 1] = 1
        moved[one.environment] += here
    return {key: (moved[key] >= FEWEST) & (2 * moved[key] > alive[key]) for key in {one.environment for one in series}}


def _or_either(change: ChangePoint, shared: npt.NDArray[np.bool_]) -> ChangePoint:
    """Leave it open whether the code or the machine did what most benchmarks felt, by unlike amounts."""
    if change.cause is ChangeCause.CODE and change.shared is None and shared[change.first_bad.run]:
        return msgspec.structs.replace(change, cause=ChangeCause.EITHER)
    return change


def _change(series: Series, step: Step, cause: ChangeCause) -> ChangePoint:
    points = series.points
    return ChangePoint(
        index=step.index,
        before=step.before,
        after=step.after,
        p=step.p,
        worse=(step.after < step.before) == series.metric.higher_is_better,
        last_good=points[step.index - 1],
        first_bad=points[step.index],
        surely_before=points[step.first - 1],
        surely_after=points[step.last],
        cause=cause,
    )


def _machine_change(
    series: Series, values: npt.NDArray[np.float64], runs: npt.NDArray[np.int64], moved: _Moved
) -> ChangePoint | None:
    """Tell of a move of the machine what it did to one series; None where the series was not there on both sides."""
    index, first, last = (int(np.searchsorted(runs, run)) for run in (moved.run, moved.first, moved.last))
    if first < 1 or last >= len(values):
        return None
    step = Step(
        index=index,
        first=first,
        last=last,
        before=float(np.median(values[max(0, first - _NEAR) : first])),
        after=float(np.median(values[last : last + _NEAR])),
        p=moved.move.p,
    )
    return _change(series, step, ChangeCause.MACHINE)


def _drift(series: Series, found: _Found, confidence: float) -> Drift | None:
    """Measure the drift twice and tell the less: as measured, and without what is not the code's.

    A machine that got faster hides no drift that its levels never showed, and one that got slower makes none.
    """
    still = found.still
    if not len(still) or not (np.isfinite(still).all() and still.min() > 0):
        return None
    sign = -1.0 if series.metric.higher_is_better else 1.0
    values = np.array([point.value for point in series.points], dtype=np.float64)
    since = max((one.index for one in found.changes), default=0)
    for one in found.changes:
        if one.boundaries and one.ratio and one.shared is None and one.after > 0:
            still = np.concatenate((still[: one.index], still[one.index :] / one.ratio))
    told = [
        distance
        for one in (values, still / (still[-1] / values[-1]))
        if (distance := measure_drift(sign * np.log(one), since=since, confidence=confidence)) is not None
    ]
    if not told:
        return None
    least = min(told, key=lambda one: one.distance)
    return Drift(
        ratio=math.exp(least.distance),
        low=math.exp(min(one.low for one in told)),
        high=math.exp(least.high),
        best=math.exp(sign * least.best),
        current=math.exp(sign * least.current),
        runs=len(series.points),
        best_first=series.points[least.best_first],
        best_last=series.points[least.best_last],
        current_first=series.points[least.current_first],
    )
