"""What other work on the machine may have added to a wall time."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeAlias

import msgspec
import numpy as np

from hivegate.model.target_estimate import CALM, Interference

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from hivegate.model.estimate import Estimate
    from hivegate.model.run import Benchmark, Sample

_SHARED = 1.25  # what shared caches cost on top: of 1,300 contended passes the worst was 6 % beyond its lost time
_WAITING = 0.5  # voluntary context switches a call; code that waits makes at least one


OverPasses: TypeAlias = "Callable[[Sequence[float]], Estimate]"


class WallTime(msgspec.Struct, frozen=True, kw_only=True):
    """How others' work can move a metric of wall time.

    All the time that they held the processor may have fallen on the rounds above the quantile `held_above`: on half of
    them for a median, on the slowest hundredth for a p99; None where it may have fallen on a single one that decides.
    """

    higher_is_better: bool = False
    held_above: float | None = 0.0


def interference(
    benchmark: Benchmark, of: WallTime, values: Mapping[int, float], found: Estimate, over_passes: OverPasses
) -> Interference | None:
    """Tell how far an estimate of wall time can be the work of others; None where the machine was quiet.

    `over_passes` estimates from one value a pass. Others only ever add time, so the interval is widened on the side of
    less time: every pass in which the benchmark had the processor for less than nine tenths of the time is taken back
    by the most that they can have added. A verdict that holds all the same stands; one that does not was about the
    machine. A ratio is widened too: a call longer than a slice of the scheduler is held up where the reference loop or
    a shorter partner never is.
    """
    shares = {one.pass_index: processor_share(one) for one in benchmark.samples if one.pass_index in values}
    if min(shares.values(), default=1.0) >= CALM:
        return None
    return Interference(
        possible=_widened(of, values, shares, found, over_passes),
        passes=sum(share < CALM for share in shares.values()),
        quietest=max(shares.values()),
    )


def contention(benchmarks: Iterable[Benchmark]) -> float:
    """Compute the share of the processor that benchmarks of one thread had over all passes; 1 where nothing tells.

    The median of all of them, because it speaks of the machine, not of any benchmark.
    """
    shares = [processor_share(sample) for one in benchmarks if (one.parallelism or 1) == 1 for sample in one.samples]
    return float(np.median(shares)) if shares else 1.0


def contended(of: WallTime, found: Estimate, share: float) -> Interference | None:
    """Tell how far an estimate of parallel work can be the work of others; None where the machine was quiet.

    Parallel work needs cores that nobody else uses, and its own processor time, in processes of its own, says nothing
    of how many it had. On a contended machine nothing bounds what it would take on a quiet one, also as a ratio.
    """
    if share >= CALM:
        return None
    open_end = {"high": math.inf} if of.higher_is_better else {"low": -math.inf}
    return Interference(possible=msgspec.structs.replace(found, **open_end), passes=found.n, quietest=share)


def _widened(
    of: WallTime,
    values: Mapping[int, float],
    shares: Mapping[int, float],
    found: Estimate,
    over_passes: OverPasses,
) -> Estimate:
    added = {index: _most_added(share, of) for index, share in shares.items()}
    if any(math.isinf(factor) for factor in added.values()):
        end = math.inf
        return msgspec.structs.replace(found, **({"high": end} if of.higher_is_better else {"low": -end}))
    faster = [value * added[index] if of.higher_is_better else value / added[index] for index, value in values.items()]
    taken_back = over_passes(faster)
    if of.higher_is_better:
        return msgspec.structs.replace(found, high=max(found.high, taken_back.high))
    return msgspec.structs.replace(found, low=min(found.low, taken_back.low))


def _most_added(share: float, of: WallTime) -> float:
    """Bound the factor by which others lengthened a metric that had the processor for `share` of the time."""
    if share >= CALM:
        return 1.0
    if share <= 0 or of.held_above is None:
        return math.inf
    held = 1 / share - 1
    return _SHARED * (1 + held / (1 - of.held_above))


def processor_share(sample: Sample) -> float:
    """Compute processor time over wall time; 1 where it is unknown or where the code waits of itself.

    Code that waits gives up the processor at every call, which its voluntary context switches show; code that runs
    several threads has more processor time than wall time. Neither is interference.
    """
    if sample.cpu is None or not sample.wall or sample.switches is None or not len(sample.rounds):
        return 1.0
    share = sample.cpu / sample.wall
    return 1.0 if share < CALM and _waits(sample, sample.wall, sample.switches) else max(share, 0.0)


def _waits(sample: Sample, wall: float, switches: int) -> bool:
    seconds = float(np.median(np.frombuffer(sample.rounds)))
    calls = wall / seconds if seconds > 0 else math.inf
    return switches >= _WAITING * calls
