"""Memory of one call: tracemalloc's peak, and allocations where memray is installed to count them."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from hivegate.instruments.base import Definition, ExactInstrument, Mode
from hivegate.model.estimate import NoEstimate
from hivegate.model.metric import Dimension, Metric
from hivegate.model.reason import ReasonCode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hivegate.model.pairs import MemoryPair
    from hivegate.model.run import Benchmark, MemorySample

PEAK_MEMORY = Metric(name="peak_memory", dimension=Dimension.BYTES, readings="memory")
ALLOCATIONS = Metric(name="allocations", dimension=Dimension.COUNT, readings="memory")
_SMALLEST = 4096  # bytes; less is what an interned string or a resized dict makes of it


class Memory(ExactInstrument):
    """What one call holds at its peak, and how often it allocates."""

    name = "memory"
    mode = Mode.MEMORY
    profiled = "bytes"
    absent = NoEstimate(code=ReasonCode.METRIC_NOT_MEASURED, reason="its memory was not measured", missing=True)
    definitions: ClassVar[tuple[Definition, ...]] = (
        Definition(metric=PEAK_MEMORY, meaning="tracemalloc's peak during one call", divisible=True, kept=True),
        Definition(metric=ALLOCATIONS, meaning="during one call, counted by memray", divisible=True, kept=True),
    )

    def value(self, sample: MemorySample, metric: Metric, _benchmark: Benchmark) -> float | NoEstimate:
        """Read a metric; allocations are counted only where memray is installed."""
        found = sample.peak if metric.name == PEAK_MEMORY.name else sample.allocations
        if found is None:
            hint = ""
            if metric == ALLOCATIONS:
                hint = "Allocations are counted by memray (install hivegate[memory]), in a second call: pedantic must "
                hint += "allow two (rounds=2, or setup=)"
            return NoEstimate(
                code=ReasonCode.METRIC_NOT_MEASURED,
                reason=f"has no measured {metric.name.replace('_', ' ')}",
                missing=True,
                hint=hint,
            )
        return float(found)

    def readings_of(self, pair: MemoryPair, side: str, metric: Metric) -> Sequence[float]:
        """List a side's peaks or allocations."""
        if metric.name == PEAK_MEMORY.name:
            return pair.base_peak if side == "base" else pair.head_peak
        return pair.base_allocations if side == "base" else pair.head_allocations

    def floor(self, metric: Metric) -> float:
        """Name the bytes that are nothing; every allocation counts."""
        return _SMALLEST if metric.dimension is Dimension.BYTES else 0.0

    def remedy(self, metric: Metric) -> str:
        """Say what counts allocations."""
        return "Install memray in the environment of the benchmarks." if metric.name == ALLOCATIONS.name else ""
