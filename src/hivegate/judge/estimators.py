"""What is estimated of a metric, in the words of every report: of rounds, or of single calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hivegate.model.metric import Source

if TYPE_CHECKING:
    from hivegate.model.metric import Metric

# A comparison has one estimator for the typical time of a call, whichever of its names the budget has.
TYPICAL = frozenset({"mean", "median", "p50"})
_COMPARED = "interquartile mean"


def estimator_of(metric: Metric, *, compared: bool = False) -> str | None:
    """Name what stands for a metric in a pass or, `compared`, in a pair; None where it is neither of rounds nor calls.

    A round is the mean of its calls, and so says nothing of the slowest of them: percentiles are of single calls.
    """
    if metric.source is Source.CALLS:
        return f"{metric.name} of single calls"
    if compared:
        return f"{_COMPARED} of rounds" if metric.name in TYPICAL else None
    return f"{metric.name} of rounds" if metric.source is Source.ROUNDS else None
