"""Confidence intervals over passes.

The unit is the pass: intervals from the rounds of one process covered the truth in 0-40 % of cases instead of 95 %,
t over processes in 86-100 % (docs/explanation/statistics.md).
"""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING

import numpy as np

from hivegate.model.estimate import Estimate

if TYPE_CHECKING:
    from collections.abc import Sequence


def estimate_over_passes(values: Sequence[float], *, confidence: float, assumed_spread: float) -> Estimate:
    """Estimate from one value a pass: t on the log scale, or on the plain one where a value is not above zero.

    A single value has no spread of its own: the interval then rests on `assumed_spread`, the standard deviation of
    the log, and says so.
    """
    numbers = np.asarray(values, dtype=float)
    if not np.all(numbers > 0):
        return _plain(numbers, confidence)
    logs = np.log(numbers)
    center, half, assumed = _center_and_half(logs, confidence, assumed_spread)
    return Estimate(
        value=math.exp(center),
        low=math.exp(center - half),
        high=math.exp(center + half),
        n=len(numbers),
        assumed=assumed,
    )


def estimate_range(values: Sequence[float]) -> Estimate:
    """Estimate from readings that are equal where they are exact; unequal ones are the ends of the interval."""
    return Estimate(value=sum(values) / len(values), low=min(values), high=max(values), n=len(values))


def estimate_plain(values: Sequence[float], *, confidence: float, assumed_error: float | None = None) -> Estimate:
    """Estimate an additive quantity, such as an exponent; `assumed_error` is the standard error of a single value."""
    numbers = np.asarray(values, dtype=float)
    if len(numbers) == 1 and assumed_error is not None:
        half = normal_quantile(confidence) * assumed_error
        value = float(numbers[0])
        return Estimate(value=value, low=value - half, high=value + half, n=1, assumed=assumed_error)
    return _plain(numbers, confidence)


def _plain(numbers: np.ndarray, confidence: float) -> Estimate:
    center, half, _ = _center_and_half(numbers, confidence, math.inf)
    return Estimate(value=center, low=center - half, high=center + half, n=len(numbers))


def _center_and_half(numbers: np.ndarray, confidence: float, assumed: float) -> tuple[float, float, float | None]:
    n = len(numbers)
    center = float(np.mean(numbers))
    if n == 1:
        return center, normal_quantile(confidence) * assumed, None if math.isinf(assumed) else assumed
    error = float(np.std(numbers, ddof=1)) / math.sqrt(n)
    return center, student_quantile(confidence, n - 1) * error, None


@functools.lru_cache(maxsize=256)
def student_quantile(confidence: float, freedom: int) -> float:
    """Look up how many standard errors a two-sided t interval reaches."""
    from scipy.special import stdtrit  # noqa: PLC0415  a tenth of the import time of scipy.stats

    return float(stdtrit(freedom, 0.5 + confidence / 2))


@functools.lru_cache(maxsize=16)
def normal_quantile(confidence: float) -> float:
    """Look up how many standard deviations a two-sided normal interval reaches."""
    from statistics import NormalDist  # noqa: PLC0415  only a single pass needs it

    return NormalDist().inv_cdf(0.5 + confidence / 2)
