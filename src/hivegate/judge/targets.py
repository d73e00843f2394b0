"""Absolute targets: what a run means."""

from __future__ import annotations

import enum
import math
from typing import TYPE_CHECKING

import msgspec

from hivegate.instruments import instrument_of
from hivegate.judge.doubts import doubted
from hivegate.judge.majority import weighed
from hivegate.judge.waivers import waiver_notes, waivers_for
from hivegate.model.estimate import Estimate, NoEstimate
from hivegate.model.reason import AdviceCode, Reason, ReasonCode, WaiverNote
from hivegate.model.run import GRAVITY, TEST_CODES, TestOutcome
from hivegate.model.statistics import RunStatistics
from hivegate.model.target_estimate import CALM
from hivegate.model.targets import Effect, Holds, Limit, RuleKind, Target, Targets, Waiver
from hivegate.model.verdict import GateResult, Outcome, Severity, Verdict, summarize

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Sequence

    from hivegate.model.run import Benchmark, Run
    from hivegate.model.target_estimate import Interference, TargetEstimate

_OWN = "hivegate"  # the source of what was measured here
_CRASHED = frozenset({ReasonCode.TEST_FAILED, ReasonCode.TEST_CRASHED, ReasonCode.TEST_TIMED_OUT})
_WEIGHT = {Effect.FAIL: Severity.BROKEN, Effect.WARN: Severity.WARNING, Effect.NOTE: Severity.NOTE}


def judge(
    targets: Targets, run: Run, answers: Sequence[TargetEstimate], *, today: dt.date, looks: int = 1
) -> GateResult:
    """Judge a run: every target and every measured benchmark has at least one verdict.

    `looks` is how often the run is judged in all while it grows, for the report: the answers have split the error.
    """
    external = {one.id for one in run.benchmarks if one.external}
    judged = tuple(
        doubted(
            _Case(targets, run, answer, today).verdict(),
            run.doubts,
            external=bool(answer.covers) and external.issuperset(answer.covers),
        )
        for answer in answers
    )
    verdicts = weighed((*judged, *_unnamed(run, answers)), targets.mostly_inconclusive)
    outcome, exit_status = summarize(verdicts)
    known = [*(one.id for one in run.benchmarks), *run.not_selected]
    return GateResult(
        created=run.created,
        outcome=outcome,
        exit_status=exit_status,
        partial=bool(run.not_selected),
        not_selected=run.not_selected,
        verdicts=verdicts,
        environment=run.environment,
        commit=run.commit,
        statistics=RunStatistics(
            passes=max((len(one.samples) for one in run.benchmarks), default=0),
            confidence=targets.confidence,
            looks=looks,
        ),
        loaded={} if run.loaded is None else {"head": run.loaded},
        notes=(*run.notes, *waiver_notes(targets, known, today)),
    )


def needing_more(result: GateResult) -> frozenset[str]:
    """Name the benchmarks for which more passes may turn *inconclusive* into an answer."""
    return frozenset(one.benchmark for one in result.verdicts if one.needs_more)


class _Place(enum.Enum):
    """Where an interval lies to a limit."""

    WITHIN = enum.auto()
    ACROSS = enum.auto()
    ABOVE = enum.auto()
    BELOW = enum.auto()


_BEYOND = {_Place.ABOVE: ReasonCode.ABOVE_LIMIT, _Place.BELOW: ReasonCode.BELOW_LIMIT}


class _Case:
    """One target and what a run says about it."""

    def __init__(self, targets: Targets, run: Run, answer: TargetEstimate, today: dt.date) -> None:
        self._targets = targets
        self._run = run
        self._answer = answer
        self._target: Target = answer.target
        self._today = today

    def verdict(self) -> Verdict:
        found = self._answer.found
        if isinstance(found, NoEstimate):
            reason = Reason(code=found.code, text=found.reason, hint=found.hint)
            if found.needs_more:
                return self._open(reason, AdviceCode.OTHER)
            outcome = Outcome.MISSING if found.missing else Outcome.INVALID
            outcome = Outcome.CRASHED if _crashed(self._run, found.code) else outcome
            advice = AdviceCode.OTHER if found.hint else AdviceCode.NEVER_PASSES
            return self._say(outcome, Severity.UNKNOWN, reason, advice)
        cores = self._run.environment.cores
        if self._target.min_cores is not None and (cores is None or cores < self._target.min_cores):
            reason = Reason(code=ReasonCode.TOO_FEW_CORES, cores_needed=self._target.min_cores, cores=cores)
            return self._say(Outcome.INCONCLUSIVE, Severity.NOTE, reason)
        return self._compare(found)

    def _compare(self, found: Estimate) -> Verdict:
        if self._target.holds is Holds.EVERY_PASS:
            return self._compare_passes()
        if self._answer.unread and _place(found, self._target.limit) is not _Place.WITHIN:
            return self._open(
                Reason(code=ReasonCode.NO_SPEED_OF_PYTHON, text=self._answer.unread), AdviceCode.READ_REFERENCE
            )
        interference = self._answer.interference
        sure = found if interference is None else interference.possible
        place = _place(sure, self._target.limit)
        if place is _Place.WITHIN:
            return self._say(Outcome.PASSED, Severity.NONE, Reason(code=ReasonCode.WITHIN_LIMIT))
        waivers = [one for one in self._waivers() if self._today < one.expires]
        waiver = max(waivers, key=lambda one: math.inf if one.limit is None else one.limit, default=None)
        waived_place = None if waiver is None else _place(sure, _waived(self._target.limit, waiver))
        if waiver is not None and waived_place is _Place.WITHIN:
            reason = Reason(code=ReasonCode.WAIVED, text=waiver.reason, owner=waiver.owner, expires=waiver.expires)
            return self._say(Outcome.WAIVED, Severity.NOTE, reason)
        if place is _Place.ACROSS or waived_place is _Place.ACROSS:
            return self._across(found, interference, waiver if place is not _Place.ACROSS else None)
        return self._failed(place, waiver)

    def _compare_passes(self) -> Verdict:
        """Hold the limit in every pass: one that broke it with the processor to itself is enough to fail."""
        passes, limit, uncertainty = (
            list(zip(self._answer.values, self._answer.shares, strict=True)),
            self._target.limit,
            self._answer.uncertainty,
        )
        broken = [share for value, share in passes if not _contains(limit, value)]
        if not broken:
            return self._say(Outcome.PASSED, Severity.NONE, Reason(code=ReasonCode.WITHIN_LIMIT))
        for waiver in self._waivers():
            accepted = _waived(limit, waiver)
            if self._today < waiver.expires and all(_contains(accepted, value) for value, _ in passes):
                reason = Reason(code=ReasonCode.WAIVED, text=waiver.reason, owner=waiver.owner, expires=waiver.expires)
                return self._say(Outcome.WAIVED, Severity.NOTE, reason)
        sure = [
            share
            for value, share in passes
            if not any(_contains(limit, value * factor) for factor in (1 / uncertainty, uncertainty))
        ]
        if any(share >= CALM for share in sure):
            reason = Reason(code=ReasonCode.BEYOND_IN_PASSES, passes=len(passes), contended=len(broken))
            severity = _WEIGHT[self._targets.tiers[self._target.tier]]
            return self._say(Outcome.FAILED, severity, reason, instrument_of(self._target.metric).explained_by)
        if not sure:
            return self._open(Reason(code=ReasonCode.LIMIT_IN_INTERVAL), AdviceCode.CALM_MACHINE)
        reason = Reason(
            code=ReasonCode.BEYOND_IN_CONTENDED_PASSES, passes=len(passes), contended=len(broken), quietest=max(sure)
        )
        return self._open(reason, AdviceCode.CALM_MACHINE)

    def _failed(self, place: _Place, waiver: Waiver | None) -> Verdict:
        exceeded = () if waiver is None else (WaiverNote(owner=waiver.owner, expires=waiver.expires),)
        expired = (
            WaiverNote(owner=each.owner, expires=each.expires, expired=True)
            for each in self._waivers()
            if each.expires <= self._today
        )
        advice = instrument_of(self._target.metric).explained_by
        severity = _WEIGHT[self._targets.tiers[self._target.tier]]
        reason = Reason(code=_BEYOND[place], waivers=(*exceeded, *expired))
        return self._say(Outcome.FAILED, severity, reason, advice)

    def _across(self, found: Estimate, interference: Interference | None, waiver: Waiver | None) -> Verdict:
        """Say what keeps the answer open: the machine, too little data, or the spread itself."""
        if interference is not None and _place(found, self._target.limit) is not _Place.ACROSS:
            reason = Reason(
                code=ReasonCode.INTERFERENCE,
                passes=found.n,
                contended=interference.passes,
                quietest=interference.quietest,
            )
            return self._open(reason, AdviceCode.CALM_MACHINE)
        if found.n == 1 and found.assumed is None:
            return self._open(Reason(code=ReasonCode.ONE_SAMPLE), AdviceCode.MEASURE_TWICE)
        reason = Reason(code=ReasonCode.LIMIT_IN_INTERVAL)
        if waiver is not None:
            reason = Reason(code=ReasonCode.WAIVED_LIMIT_IN_INTERVAL, owner=waiver.owner, expires=waiver.expires)
        if found.assumed is not None:
            return self._open(reason, AdviceCode.MORE_RESULTS)
        return self._open(reason, instrument_of(self._target.metric).more)

    def _waivers(self) -> Iterable[Waiver]:
        return waivers_for(self._targets, RuleKind.TARGET, self._answer.benchmark, self._target.metric)

    def _open(self, reason: Reason, advice: AdviceCode) -> Verdict:
        policy = self._target.inconclusive or self._targets.inconclusive
        weight = _WEIGHT[self._targets.tiers[self._target.tier]]
        severity = Severity.UNKNOWN if policy is Effect.FAIL else min(Severity.WARNING, weight)
        said = self._say(Outcome.INCONCLUSIVE, severity, reason, advice)
        # What is exact has its own two processes, and a history one value a run: passes of time do not add to them.
        return msgspec.structs.replace(said, needs_more=instrument_of(self._target.metric).grows)

    def _say(self, outcome: Outcome, severity: Severity, reason: Reason, advice: AdviceCode | None = None) -> Verdict:
        target = self._target
        found = self._answer.found
        return Verdict(
            benchmark=self._answer.benchmark,
            kind=RuleKind.TARGET,
            outcome=outcome,
            severity=severity,
            reason=reason,
            advice=advice,
            name=target.name,
            tier=target.tier,
            metric=target.metric.name,
            estimator=instrument_of(target.metric).estimator(target.metric),
            per_operation=target.per_operation,
            relative_to=target.relative_to,
            limit=target.limit,
            holds=target.holds,
            estimate=found if isinstance(found, Estimate) else None,
            values=self._answer.values,
            sizes=self._answer.sizes,
            measured=self._answer.measured,
            measured_outcome=None if self._answer.measured is None else _outcome(self._answer.measured, target.limit),
            scaling=self._answer.scaling,
            levels=self._answer.levels,
            dimension=target.limit.dimension,
            node_id=self._answer.node_id,
            where=target.where,
        )


def _contains(limit: Limit, value: float) -> bool:
    """Tell whether a limit allows a value."""
    return (limit.minimum is None or limit.minimum <= value) and (limit.maximum is None or value <= limit.maximum)


def _outcome(found: Estimate, limit: Limit) -> Outcome:
    """Say what an estimate comes to by itself."""
    return {_Place.WITHIN: Outcome.PASSED, _Place.ACROSS: Outcome.INCONCLUSIVE}.get(
        _place(found, limit), Outcome.FAILED
    )


def _place(found: Estimate, limit: Limit) -> _Place:
    low = -math.inf if limit.minimum is None else limit.minimum
    high = math.inf if limit.maximum is None else limit.maximum
    if low <= found.low and found.high <= high:
        return _Place.WITHIN
    if found.low > high:
        return _Place.ABOVE
    return _Place.BELOW if found.high < low else _Place.ACROSS


def _waived(limit: Limit, waiver: Waiver) -> Limit:
    """Move a limit out by the share of it that a waiver accepts; all the way where the waiver names none."""
    share = math.inf if waiver.limit is None else waiver.limit
    low, high = limit.minimum, limit.maximum
    return msgspec.structs.replace(
        limit,
        minimum=None if low is None or math.isinf(share) else low - abs(low) * share,
        maximum=None if high is None or math.isinf(share) else high + abs(high) * share,
    )


def _unnamed(run: Run, answers: Sequence[TargetEstimate]) -> Iterable[Verdict]:
    """Give the benchmarks that no answer speaks of a verdict too, so that nothing vanishes."""
    covered = {name for answer in answers for name in answer.covers}
    for benchmark in run.benchmarks:
        if benchmark.id not in covered:
            yield _unnamed_verdict(run, benchmark)


def _crashed(run: Run, code: ReasonCode) -> bool:
    """Tell whether a test raised, died or hung here: another tool's file says only that it has no time."""
    return run.source == _OWN and code in _CRASHED


def _unnamed_verdict(run: Run, benchmark: Benchmark) -> Verdict:
    found = [one for one in benchmark.samples if one.outcome is not TestOutcome.MEASURED]
    found.sort(key=lambda sample: GRAVITY.index(sample.outcome))
    bad = next((one for one in found if one.outcome is not TestOutcome.SKIPPED), found[0] if found else None)
    outcome, severity, advice = Outcome.NEW, Severity.NONE, None
    reason = Reason(code=ReasonCode.NO_TARGET)
    if not benchmark.samples:
        outcome, severity, advice = Outcome.MISSING, Severity.UNKNOWN, AdviceCode.NEVER_PASSES
        reason = Reason(code=ReasonCode.NOT_MEASURED)
    elif bad is not None:
        said = f"{bad.outcome.value}: {bad.detail}" if bad.detail else bad.outcome.value
        if bad.outcome is TestOutcome.SKIPPED:
            outcome, severity, said = Outcome.INCONCLUSIVE, Severity.NOTE, f"{said}; no target applies to it"
        else:
            outcome = Outcome.INVALID if bad.outcome is TestOutcome.INVALID else Outcome.MISSING
            outcome = Outcome.CRASHED if _crashed(run, TEST_CODES[bad.outcome]) else outcome
            severity, advice = Severity.UNKNOWN, AdviceCode.NEVER_PASSES
        reason = Reason(code=TEST_CODES[bad.outcome], text=said)
    return Verdict(
        benchmark=benchmark.id,
        kind=RuleKind.TARGET,
        outcome=outcome,
        severity=severity,
        reason=reason,
        advice=advice,
        node_id=benchmark.node_id,
    )
