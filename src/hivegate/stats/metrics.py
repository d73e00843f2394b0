"""The value of a metric in one sample, or why there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from hivegate.model.estimate import NoEstimate
from hivegate.model.metric import CALLS_NEEDED, Metric, Source

if TYPE_CHECKING:
    from collections.abc import Callable

    from hivegate.model.run import Benchmark, MemorySample, Sample

Rounds: TypeAlias = npt.NDArray[np.float64]


_OF_ROUNDS: dict[str, Callable[[Rounds], np.floating]] = {
    "mean": np.mean,
    "median": np.median,
    "p50": np.median,
    "min": np.min,
    "max": np.max,
}


def sample_value(sample: Sample, metric: Metric, operations: float | None) -> float | NoEstimate:
    """Compute a metric of time, of processor time or of the benchmark's own; throughput counts `operations` a call."""
    if metric.source is Source.CUSTOM:
        found = sample.metrics.get(metric.name)
        return NoEstimate(reason=f"reports no metric named {metric.name}", missing=True) if found is None else found
    if metric.source is Source.CALLS:
        return _percentile(sample, metric)
    if metric.name == "cpu_time":
        return _cpu_time(sample)
    if metric.name == "throughput":
        mean = _round_value(sample, "mean")
        if isinstance(mean, NoEstimate) or mean > 0:
            return mean if isinstance(mean, NoEstimate) else (operations or 1.0) / mean
        return NoEstimate(reason="took no measurable time, so it has no throughput")
    return _round_value(sample, metric.name)


def memory_value(sample: MemorySample, metric: Metric) -> float | NoEstimate:
    """Read a metric of memory."""
    found = sample.peak if metric.name == "peak_memory" else sample.allocations
    if found is None:
        hint = "allocations are counted by memray: install hivegate[memory]" if metric.name == "allocations" else ""
        return NoEstimate(reason=f"has no measured {metric.name.replace('_', ' ')}", missing=True, hint=hint)
    return float(found)


def divided(value: float, benchmark: Benchmark, *, per_operation: bool) -> float | NoEstimate:
    """Divide by the operations of a call where the target asks for it."""
    if not per_operation:
        return value
    if benchmark.operations is None:
        return NoEstimate(
            reason="declares no operations, so nothing is known per operation",
            hint='set benchmark.extra_info["operations"] in the benchmark',
        )
    return value / benchmark.operations


def _round_value(sample: Sample, name: str) -> float | NoEstimate:
    if not len(sample.rounds):
        return _summary_value(sample, name)
    rounds = np.frombuffer(sample.rounds)
    if name != "cv":
        return float(_OF_ROUNDS[name](rounds))
    mean = float(rounds.mean())
    if len(rounds) < 2 or mean <= 0:  # noqa: PLR2004  a spread needs two
        return NoEstimate(reason="has one round, and one value has no spread of its own")
    return float(rounds.std(ddof=1)) / mean


def _summary_value(sample: Sample, name: str) -> float | NoEstimate:
    summary = sample.summary
    if summary is not None:
        if name == "cv" and summary.mean and summary.stddev is not None:
            return summary.stddev / summary.mean
        found = getattr(summary, "median" if name == "p50" else name, None)
        if isinstance(found, float):
            return found
    return NoEstimate(reason=f"holds neither rounds nor a {name}", missing=True)


def _percentile(sample: Sample, metric: Metric) -> float | NoEstimate:
    calls = sample.single_calls if len(sample.single_calls) else sample.rounds
    if not len(sample.single_calls):
        if not len(sample.rounds):
            return NoEstimate(
                reason=f"holds no rounds, so it has no {metric.name}",
                hint="write the result with --benchmark-json, which keeps every round",
            )
        if sample.calls != 1:
            return NoEstimate(
                reason=f"{metric.name} of round means: each round is the mean of {sample.calls} calls, "
                "and a percentile is of single calls",
                hint="measure with hivegate bench, which times single calls, or use pedantic(iterations=1)",
            )
    needed = CALLS_NEEDED[metric.name]
    if len(calls) < needed:
        return NoEstimate(reason=f"{metric.name} needs {needed} single calls in each pass; there are {len(calls)}")
    return float(np.quantile(np.frombuffer(calls), metric.quantile or 0.5, method="inverted_cdf"))


def _cpu_time(sample: Sample) -> float | NoEstimate:
    mean = _round_value(sample, "mean")
    if isinstance(mean, NoEstimate):
        return mean
    if not sample.wall or sample.cpu is None:
        return NoEstimate(reason="has no measured processor time", missing=True)
    return mean * sample.cpu / sample.wall
