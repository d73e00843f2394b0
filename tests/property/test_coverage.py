"""How often the statistics are right, on noise of known truth and on recorded passes; every seed is fixed."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pytest
from tests.measured import benchmark, gate, run, sample, target, targets

from hivegate.flows.bench.flow import late_looks, looks_of
from hivegate.flows.plan import SuitePlan
from hivegate.instruments.estimates import estimate_targets
from hivegate.judge import needing_more
from hivegate.model.estimate import Estimate
from hivegate.model.metric import Dimension
from hivegate.model.run import Benchmark
from hivegate.model.target_estimate import CALM
from hivegate.model.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from hivegate.model.targets import Target

    Draw: TypeAlias = Callable[[np.random.Generator, int], np.ndarray]

RECORDED: dict[str, list[list[float]]] = json.loads(
    (Path(__file__).parents[1] / "golden" / "passes.json").read_text(encoding="utf-8")
)["passes"]
PLAN = SuitePlan()
LOOKS = looks_of(PLAN)
RUNS = 1000
CONFIDENCE = 0.99


def _normal(rng: np.random.Generator, size: int) -> np.ndarray:
    return rng.normal(scale=0.05, size=size)


def _heavy(rng: np.random.Generator, size: int) -> np.ndarray:
    return 0.03 * rng.standard_t(3, size=size)


NOISE: list[tuple[str, Draw]] = [("normal", _normal), ("heavy-tailed", _heavy)]
noise = pytest.mark.parametrize("draw", [draw for _, draw in NOISE], ids=[name for name, _ in NOISE])


def _estimate(of: Target, *measured: Benchmark) -> Estimate:
    found = estimate_targets(targets(of, confidence=CONFIDENCE), run(*measured))[0].found
    assert isinstance(found, Estimate)
    return found


@noise
@pytest.mark.parametrize("passes", [3, 5, 15])
def test_interval_over_passes_covers_the_truth(draw: Draw, passes: int) -> None:
    """A 99 % interval holds the true value in 99 % of runs, give or take what 1,000 runs can tell."""
    rng = np.random.default_rng(7)
    wanted = target("a", maximum=1.0)
    covered = 0
    for _ in range(RUNS):
        found = _estimate(wanted, benchmark("a", 1e-3 * np.exp(draw(rng, passes))))
        covered += found.low <= 1e-3 <= found.high
    assert covered >= 0.98 * RUNS


@noise
def test_interval_of_a_ratio_covers_the_truth_though_the_machine_changes_its_mood(draw: Draw) -> None:
    """What slows a whole pass, by up to three times here, cancels from the ratio and does not widen its interval."""
    rng = np.random.default_rng(11)
    wanted = target("a", maximum=1.0, relative_to="b", dimension=Dimension.RATIO)
    covered, widths = 0, []
    for _ in range(RUNS):
        mood = rng.uniform(1.0, 3.0, size=5)
        one = benchmark("a", 1e-3 * mood * np.exp(draw(rng, 5)))
        found = _estimate(wanted, one, benchmark("b", 4e-3 * mood * np.exp(draw(rng, 5))))
        covered += found.low <= 0.25 <= found.high
        widths.append(math.log(found.high / found.low))
    assert covered >= 0.98 * RUNS
    assert np.median(widths) < 0.5


@noise
def test_interval_of_growth_covers_the_true_exponent(draw: Draw) -> None:
    """The exponent of a metric that grows as size to the 1.3 lies in its interval in 99 % of runs."""
    rng = np.random.default_rng(13)
    wanted = target("a[*]", metric="complexity", maximum=2.0)
    covered = 0
    for _ in range(RUNS):
        measured = [
            benchmark(f"a[{size}]", 1e-6 * size**1.3 * np.exp(draw(rng, 5)), size=float(size)) for size in (10, 30, 100)
        ]
        found = _estimate(wanted, *measured)
        covered += found.low <= 1.3 <= found.high
    assert covered >= 0.98 * RUNS


@noise
def test_all_looks_together_keep_the_promised_error(draw: Draw) -> None:
    """Where the true value is the limit itself, either answer is wrong: the looks together give it in at most 1 %."""
    rng = np.random.default_rng(17)
    answers = [_bench(1e-3 * np.exp(draw(rng, PLAN.most_passes)), limit=1e-3) for _ in range(RUNS)]
    assert sum(one is not Outcome.INCONCLUSIVE for one in answers) <= 0.01 * RUNS + 5


def test_looking_again_and_again_at_full_error_would_break_the_promise() -> None:
    """The same looks without splitting the error are wrong more than twice as often as promised: why it is split."""
    rng = np.random.default_rng(17)
    answers = [_bench(1e-3 * np.exp(_normal(rng, 15)), limit=1e-3, late=1) for _ in range(RUNS)]
    assert sum(one is not Outcome.INCONCLUSIVE for one in answers) > 0.02 * RUNS


@pytest.mark.parametrize("name", RECORDED)
def test_a_true_value_5_percent_under_its_limit_never_fails(name: str) -> None:
    """On recorded passes of calm and of busy moments mixed, no run of 1,000 calls code too slow that is not."""
    passes = np.array(RECORDED[name])
    calm = passes[passes[:, 1] >= CALM]
    truth = math.exp(np.log(calm[:, 0]).mean())
    for seed, drawn_from in enumerate((calm, passes)):
        outcomes = _resampled(drawn_from, limit=truth / 0.95, seed=seed)
        assert outcomes.count(Outcome.FAILED) == 0


@pytest.mark.parametrize("name", RECORDED)
def test_a_true_value_20_percent_over_its_limit_fails(name: str) -> None:
    """On recorded calm passes at least 95 % of 1,000 runs find it, unless passes differ too much for anyone to tell."""
    passes = np.array(RECORDED[name])
    calm = passes[passes[:, 1] >= CALM]
    truth = math.exp(np.log(calm[:, 0]).mean())
    outcomes = _resampled(calm, limit=truth / 1.2, seed=3)
    spread = np.log(calm[:, 0]).std(ddof=1)
    assert outcomes.count(Outcome.PASSED) == 0
    if spread <= 0.1:
        assert outcomes.count(Outcome.FAILED) >= 0.95 * RUNS


@pytest.mark.parametrize("name", RECORDED)
def test_a_busy_machine_leaves_a_slow_benchmark_open_but_never_passes_it(name: str) -> None:
    """20 % over the limit, measured while others hold the processor, is inconclusive rather than passed or blamed."""
    passes = np.array(RECORDED[name])
    busy = passes[passes[:, 1] < 0.7]
    truth = math.exp(np.log(passes[passes[:, 1] >= CALM][:, 0]).mean())
    outcomes = _resampled(busy, limit=truth / 1.2, seed=5, runs=200)
    assert outcomes.count(Outcome.PASSED) == 0
    assert outcomes.count(Outcome.INCONCLUSIVE) >= 0.9 * len(outcomes)


def _resampled(passes: np.ndarray, *, limit: float, seed: int, runs: int = RUNS) -> list[Outcome]:
    rng = np.random.default_rng(seed)
    drawn = (passes[rng.integers(len(passes), size=PLAN.most_passes)] for _ in range(runs))
    return [_bench(one[:, 0], limit=limit, shares=one[:, 1]) for one in drawn]


def _bench(
    seconds: np.ndarray, *, limit: float, shares: np.ndarray | None = None, late: int = late_looks(LOOKS)
) -> Outcome:
    """Look as `hivegate bench` does, while inconclusive."""
    wanted = targets(target("a", maximum=limit), confidence=CONFIDENCE)
    samples = tuple(
        sample(float(one), index, cpu=1.0 if shares is None else float(shares[index]), wall=1.0, switches=0)
        for index, one in enumerate(seconds)
    )
    for count in LOOKS:
        result = gate(wanted, run(Benchmark(id="a", node_id="a", samples=samples[:count])), late)
        if not needing_more(result):
            break
    return result.verdicts[0].outcome
