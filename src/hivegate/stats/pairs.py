"""Changes from pairs: the unit is the pair, never the round.

Rounds of one pair share a memory layout and the machine's mood, so a test over pooled rounds calls 27 to 32 % of equal
revisions slower; t over pairs none (docs/explanation/statistics.md).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import numpy.typing as npt

from hivegate.model.change import Change

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hivegate.model.pairs import PairSample

# When to look, fixed beforehand; the error of each answer is split over the looks (Bonferroni).
LOOKS = (4, 6, 8, 12, 16, 24, 36, 48)
CONFIRMING = 6
SLOWER_ERROR = 0.01
WITHIN_ERROR = 0.05
SMALLEST_SPREAD = 0.0015  # a few pairs may agree by luck
_OWN_PROCESSOR = 0.95
_STRAY = 0.01  # voluntary switches a call


class _Bounds(msgspec.Struct, frozen=True, kw_only=True):
    mean: float
    low: float
    high: float
    p: float
    spread: float


def estimate_change(samples: Sequence[PairSample], *, budget: float) -> Change:
    """Estimate the change from pairs; `budget` is the relative slowdown that is allowed, for the p-value.

    Processor time decides alone where a benchmark never waits, whoever else is at work on the machine. Where it has
    its core to itself but does wait, wall time, which alone sees a wait, is tested too, each at half the error:
    *slower* if either says so, *within* only if both do. Else wall time decides.
    """
    clocks = clocks_of(samples)
    limit = math.log1p(budget)
    bounds = {name: _bounds(logs, limit, clocks=len(clocks)) for name, logs in clocks.items()}
    clock = next(iter(bounds))
    chosen = bounds[clock]
    return Change(
        ratio=math.exp(chosen.mean),
        low=math.exp(max(one.low for one in bounds.values())),
        high=_exp(max(one.high for one in bounds.values())),
        p=min(1.0, len(bounds) * min(one.p for one in bounds.values())),
        n=len(samples),
        spread=chosen.spread if len(samples) > 1 else None,
        clock=clock,
        base_value=_seconds(samples, "base"),
        head_value=_seconds(samples, "head"),
    )


def clocks_of(samples: Sequence[PairSample]) -> dict[str, npt.NDArray[np.float64]]:
    """Choose the clocks that decide, the first of them first, and compute the log ratio of each pair by each."""
    clocks: dict[str, npt.NDArray[np.float64]] = {}
    never_waits = all(_never_waits(one) for one in samples)
    if never_waits or sum(_has_processor(one) for one in samples) * 2 > len(samples):
        clocks["cpu"] = np.array([pair_log(one.base_cpu, one.head_cpu) for one in samples])
    if not never_waits:
        clocks["wall"] = np.array([pair_log(one.base_wall, one.head_wall) for one in samples])
    return clocks


def confirms(samples: Sequence[PairSample], clock: str, *, budget: float) -> bool:
    """Tell whether fresh pairs show a slowdown beyond the budget again, by the clock that decided."""
    logs = [
        pair_log(one.base_wall, one.head_wall) if clock == "wall" else pair_log(one.base_cpu, one.head_cpu)
        for one in samples
    ]
    return len(logs) > 0 and float(np.mean(logs)) > math.log1p(budget)


def pair_log(base: Sequence[float], head: Sequence[float]) -> float:
    """Compute log(head/base) of one pair: the interquartile mean of its rounds' log ratios, round by round."""
    ratios = np.sort(np.log(np.asarray(head, dtype=float)) - np.log(np.asarray(base, dtype=float)))
    cut = len(ratios) // 4
    return float(ratios[cut : len(ratios) - cut].mean())


def adjusted(p_values: Sequence[float]) -> list[float]:
    """Adjust p-values for their number (Benjamini and Hochberg, 1995), in their order."""
    if not p_values:
        return []
    values = np.asarray(p_values, dtype=float)
    order = np.argsort(values)[::-1]
    ranks = np.arange(len(values), 0, -1)
    result = np.empty_like(values)
    result[order] = np.minimum(1.0, np.minimum.accumulate(values[order] * len(values) / ranks))
    return [float(one) for one in result]


def _bounds(logs: npt.NDArray[np.float64], limit: float, *, clocks: int) -> _Bounds:
    mean, n = float(logs.mean()), len(logs)
    if n == 1:
        return _Bounds(mean=mean, low=-math.inf, high=math.inf, p=1.0, spread=math.inf)
    from scipy.special import stdtr, stdtrit  # noqa: PLC0415  a tenth of the import time of scipy.stats

    spread = float(logs.std(ddof=1))
    error = max(spread, SMALLEST_SPREAD) / math.sqrt(n)
    parts = len(LOOKS) * clocks
    return _Bounds(
        mean=mean,
        low=mean - float(stdtrit(n - 1, 1 - SLOWER_ERROR / parts)) * error,
        high=mean + float(stdtrit(n - 1, 1 - WITHIN_ERROR / parts)) * error,
        p=1.0 - float(stdtr(n - 1, (mean - limit) / error)),
        spread=spread,
    )


def _never_waits(sample: PairSample) -> bool:
    """Tell whether nothing of a benchmark waits: no thread beside it, and hardly a voluntary context switch.

    A wait gives up the core of itself; being put aside for others does not count as voluntary. A stray switch (a page
    from disk) is not the benchmark's.
    """
    calls = sample.calls * (len(sample.base_wall) + len(sample.head_wall))
    moving = min(*sample.base_cpu, *sample.head_cpu) > 0
    return not sample.parallel and moving and sample.switches is not None and sample.switches <= _STRAY * calls


def _has_processor(sample: PairSample) -> bool:
    """Tell whether the calmest quarter of rounds had a core to itself on both sides."""
    if sample.parallel:
        return False
    for wall, cpu in ((sample.base_wall, sample.base_cpu), (sample.head_wall, sample.head_cpu)):
        walls, cpus = np.asarray(wall, dtype=float), np.asarray(cpu, dtype=float)
        calmest = np.argsort(walls)[: max(1, len(walls) // 4)]
        if cpus[calmest].sum() < _OWN_PROCESSOR * walls[calmest].sum() or np.any(cpus <= 0):
            return False
    return True


def _seconds(samples: Sequence[PairSample], side: str) -> float:
    """Compute the median seconds of one call on a side, by wall time."""
    medians = [float(np.median(getattr(one, f"{side}_wall"))) / one.calls for one in samples]
    return float(np.median(medians))


def _exp(value: float) -> float:
    return math.inf if value > 700 else math.exp(value)  # noqa: PLR2004  beyond, a double overflows
