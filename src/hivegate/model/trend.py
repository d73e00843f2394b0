"""Trends: what became of one benchmark from run to run in one environment, and since when."""

from __future__ import annotations

import enum

import msgspec

from hivegate.model.metric import Metric


class Point(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One run's value, in the metric's base unit.

    `run` is the run's place in the history of its environment: all its benchmarks count by the same places. `created`
    is ISO 8601.
    """

    run: int
    value: float
    commit: str | None = None
    created: str | None = None


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """One metric of one benchmark in one environment, in the order of `run`; other machines and Pythons are others."""

    benchmark: str
    environment: str
    metric: Metric
    points: tuple[Point, ...]


class Boundary(msgspec.Struct, frozen=True, kw_only=True):
    """A switch of the environment that happened once, from one run to `run`: a factor's old level and its new one."""

    run: int
    factor: str
    old: str
    new: str


class ChangeCause(enum.Enum):
    """What a change is put down to."""

    CODE = "code"
    MACHINE = "machine"  # most benchmarks of the environment moved together
    BENCHMARK = "benchmark"  # the benchmark's own body was changed
    OUTSIDE = "outside"  # no commit between could have done it
    EITHER = "either"  # the environment was switched in the same range as the code


class CommitEvidence(msgspec.Struct, frozen=True, kw_only=True):
    """A commit in a change's range: whether it could have changed what was measured, and why, in words."""

    commit: str
    subject: str
    could: bool
    why: str


class ChangePoint(msgspec.Struct, frozen=True, kw_only=True):
    """Where a series left one level for another.

    The change most probably came between `last_good` and `first_bad`, neighbours in the series; with 95 % confidence it
    came after `surely_before` and not after `surely_after`. `index` is that of `first_bad` among the series' points;
    `before` and `after` are the levels; `p` is the probability of such a difference where nothing changed, for that
    many places to look at. `shared` is the ratio by which most benchmarks moved there, where they did; `boundaries`
    are the switches of the environment that lie in its range.
    """

    index: int
    before: float
    after: float
    p: float
    worse: bool
    last_good: Point
    first_bad: Point
    surely_before: Point
    surely_after: Point
    cause: ChangeCause = ChangeCause.CODE
    shared: float | None = None
    boundaries: tuple[Boundary, ...] = ()

    @property
    def ratio(self) -> float | None:
        """The new level over the old one; None where that is not above zero."""
        return self.after / self.before if self.before > 0 else None


class Drift(msgspec.Struct, frozen=True, kw_only=True):
    """How much worse the current level is than the best that was sustained earlier: 1.1 is ten percent worse.

    `ratio` has the interval from `low` to `high`; below 1 the current level is the best so far. The best level held
    from `best_first` to `best_last`, the current one holds since `current_first`; the machine's moves are taken out.
    All `runs` of the series were looked at.
    """

    ratio: float
    low: float
    high: float
    best: float
    current: float
    runs: int
    best_first: Point
    best_last: Point
    current_first: Point


class Trend(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one series: its changes in order, and how far it drifted; no drift where too little is known."""

    series: Series
    changes: tuple[ChangePoint, ...] = ()
    drift: Drift | None = None

    @property
    def regressions(self) -> tuple[ChangePoint, ...]:
        """The changes for the worse that the code is answerable for."""
        return tuple(one for one in self.changes if one.worse and one.cause is ChangeCause.CODE)


class OriginKind(enum.Enum):
    """How a regression began: the series drifted from its best level, crossed the limit, or got worse.

    `ALWAYS` was beyond the limit in every run; `NEW` was within it in the last one.
    """

    DRIFTED = "drifted"
    NEW = "new"
    ALWAYS = "always"
    CROSSED = "crossed"
    WORSENED = "worsened"


class RegressionOrigin(msgspec.Struct, frozen=True, kw_only=True):
    """Where a regression began by the history: at a change, or between the first and the last run that are named.

    `best` is the best level that was sustained, `runs` the number of runs in the history.
    """

    kind: OriginKind
    metric: Metric
    change: ChangePoint | None = None
    first: Point | None = None
    last: Point | None = None
    best: float | None = None
    runs: int = 0
