"""Whether a cut between two segments is a jump, and where exactly."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from hivegate.stats.distributions import chi_squared_tail, student_tail
from hivegate.stats.levels import SHORTEST, Segment

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from hivegate.stats.noise import Noise

_LEAST_REACH = 15  # points
_SLOPED_REACH = 2.5  # a line's end is less sure than a mean: it needs more points
_DRIFT_ERROR = 0.4  # drift is believed when it is likelier than not: believing in vain costs little
_DRIFT_SHARE = 0.35  # of a standard error may come from drift
_AROUND = 3  # segments on each side that tell of drift
_SHORTEST_DRIFT = 10
_SHORTEST_LINE = 8
_PRIOR_FREEDOM = 20  # points' worth of the noise around, since few points agree by luck
_TAILS = 5.0  # degrees of freedom of the t whose tails outliers have
_LIKELY = 7.35  # Hansen (2000), "Sample splitting and threshold estimation", table 1: 95 % of a likelihood ratio


class Jump(NamedTuple):
    """A cut at `place`, from the log level `before` to `after`; it lies from `first` to `last` with 95 % confidence."""

    place: int
    first: int
    last: int
    before: float
    after: float
    p: float


class _Side(NamedTuple):
    level: float
    variance: float
    squares: float
    freedom: int


def find_reach(logs: npt.NDArray[np.float64], noise: Noise, segments: Sequence[Segment], cut: int) -> int:
    """Count the points on each side of a cut that may testify: as many as drift leaves undisturbed.

    Drift is what segments around bend beyond what they claim to be. With a slope of r standard deviations a point, a
    difference of two means of h points is off by r h, its standard error is sqrt(2 / h).
    """
    squares, freedom, cubes = 0.0, 0, 0.0
    for start, stop, sloped in segments[max(0, cut + 1 - _AROUND) : cut + 1 + _AROUND]:
        if stop - start < _SHORTEST_DRIFT:
            continue
        places = np.linspace(-1.0, 1.0, stop - start)
        part = logs[start:stop] / noise.of_means[start:stop]
        part = part - part.mean()
        bend = places**2 - float(np.mean(places**2))
        rise = float(places @ part) / float(places @ places)
        squares += float(bend @ part) ** 2 / float(bend @ bend) + (0.0 if sloped else rise**2 * float(places @ places))
        freedom += 1 if sloped else 2
        cubes += (stop - start) ** 3
    if squares <= freedom or chi_squared_tail(squares, freedom) > _DRIFT_ERROR:
        return len(logs)
    slope = math.sqrt(12.0 * (squares - freedom) / cubes)
    return max(_LEAST_REACH, int((math.sqrt(2.0) * _DRIFT_SHARE / slope) ** (2 / 3)))


def test_jump(logs: npt.NDArray[np.float64], noise: Noise, left: Segment, right: Segment, reach: int) -> Jump:
    """Test a cut by the points within reach, for as many places as the history has (Bonferroni).

    A level that fewer than four points are nearer to than to the other is none, wherever their mean lies.
    """
    place = right.start
    start = max(left.start, place - (int(_SLOPED_REACH * reach) if left.sloped else reach))
    stop = min(right.stop, place + (int(_SLOPED_REACH * reach) if right.sloped else reach))
    one, other = _side(logs[start:place][::-1], sloped=left.sloped), _side(logs[place:stop], sloped=right.sloped)
    freedom = one.freedom + other.freedom + _PRIOR_FREEDOM
    prior = _PRIOR_FREEDOM * float(np.mean(noise.spread[start:stop] ** 2))
    variance = noise.memory * (prior + one.squares + other.squares) / freedom
    t = abs(other.level - one.level) / math.sqrt(variance * (one.variance + other.variance))
    p = min(1.0, 2 * len(logs) * student_tail(t, freedom))
    middle = (one.level + other.level) / 2
    held = min(_held(logs[left.start : place], one.level, middle), _held(logs[place : right.stop], other.level, middle))
    if held < SHORTEST:
        p = 1.0
    return Jump(place, place, place, one.level, other.level, p)


def locate(logs: npt.NDArray[np.float64], noise: Noise, left: Segment, right: Segment, reach: int, jump: Jump) -> Jump:
    """Move a jump to its likeliest place, and bound the places that are nearly as likely.

    The likelihood is that of Student's t: a point speaks for the level that it is nearer to, one far from both hardly.
    """
    near = _LEAST_REACH if left.sloped or right.sloped else reach
    start, stop = max(left.start, jump.place - 2 * near), min(right.stop, jump.place + 2 * near)
    part, spread = logs[start:stop], noise.of_means[start:stop]
    before, after = (
        (_TAILS + 1) * np.log1p(((part - level) / spread) ** 2 / _TAILS) for level in (jump.before, jump.after)
    )
    cost = np.cumsum(before - after)
    places = np.arange(start + SHORTEST, stop - SHORTEST + 1)
    cost = cost[places - start - 1]
    likely = places[cost <= cost.min() + _LIKELY]
    return jump._replace(place=int(places[np.argmin(cost)]), first=int(likely[0]), last=int(likely[-1]))


def _side(logs: npt.NDArray[np.float64], *, sloped: bool) -> _Side:
    """Estimate the level at the cut, the first point being the nearest to it."""
    n, mean = len(logs), float(logs.mean())
    centered = logs - mean
    if not sloped or n < _SHORTEST_LINE:
        return _Side(mean, 1 / n, float(centered @ centered), n - 1)
    middle = n / 2  # the cut lies half a point before the first
    places = np.arange(n) + 0.5 - middle
    run = float(places @ places)
    slope = float(places @ centered) / run
    rest = centered - slope * places
    return _Side(mean - slope * middle, 1 / n + middle**2 / run, float(rest @ rest), n - 2)


def _held(logs: npt.NDArray[np.float64], level: float, middle: float) -> int:
    """Count the points on a level's side of the middle between it and the other."""
    return int(np.count_nonzero((logs > middle) == (level > middle)))
