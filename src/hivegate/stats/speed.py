"""What rounds would have taken at another speed of the machine, and how sure that is.

One factor does not do: from a fast to a slow state of one machine the reference loop takes 1.9 times as long, sorting
1.4 times and copying 1.2 times, for memory does not slow down as the interpreter does. So a benchmark has a slope, of
the logarithm of its time on that of the loop: learned from its own rounds where they saw unlike speeds, else assumed.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import numpy.typing as npt

from hivegate.model.run import Doubles
from hivegate.stats.distributions import normal_quantile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from hivegate.model.estimate import Estimate
    from hivegate.model.run import Benchmark, Sample, Speed

Array = npt.NDArray[np.float64]

_STEADY = 0.05  # of the logarithm: a block whose two readings differ by more changed its speed meanwhile
_TOLD_APART = 0.12  # of the logarithm: speeds closer than this say more of the readings' noise than of a slope
_LEAST_RESIDUAL = 0.03  # standard deviation of a pass about its slope: few passes may agree by luck
_WAITS = 0.05  # share of the time that code bound by the processor waits, or others work for it, at most
_KERNEL = 0.2  # share of processor time in the kernel, which is not the interpreter's


class Slope(msgspec.Struct, frozen=True, kw_only=True):
    """How much a benchmark slows down with the reference loop, in logarithms, and its standard error."""

    value: float
    error: float


# Of ten kinds of code between two speeds of one machine: 0.29 (chasing pointers) to 1.23 (regular expressions).
ASSUMED = Slope(value=0.85, error=0.35)


def bound_by(benchmark: Benchmark) -> str:
    """Say what but one thread's processor time a benchmark takes: "waiting", "threads", "the kernel"; "" where nothing.

    Only processor time of one thread follows the reference loop.
    """
    if (benchmark.parallelism or 1) > 1:
        return "threads"
    speeds = [sample.speed for sample in benchmark.samples if sample.speed is not None]
    busy = sum(speed.elapsed - sum(speed.lost) for speed in speeds)
    if sum(speed.waited for speed in speeds) > _WAITS * busy:
        return "waiting"
    if sum(speed.others for speed in speeds) > _WAITS * busy:
        return "threads"
    timed = [sample for sample in benchmark.samples if sample.kernel is not None and sample.cpu is not None]
    kernel = sum(sample.kernel or 0.0 for sample in timed)
    return "the kernel" if kernel > _KERNEL * sum(sample.cpu or 0.0 for sample in timed) else ""


def has_readings(benchmark: Benchmark, loop: int) -> bool:
    """Tell whether every pass knows the speed that it ran at, by a version of the loop."""
    return all(
        sample.speed.loop == loop if sample.speed is not None else bool(sample.reference)
        for sample in benchmark.samples
    )


def learn_slope(samples: Iterable[Sample]) -> Slope:
    """Learn a slope from rounds that ran at unlike speeds; where they did not, it is what is assumed.

    A pass gives a point for its fast rounds and one for its slow ones. Least squares over them, with the assumption as
    a prior: few points leave it nearly as unsure as it was.
    """
    points = list(_points(samples))
    if len(points) < 2:  # noqa: PLR2004  a line needs two
        return ASSUMED
    turns, times = np.array(points).T
    if np.ptp(turns) < _TOLD_APART:
        return ASSUMED
    spread = float(((turns - turns.mean()) ** 2).sum())
    line = float(((turns - turns.mean()) * times).sum()) / spread
    left = times - times.mean() - line * (turns - turns.mean())
    residual = max(_LEAST_RESIDUAL, math.sqrt(float((left**2).sum()) / max(1, len(points) - 2)))
    known, assumed = spread / residual**2, 1 / ASSUMED.error**2
    return Slope(
        value=(known * line + assumed * ASSUMED.value) / (known + assumed), error=1 / math.sqrt(known + assumed)
    )


def at_speed(sample: Sample, slope: Slope, turn: float) -> Sample:
    """Take a sample to the speed at which the loop takes `turn` seconds, without what the thread lost to others.

    What is left is processor time of one thread, so wall and processor time are the same.
    """
    rounds = _scaled(sample.rounds, sample.calls, sample.speed, sample, slope, turn)
    singles = _scaled(sample.single_calls, 1, sample.single_speed, sample, slope, turn)
    known = sample.speed is not None
    return msgspec.structs.replace(
        sample,
        rounds=Doubles(rounds),
        single_calls=Doubles(singles),
        cpu=sample.wall if known else sample.cpu,
    )


def distance(samples: Sequence[Sample], turn: float) -> float:
    """Compute the logarithm of the loop's time in the middle round of each pass over `turn`, on average over passes."""
    return float(np.mean([np.median(_turns(sample, sample.speed)) for sample in samples])) - math.log(turn)


def slope_factor(slope: Slope, distance: float, confidence: float) -> float:
    """Compute the factor by which scaling over a distance may be wrong, for want of knowing the slope."""
    return math.exp(normal_quantile(0.5 + confidence / 2) * slope.error * abs(distance))


def widened(estimate: Estimate, factor: float) -> Estimate:
    """Widen an estimate by a factor that is independent of what it may be wrong by already."""

    def beyond(end: float) -> float:
        ratio = end / estimate.value
        if not 0 < ratio < math.inf:
            return math.inf
        return math.exp(math.hypot(math.log(ratio), math.log(factor)))

    low, high = beyond(estimate.low), beyond(estimate.high)
    return msgspec.structs.replace(estimate, low=estimate.value / low, high=estimate.value * high)


def hull(one: Estimate, other: Estimate) -> Estimate:
    """Widen an estimate to what another may be, too."""
    return msgspec.structs.replace(one, low=min(one.low, other.low), high=max(one.high, other.high))


def _points(samples: Iterable[Sample]) -> Iterator[tuple[float, float]]:
    blocks = [list(_blocks(sample)) for sample in samples]
    turns = [turn for found in blocks for turn, _ in found]
    if not turns:
        return
    middle = (min(turns) + max(turns)) / 2
    for found in blocks:
        for side in (
            [block for block in found if block[0] <= middle],
            [block for block in found if block[0] > middle],
        ):
            if side:
                turn, seconds = np.median(np.array(side), axis=0)
                yield float(turn), float(seconds)


def _blocks(sample: Sample) -> Iterator[tuple[float, float]]:
    """Give the logarithms of the loop's time and of the median round, for blocks that did not change their speed."""
    if not len(sample.rounds):
        return
    speed = sample.speed
    if speed is None:
        if sample.reference:
            yield math.log(sample.reference), math.log(float(np.median(np.frombuffer(sample.rounds))))
        return
    rounds = _without_lost(sample.rounds, sample.calls, speed)
    for index, (start, stop) in enumerate(zip(speed.places, speed.places[1:], strict=False)):
        before, after = math.log(speed.turns[index]), math.log(speed.turns[index + 1])
        middle = float(np.median(rounds[start:stop])) if stop > start else 0.0
        if middle > 0 and abs(before - after) <= _STEADY:
            yield (before + after) / 2, math.log(middle)


def _scaled(times: Doubles, calls: int, speed: Speed | None, sample: Sample, slope: Slope, turn: float) -> Array:
    if not len(times):
        return np.empty(0)
    own = np.frombuffer(times) if speed is None else _without_lost(times, calls, speed)
    return np.asarray(own * np.exp(-slope.value * (_turns(sample, speed, len(times)) - math.log(turn))))


def _turns(sample: Sample, speed: Speed | None, number: int | None = None) -> Array:
    """Give the logarithm of the loop's time at each round: between two readings, what lies in their middle."""
    number = len(sample.rounds) if number is None else number
    if speed is None:
        return np.full(number, math.log(sample.reference or 1.0))
    readings = np.log(np.frombuffer(speed.turns))
    return np.repeat((readings[1:] + readings[:-1]) / 2, np.diff(speed.places))


def _without_lost(times: Doubles, calls: int, speed: Speed) -> Array:
    """Take off what a block lost: from its slowest rounds, for it was lost in few of them, down to its median."""
    own = np.array(times)
    for start, stop, lost in zip(speed.places, speed.places[1:], speed.lost, strict=False):
        left = lost / calls
        if left <= 0 or stop <= start:
            continue
        block = own[start:stop]
        middle = float(np.median(block)) if len(block) > 1 else 0.0
        for place in np.argsort(-block):
            off = min(left, max(0.0, float(block[place]) - middle))
            if len(block) == 1:
                off = min(off, 0.99 * float(block[place]))  # a call that ran took some time
            block[place] -= off
            left -= off
            if left <= 0:
                break
    return own
