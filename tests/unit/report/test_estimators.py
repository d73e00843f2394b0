"""Every report says what stands for a metric: of rounds, or of single calls."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

import pytest
from tests import results
from tests.measured import TODAY, benchmark, bundle, gate, run, target, targets

from hivegate.flows.report.render import render
from hivegate.instruments import METRICS
from hivegate.judge import judge_changes
from hivegate.model.comparison import Comparison
from hivegate.model.targets import Budget
from hivegate.report.terminal import render_terminal

if TYPE_CHECKING:
    from hivegate.model.verdict import GateResult

FORMS = ["terminal", "markdown", "html", "junit", "annotations", "json"]


def text_of(result: GateResult, form: str) -> str:
    """Render a result, its markup and wrapping left aside."""
    made = render_terminal(result, verbose=True) if form == "terminal" else render(bundle(result), form)
    text = html.unescape(re.sub("<[^>]*>", " ", made))
    return " ".join(text.replace("\xa0", " ").split())


def comparison(metric: str, ratio: float = 1.1) -> GateResult:
    """Judge a slowdown by a budget of a metric."""
    given = targets(budgets=(Budget(benchmark="*", slowdown=0.02, metric=METRICS[metric], where="targets.yaml:3:5"),))
    found = Comparison(base="main", benchmarks=(results.compared("suite/work", ratio),))
    return judge_changes(given, found, today=TODAY)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("metric", "of"), [("p50", "rounds"), ("mean", "rounds"), ("p90", "single calls")])
def test_a_target_is_of_rounds_or_of_calls(metric: str, of: str, form: str) -> None:
    """A percentile above the middle is of single calls, the median by either name of rounds."""
    failed = gate(targets(target("suite/work", metric, maximum=1e-6)), run(benchmark("suite/work", [1.0] * 5)))
    assert f"{metric} of {of}" in text_of(failed, form)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("metric", ["mean", "median", "p50"])
def test_a_comparison_names_its_one_estimator(metric: str, form: str) -> None:
    """Whatever the budget calls the typical time of a call."""
    assert "interquartile mean of rounds" in text_of(comparison(metric), form)


@pytest.mark.parametrize("form", FORMS)
def test_a_compared_percentile_is_of_single_calls(form: str) -> None:
    """Its estimator has its own name."""
    assert "p95 of single calls" in text_of(comparison("p95"), form)


def test_three_names_are_one_question() -> None:
    """The verdict is the same but for the name that was asked for, which stays the verdict's own."""
    mean, median, p50 = (comparison(metric).verdicts[0] for metric in ("mean", "median", "p50"))
    assert (mean.metric, median.metric, p50.metric) == ("mean", "median", "p50")
    assert mean.estimator == median.estimator == p50.estimator
    assert (mean.change, mean.outcome) == (median.change, median.outcome) == (p50.change, p50.outcome)


@pytest.mark.parametrize("metric", ["peak_memory", "allocations", "instructions", "complexity", "drift", "cpu_time"])
def test_what_is_of_neither_says_nothing(metric: str) -> None:
    """Memory, counters, exponents, histories and the processor time of a pass are no matter of rounds or calls."""
    (found,) = gate(
        targets(target("suite/work", metric, maximum=1.0)), run(benchmark("suite/work", [1.0] * 5))
    ).verdicts
    assert (found.metric, found.estimator) == (metric, None)
