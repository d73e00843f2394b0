"""The built-in metrics and the custom ones, each found with its instrument."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec
import pytest

from hivegate.instruments import (
    METRICS,
    budget_kind,
    definition_of,
    instrument_of,
    metric_named,
    register,
    unregister,
)
from hivegate.instruments.base import Definition, SampledInstrument
from hivegate.model.estimate import NoEstimate
from hivegate.model.metric import Dimension, Metric
from hivegate.model.run import Run

if TYPE_CHECKING:
    from hivegate.model.run import Benchmark, Sample


def test_every_metric_is_known_by_its_own_name() -> None:
    """The names of targets.yaml, in the order in which errors list them."""
    assert list(METRICS) == [
        *("mean", "median", "p50", "p90", "p95", "p99", "min", "max", "cv", "spread", "throughput", "cpu_time"),
        *("peak_memory", "allocations", "instructions", "complexity", "drift"),
    ]
    assert all(metric.name == name for name, metric in METRICS.items())
    assert all(definition_of(metric).metric is metric for metric in METRICS.values())
    assert all(definition_of(metric) in instrument_of(metric).definitions for metric in METRICS.values())


@pytest.mark.parametrize("name", METRICS)
def test_only_percentiles_of_calls_need_a_quantile_and_enough_calls(name: str) -> None:
    """A percentile needs several calls beyond it in every pass, and says that it is of single calls."""
    metric, needed = METRICS[name], definition_of(METRICS[name]).single_calls
    assert (metric.readings == "single calls") is (metric.quantile is not None) is (needed > 0)
    if metric.quantile is not None:
        assert metric.name == f"p{metric.quantile * 100:.0f}"
        assert needed * (1 - metric.quantile) >= 5 - 1e-9


def test_more_is_better_for_throughput_alone() -> None:
    """Of all others less is better."""
    assert [name for name, metric in METRICS.items() if metric.higher_is_better] == ["throughput"]


def test_a_name_that_is_not_built_in_is_a_custom_metric() -> None:
    """A number that the benchmark reports; built-in names keep their meaning."""
    assert metric_named("p50") is METRICS["p50"]
    custom = metric_named("cache hits")
    assert (custom.name, custom.readings, custom.dimension) == ("cache hits", "custom", Dimension.NUMBER)
    assert instrument_of(custom).name == "custom"
    assert not instrument_of(custom).compares(custom)


def test_metrics_of_time_share_a_budget() -> None:
    """Each metric that is read exactly has its own."""
    assert {budget_kind(METRICS[name]) for name in ("mean", "p99", "cv", "drift")} == {"time"}
    assert budget_kind(metric_named("cache hits")) == "time"
    assert [budget_kind(METRICS[name]) for name in ("allocations", "instructions")] == ["allocations", "instructions"]


def test_a_history_finds_its_series_again() -> None:
    """It keeps a metric by this text; another text would begin another series."""
    texts = {name: msgspec.json.encode(METRICS[name]).decode() for name in ("p99", "throughput")}
    assert texts == {
        "p99": '{"name":"p99","dimension":"seconds","source":"single calls","higher_is_better":false,"quantile":0.99}',
        "throughput": '{"name":"throughput","dimension":"per second","source":"rounds","higher_is_better":true,'
        '"quantile":null}',
    }


class Switches(SampledInstrument):
    """How often a benchmark gives up the processor by itself."""

    name = "switches"
    definitions: ClassVar[tuple[Definition, ...]] = (
        Definition(
            metric=Metric(name="switches", dimension=Dimension.COUNT, readings="switches"),
            meaning="voluntary context switches of a pass",
        ),
    )

    def value(self, sample: Sample, _metric: Metric, _benchmark: Benchmark) -> float | NoEstimate:
        """Read the count of a pass."""
        return float(sample.switches) if sample.switches is not None else NoEstimate(reason="nobody counted it")


def test_a_name_is_registered_once() -> None:
    """A second instrument of a name, or a second metric of one, would leave open which is meant."""
    before = list(METRICS)
    switches = Switches()
    register(switches)
    try:
        with pytest.raises(ValueError, match="switches has names that are taken: switches, switches"):
            register(Switches())
        assert instrument_of(metric_named("switches")) is switches
    finally:
        unregister(switches)
    assert instrument_of(metric_named("switches")).name == "custom"
    assert list(METRICS) == before


def test_what_a_run_may_hold_is_told_at_little_cost() -> None:
    """Memory and instructions only where they were read; of all else nobody knows before it is looked at."""
    may = {name for name, metric in METRICS.items() if instrument_of(metric).measured(Run(), metric)}
    assert {"mean", "complexity", "drift"} <= may
    assert not may & {"peak_memory", "allocations", "instructions"}
