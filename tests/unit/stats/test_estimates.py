"""Which benchmarks a target speaks of, partners, complexity, and what is missing."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest
from tests.measured import benchmark, broken, run, sample, target, targets

from hivegate.instruments.estimates import estimate_targets
from hivegate.model.estimate import Estimate, NoEstimate
from hivegate.model.metric import Dimension
from hivegate.model.run import Benchmark, MemorySample, Run, Sample, TestOutcome

if TYPE_CHECKING:
    from hivegate.model.target_estimate import TargetEstimate
    from hivegate.model.targets import Target


def answers(measured: Run, *wanted: Target) -> tuple[TargetEstimate, ...]:
    """Estimate targets from a run."""
    return estimate_targets(targets(*wanted), measured)


def refusal(measured: Run, wanted: Target) -> NoEstimate:
    """Estimate one target without a number."""
    (answer,) = answers(measured, wanted)
    assert isinstance(answer.found, NoEstimate), answer
    return answer.found


def estimate(measured: Run, wanted: Target) -> Estimate:
    """Estimate one target with a number."""
    (answer,) = answers(measured, wanted)
    assert isinstance(answer.found, Estimate), answer
    return answer.found


def test_a_selector_is_answered_once_for_each_benchmark() -> None:
    """Brackets are themselves and only stars are wild."""
    measured = run(benchmark("s/a[1]", [1.0]), benchmark("s/a[2]", [1.0]), benchmark("s/ab", [1.0]))
    assert [one.benchmark for one in answers(measured, target("s/a[*]", maximum=1.0))] == ["s/a[1]", "s/a[2]"]


def test_a_target_that_names_nothing_is_missing_and_suggests_the_new_name() -> None:
    """A renamed benchmark is not passed over; the id that no target names is the likely new name."""
    found = refusal(run(benchmark("s/consensus_delay", [1.0])), target("s/consensus_latency", maximum=1.0))
    assert found.missing
    assert "renamed to s/consensus_delay?" in found.hint


def test_a_target_whose_benchmarks_were_not_selected_has_no_answer() -> None:
    """What a selection leaves out is counted as such, not called missing."""
    assert answers(run(benchmark("b", [1.0]), not_selected=("a",)), target("a", maximum=1.0)) == ()


@pytest.mark.parametrize("outcome", [one for one in TestOutcome if one is not TestOutcome.MEASURED])
def test_one_bad_pass_makes_a_benchmark_missing(outcome: TestOutcome) -> None:
    """Two good passes of three do not count where the third crashed, failed or was skipped."""
    found = refusal(run(broken("a", outcome, "why")), target("a", maximum=9.0))
    assert found.missing == (outcome is not TestOutcome.INVALID)
    assert found.reason == f"{outcome.value} in 1 of 3 passes: why"


def test_a_benchmark_whose_test_fails_has_no_memory_either() -> None:
    """A wrong result needs little memory; that is no pass."""
    bad = Benchmark(
        id="a",
        node_id="a",
        samples=(sample(1.0), Sample(pass_index=1, outcome=TestOutcome.FAILED)),
        memory=(MemorySample(peak=1), MemorySample(peak=1)),
    )
    assert refusal(run(bad), target("a", "peak_memory", maximum=1e9)).missing


def test_ratio_to_a_partner_is_of_the_same_pass() -> None:
    """A partner that is always twice as slow gives one half without any spread, however the passes differ."""
    measured = run(benchmark("x[1]", [1.0, 3.0, 2.0]), benchmark("y[1]", [2.0, 6.0, 4.0]))
    found = estimate(measured, target("x[*]", maximum=1.0, relative_to="y[*]", dimension=Dimension.RATIO))
    assert (found.low, found.value, found.high, found.n) == (0.5, 0.5, 0.5, 3)


def test_ratio_counts_the_passes_that_both_share() -> None:
    """Passes of one side alone have no ratio, and n says so."""
    found = estimate(
        run(benchmark("x", [1.0, 1.0, 1.0]), benchmark("y", [2.0, 2.0])), target("x", maximum=1.0, relative_to="y")
    )
    assert found.n == 2


def test_answers_hold_what_they_rest_on() -> None:
    """One value a pass, of the metric that was asked: the ratio, the reading of memory, the exponent and its sizes."""
    sized = [
        benchmark(f"s/f[{size}]", [1e-6 * size, 2e-6 * size], size=float(size), memory=(MemorySample(peak=size),) * 2)
        for size in (10, 20, 40)
    ]
    ratio, memory, complexity = answers(
        run(*sized),
        target("s/f[20]", relative_to="s/f[10]", maximum=3.0),
        target("s/f[20]", "peak_memory", maximum=30.0),
        target("s/f[*]", "complexity", maximum=2.0),
    )
    assert ratio.values == pytest.approx((2.0, 2.0))
    assert list(memory.values) == [20, 20]
    assert complexity.values == pytest.approx((1.0, 1.0))
    assert [one.size for one in complexity.sizes] == [10, 20, 40]
    for one in complexity.sizes:
        assert one.values == pytest.approx((one.size * 1e-6, one.size * 2e-6))


def test_ratio_without_its_partner_is_missing() -> None:
    """A partner that is absent or was not measured leaves nothing to divide by."""
    wanted = target("x", maximum=1.0, relative_to="y")
    assert refusal(run(benchmark("x", [1.0])), wanted).reason == "is relative to y, which this run does not have"
    found = answers(run(benchmark("x", [1.0]), broken("y")), wanted)[0].found
    assert isinstance(found, NoEstimate)
    assert found.missing
    assert found.reason.startswith("its partner y: crashed")


def test_ratio_to_nothing_is_refused() -> None:
    """A partner's custom metric of zero or below has no ratio; the pass is not dropped."""
    one = Benchmark(id="x", node_id="x", samples=(sample(1.0, metrics={"m": 1.0}),))
    other = Benchmark(id="y", node_id="y", samples=(sample(1.0, metrics={"m": 0.0}),))
    assert "not above zero" in refusal(run(one, other), target("x", "m", maximum=1.0, relative_to="y")).reason


def test_limit_in_turns_divides_by_the_calibration_of_the_same_pass() -> None:
    """A machine that slows down slows its reference loop too."""
    moody = Benchmark(
        id="x", node_id="x", samples=tuple(sample(2.0 * mood, mood, reference=mood * 1.0) for mood in (1, 2, 3))
    )
    found = estimate(run(moody), target("x", maximum=1.0, relative_to="reference", dimension=Dimension.RATIO))
    assert (found.low, found.high) == (2.0, 2.0)


@pytest.mark.parametrize("reference", [None, 0.0, -1.0])
def test_limit_in_turns_needs_a_calibration_above_zero(reference: float | None) -> None:
    """Files of others have none, and a broken one must not turn the ratio's sign."""
    measured = run(Benchmark(id="x", node_id="x", samples=(sample(2.0, reference=reference),)))
    assert "without the reference loop" in refusal(measured, target("x", maximum=1.0, relative_to="reference")).reason


def sizes(*given: int, exponent: float = 1.0) -> tuple[Benchmark, ...]:
    """Make benchmarks that grow by a power of their size, in three passes of unlike speed."""
    return tuple(
        benchmark(f"s/g[{size}]", [1e-6 * mood * size**exponent for mood in (1, 2, 3)], size=float(size))
        for size in given
    )


def test_growth_is_the_slope_of_the_logs_and_blind_to_the_speed_of_a_pass() -> None:
    """A quadratic function has the exponent 2 on a fast and on a slow machine."""
    (answer,) = answers(run(*sizes(10, 100, 1000, exponent=2.0)), target("s/*", "complexity", maximum=2.1))
    assert isinstance(answer.found, Estimate)
    assert answer.benchmark == "s/g[*]"
    assert answer.covers == ("s/g[10]", "s/g[100]", "s/g[1000]")
    assert (answer.found.low, answer.found.high) == pytest.approx((2.0, 2.0))


def test_growth_of_one_pass_rests_on_the_assumed_spread() -> None:
    """With a spread of 15 % on each of three decades the slope is known to about 0.27, and the spread is named."""
    measured = run(*(benchmark(f"g[{size}]", [size * 1e-6], size=float(size)) for size in (10, 100, 1000)))
    found = estimate(measured, target("g[*]", "complexity", maximum=2.0))
    half = 2.5758 * 0.15 / (math.log(10) * math.sqrt(2))
    assert (found.low, found.high) == pytest.approx((1 - half, 1 + half), rel=1e-4)
    assert found.assumed == 0.15


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        (sizes(10, 100), "complexity needs 3 sizes; there are 2"),
        ((*sizes(10, 100), benchmark("s/g[x]", [1.0])), "s/g[x] declares no size"),
        ((*sizes(10, 100), benchmark("s/g[10-b]", [1.0], size=10.0)), "the same size, 10, which mixes two things"),
        ((*sizes(10, 100), benchmark("s/g[9]", [1.0] * 9, size=9.0)), None),
        (
            (*sizes(10, 100), Benchmark(id="s/g[5]", node_id="", samples=(sample(1.0, 7),), size=5.0)),
            "no pass measured all of its sizes",
        ),
    ],
)
def test_growth_needs_three_sizes_that_share_a_pass(members: tuple[Benchmark, ...], reason: str | None) -> None:
    """Too few sizes, an unknown size, two kinds in one or no common pass are refused with the reason."""
    (answer,) = answers(run(*members), target("s/g[*]", "complexity", maximum=2.0))
    if reason is None:
        assert isinstance(answer.found, Estimate)
        assert answer.found.n == 3
    else:
        assert isinstance(answer.found, NoEstimate)
        assert reason in answer.found.reason


def test_growth_with_a_crashed_size_is_missing() -> None:
    """A size that crashes is not left out of the fit."""
    assert refusal(run(*sizes(10, 100, 1000), broken("s/g[7]")), target("s/g[*]", "complexity", maximum=2.0)).reason


def test_growth_of_one_kind_is_named_by_its_kind() -> None:
    """Two targets on two kinds of one benchmark have answers that can be told apart."""
    kinds = [benchmark(f"g[{size}-{kind}]", [1e-6 * size], size=float(size)) for size in (1, 2, 4) for kind in "ab"]
    wanted = [target(f"g[*-{kind}]", "complexity", maximum=2.0) for kind in "ab"]
    assert [one.benchmark for one in answers(run(*kinds), *wanted)] == ["g[*-a]", "g[*-b]"]
