"""The built-in metrics and the custom ones."""

from __future__ import annotations

import pytest

from hivegate.model.metric import CALLS_NEEDED, METRICS, Dimension, Source, metric_named


def test_every_metric_is_known_by_its_own_name() -> None:
    """The names of targets.yaml, in the order in which errors list them."""
    assert list(METRICS) == [
        *("mean", "median", "p50", "p90", "p95", "p99", "min", "max", "cv", "throughput", "cpu_time"),
        *("peak_memory", "allocations", "instructions", "complexity", "drift"),
    ]
    assert all(metric.name == name for name, metric in METRICS.items())


@pytest.mark.parametrize("name", METRICS)
def test_only_percentiles_of_calls_need_a_quantile_and_enough_calls(name: str) -> None:
    """A percentile needs several calls beyond it in every pass."""
    metric = METRICS[name]
    assert (metric.source is Source.CALLS) is (metric.quantile is not None) is (name in CALLS_NEEDED)
    if metric.quantile is not None:
        assert metric.name == f"p{metric.quantile * 100:.0f}"
        assert CALLS_NEEDED[name] * (1 - metric.quantile) >= 5 - 1e-9


def test_more_is_better_for_throughput_alone() -> None:
    """Of all others less is better."""
    assert [name for name, metric in METRICS.items() if metric.higher_is_better] == ["throughput"]


def test_a_name_that_is_not_built_in_is_a_custom_metric() -> None:
    """A number that the benchmark reports; built-in names keep their meaning."""
    assert metric_named("p50") is METRICS["p50"]
    custom = metric_named("cache hits")
    assert (custom.name, custom.source, custom.dimension) == ("cache hits", Source.CUSTOM, Dimension.NUMBER)
