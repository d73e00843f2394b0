"""Changes from pairs: the unit is the pair, never the round.

Rounds of one pair share a memory layout and the machine's mood, so a test over pooled rounds calls 27 to 32 % of equal
revisions slower; t over pairs none (docs/explanation/statistics.md).
"""

from __future__ import annotations

import math
import statistics
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from hivegate.model.change import TIME, Change, Clock
from hivegate.model.statistics import USUAL
from hivegate.stats.centre import centre
from hivegate.stats.distributions import student_quantile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from hivegate.model.pairs import PairSample
    from hivegate.model.run import Doubles
    from hivegate.model.statistics import ComparisonStatistics

_STRAY = 0.01  # voluntary switches a call
_BUSY = 0.9  # share of wall time in which what takes turns runs, in the calmest quarter of the rounds
_UNLIKE = 0.01  # of wall time that one side waits longer: half of what a usual budget allows
_TICK = 1e-9  # seconds: a clock that stands still has no logarithm
_SELDOM_ERROR = 0.005  # of a note, which fails nothing
_STANDSTILL = 0.005  # share of the time in which a round neither ran nor was ready to


def estimate_change(
    samples: Sequence[PairSample], *, quantile: float | None = None, statistics: ComparisonStatistics = USUAL
) -> Change:
    """Estimate the change of a call from pairs, or of a `quantile` of single calls, with the bounds of one look."""
    samples = alike(samples)
    clock = clock_of(samples, quantile)
    logs = logs_by(samples, clock, quantile)
    found = centre(logs)
    ratio, base = math.exp(found.mean), seconds_by(samples, "base", clock, quantile)
    return Change(
        ratio=ratio,
        low=math.exp(found.low(statistics)),
        high=_exp(found.high(statistics)),
        n=len(samples),
        spread=found.spread if len(samples) > 1 else None,
        instrument=TIME,
        clock=clock,
        base_value=base,
        head_value=base * ratio,
        ratios=tuple(float(one) for one in np.exp(logs)),
        base_values=tuple(pair_seconds(samples, "base", clock, quantile)),
    )


def alike(samples: Sequence[PairSample]) -> Sequence[PairSample]:
    """Choose the pairs whose threads were held on one core, where most were.

    On a contended machine threads that take turns may seem not to, now and then. Free on all cores they are another
    thing, whose sides differ by a factor of three for where each thread happened to run. Which pairs those are is known
    before anything is timed.
    """
    in_turn = [one for one in samples if one.in_turn]
    return in_turn if 2 * len(in_turn) > len(samples) else samples


def clock_of(samples: Sequence[PairSample], quantile: float | None = None) -> Clock:
    """Choose the clock that decides: one for all pairs of a benchmark.

    Processor time (``cpu``) where nothing waits: nobody else's work is in it. What takes turns, whose waits nobody
    counts, must not wait longer on one side than on the other: processor time would not see that. Else wall time
    less the time in which others had the core (``own``), which sees waits and is as blind for others; plain
    ``wall`` time where threads are at work or the system does not tell. A percentile is of single calls
    (``calls``), by wall time. Where the suite has a clock of its own (``timer``), that alone counts: what it counts
    may be no time of this processor.
    """
    if any(one.timer for one in samples):
        return Clock.TIMER
    if quantile is not None:
        return Clock.CALLS
    if all(never_waits(one) for one in samples) and _waits_alike(samples):
        return Clock.CPU
    known = all(one.base_delay and one.head_delay and not one.parallel for one in samples)
    return Clock.OWN if known else Clock.WALL


def share_of_others(samples: Mapping[str, Sequence[PairSample]]) -> float:
    """Compute the share of the measured time in which others had the core; 0 where the system does not tell."""
    known = [one for pairs in samples.values() for one in pairs if one.base_delay and one.head_delay]
    measured = math.fsum(seconds for one in known for seconds in (*one.base_wall, *one.head_wall))
    lost = math.fsum(seconds for one in known for seconds in (*(one.base_delay or ()), *(one.head_delay or ())))
    return min(1.0, lost / measured) if measured > 0 else 0.0


def never_waits(sample: PairSample) -> bool:
    """Tell whether nothing of a benchmark waits: no thread beside it, and it always ran or was ready to.

    Either sign will do. A stray voluntary switch (a lock of the kernel's, a page from disk) is not the benchmark's, and
    where a hypervisor takes the core away, the scheduler cannot account for the time, but nothing is switched.
    """
    moving = min(*sample.base_cpu, *sample.head_cpu) > 0
    if moving and sample.in_turn:
        return all(_busy(sample, side) >= _BUSY for side in ("base", "head"))
    if sample.parallel or not moving:
        return False
    calls = sample.calls * (len(sample.base_wall) + len(sample.head_wall))
    if sample.switches is not None and sample.switches <= _STRAY * calls:
        return True
    if not sample.base_delay or not sample.head_delay:
        return False
    return all(_standstill(sample, side) <= _STANDSTILL for side in ("base", "head"))


def _waits_alike(samples: Sequence[PairSample]) -> bool:
    held = [_busy(one, "base") - _busy(one, "head") for one in samples if one.in_turn]
    return not held or abs(statistics.median(held)) <= _UNLIKE


def logs_by(samples: Sequence[PairSample], clock: Clock, quantile: float | None = None) -> npt.NDArray[np.float64]:
    """Compute the log ratio of each pair by a clock."""
    if quantile is not None:
        return np.array(
            [math.log(_quantile(one.head_singles, quantile) / _quantile(one.base_singles, quantile)) for one in samples]
        )
    return np.array([pair_log(times(one, "base", clock), times(one, "head", clock)) for one in samples])


def times(sample: PairSample, side: str, clock: Clock) -> npt.NDArray[np.float64]:
    """Look up the seconds of each round of a side by a clock."""
    wall, cpu = (np.asarray(getattr(sample, f"{side}_{name}"), dtype=float) for name in ("wall", "cpu"))
    if clock is Clock.CPU:
        return cpu
    if clock is Clock.OWN or (clock is Clock.WALL and sample.together):
        own: npt.NDArray[np.float64] = np.maximum(wall - np.asarray(getattr(sample, f"{side}_delay"), dtype=float), cpu)
        return own
    return wall


def seconds_by(samples: Sequence[PairSample], side: str, clock: Clock, quantile: float | None) -> float:
    """Compute the median, over pairs, of the seconds of one call on a side."""
    return statistics.median(pair_seconds(samples, side, clock, quantile))


def pair_seconds(samples: Sequence[PairSample], side: str, clock: Clock, quantile: float | None) -> Iterator[float]:
    """Compute the seconds of one call on a side, pair by pair."""
    for one in samples:
        if quantile is not None:
            yield float(_quantile(getattr(one, f"{side}_singles"), quantile))
        else:
            yield float(_median(times(one, side, clock)) / one.calls)


class AllRounds(NamedTuple):
    """The change of a call by all rounds of all pairs together, and its bound from below."""

    ratio: float
    low: float


def change_of_all_rounds(samples: Sequence[PairSample]) -> AllRounds | None:
    """Compute the change by the processor time of all rounds, the seldom slow ones too; None of a single pair.

    By a plain mean and t over pairs: what trims would leave aside what is looked for.
    """
    sums = [[float(times(one, side, Clock.CPU).sum()) for side in ("base", "head")] for one in alike(samples)]
    logs = np.array([math.log(max(head, _TICK) / max(base, _TICK)) for base, head in sums])
    if len(logs) < 2:  # noqa: PLR2004  one tells nothing of its spread
        return None
    reach = student_quantile(_SELDOM_ERROR, len(logs) - 1) * float(logs.std(ddof=1)) / math.sqrt(len(logs))
    return AllRounds(ratio=math.exp(float(logs.mean())), low=math.exp(float(logs.mean()) - reach))


def confirms(samples: Sequence[PairSample], clock: Clock, *, budget: float, quantile: float | None = None) -> bool:
    """Tell whether fresh pairs show a slowdown beyond the budget again, by the clock that decided.

    Their middle counts: of so few, two odd ones, as reads of nanoseconds have, would move a trimmed mean by percents.
    """
    samples = alike(samples)
    return len(samples) > 0 and float(np.median(logs_by(samples, clock, quantile))) > math.log1p(budget)


def pair_log(base: npt.ArrayLike, head: npt.ArrayLike) -> float:
    """Compute log(head/base) of one pair: the interquartile mean of its rounds' log ratios, round by round."""
    ratios = _sorted_ratios(base, head)
    cut = len(ratios) // 4
    return float(ratios[cut : len(ratios) - cut].mean())


def pair_error(base: npt.ArrayLike, head: npt.ArrayLike) -> float:
    """Estimate the standard error of `pair_log` from the rounds: that of a trimmed mean, by the winsorized spread."""
    ratios = _sorted_ratios(base, head)
    n, cut = len(ratios), len(ratios) // 4
    winsorized = np.clip(ratios, ratios[cut], ratios[n - cut - 1])
    return float(winsorized.std(ddof=1)) * math.sqrt(n) / (n - 2 * cut)


def _sorted_ratios(base: npt.ArrayLike, head: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Compute the log ratios of a pair's rounds, the least first."""
    ratios: npt.NDArray[np.float64] = np.log(np.asarray(head, dtype=float)) - np.log(np.asarray(base, dtype=float))
    return np.sort(ratios)


def _busy(sample: PairSample, side: str) -> float:
    """Compute the share of wall time in which any thread ran, in the calmest quarter of a side's rounds."""
    return float(np.quantile(times(sample, side, Clock.CPU) / times(sample, side, Clock.WALL), 0.75))


def _standstill(sample: PairSample, side: str) -> float:
    """Compute the share of a side's time in which it neither ran nor was ready to."""
    own, cpu = times(sample, side, Clock.OWN), times(sample, side, Clock.CPU)
    return float((own - cpu).sum() / own.sum())


def _median(numbers: npt.NDArray[np.float64]) -> float:
    """Compute a median; of a hundred rounds plain Python takes half the time of numpy."""
    plain: list[float] = numbers.tolist()
    return statistics.median(plain)


def _quantile(calls: Doubles, quantile: float) -> float:
    return float(np.quantile(np.asarray(calls, dtype=float), quantile, method="inverted_cdf"))


def _exp(value: float) -> float:
    return math.inf if value > 700 else math.exp(value)  # noqa: PLR2004  beyond, a double overflows
