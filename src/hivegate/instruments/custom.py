"""What a benchmark reports of itself through ``extra_info``: any number, under any name that no instrument has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hivegate.instruments.base import Definition, SampledInstrument
from hivegate.instruments.held import not_held
from hivegate.model.metric import Dimension, Metric

if TYPE_CHECKING:
    from hivegate.model.estimate import NoEstimate
    from hivegate.model.run import Benchmark, Sample


class Custom(SampledInstrument):
    """The benchmark's own metrics, which the passes of time bring along."""

    name = "custom"

    def value(self, sample: Sample, metric: Metric, _benchmark: Benchmark) -> float | NoEstimate:
        """Read what the benchmark reported."""
        found = sample.metrics.get(metric.name)
        return not_held(sample, metric.name) if found is None else found

    def processor_share(self, sample: Sample, metric: Metric) -> float:
        """Give the share of the processor that a value had, where the benchmark says it, else that of its pass."""
        from hivegate.stats.interference import processor_share

        return sample.processor.get(metric.name, processor_share(sample))

    def define(self, metric: Metric) -> Definition:
        """Define what any name stands for that no instrument has."""
        return Definition(metric=metric, meaning="a number that the benchmark reports")


def custom_metric(name: str) -> Metric:
    """Name a metric that a benchmark reports."""
    return Metric(name=name, dimension=Dimension.NUMBER, readings="custom")
