"""What a comparison means: budgets, floors, waivers, troubles, memory."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import pytest
from tests.measured import TODAY, targets

from hivegate.flows.report.worst import check_sound
from hivegate.instruments import metric_named
from hivegate.judge import BudgetDecision, BudgetTable, allowed_ratio, decide, judge_changes
from hivegate.model.alteration import LoosenedRules
from hivegate.model.change import Change, Clock
from hivegate.model.comparison import BaseSuiteChange, BenchmarkComparison, Comparison, CounterChange
from hivegate.model.pairs import PairTrouble
from hivegate.model.reach import Unreached
from hivegate.model.subject import SubjectDoubt
from hivegate.model.targets import Budget, Effect, RuleKind, Targets, Waiver
from hivegate.model.verdict import GateResult, Outcome
from hivegate.report.messages import advice_text, reason_text


def change(low: float, high: float, seconds: float = 1e-3, instrument: str = "time") -> Change:
    """Make a change by its interval."""
    ratio = math.sqrt(low * high) if 0 < low < high < math.inf else low or 1.0
    return Change(
        ratio=ratio, low=low, high=high, n=6, instrument=instrument, clock=Clock.CPU if instrument == "time" else None,
        base_value=seconds, head_value=seconds * ratio,
    )  # fmt: skip


def budget(share: float = 0.02, metric: str = "mean", selector: str = "*", floor: float = 0.0) -> Budget:
    """Make a budget."""
    return Budget(
        benchmark=selector, slowdown=share, metric=metric_named(metric), noise_floor=floor, where="targets.yaml:3:5"
    )


def judged(
    given: Targets | None = None, share: float | None = None, *, interrupted: bool = False, **fields: object
) -> GateResult:
    """Judge the one benchmark ``a``."""
    one = BenchmarkComparison(**{"id": "a", "node_id": "b.py::a", "confirmed": True, **fields})  # type: ignore[arg-type]
    run = Comparison(base="main", benchmarks=(one,), interrupted=interrupted)
    return judge_changes(given or targets(), run, today=TODAY, budget=share)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (1.03, 1.05, BudgetDecision.SLOWER),
        (1.01, 1.03, None),
        (0.99, 1.01, BudgetDecision.WITHIN),
        (0.9, 0.95, BudgetDecision.FASTER),
        (0.97, 0.985, BudgetDecision.WITHIN),  # faster, and not by as much as the budget
        (0.0, math.inf, None),
        (1.02, 1.03, None),  # at the budget is not beyond it
    ],
)
def test_an_interval_answers_where_it_lies_on_one_side(
    low: float, high: float, expected: BudgetDecision | None
) -> None:
    """Slower above the budget, faster below its mirror, within below it, else nothing."""
    assert decide(change(low, high), budget(0.02)) is expected


def test_noise_floor_allows_what_is_small_in_seconds() -> None:
    """Twenty nanoseconds of a call of forty are half of it; of a millisecond, nothing."""
    floored = budget(0.02, floor=20e-9)
    assert allowed_ratio(change(1.0, 1.1, seconds=40e-9), floored) == pytest.approx(1.5)
    assert decide(change(1.2, 1.4, seconds=40e-9), floored) is BudgetDecision.WITHIN
    assert decide(change(1.2, 1.4), floored) is BudgetDecision.SLOWER


def test_memory_below_four_kibibytes_is_no_growth() -> None:
    """And a budget of allocations has no such floor."""
    of_bytes, of_counts = budget(0.01, "peak_memory"), budget(0.01, "allocations")
    assert decide(change(1.9, 1.9, seconds=4000, instrument="memory"), of_bytes) is BudgetDecision.WITHIN
    assert decide(change(1.9, 1.9, seconds=400_000, instrument="memory"), of_bytes) is BudgetDecision.SLOWER
    assert decide(change(1.9, 1.9, seconds=4000, instrument="memory"), of_counts) is BudgetDecision.SLOWER


def test_the_last_match_wins_separately_for_time_and_memory() -> None:
    """A budget of memory does not take the place of that of time."""
    given = targets(
        budgets=(budget(0.02), budget(0.05, selector="a"), budget(0.03, "peak_memory"), budget(0.1, selector="b"))
    )
    budgets = BudgetTable(given)
    assert budgets.of("a").slowdown == 0.05
    assert budgets.of("c").slowdown == 0.02
    assert budgets.of("a", 0.4).slowdown == 0.4
    assert {name: one.slowdown for name, one in budgets.exact("a").items()} == {"peak_memory": 0.03}


def test_memory_has_a_verdict_of_its_own() -> None:
    """Beside that of time; what nobody counted is inconclusive and never passes."""
    given = targets(budgets=(budget(0.02), budget(0.01, "peak_memory"), budget(0.01, "allocations")))
    grown = CounterChange(metric="peak_memory", change=change(1.1, 1.1, 1e6, "memory"))
    uncounted = CounterChange(metric="allocations")
    found = judged(given, change=change(0.99, 1.01), exact=(grown, uncounted))
    assert [(one.metric, one.outcome) for one in found.verdicts] == [
        ("mean", Outcome.PASSED),
        ("peak_memory", Outcome.SLOWER),
        ("allocations", Outcome.INCONCLUSIVE),
    ]
    assert "every reading lies above" in reason_text(found.verdicts[1])
    assert found.exit_status == 1
    assert judged(given, change=change(0.99, 1.01), exact=(uncounted,)).exit_status == 3


@pytest.mark.parametrize("metric", ["throughput", "max", "complexity", "agreement"])
def test_what_pairs_cannot_compare_is_invalid(metric: str) -> None:
    """Pairs time calls and rounds of calls, and nothing else."""
    found = judged(targets(budgets=(budget(0.02, metric),)), change=change(0.99, 1.01))
    assert (found.verdicts[0].outcome, found.exit_status) == (Outcome.INVALID, 3)
    assert "peak_memory" in advice_text(found.verdicts[0])


@pytest.mark.parametrize(
    ("fields", "outcome", "status"),
    [
        ({"change": change(1.1, 1.2)}, Outcome.SLOWER, 1),
        ({"change": change(1.1, 1.2), "confirmed": False}, Outcome.INCONCLUSIVE, 0),
        ({"change": change(0.99, 1.01)}, Outcome.PASSED, 0),
        ({"change": change(0.8, 0.9)}, Outcome.FASTER, 0),
        ({"change": change(0.9, 1.1)}, Outcome.INCONCLUSIVE, 0),
        ({}, Outcome.INCONCLUSIVE, 3),
        ({"in_head": False}, Outcome.MISSING, 3),
        ({"trouble": PairTrouble(head="failed: x")}, Outcome.CRASHED, 3),
        ({"trouble": PairTrouble(base="failed: x", head="failed: x")}, Outcome.CRASHED, 3),
        ({"trouble": PairTrouble(head="invalid: its timer stood still")}, Outcome.INVALID, 3),
        ({"trouble": PairTrouble(base="failed: x")}, Outcome.INCONCLUSIVE, 3),
        ({"trouble": PairTrouble(base="failed: x"), "in_base": None}, Outcome.INCONCLUSIVE, 3),
        ({"trouble": PairTrouble(base="failed: x"), "in_base": False}, Outcome.NEW, 3),  # alone it earns no pass
        ({"trouble": PairTrouble()}, Outcome.MISSING, 3),
        # What troubled later pairs counts, whatever the first ones showed.
        ({"change": change(0.99, 1.01), "trouble": PairTrouble(head="crashed")}, Outcome.CRASHED, 3),
    ],
)
def test_every_state_has_its_outcome(fields: dict[str, Any], outcome: Outcome, status: int) -> None:
    """Only what pairs measured and confirmed is passed, faster or slower."""
    found = judged(**fields)
    assert (found.verdicts[0].outcome, found.exit_status) == (outcome, status)
    assert found.verdicts[0].kind is RuleKind.BUDGET


@pytest.mark.parametrize(
    ("fields", "code", "status"),
    [
        ({}, "interrupted", 3),
        ({"change": change(0.9, 1.1)}, "interrupted", 3),
        ({"change": change(1.1, 1.2), "confirmed": None}, "interrupted", 3),
        ({"change": change(1.1, 1.2), "confirmed": False}, "not-confirmed", 3),
        ({"change": change(1.1, 1.2)}, "above-budget", 1),
        ({"change": change(0.99, 1.01)}, "within-budget", 3),  # and the whole is no pass
        ({"trouble": PairTrouble(head="failed: x")}, "failed-on-head", 3),
    ],
)
def test_what_a_signal_left_open_is_said_and_the_whole_is_no_pass(
    fields: dict[str, Any], code: str, status: int
) -> None:
    """What pairs had decided before stays decided; a slowdown that none confirmed is not."""
    found = judged(**fields, interrupted=True)
    assert (found.verdicts[0].reason.code.value, found.exit_status) == (code, status)
    assert check_sound(found, where="it") == found


@pytest.mark.parametrize(
    ("fields", "again", "altered", "outcome", "status"),
    [
        ({"change": change(0.99, 1.01)}, {}, LoosenedRules.REVIEW, Outcome.REVIEW, 0),
        ({"change": change(0.9, 1.1)}, {}, LoosenedRules.REVIEW, Outcome.REVIEW, 0),
        ({"change": change(0.8, 0.9)}, {}, LoosenedRules.REFUSE, Outcome.SLOWER, 1),
        ({"change": change(0.8, 0.9)}, {}, LoosenedRules.ACCEPT, Outcome.FASTER, 0),
        ({"change": change(0.99, 1.01)}, {"confirmed": False}, LoosenedRules.REFUSE, Outcome.PASSED, 0),
        ({"change": change(0.99, 1.01)}, {"change": None, "trouble": "x"}, LoosenedRules.REVIEW, Outcome.REVIEW, 0),
        ({"change": change(0.8, 0.9)}, {"change": None, "trouble": "x"}, LoosenedRules.REFUSE, Outcome.INCONCLUSIVE, 3),
        ({"change": change(0.8, 0.9)}, {"change": None, "trouble": "x"}, LoosenedRules.ACCEPT, Outcome.FASTER, 0),
        ({"change": change(0.99, 1.01)}, {"change": change(0.9, 1.1)}, LoosenedRules.REFUSE, Outcome.PASSED, 0),
        ({"change": change(1.1, 1.2)}, {"change": change(0.99, 1.01)}, LoosenedRules.REVIEW, Outcome.SLOWER, 1),
        ({"trouble": PairTrouble(head="failed: x")}, {}, LoosenedRules.REVIEW, Outcome.CRASHED, 3),
    ],
)
def test_what_is_slower_with_base_s_own_benchmark_files_is_no_pass(
    fields: dict[str, Any], again: dict[str, Any], altered: LoosenedRules, outcome: Outcome, status: int
) -> None:
    """A change that alters what measures it is looked at by what measured before; base's policy decides."""
    suite = BaseSuiteChange(**{"change": change(1.1, 1.2), "confirmed": True, **again})
    one = BenchmarkComparison(**{"id": "a", "node_id": "b.py::a", "confirmed": True, "base_suite": suite, **fields})
    run = Comparison(base="main", benchmarks=(one,))
    found = judge_changes(targets(), run, today=TODAY, altered=altered)
    assert (found.verdicts[0].outcome, found.exit_status) == (outcome, status)
    assert check_sound(found, where="it") == found
    if outcome is Outcome.REVIEW:
        assert found.verdicts[0].change == (suite.change or fields["change"])
        assert "base's own" in reason_text(found.verdicts[0])


def test_a_module_that_only_the_working_tree_has_is_told_from_a_shared_port() -> None:
    """What was compiled beside its sources is not in git, so not in base's tree."""
    lacking = judged(trouble=PairTrouble(base="failed: ModuleNotFoundError: No module named 'fast.cext'"))
    assert "--base-python" in advice_text(lacking.verdicts[0])
    assert "port" not in advice_text(lacking.verdicts[0])


@pytest.mark.parametrize(
    ("failure", "shared"),
    [
        ("failed: OSError: [Errno 98] Address already in use", True),
        ("failed: sqlite3.OperationalError: database is locked", True),
        ("failed: FileExistsError: [Errno 17] File exists: '/tmp/cache'", True),
        ("failed: ConnectionRefusedError: [Errno 111] Connection refused", True),
        ("failed: FileNotFoundError: [Errno 2] No such file or directory: 'data/words.txt'", False),
        ("failed: AssertionError: assert 3 == 4", False),
        ("ended with exit status 70", False),
        (
            "no round, setup or teardown of it ended for 120 s, so it was stopped; if it needs longer, set `timeout`",
            False,
        ),
    ],
)
def test_a_hint_is_made_of_the_failure_itself(failure: str, shared: bool) -> None:  # noqa: FBT001  a parameter
    """Only what says that somebody else holds a port, file or database asks for it."""
    for side in ("head", "base"):
        advice = advice_text(judged(trouble=PairTrouble(**{side: failure})).verdicts[0])
        assert ("same port, file or database" in advice) == shared
    assert "Base could not be measured" in advice or shared


def test_open_is_exit_3_where_the_policy_says_so() -> None:
    """``inconclusive: fail`` makes an open comparison no green one."""
    assert judged(targets(inconclusive=Effect.FAIL), change=change(0.9, 1.1)).exit_status == 3


@pytest.mark.parametrize(
    ("limit", "days", "kind", "outcome"),
    [
        (None, 30, "budget", Outcome.WAIVED),
        (0.2, 30, "budget", Outcome.WAIVED),
        (0.1, 30, "budget", Outcome.SLOWER),
        (None, 0, "budget", Outcome.SLOWER),
        (None, 30, "target", Outcome.SLOWER),
    ],
)
def test_waivers_accept_up_to_their_limit_until_they_end(
    limit: float | None, days: int, kind: str, outcome: Outcome
) -> None:
    """Fifteen percent slower is accepted by twenty, and not by ten, nor by one that ended or is of targets."""
    given = Waiver(
        benchmark="a",
        kind=RuleKind(kind),
        reason="validates",
        owner="@team",
        expires=TODAY + dt.timedelta(days=days),
        limit=limit,
        where="targets.yaml:9:5",
    )
    found = judged(targets(waivers=(given,)), change=change(1.14, 1.16))
    assert found.verdicts[0].outcome is outcome
    assert any("expired on" in note for note in found.notes) is (days == 0)


def test_what_a_change_cannot_reach_is_unchanged_until_it_is_measured_slower() -> None:
    """Not measured, or measured and not slower: unchanged, exit 0, never passed; a confirmed slowdown is named."""
    unreached = Unreached(functions=14, modules=6)
    for seen in (None, change(0.99, 1.01), change(0.9, 1.1), change(0.5, 0.6)):
        result = judged(unreached=unreached, change=seen)
        assert (result.outcome, result.exit_status) == (Outcome.UNCHANGED, 0)
        assert result.verdicts[0].outcome is Outcome.UNCHANGED
        assert reason_text(result.verdicts[0]).endswith(
            "measured all the same: the change cannot reach it: 14 functions in 6 files, the same on both sides"
            if seen is not None
            else "not measured: the change cannot reach it: 14 functions in 6 files, the same on both sides"
        )
        check_sound(result, where="result")
    slower = judged(unreached=unreached, change=change(1.1, 1.2))
    assert (slower.outcome, slower.exit_status) == (Outcome.SLOWER, 1)
    assert "its trace says that the change cannot reach it" in reason_text(slower.verdicts[0])
    assert judged(unreached=unreached, change=change(1.1, 1.2), confirmed=False).outcome is Outcome.UNCHANGED
    assert judged(unreached=unreached, trouble=PairTrouble(head="crashed: x")).exit_status == 3
    assert judged(unreached=unreached, interrupted=True).exit_status == 3
    doubted = judge_changes(targets(), Comparison(
        base="main", doubts=(SubjectDoubt(text="other code", hint=""),),
        benchmarks=(BenchmarkComparison(id="a", node_id="b.py::a", unreached=unreached),),
    ), today=TODAY)  # fmt: skip
    assert doubted.exit_status == 3
