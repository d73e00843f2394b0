"""Confidence intervals over passes.

The unit is the pass: intervals from the rounds of one process covered the truth in 0-40 % of cases instead of 95 %,
t over processes in 86-100 % (docs/explanation/statistics.md). Plain floats, not numpy: for a handful of passes an
array costs ten times what it computes.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from hivegate.model.estimate import Estimate
from hivegate.stats.distributions import normal_quantile, student_quantile

if TYPE_CHECKING:
    from collections.abc import Sequence


ENOUGH = 5  # values that tell their spread by themselves
EARLY_LOOKS = (2, 3)  # passes, before there are as many
_ASSUMPTION = 3  # degrees of freedom that an assumed spread has


def per_look(confidence: float, looks: int, *, passes: int = ENOUGH) -> float:
    """Split the error over `looks` (Bonferroni), so that all of them together are wrong no oftener than promised.

    The looks are those at five passes or more. One at fewer comes before them and has a hundredth of the error: fewer
    do not know their own spread, and decide only what is far from its limit.
    """
    if looks == 1:
        return confidence
    early = 0.01
    return 1 - (1 - confidence) * (early if passes < ENOUGH else (1 - len(EARLY_LOOKS) * early) / looks)


def estimate_over_passes(
    values: Sequence[float], *, confidence: float, assumed_spread: float, early: bool = False
) -> Estimate:
    """Estimate from one value a pass: t on the log scale, or on the plain one where a value is not above zero.

    A single value has no spread of its own: the interval then rests on `assumed_spread`, the standard deviation of
    the log, and says so. Two to four values say next to nothing of theirs, so that t makes of three that agree within a
    few percent an interval of a millionth to a million: it is no wider than where the assumption counts as three more.
    An `early` interval is always that one: values that agree by luck must not decide while more may follow.
    """
    if min(values) <= 0:
        return estimate_plain(values, confidence=confidence)
    logs = [math.log(value) for value in values]
    center, half = _center_and_half(logs, confidence)
    single = len(values) == 1
    if single:
        half = normal_quantile(0.5 + confidence / 2) * assumed_spread
    elif len(values) < ENOUGH:
        assumed = _half_with_assumption(logs, center, confidence, assumed_spread)
        half = assumed if early else min(half, assumed)
    return Estimate(
        value=_between(values, _exp(center)),
        low=min(values) if half == 0 else _exp(center - half),
        high=max(values) if half == 0 else _exp(center + half),
        n=len(values),
        assumed=assumed_spread if single else None,
    )


def estimate_range(values: Sequence[float]) -> Estimate:
    """Estimate from readings that are equal where they are exact; unequal ones are the ends, and one alone has none."""
    value = _between(values, sum(values) / len(values))
    if len(values) == 1:
        return Estimate(value=value, n=1)
    return Estimate(value=value, low=min(values), high=max(values), n=len(values))


def estimate_plain(
    values: Sequence[float], *, confidence: float, single_error: float = math.inf, assumed: float | None = None
) -> Estimate:
    """Estimate an additive quantity, such as an exponent.

    `single_error` is the standard error of a value that stands alone; `assumed` is the spread that it follows from.
    """
    scale = max(abs(value) for value in values) or 1.0  # sums of the largest numbers stay finite
    center, half = _center_and_half([value / scale for value in values], confidence)
    center, half = center * scale, half * scale
    if len(values) == 1:
        half = normal_quantile(0.5 + confidence / 2) * single_error
    return Estimate(
        value=_between(values, center),
        low=min(values) if half == 0 else center - half,
        high=max(values) if half == 0 else center + half,
        n=len(values),
        assumed=assumed if len(values) == 1 else None,
    )


def _half_with_assumption(logs: Sequence[float], center: float, confidence: float, assumed_spread: float) -> float:
    """Compute the half width where the spread is that of the values and of an assumption that counts as three."""
    freedom = len(logs) - 1 + _ASSUMPTION
    squares = math.fsum((number - center) ** 2 for number in logs) + _ASSUMPTION * assumed_spread**2
    return student_quantile((1 - confidence) / 2, freedom) * math.sqrt(squares / freedom / len(logs))


def _center_and_half(numbers: Sequence[float], confidence: float) -> tuple[float, float]:
    n = len(numbers)
    center = math.fsum(numbers) / n
    if n == 1:
        return center, math.inf
    if min(numbers) == max(numbers):
        return center, 0.0
    variance = math.fsum((number - center) ** 2 for number in numbers) / (n - 1)
    return center, student_quantile((1 - confidence) / 2, n - 1) * math.sqrt(variance / n)


def _between(values: Sequence[float], center: float) -> float:
    # A mean lies among its values; rounding must not push it out, or equal values would differ from their mean.
    return min(max(center, min(values)), max(values))


def _exp(number: float) -> float:
    try:
        return math.exp(number)
    except OverflowError:
        return math.inf
