"""Growth: the exponent of a metric over the size of its input."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

SIZES_NEEDED = 3


def exponent(values: Mapping[float, float]) -> float:
    """Fit log(value) on log(size) by least squares and return the slope."""
    sizes, logs = _logs(values)
    centered = sizes - sizes.mean()
    return float(centered @ logs / (centered @ centered))


def exponent_error(values: Mapping[float, float], spread: float) -> float:
    """Compute the standard error of the slope where each log value has the standard deviation `spread`."""
    sizes, _ = _logs(values)
    centered = sizes - sizes.mean()
    return spread / math.sqrt(float(centered @ centered))


def _logs(values: Mapping[float, float]) -> tuple[np.ndarray, np.ndarray]:
    sizes = np.log(np.fromiter(values.keys(), dtype=float))
    return sizes, np.log(np.fromiter(values.values(), dtype=float))
