"""Metrics: their names, what they are measured in, and which direction is better."""

from __future__ import annotations

import enum

import msgspec


class Dimension(enum.Enum):
    """What a number is measured in; units are spelled only by readers and reports."""

    SECONDS = "seconds"
    BYTES = "bytes"
    RATE = "per second"
    RATIO = "ratio"
    COUNT = "count"
    NUMBER = "number"


class Source(enum.Enum):
    """Which measurement a metric needs."""

    ROUNDS = "rounds"
    CALLS = "single calls"
    CPU = "cpu"
    MEMORY = "memory"
    INSTRUCTIONS = "instructions"
    SIZES = "sizes"
    HISTORY = "history"
    CUSTOM = "custom"


class Metric(msgspec.Struct, frozen=True, kw_only=True):
    """One metric; `quantile` only for percentiles of calls."""

    name: str
    dimension: Dimension
    source: Source
    higher_is_better: bool = False
    quantile: float | None = None

    @property
    def exact(self) -> bool:
        """Whether it is read in two processes of its own, where equal readings are exact."""
        return self.source in {Source.MEMORY, Source.INSTRUCTIONS}


def _seconds(name: str, source: Source = Source.ROUNDS, quantile: float | None = None) -> Metric:
    return Metric(name=name, dimension=Dimension.SECONDS, source=source, quantile=quantile)


METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        _seconds("mean"),
        _seconds("median"),
        _seconds("p50"),
        _seconds("p90", Source.CALLS, 0.90),
        _seconds("p95", Source.CALLS, 0.95),
        _seconds("p99", Source.CALLS, 0.99),
        _seconds("min"),
        _seconds("max"),
        Metric(name="cv", dimension=Dimension.RATIO, source=Source.ROUNDS),
        Metric(name="throughput", dimension=Dimension.RATE, source=Source.ROUNDS, higher_is_better=True),
        _seconds("cpu_time", Source.CPU),
        Metric(name="peak_memory", dimension=Dimension.BYTES, source=Source.MEMORY),
        Metric(name="allocations", dimension=Dimension.COUNT, source=Source.MEMORY),
        Metric(name="instructions", dimension=Dimension.COUNT, source=Source.INSTRUCTIONS),
        Metric(name="complexity", dimension=Dimension.NUMBER, source=Source.SIZES),
        Metric(name="drift", dimension=Dimension.RATIO, source=Source.HISTORY),
    )
}

# A percentile needs calls beyond it: at least this many single calls in every pass (statistics.md, rule 3).
CALLS_NEEDED = {"p90": 50, "p95": 100, "p99": 500}


def metric_named(name: str) -> Metric:
    """Look a metric up; a name that is not built in is a custom metric of the benchmark."""
    known = METRICS.get(name)
    return known or Metric(name=name, dimension=Dimension.NUMBER, source=Source.CUSTOM)
