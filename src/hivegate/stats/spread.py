"""Spread: how much passes of one benchmark differ, as a share of their mean."""

from __future__ import annotations

import functools
import math
import statistics
from typing import TYPE_CHECKING

from hivegate.model.estimate import Estimate, NoEstimate
from hivegate.model.reason import ReasonCode
from hivegate.stats.distributions import chi_squared_tail

if TYPE_CHECKING:
    from collections.abc import Sequence

_STEPS = 200  # of a bisection, which ends where two neighbouring doubles are left


def estimate_spread(values: Sequence[float], *, confidence: float) -> Estimate | NoEstimate:
    """Estimate standard deviation over mean from one value above zero a pass.

    The interval is that of a normal standard deviation, by chi-squared: of five passes its upper end is four times the
    estimate at 99 % confidence.
    """
    if len(values) < 2:  # noqa: PLR2004  a spread needs two
        return NoEstimate(
            code=ReasonCode.ONE_SAMPLE,
            reason="has one pass, so its spread is unknown",
            needs_more=True,
            hint="Measure at least two passes.",
        )
    mean, freedom = statistics.fmean(values), len(values) - 1
    if not mean > 0:
        return NoEstimate(code=ReasonCode.NO_TIME, reason="took no measurable time, so it has no spread")
    scaled = [value / mean for value in values]  # so that the squares of the smallest and largest stay finite
    spread = math.sqrt(math.fsum((value - 1) ** 2 for value in scaled) / freedom)
    tail = (1 - confidence) / 2
    return Estimate(
        value=spread,
        low=spread * math.sqrt(freedom / _chi_squared_quantile(tail, freedom)),
        high=spread * math.sqrt(freedom / _chi_squared_quantile(1 - tail, freedom)),
        n=len(values),
    )


@functools.lru_cache(maxsize=256)
def _chi_squared_quantile(tail: float, freedom: int) -> float:
    """Find the value above which chi-squared with so many degrees of freedom lies with probability `tail`."""
    low, high = 0.0, 1.0
    while chi_squared_tail(high, freedom) > tail:
        low, high = high, 2 * high
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if not low < middle < high:
            break
        low, high = (middle, high) if chi_squared_tail(middle, freedom) > tail else (low, middle)
    return high
