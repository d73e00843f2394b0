"""The value of a metric in one sample, or why there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hivegate.model.estimate import NoEstimate
from hivegate.model.metric import CALLS_NEEDED, Metric, Source
from hivegate.model.reason import ReasonCode

if TYPE_CHECKING:
    from collections.abc import Callable

    from hivegate.model.run import Benchmark, Doubles, MemorySample, Sample

_FEW = 1000  # rounds up to which plain Python is faster than the setting up of numpy's median


def _mean(rounds: Doubles) -> float:
    return sum(rounds) / len(rounds)


def _median(rounds: Doubles) -> float:
    if len(rounds) > _FEW:
        return float(np.median(np.frombuffer(rounds)))
    ordered = sorted(rounds)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


_OF_ROUNDS: dict[str, Callable[[Doubles], float]] = {
    "mean": _mean,
    "median": _median,
    "p50": _median,
    "min": min,
    "max": max,
}


def sample_value(sample: Sample, metric: Metric, operations: float | None) -> float | NoEstimate:
    """Compute a metric of time, of processor time or of the benchmark's own; throughput counts `operations` a call."""
    if metric.source is Source.CUSTOM:
        found = sample.metrics.get(metric.name)
        return (
            NoEstimate(
                code=ReasonCode.METRIC_NOT_MEASURED, reason=f"reports no metric named {metric.name}", missing=True
            )
            if found is None
            else found
        )
    if metric.source is Source.CALLS:
        return _percentile(sample, metric)
    if metric.name == "cpu_time":
        return _cpu_time(sample)
    if metric.name == "throughput":
        return _throughput(sample, operations or 1.0)
    return _round_value(sample, metric.name)


def memory_value(sample: MemorySample, metric: Metric) -> float | NoEstimate:
    """Read a metric of memory."""
    found = sample.peak if metric.name == "peak_memory" else sample.allocations
    if found is None:
        hint = "Allocations are counted by memray: install hivegate[memory]" if metric.name == "allocations" else ""
        return NoEstimate(
            code=ReasonCode.METRIC_NOT_MEASURED,
            reason=f"has no measured {metric.name.replace('_', ' ')}",
            missing=True,
            hint=hint,
        )
    return float(found)


def divided(value: float, benchmark: Benchmark, *, per_operation: bool) -> float | NoEstimate:
    """Divide by the operations of a call where the target asks for it."""
    if not per_operation:
        return value
    if benchmark.operations is None:
        return NoEstimate(
            code=ReasonCode.NO_OPERATIONS,
            reason="declares no operations, so nothing is known per operation",
            hint='Set benchmark.extra_info["operations"] in the benchmark.',
        )
    return value / benchmark.operations


def _round_value(sample: Sample, name: str) -> float | NoEstimate:
    if not len(sample.rounds):
        return _summary_value(sample, name)
    if name != "cv":
        return _OF_ROUNDS[name](sample.rounds)
    rounds = np.frombuffer(sample.rounds)
    if len(rounds) < 2:  # noqa: PLR2004  a spread needs two
        return NoEstimate(code=ReasonCode.ONE_ROUND, reason="has one round, so its spread is unknown")
    with np.errstate(over="ignore", invalid="ignore"):  # what is beyond every number is refused with the others
        return float(rounds.std(ddof=1) / rounds.mean())


def _throughput(sample: Sample, operations: float) -> float | NoEstimate:
    if sample.throughput is not None:
        return operations * sample.throughput
    mean = _round_value(sample, "mean")
    if isinstance(mean, NoEstimate):
        return mean
    return (
        operations / mean
        if mean > 0
        else NoEstimate(code=ReasonCode.NO_TIME, reason="took no measurable time, so it has no throughput")
    )


def _summary_value(sample: Sample, name: str) -> float | NoEstimate:
    summary = sample.summary
    if summary is not None:
        if name == "cv" and summary.mean and summary.stddev is not None:
            return summary.stddev / summary.mean
        found = getattr(summary, "median" if name == "p50" else name, None)
        if isinstance(found, float):
            return found
    return NoEstimate(code=ReasonCode.METRIC_NOT_MEASURED, reason=f"holds neither rounds nor a {name}", missing=True)


def _percentile(sample: Sample, metric: Metric) -> float | NoEstimate:
    rounds_are_calls = sample.calls == 1
    calls = max(sample.single_calls, sample.rounds if rounds_are_calls else sample.single_calls, key=len)
    needed = CALLS_NEEDED[metric.name]
    if len(calls) >= needed:
        return float(np.quantile(np.frombuffer(calls), metric.quantile or 0.5, method="inverted_cdf"))
    if not len(calls) and not len(sample.rounds):
        return NoEstimate(
            code=ReasonCode.METRIC_NOT_MEASURED,
            reason=f"holds no rounds, so it has no {metric.name}",
            hint="Use pytest --benchmark-json, which keeps every round, or hivegate bench, which times single calls.",
        )
    if not len(calls):
        return NoEstimate(
            code=ReasonCode.TOO_FEW_CALLS,
            reason=f"{metric.name} of round means: each round is the mean of {sample.calls} calls, "
            "and a percentile is of single calls",
            hint="Measure with hivegate bench, which times single calls, or use pedantic(iterations=1).",
        )
    return NoEstimate(
        code=ReasonCode.TOO_FEW_CALLS,
        reason=f"{metric.name} needs {needed} single calls in each pass; there are {len(calls)}",
        hint="Measure with hivegate bench, which times as many single calls as its targets need.",
    )


def _cpu_time(sample: Sample) -> float | NoEstimate:
    mean = _round_value(sample, "mean")
    if isinstance(mean, NoEstimate):
        return mean
    if not sample.wall or sample.cpu is None:
        return NoEstimate(
            code=ReasonCode.METRIC_NOT_MEASURED,
            reason="has no measured processor time",
            missing=True,
            hint="Only hivegate run and hivegate bench measure it; result files of other tools do not have it.",
        )
    return mean * sample.cpu / sample.wall
