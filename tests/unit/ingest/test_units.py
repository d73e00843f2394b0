"""Units as other tools write them: a time, a rate of calls, or a metric of its own with its direction."""

from __future__ import annotations

import pytest

from hivegate.ingest.units import Unit, read_unit


@pytest.mark.parametrize(
    ("text", "factor"),
    [("ns", 1e-9), ("us/op", 1e-6), ("\u00b5s", 1e-6), ("s/call", 1.0), (" ms ", 1e-3), ("min", 60.0)],
)
def test_a_time_is_in_seconds_and_has_no_direction(text: str, factor: float) -> None:
    """Less is better of every time; none of them is a metric that is better when higher."""
    unit = read_unit(text)
    assert (unit.seconds, unit.per_second) == (factor, None)
    assert unit.better == {}


@pytest.mark.parametrize(("text", "factor"), [("iter/sec", 1.0), ("ops/ms", 1e3), ("op/min", 1 / 60)])
def test_calls_in_a_time_are_a_throughput_and_have_no_direction(text: str, factor: float) -> None:
    """A throughput is a metric of the gate's, which knows that more is better."""
    unit = read_unit(text)
    assert unit.seconds is None
    assert unit.per_second == pytest.approx(factor)
    assert unit.better == {}


@pytest.mark.parametrize(
    ("text", "metric", "better"),
    [
        ("MB/s", "MB/s", {"MB/s": "higher"}),
        ("B/op", "B/op", {}),
        ("allocs", "allocs", {}),
        ("", "value", {}),
        ("p50", "value", {}),  # the gate's own name for something else
        ("%$!", "value", {}),
    ],
)
def test_all_else_is_a_metric_of_its_own(text: str, metric: str, better: dict[str, str]) -> None:
    """Named after its unit where targets.yaml can name it; a rate is better when higher, all else when lower."""
    unit = read_unit(text)
    assert unit == Unit(metric=metric)
    assert unit.better == better
