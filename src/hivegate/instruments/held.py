"""What a sample holds, for whoever asked it for something else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hivegate.model.estimate import NoEstimate
from hivegate.model.identity import closest
from hivegate.model.reason import ReasonCode

if TYPE_CHECKING:
    from hivegate.model.run import Sample

_MOST_NAMED = 8


def not_held(sample: Sample, name: str) -> NoEstimate:
    """Answer that a sample has no metric of this name, with those that it has and the one that is likely meant."""
    held = _held(sample)
    if not held:
        reason = f"has no {name}: it holds no time and no metric"
        return NoEstimate(code=ReasonCode.METRIC_NOT_MEASURED, reason=reason, missing=True)
    shown = ", ".join(held[:_MOST_NAMED]) + (", …" if len(held) > _MOST_NAMED else "")
    only = "only " if len(held) == 1 else ""
    near = held[0] if len(held) == 1 else closest(name, held)
    return NoEstimate(
        code=ReasonCode.METRIC_NOT_MEASURED,
        reason=f"has no {name}; it holds {only}{shown}",
        missing=True,
        hint=f"Ask for metric: {near}" if near else "Ask for one of these metrics.",
    )


def _held(sample: Sample) -> list[str]:
    """Name the metrics that a sample can answer, those of times first."""
    if sample.rounds:
        return ["mean", "median", "min", "max", "throughput", *sample.metrics]
    summary = sample.summary
    figures = [] if summary is None else [key for key in ("mean", "median", "min", "max") if getattr(summary, key)]
    if sample.throughput is not None or "mean" in figures:
        figures.append("throughput")
    return [*figures, *sample.metrics]
