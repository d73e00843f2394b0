"""The value of a metric in one pass, through the targets that ask for it."""

from __future__ import annotations

import math
from typing import Any

import pytest
from tests.measured import run, sample, target, targets

from hivegate.instruments.estimates import estimate_targets
from hivegate.model.estimate import Estimate, NoEstimate
from hivegate.model.run import Benchmark, Doubles, MemorySample, Sample, Summary


def found(metric: str, *samples: Sample, per_operation: bool = False, **fields: Any) -> Estimate | NoEstimate:  # noqa: ANN401
    """Answer a target on one benchmark of these samples."""
    measured = Benchmark(id="a", node_id="a", samples=samples, **fields)
    wanted = targets(target("a", metric, maximum=1.0, per_operation=per_operation))
    return estimate_targets(wanted, run(measured))[0].found


def value(metric: str, *samples: Sample, **fields: Any) -> float:  # noqa: ANN401
    """Answer with a number."""
    answer = found(metric, *samples, **fields)
    assert isinstance(answer, Estimate), answer
    return answer.value


def refusal(metric: str, *samples: Sample, **fields: Any) -> NoEstimate:  # noqa: ANN401
    """Answer without a number."""
    answer = found(metric, *samples, **fields)
    assert isinstance(answer, NoEstimate), answer
    return answer


@pytest.mark.parametrize(
    ("metric", "expected"), [("mean", 3.5), ("p50", 2.5), ("median", 2.5), ("min", 1.0), ("max", 8.0)]
)
def test_metrics_of_rounds(metric: str, expected: float) -> None:
    """The usual metrics are of the rounds of one pass; an even median lies between the middle two."""
    assert value(metric, sample([8.0, 1.0, 2.0, 3.0])) == pytest.approx(expected)


def test_median_is_the_same_for_few_and_for_many_rounds() -> None:
    """Above a thousand rounds another way to the median is taken, to the same value."""
    assert value("p50", sample([float(number) for number in range(1, 1002)])) == 501.0
    assert value("p50", sample([float(number) for number in range(1, 1000)])) == 500.0


def test_cv_is_the_spread_of_rounds_over_their_mean() -> None:
    """One round has no spread of its own and so no coefficient of variation."""
    assert value("cv", sample([1.0, 3.0])) == pytest.approx(math.sqrt(2) / 2)
    assert refusal("cv", sample([1.0])).reason == "has one round, so its spread is unknown"


def test_a_measured_throughput_is_not_a_time() -> None:
    """Where a tool measured a rate and no times, the rate is the throughput, and there is no mean to judge."""
    rate = Sample(throughput=500.0)
    assert value("throughput", rate) == 500.0
    assert value("throughput", rate, operations=10.0) == 5000.0
    assert refusal("mean", rate).missing


@pytest.mark.parametrize("metric", ["min", "max"])
def test_extremes_need_several_rounds_in_a_pass(metric: str) -> None:
    """Of processes that were timed once each, the largest of each is a typical one: it must not pass a limit on all."""
    slow = [sample([0.1], 0), sample([0.1], 1), sample([9.0], 2)]
    answer = refusal(metric, *slow)
    assert answer.reason == f"has one round in each pass, so the {metric} of a pass is no more than that round"
    assert not answer.missing
    assert value(metric, sample([2.0])) == 2.0
    assert value(metric, sample([1.0, 1.0], 0), sample([1.0, 1.0], 1)) == 1.0


def test_throughput_counts_the_operations_of_a_call() -> None:
    """Ten operations in two seconds are five a second; without a declaration a call is one operation."""
    assert value("throughput", sample(2.0), operations=10.0) == pytest.approx(5.0)
    assert value("throughput", sample(2.0)) == pytest.approx(0.5)


def test_per_operation_needs_declared_operations() -> None:
    """A time per operation divides by what the benchmark declares, and is refused where it declares nothing."""
    assert value("p50", sample(2.0), operations=4.0, per_operation=True) == pytest.approx(0.5)
    assert "declares no operations" in refusal("p50", sample(2.0), per_operation=True).reason


def test_cpu_time_is_the_share_of_wall_time() -> None:
    """Processor time a call is the mean call times processor over wall time of the loop."""
    assert value("cpu_time", sample(2.0, cpu=3.0, wall=6.0)) == pytest.approx(1.0)
    assert refusal("cpu_time", sample(2.0)).missing


@pytest.mark.parametrize(("metric", "needed"), [("p90", 50), ("p95", 100), ("p99", 500)])
def test_percentiles_need_enough_single_calls_in_each_pass(metric: str, needed: int) -> None:
    """A percentile of exactly enough calls is given; one call fewer in one of the passes refuses it."""
    enough, short = [1.0] * needed, [1.0] * (needed - 1)
    assert value(metric, sample(enough, calls=1), sample(enough, 1, calls=1)) == 1.0
    answer = refusal(metric, sample(enough, calls=1), sample(short, 1, calls=1))
    assert answer.reason == f"{metric} needs {needed} single calls in each pass; there are {needed - 1}"
    assert not answer.missing


def test_percentile_of_round_means_is_refused() -> None:
    """Five hundred rounds of ten calls hold no percentile of calls."""
    answer = refusal("p99", sample([1.0] * 500, calls=10))
    assert not answer.missing
    assert answer.reason.startswith("p99 of round means: each round is the mean of 10 calls")


def test_percentile_is_of_single_calls_where_they_were_timed() -> None:
    """The p99 of the calls 1 to 500 is 495, whatever the round means say."""
    calls = Doubles(float(number) for number in range(1, 501))
    assert value("p99", sample([7.0] * 9, calls=100, single_calls=calls)) == 495.0


def test_percentile_takes_rounds_of_one_call_where_single_calls_ran_out_of_time() -> None:
    """Rounds of one call are single calls too."""
    rounds = [float(number) for number in range(1, 501)]
    assert value("p99", sample(rounds, calls=1, single_calls=Doubles([7.0] * 20))) == 495.0


def test_summary_stands_in_for_rounds_that_a_file_does_not_hold() -> None:
    """A file without rounds still tells mean and median, but no percentile of calls."""
    bare = Sample(summary=Summary(mean=2.0, median=1.5, stddev=0.5))
    assert (value("mean", bare), value("p50", bare), value("cv", bare)) == pytest.approx((2.0, 1.5, 0.25))
    assert refusal("max", bare).missing
    assert "has no rounds" in refusal("p99", bare).reason


def test_custom_metric_is_read_from_every_pass() -> None:
    """A benchmark's own number is estimated over passes; one that a pass lacks is missing."""
    with_conflicts = [sample(1.0, index, metrics={"conflicts": 12.0}) for index in range(3)]
    assert value("conflicts", *with_conflicts) == 12.0
    assert refusal("conflicts", *with_conflicts, sample(1.0, 3)).missing


def test_memory_is_the_peak_of_processes_of_its_own() -> None:
    """Time and memory never share a process; a run without memory processes has no peak."""
    two = (MemorySample(peak=1000), MemorySample(peak=1000))
    assert value("peak_memory", sample(1.0), memory=two) == 1000.0
    assert refusal("peak_memory", sample(1.0)).missing
    assert "memray" in refusal("allocations", sample(1.0), memory=two).hint


@pytest.mark.parametrize(
    ("metric", "bad"),
    [
        ("p50", Sample(summary=Summary(mean=-1.0, median=-1.0))),
        ("cpu_time", sample(1.0, cpu=-1.0, wall=1.0)),
        ("cpu_time", sample(1.0, cpu=0.0, wall=1.0)),
        ("mean", sample([1.7e308] * 3)),
        ("cv", sample([1.7e308, 1e308])),
        ("throughput", sample(5e-324)),
    ],
)
def test_what_no_measurement_shows_is_refused(metric: str, bad: Sample) -> None:
    """A broken or hostile file must not pass by a time below zero, nor crash by one beyond every number."""
    assert not refusal(metric, bad).missing


def test_two_samples_of_one_pass_are_refused() -> None:
    """Passes are what n counts: two samples that claim one pass cannot both count, and neither is dropped."""
    assert "two samples of pass 0" in refusal("p50", sample(1.0), sample(2.0)).reason
