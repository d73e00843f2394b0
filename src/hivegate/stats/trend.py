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
from hivegate.stats.common_mode import Move, find_moves
from hivegate.stats.drift import measure_drift

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from hivegate.model.trend import Series

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
    series: Sequence[Series], *, witnesses: Sequence[Series] = (), confidence: float = CONFIDENCE
) -> tuple[Trend, ...]:
    """Find the trends of series, in their order; those of one environment tell of its machine together.

    A change by which most of an environment's benchmarks moved is put down to the machine; `witnesses` are series of
    other benchmarks that tell of it too. `confidence` is that of the interval of drift.
    """
    groups: dict[str, list[Series]] = defaultdict(list)
    for one in (*series, *witnesses):
        groups[one.environment].append(one)
    moves = {environment: _moves(group) for environment, group in groups.items()}
    return tuple(_trend(one, moves[one.environment], confidence) for one in series)


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


def _trend(series: Series, moves: Sequence[_Moved], confidence: float) -> Trend:
    values = np.array([point.value for point in series.points], dtype=np.float64)
    runs = np.array([point.run for point in series.points], dtype=np.int64)
    sign = -1.0 if series.metric.higher_is_better else 1.0
    moves = moves if _follows_machine(series) else ()
    shifts = np.zeros(len(values))
    for one in moves:
        shifts += np.where(runs >= one.run, sign * one.move.shift, 0.0)
    still = values * np.exp(-shifts)
    steps = find_change_points(still)
    changes = [_change(series, _on_machine(step, shifts), _blamed(step, runs, moves, sign)) for step in steps]
    changes += [change for one in moves if (change := _machine_change(series, values, runs, one, sign)) is not None]
    drift = _drift(series, still, max((step.index for step in steps), default=0), confidence)
    return Trend(series=series, changes=tuple(sorted(changes, key=lambda one: one.index)), drift=drift)


def _on_machine(step: Step, shifts: npt.NDArray[np.float64]) -> Step:
    """Tell the levels of a step as the machine was then."""
    scale = math.exp(shifts[step.index])
    return msgspec.structs.replace(step, before=step.before * scale, after=step.after * scale)


def _blamed(step: Step, runs: npt.NDArray[np.int64], moves: Sequence[_Moved], sign: float) -> ChangeCause:
    """Put what is left of a step at a move of the machine down to it, where others differ from the move as much."""
    left = sign * math.log(step.after / step.before) if min(step.before, step.after) > 0 else math.inf
    for one in moves:
        near = runs[step.first] <= one.last and one.first <= runs[step.last]
        if near and abs(left) <= one.move.spread:
            return ChangeCause.MACHINE
    return ChangeCause.CODE


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
    series: Series, values: npt.NDArray[np.float64], runs: npt.NDArray[np.int64], moved: _Moved, sign: float
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
    change = _change(series, step, ChangeCause.MACHINE)
    return msgspec.structs.replace(change, shared=math.exp(sign * moved.move.shift))


def _drift(series: Series, still: npt.NDArray[np.float64], since: int, confidence: float) -> Drift | None:
    if not len(still) or not (np.isfinite(still).all() and still.min() > 0):
        return None
    sign = -1.0 if series.metric.higher_is_better else 1.0
    now = still[-1] / series.points[-1].value  # levels are told as the machine is now
    found = measure_drift(sign * np.log(still / now), since=since, confidence=confidence)
    if found is None:
        return None
    return Drift(
        ratio=math.exp(found.distance),
        low=math.exp(found.low),
        high=math.exp(found.high),
        best=math.exp(sign * found.best),
        current=math.exp(sign * found.current),
        runs=len(series.points),
        best_first=series.points[found.best_first],
        best_last=series.points[found.best_last],
        current_first=series.points[found.current_first],
    )
