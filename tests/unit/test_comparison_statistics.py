"""The confidence of targets.yaml governs a comparison, from the bounds at each look to what the result says."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.replayed import Recording, compared

from hivegate.flows.compare.flow import judge_comparison
from hivegate.flows.rules import Rules
from hivegate.model.pairs import PairSample
from hivegate.model.run import Doubles
from hivegate.model.statistics import CONFIRMING_PAIRS, LOOKS, ComparisonStatistics
from hivegate.model.verdict import Outcome, Verdict
from hivegate.stats.centre import centre
from hivegate.targets import parse_targets


def pair(log_ratio: float) -> PairSample:
    """Make a pair of code that never waits, whose head took so much longer."""
    base, head = Doubles([0.01] * 4), Doubles([0.01 * math.exp(log_ratio)] * 4)
    return PairSample(calls=10, switches=0, base_wall=base, head_wall=head, base_cpu=base, head_cpu=head)


def judged(confidence: str, true: float) -> Verdict:
    """Judge a benchmark that is slower by `true` against a budget of 2 %, its pairs spreading by 3 %."""
    text = f"schema: 1\n{confidence}\nbudgets:\n  - {{benchmark: a, budget: 2 %}}\n"
    logs = np.random.default_rng(8).normal(math.log1p(true), 0.03, LOOKS[-1] + CONFIRMING_PAIRS)
    recording = Recording(pairs={"a": tuple(map(pair, logs))}, targets=text)
    targets = parse_targets(text, "targets.yaml")
    result = judge_comparison(Rules(head=targets), compared(recording))
    assert isinstance(result.statistics, ComparisonStatistics)
    assert result.statistics == ComparisonStatistics.at(targets.confidence)
    return result.verdicts[0]


def test_the_default_is_one_percent_and_five() -> None:
    """Exactly, not but for the rounding of 1 - 0.99."""
    assert ComparisonStatistics.at(0.99) == ComparisonStatistics()
    assert (ComparisonStatistics().slower_error, ComparisonStatistics().within_error) == (0.01, 0.05)


@pytest.mark.parametrize(
    ("confidence", "slower", "within"),
    [(0.5, 0.5, 0.5), (0.9, 0.1, 0.1), (0.98, 0.02, 0.05), (0.995, 0.005, 0.025), (0.9999, 0.0001, 0.0005)],
)
def test_errors_derive_from_the_confidence(confidence: float, slower: float, within: float) -> None:
    """What it leaves is for *slower*; five times that for *within*, or 5 %, or as much as for *slower*."""
    found = ComparisonStatistics.at(confidence)
    assert (found.slower_error, found.within_error) == pytest.approx((slower, within), rel=1e-12)


@given(
    logs=st.lists(st.floats(-0.5, 0.5), min_size=2, max_size=60),
    confidences=st.tuples(st.floats(0.5, 0.9999), st.floats(0.5, 0.9999)),
)
def test_more_confidence_never_narrows_the_bounds(logs: list[float], confidences: tuple[float, float]) -> None:
    """Of the same pairs; and the estimate itself does not depend on it."""
    seen = centre(np.array(logs))
    less, more = (ComparisonStatistics.at(one) for one in sorted(confidences))
    assert seen.low(more) <= seen.low(less) <= seen.mean <= seen.high(less) <= seen.high(more)


def test_a_comparison_decides_by_its_confidence() -> None:
    """The same pairs are slower at 90 %, after fewer pairs than at 99 %, and leave it open at 99.99 %."""
    eager, usual, strict = (judged(f"confidence: {one} %", 0.05) for one in ("90", "99", "99.99"))
    assert (eager.outcome, usual.outcome, strict.outcome) == (Outcome.SLOWER, Outcome.SLOWER, Outcome.INCONCLUSIVE)
    assert eager.change is not None
    assert usual.change is not None
    assert eager.change.n < usual.change.n


def test_without_a_confidence_it_is_the_default() -> None:
    """To the last digit."""
    assert judged("", 0.05).change == judged("confidence: 99 %", 0.05).change
