"""BudgetTable of what is read exactly, and of instructions in the place of time."""

from __future__ import annotations

import math

import hypothesis
import pytest
from hypothesis import strategies as st
from tests.measured import TODAY, targets

from hivegate.instruments import metric_named
from hivegate.judge import BudgetTable, by_instructions, judge_changes
from hivegate.model.change import Change
from hivegate.model.comparison import BenchmarkComparison, Comparison, CounterChange
from hivegate.model.identity import matches
from hivegate.model.targets import Budget
from hivegate.model.verdict import Outcome
from hivegate.report.messages import advice_text, reason_text


def budget(selector: str, share: float, metric: str = "mean", floor: float = 0.0) -> Budget:
    """Make an entry of budgets."""
    known = metric_named(metric)
    return Budget(benchmark=selector, slowdown=share, metric=known, noise_floor=floor, where=f"targets.yaml:{share}")


GIVEN = targets(
    budgets=(
        budget("a/*", 0.05, "p50", floor=1e-3),
        budget("a/none", math.inf),
        budget("a/own", 0.1, "instructions"),
        budget("a/*", 0.01, "peak_memory"),
    )
)


@pytest.mark.parametrize(("name", "share"), [("a/x", 0.05), ("b/x", 0.02), ("a/own", 0.1), ("a/none", None)])
def test_instructions_take_the_budgets_of_time(name: str, share: float | None) -> None:
    """Also the default one; what targets.yaml gives instructions itself wins, and what is not compared stays so."""
    found = BudgetTable(by_instructions(GIVEN)).exact(name)
    assert (found["instructions"].slowdown if "instructions" in found else None) == share


def test_no_time_is_compared_then_and_memory_still_is() -> None:
    """Nor is a noise floor of seconds held against counts."""
    counted = by_instructions(GIVEN)
    assert not BudgetTable(counted).of("a/x").compares
    assert not BudgetTable(counted).of("a/x", 0.5).compares
    assert set(BudgetTable(counted).exact("a/x")) == {"instructions", "peak_memory"}
    assert BudgetTable(counted).exact("a/x")["instructions"].noise_floor == 0


def test_a_budget_for_all_replaces_those_of_time() -> None:
    """And is none for what is not to be compared."""
    counted = by_instructions(GIVEN, 0.5)
    assert [BudgetTable(counted).exact(name)["instructions"].slowdown for name in ("a/x", "b/x", "a/own")] == [
        0.5,
        0.5,
        0.1,
    ]
    assert "instructions" not in BudgetTable(counted).exact("a/none")


def test_counted_instructions_are_the_only_verdict() -> None:
    """One a benchmark, exact and unconfirmed; what nobody counted is inconclusive and says what to install."""
    change = Change(ratio=1.03, low=1.03, high=1.03, n=2, instrument="instructions", base_value=1e6, head_value=1.03e6)
    counted = BenchmarkComparison(id="b/x", node_id="x", exact=(CounterChange(metric="instructions", change=change),))
    uncounted = BenchmarkComparison(id="b/y", node_id="y", exact=(CounterChange(metric="instructions"),))
    run = Comparison(base="main", benchmarks=(counted, uncounted))
    slower, open_ = judge_changes(by_instructions(targets()), run, today=TODAY).verdicts
    assert (slower.metric, slower.outcome) == ("instructions", Outcome.SLOWER)
    assert reason_text(slower) == "every reading lies above the budget"
    assert open_.outcome is Outcome.INCONCLUSIVE
    assert "valgrind" in advice_text(open_)


@hypothesis.given(entries=st.lists(st.tuples(st.text("ab*", min_size=1, max_size=3), st.booleans()), max_size=8))
def test_the_last_entry_that_matches_counts(entries: list[tuple[str, bool]]) -> None:
    """Whether it names one benchmark or many, for times and for what is read exactly."""
    budgets = tuple(
        budget(pattern, 0.01 * (number + 3), "peak_memory" if is_exact else "mean")
        for number, (pattern, is_exact) in enumerate(entries)
    )
    given = targets(budgets=budgets)
    for name in ("a", "b", "ab", "aab"):
        matching = {one.metric.name == "peak_memory": one for one in budgets if matches(one.benchmark, name)}
        timed, exact = matching.get(False), matching.get(True)
        assert BudgetTable(given).of(name).slowdown == (0.02 if timed is None else timed.slowdown)
        assert BudgetTable(given).exact(name) == ({} if exact is None else {"peak_memory": exact})
