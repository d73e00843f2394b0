"""Budgets: what a comparison means."""

from __future__ import annotations

import enum
import math
import re
from typing import TYPE_CHECKING

from msgspec import structs

from hivegate.instruments import METRICS, instrument_of
from hivegate.judge.budgets import BudgetTable
from hivegate.judge.doubts import doubted
from hivegate.judge.majority import weighed
from hivegate.judge.waivers import waiver_notes, waivers_for
from hivegate.model.alteration import LoosenedRules
from hivegate.model.change import Clock
from hivegate.model.metric import Dimension
from hivegate.model.pairs import CANNOT_RUN, INVALID, NOT_IN_GIT
from hivegate.model.reason import AdviceCode, Reason, ReasonCode, WaiverNote
from hivegate.model.run import TestOutcome
from hivegate.model.statistics import ComparisonStatistics
from hivegate.model.targets import Effect, Limit, RuleKind
from hivegate.model.verdict import GateResult, Outcome, Severity, Verdict, summarize

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from hivegate.model.change import Change
    from hivegate.model.comparison import BenchmarkComparison, Comparison
    from hivegate.model.pairs import PairTrouble
    from hivegate.model.reach import Unreached
    from hivegate.model.subject import LoadedFiles
    from hivegate.model.targets import Budget, Targets


# How a port, file or database that somebody else holds shows itself.
_SHARED = re.compile(
    r"in use|is locked|could not be locked|lock timeout|deadlock|already (?:exists|open|running|bound)"
    r"|Permission(?:Error| denied)|FileExistsError|BlockingIOError|temporarily unavailable|Connection\w*Error",
    re.IGNORECASE,
)
# What a signal may have left so.
_CUT_OFF = frozenset(
    {
        ReasonCode.NO_PAIR,
        ReasonCode.ONE_PAIR,
        ReasonCode.BUDGET_IN_INTERVAL,
        ReasonCode.ABOVE_BUDGET,
        ReasonCode.NOT_COUNTED,
    }
)
# How Python says that a module is not there, or a part of a package.
_MISSING = re.compile(r"(?:No module named|cannot import name) '([^']+)'")

_CRASHED = tuple(one.value for one in (TestOutcome.FAILED, TestOutcome.CRASHED, TestOutcome.TIMED_OUT))


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
    floor = max(budget.noise_floor, instrument_of(budget.metric).floor(budget.metric))
    return 1 + max(budget.slowdown, floor / change.base_value if change.base_value > 0 else 0.0)


def judge_changes(
    targets: Targets,
    run: Comparison,
    *,
    today: dt.date,
    budget: float | None = None,
    altered: LoosenedRules = LoosenedRules.REVIEW,
) -> GateResult:
    """Judge a comparison: every benchmark of head and of base has a verdict.

    `altered` says what becomes of one that is slower only with base's own benchmark files.
    """
    budgets = BudgetTable(targets)
    verdicts = tuple(
        _Case(targets, case, entry, today, run).final_verdict(altered)
        for one in run.benchmarks
        for case, entry in ((one, budgets.of(one.id, budget)), *_exact_cases(budgets, one))
        if entry.compares
    )
    verdicts = weighed(verdicts, targets.mostly_inconclusive)
    outcome, exit_status = summarize(verdicts, interrupted=run.interrupted)
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
        loaded=run.loaded,
        untested=run.untested,
        notes=(*run.notes, *waiver_notes(targets, known, today)),
        interrupted=run.interrupted,
    )


def _exact_cases(budgets: BudgetTable, one: BenchmarkComparison) -> Iterable[tuple[BenchmarkComparison, Budget]]:
    by_metric = budgets.exact(one.id) if one.exact else {}
    for found in one.exact:
        if found.metric not in by_metric:  # the other revision's rules alone asked for it
            continue
        case = structs.replace(one, change=found.change, trouble=found.trouble, confirmed=None, base_suite=None)
        yield case, by_metric[found.metric]


def _modules(loaded: LoadedFiles | None) -> frozenset[str]:
    """Name the modules that head has compiled."""
    return frozenset(name.rpartition("/")[2] for name in loaded.compiled) if loaded is not None else frozenset()


def _unless_refused(verdict: Verdict, altered: LoosenedRules) -> Verdict:
    """Have a person look at what no pass is, where it is not refused as it stands."""
    if altered is LoosenedRules.REFUSE:
        return verdict
    return structs.replace(verdict, outcome=Outcome.REVIEW, severity=Severity.WARNING)


def _comparable() -> tuple[str, ...]:
    """List the metrics that a comparison has, those of times first."""
    chosen = [metric for metric in METRICS.values() if instrument_of(metric).compares(metric)]
    times = sorted(metric.name for metric in chosen if not instrument_of(metric).exact)
    return (*times, *(metric.name for metric in chosen if instrument_of(metric).exact))


class _Case:
    """One benchmark of two revisions."""

    def __init__(
        self,
        targets: Targets,
        compared: BenchmarkComparison,
        budget: Budget,
        today: dt.date,
        run: Comparison,
    ) -> None:
        self._compiled = _modules(run.loaded.get("head"))
        self._interrupted = run.interrupted
        self._run = run
        self._targets = targets
        self._compared = compared
        self._budget = budget
        self._today = today

    def final_verdict(self, altered: LoosenedRules) -> Verdict:
        """Judge; what nobody proved is doubted, and what only altered benchmark files let pass is not passed."""
        verdict = doubted(self.verdict(), self._run.doubts, external=self._compared.external)
        suite = self._compared.base_suite
        if suite is None or verdict.severity >= Severity.UNKNOWN or altered is LoosenedRules.ACCEPT:
            return verdict
        if suite.change is None:
            reason = Reason(code=ReasonCode.BASE_SUITE_FAILED, text=verdict.outcome.value, base=suite.trouble)
            outcome, severity = Outcome.INCONCLUSIVE, Severity.UNKNOWN
            failed = structs.replace(verdict, outcome=outcome, severity=severity, reason=reason, advice=None)
            return _unless_refused(failed, altered)
        compared = structs.replace(self._compared, change=suite.change, confirmed=suite.confirmed)
        with_base = _Case(self._targets, compared, self._budget, self._today, self._run).verdict()
        if with_base.outcome is not Outcome.SLOWER:
            return verdict
        reason = Reason(code=ReasonCode.BASE_SUITE, text=verdict.outcome.value)
        return _unless_refused(structs.replace(with_base, reason=reason), altered)

    def verdict(self) -> Verdict:
        """Judge by head's benchmark files alone."""
        compared = self._compared
        metric = self._budget.metric
        if not instrument_of(metric).compares(metric):
            reason = Reason(code=ReasonCode.NOT_COMPARABLE, metrics=_comparable())
            return self._say(Outcome.INVALID, Severity.UNKNOWN, reason, AdviceCode.OTHER_METRIC)
        if not compared.in_head:
            reason = Reason(code=ReasonCode.ONLY_IN_BASE)
            return self._say(Outcome.MISSING, Severity.UNKNOWN, reason, AdviceCode.NEVER_PASSES)
        if compared.trouble is not None:
            return self._troubled(compared.trouble)
        if compared.unreached is not None:
            return self._unreached(compared.unreached, compared.change)
        return self._unmeasured() if compared.change is None else self._changed(compared.change)

    def _unmeasured(self) -> Verdict:
        instrument = instrument_of(self._budget.metric)
        if instrument.exact:
            hint = instrument.remedy(self._budget.metric)
            reason = Reason(code=ReasonCode.NOT_COUNTED, hint=hint)
            return self._open(reason, AdviceCode.OTHER if hint else None, judged=False)
        reason = Reason(code=ReasonCode.NO_PAIR)
        return self._open(reason, AdviceCode.MORE_TIME, judged=False)

    def _unreached(self, unreached: Unreached, change: Change | None) -> Verdict:
        """Call unchanged what was not measured; where it was, to check that, a slowdown counts and is told apart."""
        if change is not None and decide(change, self._budget) is BudgetDecision.SLOWER:
            verdict = self._slower(change)
            if verdict.outcome is Outcome.SLOWER:
                return structs.replace(verdict, reason=Reason(code=ReasonCode.UNREACHED_YET_SLOWER))
            if verdict.outcome is not Outcome.INCONCLUSIVE:
                return verdict
        reason = Reason(code=ReasonCode.UNREACHED, functions=unreached.functions, modules=unreached.modules)
        return self._say(Outcome.UNCHANGED, Severity.NONE, reason)

    def _troubled(self, trouble: PairTrouble) -> Verdict:
        if trouble.head:
            reason = Reason(code=ReasonCode.FAILED_ON_HEAD, text=trouble.head, base=trouble.base)
            if trouble.head.startswith(INVALID):
                return self._say(Outcome.INVALID, Severity.UNKNOWN, reason, AdviceCode.NEVER_PASSES)
            shared = not trouble.base and _SHARED.search(trouble.head)
            advice = AdviceCode.CHECK_SHARED if shared else AdviceCode.NEVER_PASSES
            outcome = Outcome.CRASHED if trouble.head.startswith(_CRASHED) else Outcome.MISSING
            return self._say(outcome, Severity.UNKNOWN, reason, advice)
        if not trouble.base:
            reason = Reason(code=ReasonCode.BENCHMARK_NOT_CALLED)
            return self._say(Outcome.MISSING, Severity.UNKNOWN, reason, AdviceCode.NEVER_PASSES)
        if self._compared.in_base is False:
            return self._say(Outcome.NEW, Severity.NONE, Reason(code=ReasonCode.ONLY_IN_HEAD))
        missing = _MISSING.search(trouble.base)
        if (missing is not None and missing[1].rpartition(".")[2] in self._compiled) or NOT_IN_GIT in trouble.base:
            advice = AdviceCode.BUILD_BASE
        elif trouble.base.startswith(CANNOT_RUN):
            advice = AdviceCode.JUDGE_ALONE
        elif "ModuleNotFoundError" in trouble.base:
            advice = AdviceCode.BUILD_BASE
        elif _SHARED.search(trouble.base):
            advice = AdviceCode.CHECK_SHARED_OR_JUDGE_ALONE
        else:
            advice = AdviceCode.BASE_FAILED
        return self._open(Reason(code=ReasonCode.FAILED_ON_BASE, base=trouble.base), advice, judged=False)

    def _changed(self, change: Change) -> Verdict:
        found = decide(change, self._budget)
        if found is BudgetDecision.SLOWER:
            return self._slower(change)
        if found is BudgetDecision.FASTER:
            return self._say(Outcome.FASTER, Severity.NONE, Reason(code=ReasonCode.FASTER_THAN_BUDGET))
        if found is BudgetDecision.WITHIN:
            by_floor = change.high >= 1 + self._budget.slowdown
            reason = Reason(code=ReasonCode.WITHIN_NOISE_FLOOR if by_floor else ReasonCode.WITHIN_BUDGET)
            return self._say(Outcome.PASSED, Severity.NONE, reason)
        unknown = math.isinf(change.high)
        reason = Reason(code=ReasonCode.ONE_PAIR if unknown else ReasonCode.BUDGET_IN_INTERVAL)
        return self._open(reason, AdviceCode.MORE_RESULTS if change.clock is Clock.FILES else AdviceCode.MORE_PAIRS)

    def _slower(self, change: Change) -> Verdict:
        if self._compared.confirmed is False:
            return self._open(Reason(code=ReasonCode.NOT_CONFIRMED), AdviceCode.MEASURE_AGAIN)
        if self._interrupted and self._compared.confirmed is None and not instrument_of(self._budget.metric).exact:
            return self._open(Reason(code=ReasonCode.ABOVE_BUDGET), None)  # no fresh pairs confirmed it
        notes: list[WaiverNote] = []
        for waiver in waivers_for(self._targets, RuleKind.BUDGET, self._compared.id, self._budget.metric):
            accepted = math.inf if waiver.limit is None else waiver.limit
            expired = waiver.expires <= self._today
            if not expired and change.ratio <= 1 + accepted:
                reason = Reason(code=ReasonCode.WAIVED, text=waiver.reason, owner=waiver.owner, expires=waiver.expires)
                return self._say(Outcome.WAIVED, Severity.NOTE, reason)
            notes.append(WaiverNote(owner=waiver.owner, expires=waiver.expires, expired=expired))
        reason = Reason(code=ReasonCode.ABOVE_BUDGET, waivers=tuple(notes))
        advice = AdviceCode.PROFILE if self._in_pairs() else None
        return self._say(Outcome.SLOWER, Severity.BROKEN, reason, advice)

    def _open(self, reason: Reason, advice: AdviceCode | None, *, judged: bool = True) -> Verdict:
        must = self._targets.inconclusive is Effect.FAIL or not judged
        if self._interrupted and reason.code in _CUT_OFF:
            reason, advice, must = Reason(code=ReasonCode.INTERRUPTED), AdviceCode.MEASURE_AGAIN, True
        return self._say(Outcome.INCONCLUSIVE, Severity.UNKNOWN if must else Severity.WARNING, reason, advice)

    def _in_pairs(self) -> bool:
        change = self._compared.change
        return change is None or change.clock is not Clock.FILES

    def _say(self, outcome: Outcome, severity: Severity, reason: Reason, advice: AdviceCode | None = None) -> Verdict:
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
            estimator=instrument_of(budget.metric).estimator(budget.metric, compared=self._in_pairs()),
            limit=limit,
            change=self._compared.change,
            dimension=Dimension.RATIO,
            noise_floor=budget.noise_floor,
            node_id=self._compared.node_id,
            where=budget.where,
        )
