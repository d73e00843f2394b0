"""Budget budgets: what a comparison means."""

from __future__ import annotations

import enum
import math
import shlex
from typing import TYPE_CHECKING

from msgspec import structs

from hivegate.judge.budgets import BudgetTable
from hivegate.judge.estimators import TYPICAL, estimator_of
from hivegate.judge.waivers import waiver_notes
from hivegate.model.identity import matches
from hivegate.model.metric import CALLS_NEEDED, Dimension
from hivegate.model.pairs import CANNOT_RUN
from hivegate.model.statistics import ComparisonStatistics
from hivegate.model.targets import Effect, Limit, RuleKind
from hivegate.model.verdict import GateResult, Outcome, Severity, Verdict, summarize

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from hivegate.model.change import Change
    from hivegate.model.comparison import BenchmarkComparison, Comparison
    from hivegate.model.pairs import PairTrouble
    from hivegate.model.targets import Budget, Targets, Waiver

_COMPARABLE = TYPICAL | frozenset(CALLS_NEEDED)
_SMALLEST_BYTES = 4096  # less is what an interned string or a resized dict makes of it
_COUNTERS = {
    "allocations": "install memray in the environment of the benchmarks",
    "instructions": "install valgrind: apt-get install valgrind",
}
_UNMEASURED = "a benchmark that is not measured never passes"
_UNBUILT = (
    "base's tree holds what git knows: a module that was compiled beside its sources is not there. Build base into an "
    "environment of its own: --base-python"
)
_ONE_SIDED = "fails on one side only: do both use one port, file or database at the same time?"
_LACKING = "what base does not have yet cannot be compared; absolute targets judge it alone (hivegate bench)"


class BudgetDecision(enum.Enum):
    """What an interval says about a budget."""

    SLOWER = enum.auto()
    WITHIN = enum.auto()
    FASTER = enum.auto()


def decide(change: Change, budget: Budget) -> BudgetDecision | None:
    """Compare a change with what is allowed, on the log scale; None where the interval holds it."""
    allowed = allowed_ratio(change, budget)
    if change.low > allowed:
        return BudgetDecision.SLOWER
    if change.high < 1 / (1 + budget.slowdown):
        return BudgetDecision.FASTER
    return BudgetDecision.WITHIN if change.high < allowed else None


def allowed_ratio(change: Change, budget: Budget) -> float:
    """Tell up to which ratio nothing fails: the budget, or the noise floor where that is more."""
    floor = max(budget.noise_floor, _SMALLEST_BYTES if budget.metric.dimension is Dimension.BYTES else 0.0)
    return 1 + max(budget.slowdown, floor / change.base_value if change.base_value > 0 else 0.0)


def judge_changes(targets: Targets, run: Comparison, *, today: dt.date, budget: float | None = None) -> GateResult:
    """Judge a comparison: every benchmark of head and of base has a verdict."""
    budgets = BudgetTable(targets)
    verdicts = tuple(
        _Case(targets, case, entry, today).verdict()
        for one in run.benchmarks
        for case, entry in ((one, budgets.of(one.id, budget)), *_exact_cases(budgets, one))
        if entry.compares
    )
    outcome, exit_status = summarize(verdicts)
    known = [*(one.id for one in run.benchmarks), *run.not_selected, *run.not_compared]
    return GateResult(
        created=run.created,
        outcome=outcome,
        exit_status=exit_status,
        partial=bool(run.not_selected),
        not_selected=run.not_selected,
        not_compared=run.not_compared,
        verdicts=verdicts,
        environment=run.environment,
        commit=run.commit,
        base=run.base,
        base_sha=run.base_sha,
        base_python=run.base_python,
        statistics=ComparisonStatistics.at(targets.confidence),
        notes=(*run.notes, *waiver_notes(targets, known, today)),
    )


def _exact_cases(budgets: BudgetTable, one: BenchmarkComparison) -> Iterable[tuple[BenchmarkComparison, Budget]]:
    by_metric = budgets.exact(one.id) if one.exact else {}
    for found in one.exact:
        yield structs.replace(one, change=found.change, trouble=found.trouble, confirmed=None), by_metric[found.metric]


class _Case:
    """One benchmark of two revisions."""

    def __init__(self, targets: Targets, compared: BenchmarkComparison, budget: Budget, today: dt.date) -> None:
        self._targets = targets
        self._compared = compared
        self._budget = budget
        self._today = today

    def verdict(self) -> Verdict:
        compared = self._compared
        exact = self._budget.metric.exact
        if not exact and self._budget.metric.name not in _COMPARABLE:
            reason = f"pairs cannot compare {self._budget.metric.name}: they time calls and rounds of calls"
            advice = f"name one of {', '.join(sorted(_COMPARABLE))}, peak_memory, allocations or instructions"
            return self._say(Outcome.INVALID, Severity.UNKNOWN, reason, advice)
        if not compared.in_head:
            reason = "base has it and head does not: removed or renamed"
            return self._say(Outcome.MISSING, Severity.UNKNOWN, reason, _UNMEASURED)
        if compared.trouble is not None:
            return self._troubled(compared.trouble)
        if compared.change is None and exact:
            return self._open("nobody counted it", _COUNTERS.get(self._budget.metric.name, ""), judged=False)
        if compared.change is None:
            reason = "no pair was measured in the time that there was"
            return self._say(Outcome.INCONCLUSIVE, Severity.UNKNOWN, reason, "give it more time: --max-time")
        return self._changed(compared.change)

    def _troubled(self, trouble: PairTrouble) -> Verdict:
        if trouble.head:
            both = f"; on base: {trouble.base}" if trouble.base else ""
            advice = _UNMEASURED if trouble.base else _ONE_SIDED
            return self._say(Outcome.MISSING, Severity.UNKNOWN, f"on head: {trouble.head}{both}", advice)
        if not trouble.base:
            reason = "the test passed without calling its benchmark fixture"
            return self._say(Outcome.MISSING, Severity.UNKNOWN, reason, _UNMEASURED)
        if self._compared.in_base is False:
            return self._say(Outcome.NEW, Severity.NONE, "base's suite does not have it")
        if trouble.base.startswith(CANNOT_RUN):
            return self._open(f"on base: {trouble.base}", _LACKING, judged=False)
        if "ModuleNotFoundError" in trouble.base:
            return self._open(f"on base: {trouble.base}", _UNBUILT, judged=False)
        advice = f"{_ONE_SIDED} Else look at the absolute targets instead (hivegate bench)"
        return self._open(f"on base: {trouble.base}", advice, judged=False)

    def _changed(self, change: Change) -> Verdict:
        found = decide(change, self._budget)
        if found is BudgetDecision.SLOWER:
            return self._slower(change)
        if found is BudgetDecision.FASTER:
            return self._say(Outcome.FASTER, Severity.NONE, "the whole interval lies below the budget's mirror")
        if found is BudgetDecision.WITHIN:
            by_floor = change.high >= 1 + self._budget.slowdown
            reason = f"the whole interval lies within the {'noise floor' if by_floor else 'budget'}"
            return self._say(Outcome.PASSED, Severity.NONE, reason)
        unknown = math.isinf(change.high)
        reason = "one pair has no spread of its own" if unknown else "the budget lies inside the interval"
        return self._open(reason, "measure longer (--max-time), or allow more (budget)")

    def _slower(self, change: Change) -> Verdict:
        if self._compared.confirmed is False:
            reason = "seemed slower, and fresh pairs did not show it again"
            return self._open(reason, "measure again; nothing is repeated until it passes")
        seen = "every reading lies above" if change.exact else "the whole interval lies above"
        reason = f"{seen} the budget" if change.exact else f"{seen} the budget, and fresh pairs confirmed it"
        for waiver in self._waivers():
            accepted = math.inf if waiver.limit is None else waiver.limit
            if waiver.expires <= self._today:
                reason += f"; the waiver of {waiver.owner} expired on {waiver.expires}"
            elif change.ratio <= 1 + accepted:
                reason = f"accepted by {waiver.owner} until {waiver.expires}: {waiver.reason}"
                return self._say(Outcome.WAIVED, Severity.NOTE, reason)
            else:
                reason += f"; beyond what the waiver of {waiver.owner} accepts"
        advice = f"find the cause: hivegate profile {shlex.quote(self._compared.id)}"
        return self._say(Outcome.SLOWER, Severity.BROKEN, reason, advice)

    def _waivers(self) -> Iterable[Waiver]:
        for waiver in self._targets.waivers:
            same_metric = waiver.metric is None or waiver.metric == self._budget.metric
            if waiver.kind is RuleKind.BUDGET and same_metric and matches(waiver.benchmark, self._compared.id):
                yield waiver

    def _open(self, reason: str, advice: str, *, judged: bool = True) -> Verdict:
        must = self._targets.inconclusive is Effect.FAIL or not judged
        return self._say(Outcome.INCONCLUSIVE, Severity.UNKNOWN if must else Severity.WARNING, reason, advice)

    def _say(self, outcome: Outcome, severity: Severity, reason: str, advice: str = "") -> Verdict:
        budget = self._budget
        limit = Limit(
            maximum=1 + budget.slowdown, dimension=Dimension.RATIO, text=f"{budget.slowdown * 100:.3g} % slower"
        )
        return Verdict(
            benchmark=self._compared.id,
            kind=RuleKind.BUDGET,
            outcome=outcome,
            severity=severity,
            reason=reason,
            advice=advice,
            metric=budget.metric.name,
            estimator=estimator_of(budget.metric, compared=True),
            limit=limit,
            change=self._compared.change,
            dimension=Dimension.RATIO,
            node_id=self._compared.node_id,
            where=budget.where,
        )
