"""What others on the machine may have added to a wall time."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest
from tests.measured import run, sample, target, targets

from hivegate.instruments.estimates import estimate_targets
from hivegate.model.estimate import Estimate
from hivegate.model.run import Benchmark, Doubles, Sample
from hivegate.stats.interference import WallTime, contended, contention

if TYPE_CHECKING:
    from hivegate.model.target_estimate import Interference


def interference_of(
    metric: str, *shares: float, switches: int | None = 0, relative_to: str | None = None
) -> Interference | None:
    """Answer a target on passes of one second a call and ten calls that had these shares of the processor."""
    samples = tuple(
        sample([1.0] * 600, index, calls=1, cpu=10.0 * share, wall=10.0, switches=switches, reference=1.0)
        for index, share in enumerate(shares)
    )
    measured = run(Benchmark(id="a", node_id="a", samples=samples))
    wanted = target("a", metric, maximum=1.0, relative_to=relative_to)
    return estimate_targets(targets(wanted), measured)[0].interference


def test_a_calm_machine_leaves_the_interval_alone() -> None:
    """From nine tenths of the processor up nothing is taken back."""
    assert interference_of("p50", 0.9, 0.95, 1.0) is None


@pytest.mark.parametrize(
    ("metric", "factor"),
    [("mean", 1.25 * 2), ("min", 1.25 * 2), ("p50", 1.25 * 3), ("p90", 1.25 * 11), ("p99", 1.25 * 101)],
)
def test_time_is_taken_back_by_the_most_that_others_can_have_added(metric: str, factor: float) -> None:
    """Half the processor lost doubles a mean, triples a median that bore it alone, and can explain any p99."""
    found = interference_of(metric, 0.5, 0.5, 0.5)
    assert found is not None
    assert (found.possible.low, found.possible.high) == pytest.approx((1 / factor, 1.0))
    assert (found.passes, found.quietest) == (3, 0.5)


@pytest.mark.parametrize("metric", ["max", "cv"])
def test_one_round_can_bear_all_that_others_took(metric: str) -> None:
    """Of the slowest round and of the spread of rounds nothing is known at the lower end."""
    found = interference_of(metric, 0.5, 0.5)
    assert found is not None
    assert found.possible.low == -math.inf


def test_throughput_may_have_been_higher() -> None:
    """Others take from a rate, so its interval is widened upwards."""
    found = interference_of("throughput", 0.5, 0.5)
    assert found is not None
    assert (found.possible.low, found.possible.high) == pytest.approx((1.0, 2.5))


def test_only_the_contended_passes_are_taken_back() -> None:
    """One calm pass among busy ones does not make the mean of all calm."""
    found = interference_of("mean", 1.0, 0.5, 0.5)
    assert found is not None
    assert found.passes == 2
    assert found.quietest == 1.0
    assert found.possible.low < 0.4


@pytest.mark.parametrize("share", [0.0, -1.0])
def test_a_pass_without_processor_time_says_nothing_of_the_lower_end(share: float) -> None:
    """A share of zero would divide by zero; it explains everything."""
    found = interference_of("mean", share, share)
    assert found is not None
    assert found.possible.low == -math.inf


def test_code_that_waits_is_not_contended() -> None:
    """Ten calls that gave up the processor ten times of themselves waited; nine tenths of the time may be theirs."""
    assert interference_of("p50", 0.1, 0.1, switches=10) is None
    assert interference_of("p50", 0.1, 0.1, switches=4) is not None


def test_unknown_shares_are_no_interference() -> None:
    """A result file of others tells no switches, and is taken as it is."""
    assert interference_of("p50", 0.1, switches=None) is None


def test_processor_time_is_not_widened() -> None:
    """Others hold the processor, they do not use up the benchmark's own time on it."""
    assert interference_of("cpu_time", 0.5, 0.5) is None


def test_a_ratio_is_widened_as_the_time_above_its_line_is() -> None:
    """A call longer than the scheduler's slice is held up where the reference loop beside it never is."""
    found = interference_of("p50", 0.5, 0.5, relative_to="reference")
    assert found is not None
    assert found.possible.low < 1.0
    assert found.possible.high == 1.0


def test_parallel_work_beyond_its_limit_is_not_blamed_on_the_code_while_others_use_the_cores() -> None:
    """A ratio of parallel work that a contended machine broke is open at its lower end, and stands on a quiet one."""
    found = Estimate(value=1.0, low=0.9, high=1.1, n=5)
    of = WallTime(held_above=0.5)
    assert contended(of, found, 1.0) is None
    lowered = contended(of, found, 0.5)
    assert lowered is not None
    assert (lowered.possible.low, lowered.possible.high) == (-math.inf, 1.1)


def test_crowding_is_told_by_benchmarks_of_one_thread_alone() -> None:
    """The machine's mood is the median share of single-threaded work; parallel work has no say in it."""
    half = Sample(rounds=Doubles([1e-3] * 10), cpu=0.05, wall=0.1, switches=0)
    whole = Sample(rounds=Doubles([1e-3] * 10), cpu=0.1, wall=0.1, switches=0)
    single = Benchmark(id="a", node_id="a", samples=(half, half, whole))
    parallel = Benchmark(id="b", node_id="b", samples=(whole,) * 10, parallelism=2)
    assert contention([single, parallel]) == 0.5
    assert contention([]) == 1.0
