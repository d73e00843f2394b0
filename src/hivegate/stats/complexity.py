"""Complexity: the exponent of a metric over the size of its input."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from hivegate.model.estimate import Estimate, NoEstimate
from hivegate.model.reason import ReasonCode
from hivegate.stats.interval import estimate_plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SIZES_NEEDED = 3


def estimate_complexity(
    passes: Sequence[Mapping[float, float]], sizes: frozenset[float], *, confidence: float, assumed_spread: float
) -> Estimate | NoEstimate:
    """Estimate the exponent from values by size, one mapping a pass; a pass that lacks a size does not count."""
    if len(sizes) < SIZES_NEEDED:
        return NoEstimate(
            code=ReasonCode.TOO_FEW_SIZES, reason=f"complexity needs {SIZES_NEEDED} sizes; there are {len(sizes)}"
        )
    exponents = exponents_of(passes, sizes)
    if not exponents:
        return NoEstimate(code=ReasonCode.TOO_FEW_SIZES, reason="no pass measured all of its sizes")
    return estimate_plain(
        exponents,
        confidence=confidence,
        single_error=exponent_error(sizes, assumed_spread),
        assumed=assumed_spread,
    )


def exponents_of(passes: Sequence[Mapping[float, float]], sizes: frozenset[float]) -> list[float]:
    """Compute the exponent of each pass that measured all sizes."""
    return [exponent(found) for found in passes if len(found) == len(sizes)]


def exponent(values: Mapping[float, float]) -> float:
    """Fit log(value) on log(size) by least squares and return the slope."""
    # Sorted, so that the order of the benchmarks cannot change the last digit of a sum.
    sizes = sorted(values)
    centered = _centered(sizes)
    return math.fsum(x * math.log(values[size]) for x, size in zip(centered, sizes, strict=True)) / _square(centered)


def exponent_error(sizes: frozenset[float], spread: float) -> float:
    """Compute the standard error of the slope where each log value has the standard deviation `spread`."""
    return spread / math.sqrt(_square(_centered(sorted(sizes))))


def _centered(sizes: Sequence[float]) -> list[float]:
    logs = [math.log(size) for size in sizes]
    mean = math.fsum(logs) / len(logs)
    return [log - mean for log in logs]


def _square(numbers: Sequence[float]) -> float:
    return math.fsum(number * number for number in numbers)
