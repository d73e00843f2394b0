"""The metric ``spread`` as a target asks for it."""

from __future__ import annotations

import math

import pytest
from tests.measured import benchmark, gate, run, sample, target, targets, verdict

from hivegate.instruments.estimates import estimate_targets
from hivegate.model.estimate import Estimate
from hivegate.model.metric import Dimension
from hivegate.model.reason import ReasonCode
from hivegate.model.run import Benchmark
from hivegate.model.verdict import Outcome
from hivegate.report.terminal import render_terminal
from hivegate.targets import parse_targets

CALM = tuple(1.0 + 0.001 * number for number in (-2, -1, 0, 1, 2))


def asked(*passes: float, maximum: float = 0.05) -> Outcome:
    """Judge passes by their spread."""
    return verdict(targets(target("a", "spread", maximum=maximum)), run(benchmark("a", passes))).outcome


def test_passes_that_agree_are_within_five_percent_and_others_are_not() -> None:
    """What a few passes cannot tell is inconclusive, and more of them may."""
    assert asked(*CALM) is Outcome.PASSED
    assert asked(1.0, 3.0, 1.0, 3.0, 1.0) is Outcome.FAILED
    few = verdict(targets(target("a", "spread", maximum=0.05)), run(benchmark("a", (1.0, 1.02, 0.99))))
    assert (few.outcome, few.needs_more) == (Outcome.INCONCLUSIVE, True)


def test_it_is_between_the_medians_of_passes_not_of_rounds() -> None:
    """A slow round in each pass moves no median; a slow pass does."""
    rounds = Benchmark(id="a", node_id="a", samples=tuple(sample([1.0, 1.0, 9.0], index) for index in range(3)))
    [found] = estimate_targets(targets(target("a", "spread", maximum=0.05)), run(rounds))
    assert isinstance(found.found, Estimate)
    assert found.found.value == 0.0
    assert found.values == ()


def test_one_pass_asks_for_more() -> None:
    """As in a single result file, whose one pass has no spread of its own."""
    single = verdict(targets(target("a", "spread", maximum=0.05)), run(benchmark("a", (1.0,))))
    assert (single.outcome, single.needs_more) == (Outcome.INCONCLUSIVE, True)
    assert (single.reason.code, single.reason.hint) == (ReasonCode.ONE_SAMPLE, "Measure at least two passes.")


def test_others_work_may_explain_a_spread_but_no_calm() -> None:
    """On a contended machine passes differ for others' sake: that is no failure; what agrees all the same passes."""

    def contended(*passes: float) -> Outcome:
        samples = tuple(
            sample(seconds, index, cpu=0.5 * seconds, wall=seconds, switches=0) for index, seconds in enumerate(passes)
        )
        measured = run(Benchmark(id="a", node_id="a", samples=samples))
        return verdict(targets(target("a", "spread", maximum=0.05)), measured).outcome

    assert contended(1.0, 3.0, 1.0, 3.0, 1.0) is Outcome.INCONCLUSIVE
    assert contended(*CALM) is Outcome.PASSED


def test_targets_yaml_and_the_report_say_it_in_percent() -> None:
    """A share, which has no partner."""
    given = parse_targets(
        "schema: 1\ntargets:\n- {benchmark: a, metric: spread, max: 5 %, tier: nice}\n", "targets.yaml"
    )
    [wanted] = given.targets
    assert (wanted.limit.maximum, wanted.limit.dimension) == (0.05, Dimension.RATIO)
    text = " ".join(render_terminal(gate(given, run(benchmark("a", (1.0, 3.0, 1.0, 3.0, 1.0)))), width=200).split())
    assert "spread" in text
    assert f"{math.sqrt(1.2) / 1.8 * 100:.1f} %" in text
    with pytest.raises(Exception, match="cannot be used with spread, which is relative to the mean"):
        parse_targets("schema: 1\ntargets:\n- {benchmark: a, metric: spread, max: 2, relative_to: b}\n", "targets.yaml")
