"""False change points and false drift of histories in which nothing happens, by hivegate's own trends.

One look at a history by itself, then a year of looks, after every fifth run, with a year behind it. A change is counted
once, when a look first calls it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from hivegate.instruments import METRICS
from hivegate.model.trend import ChangeCause, Point, Series
from hivegate.stats.trend import find_trends
from scale.evidence import load, save
from scale.histories import HISTORIES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Executor

    from scale.noise import Logs

RUNS = 100  # a year
CREEPS = (0.0, 0.02, 0.05)  # limits of a target
CONFIDENCE = 0.99  # of a target that says nothing else
LENGTHS = (30, 100, 300)
_NEAR = 5  # runs: the same change, seen again
_SERIES = {"normal": 240}  # years a kind of noise
_OTHERS = 80
_LOOKED = {"normal": 2000}  # histories a length
_OTHERS_LOOKED = 400
_REPOSITORIES = 12
_BENCHMARKS = 100
_BETWEEN = 5  # runs between looks at a series
_BETWEEN_ALL = 20  # at a whole repository
_SEED = 20_26
_BLOCKS = 8


class OneLook(msgspec.Struct, frozen=True, kw_only=True):
    """One look at each of many histories: those with a change point, and those whose drift is above no limit.

    `beyond` counts who was said to have drifted by more than five percent, of as many that drifted by exactly that.
    """

    kind: str
    runs: int
    histories: int
    changed: int
    drifted: int
    beyond: int


class Year(msgspec.Struct, frozen=True, kw_only=True):
    """A year of looks at each of many series: changes for the worse put down to the code, all changes, drift by limit.

    `alarmed` are the series with any change for the worse.
    """

    kind: str
    series: int
    worse: int
    changes: int
    alarmed: int
    drifted: tuple[int, ...]


class Repositories(msgspec.Struct, frozen=True, kw_only=True):
    """A year of looks at all series of each of some repositories, whose noise is shared."""

    repositories: int
    series: int
    worse: int
    machine: int
    alarmed: int
    together: int


class Trends(msgspec.Struct, frozen=True, kw_only=True):
    """All that was simulated of histories."""

    looks: tuple[OneLook, ...]
    years: tuple[Year, ...]
    repositories: Repositories


def simulate(workers: Executor) -> None:
    """Simulate and keep everything."""
    looks = [_one_look(workers, kind, length) for kind in HISTORIES for length in LENGTHS]
    years = [_year(workers, kind) for kind in HISTORIES]
    save("trends", Trends(looks=tuple(looks), years=tuple(years), repositories=_repositories(workers)))


def read() -> Trends:
    """Read what was kept."""
    return load("trends", Trends)


def look_once(kind: str, seed: tuple[int, ...], runs: int, histories: int) -> OneLook:
    """Look once at histories without a change, and at some that drifted."""
    chance = np.random.default_rng(seed)
    logs = HISTORIES[kind](chance, histories, runs)
    drifted = logs + np.where(np.arange(runs) < runs // 2, 0.0, math.log1p(CREEPS[-1]))
    found = [find_trends([_series(row)], confidence=CONFIDENCE)[0] for row in logs]
    limits = [find_trends([_series(row)], confidence=CONFIDENCE)[0].drift for row in drifted]
    return OneLook(
        kind=kind,
        runs=runs,
        histories=histories,
        changed=sum(bool(one.changes) for one in found),
        drifted=sum(one.drift is not None and one.drift.low > 1 for one in found),
        beyond=sum(one is not None and one.low > 1 + CREEPS[-1] for one in limits),
    )


def live_a_year(kind: str, seed: tuple[int, ...], series: int) -> Year:
    """Look at series again and again for a year."""
    chance = np.random.default_rng(seed)
    worse, changes, alarmed = 0, 0, 0
    drifted = [0] * len(CREEPS)
    for row in HISTORIES[kind](chance, series, 2 * RUNS):
        known: dict[int, bool] = {}  # whether a change, by its place, is a false alarm of this year
        farthest = 0.0
        for runs in range(RUNS, 2 * RUNS + 1, _BETWEEN):
            (trend,) = find_trends([_series(row[:runs])], confidence=CONFIDENCE)
            fresh = [one for one in trend.changes if not any(abs(one.index - at) <= _NEAR for at in known)]
            this_year = runs > RUNS
            known |= {one.index: this_year and one.worse and one.cause is ChangeCause.CODE for one in fresh}
            changes += this_year * len(fresh)
            farthest = max(farthest, trend.drift.low if trend.drift is not None else 0.0)
        worse += sum(known.values())
        alarmed += any(known.values())
        for place, limit in enumerate(CREEPS):
            drifted[place] += farthest > 1 + limit
    return Year(kind=kind, series=series, worse=worse, changes=changes, alarmed=alarmed, drifted=tuple(drifted))


def live_together(seed: tuple[int, ...]) -> tuple[int, int, int]:
    """Look at all series of a repository for a year; returns changes for the worse by code, by the machine, at once."""
    chance = np.random.default_rng(seed)
    logs = _shared(chance, 2 * RUNS)
    known: set[tuple[str, int]] = set()
    code, machine, together = 0, 0, 0
    for runs in range(RUNS, 2 * RUNS + 1, _BETWEEN_ALL):
        trends = find_trends([_series(row[:runs], str(number)) for number, row in enumerate(logs)])
        seen = [(trend.series.benchmark, one) for trend in trends for one in trend.changes if one.worse]
        fresh = [(name, one) for name, one in seen if not _is_known(known, name, one.index)]
        known |= {(name, one.index) for name, one in fresh}
        if runs > RUNS:
            by_code = sum(one.cause is ChangeCause.CODE for _, one in fresh)
            code, machine, together = code + by_code, machine + len(fresh) - by_code, max(together, by_code)
    return code, machine, together


def _is_known(known: set[tuple[str, int]], name: str, index: int) -> bool:
    return any((name, near) in known for near in range(index - _NEAR, index + _NEAR + 1))


def _shared(chance: np.random.Generator, runs: int) -> Logs:
    """Let half of the variance be the machine's, which all benchmarks of a repository feel alike."""
    own = HISTORIES["normal"](chance, _BENCHMARKS, runs)
    return math.sqrt(0.5) * (own + HISTORIES["normal"](chance, 1, runs))


def _series(logs: Logs, name: str = "series") -> Series:
    points = tuple(Point(run=run, value=math.exp(log)) for run, log in enumerate(logs))
    return Series(benchmark=name, environment="machine", metric=METRICS["p50"], points=points)


def _one_look(workers: Executor, kind: str, runs: int) -> OneLook:
    size = _LOOKED.get(kind, _OTHERS_LOOKED) // _BLOCKS
    seeds = [(_SEED, 3, list(HISTORIES).index(kind), runs, block) for block in range(_BLOCKS)]
    found = list(workers.map(look_once, [kind] * _BLOCKS, seeds, [runs] * _BLOCKS, [size] * _BLOCKS))
    return OneLook(kind=kind, runs=runs, **_summed(found, ("histories", "changed", "drifted", "beyond")))


def _year(workers: Executor, kind: str) -> Year:
    size = _SERIES.get(kind, _OTHERS) // _BLOCKS
    seeds = [(_SEED, 4, list(HISTORIES).index(kind), block) for block in range(_BLOCKS)]
    found = list(workers.map(live_a_year, [kind] * _BLOCKS, seeds, [size] * _BLOCKS))
    drifted = tuple(sum(counts) for counts in zip(*(one.drifted for one in found), strict=True))
    return Year(kind=kind, drifted=drifted, **_summed(found, ("series", "worse", "changes", "alarmed")))


def _repositories(workers: Executor) -> Repositories:
    found = list(workers.map(live_together, [(_SEED, 5, number) for number in range(_REPOSITORIES)]))
    return Repositories(
        repositories=_REPOSITORIES,
        series=_BENCHMARKS,
        worse=sum(code for code, _, _ in found),
        machine=sum(machine for _, machine, _ in found),
        alarmed=sum(code > 0 for code, _, _ in found),
        together=max(together for _, _, together in found),
    )


def _summed(found: Sequence[msgspec.Struct], names: Sequence[str]) -> dict[str, int]:
    return {name: sum(getattr(one, name) for one in found) for name in names}
