"""Drift: how far the current level is from the best that was sustained, however small the steps that led there."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from hivegate.model.estimate import Estimate, NoEstimate
from hivegate.model.reason import ReasonCode
from hivegate.stats.distributions import normal_quantile
from hivegate.stats.levels import SHORTEST
from hivegate.stats.noise import clipped, estimate_noise

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from hivegate.model.trend import Drift

SUSTAINED = 10  # points that make a level one to be held to
_CURRENT = 20  # points at most that make the current level


class Distance(msgspec.Struct, frozen=True, kw_only=True):
    """How far the current level lies above the best one, with its interval, as differences of logs.

    The best level was held by the points from `best_first` to `best_last`, the current one since `current_first`.
    """

    distance: float
    low: float
    high: float
    best: float
    current: float
    best_first: int
    best_last: int
    current_first: int


def measure_drift(logs: npt.NDArray[np.float64], *, since: int, confidence: float) -> Distance | None:
    """Compare the level since the point `since` with the lowest that earlier points sustained.

    The current level is of the last 20 points at most, of fewer where it is younger or 10 would not be left before it;
    None where fewer than 10 are left all the same, or fewer than 4 make it. The best window, of 10, 20,
    40... points, is that with the lowest upper bound, all windows bounded at once: a lucky window is not a best level.
    O(n log n).
    """
    n = len(logs)
    first = max(since or SUSTAINED, n - _CURRENT)
    if n - first < SHORTEST or first < SUSTAINED:
        return None
    noise = estimate_noise(logs)
    calm = clipped(logs, noise)
    values, variances = (np.concatenate(([0.0], np.cumsum(one))) for one in (calm, noise.of_means**2))
    # Neighbouring windows share most of their points, but far out each is nearly another: with five counted as one,
    # 1.2 % of still histories seemed to drift where 0.5 % was promised (docs/explanation/scale.md).
    quantile = -normal_quantile((1 - confidence) / (2 * (1 + n)))
    best, reach, width = (math.inf, 0.0, 0, 0), 0.0, SUSTAINED
    while width <= first:
        starts = np.arange(first - width + 1)
        means = (values[starts + width] - values[starts]) / width
        errors = quantile * np.sqrt(variances[starts + width] - variances[starts]) / width
        lowest = int(np.argmin(means + errors))
        if means[lowest] + errors[lowest] < best[0]:
            best = (float(means[lowest] + errors[lowest]), float(means[lowest]), lowest, width)
            reach = float(errors[lowest])
        width *= 2
    current = float(calm[first:].mean())
    error = quantile * math.sqrt(float(variances[n] - variances[first])) / (n - first)
    half = math.hypot(error, reach)
    return Distance(
        distance=current - best[1],
        low=current - best[1] - half,
        high=current - best[1] + half,
        best=best[1],
        current=current,
        best_first=best[2],
        best_last=best[2] + best[3] - 1,
        current_first=first,
    )


def estimate_drift(benchmark: str, drift: Mapping[str, Drift | None] | None) -> Estimate | NoEstimate:
    """Tell a benchmark's drift as a share: 0.05 where the mean is five percent worse than the best it sustained."""
    if drift is None or benchmark not in drift:
        return NoEstimate(
            code=ReasonCode.NO_HISTORY,
            reason="drift is read from the history, which has no run of this benchmark in this environment",
            missing=True,
            hint="Add its runs: hivegate history add",
        )
    found = drift[benchmark]
    if found is None:
        return NoEstimate(
            code=ReasonCode.SHORT_HISTORY,
            reason=f"its history in this environment is too short: a level is held for {SUSTAINED} runs, "
            f"and {SHORTEST} more make the current one",
            needs_more=True,
            hint="It is judged once more runs are added: hivegate history add",
        )
    return Estimate(value=found.ratio - 1, low=found.low - 1, high=found.high - 1, n=found.runs)
