"""What a reference promises, held against simulated comparisons."""

from __future__ import annotations

import math

import numpy as np
import pytest

from hivegate.model.change import Clock
from hivegate.model.pairs import PairSample
from hivegate.model.run import Doubles
from hivegate.model.statistics import LOOKS
from hivegate.stats.pairs import estimate_change
from hivegate.stats.resolution import resolution


def pair(log_ratio: float, seconds: float = 0.01) -> PairSample:
    """Make a pair of code that never waits, whose head took so much longer."""
    base, head = Doubles([seconds] * 4), Doubles([seconds * math.exp(log_ratio)] * 4)
    return PairSample(calls=10, switches=0, base_wall=base, head_wall=head, base_cpu=base, head_cpu=head)


def pairs(spread: float, number: int, true: float = 0.0, seed: int = 0) -> list[PairSample]:
    """Draw pairs whose sample has exactly this spread when there are eight."""
    logs = np.random.default_rng(seed).normal(size=number)
    if number == 8:
        logs = (logs - logs.mean()) / logs.std(ddof=1)
    return [pair(math.log1p(true) + spread * one) for one in logs]


def test_spread_seconds_and_bias_are_the_pairs_own() -> None:
    """Seconds are of one call, the bias of equal revisions is near none."""
    seen = resolution(pairs(0.01, 8))
    assert seen.spread == pytest.approx(0.01, rel=0.05)  # of what trimming leaves
    assert seen.bias == pytest.approx(0.0, abs=1e-3)
    assert seen.seconds == pytest.approx(0.001)
    assert (seen.n, seen.clock) == (8, Clock.CPU)


@pytest.mark.parametrize("spread", [0.004, 0.02, 0.05])
def test_a_visible_slowdown_is_seen_and_the_least_budget_is_enough(spread: float) -> None:
    """Of simulated comparisons at least nine in ten find the slowdown, and find no change within the least budget."""
    seen = resolution(pairs(spread, 8))
    budget = 0.02

    def share(true: float, allowed: float, *, slower: bool) -> float:
        found = 0
        for seed in range(60):
            change = estimate_change(pairs(spread, LOOKS[-1], true, seed))
            found += change.low > 1 + allowed if slower else change.high < 1 + allowed
        return found / 60

    assert share(seen.visible(budget), budget, slower=True) >= 0.88
    assert share(budget + seen.floor / 3, budget, slower=True) < 0.6
    assert share(0.0, seen.least_budget, slower=False) >= 0.88
    assert share(0.0, seen.least_budget / 3, slower=False) < 0.6
