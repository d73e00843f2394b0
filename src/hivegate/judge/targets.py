"""Absolute targets: what a run means."""

from __future__ import annotations

import enum
import math
import shlex
from typing import TYPE_CHECKING

import msgspec

from hivegate.judge.estimators import estimator_of
from hivegate.judge.waivers import waiver_notes
from hivegate.model.estimate import Estimate, NoEstimate
from hivegate.model.identity import matches
from hivegate.model.metric import Source
from hivegate.model.run import TestOutcome
from hivegate.model.statistics import RunStatistics
from hivegate.model.targets import Effect, Limit, RuleKind, Target, Targets, Waiver
from hivegate.model.verdict import GateResult, Outcome, Severity, Verdict, summarize

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Sequence

    from hivegate.model.run import Benchmark, Run
    from hivegate.model.target_estimate import Interference, TargetEstimate

_WEIGHT = {Effect.FAIL: Severity.BROKEN, Effect.WARN: Severity.WARNING, Effect.NOTE: Severity.NOTE}
_UNMEASURED = "a benchmark that is not measured never passes"


def judge(
    targets: Targets, run: Run, answers: Sequence[TargetEstimate], *, today: dt.date, looks: int = 1
) -> GateResult:
    """Judge a run: every target and every measured benchmark has at least one verdict.

    `looks` is how often the run is judged in all while it grows, for the report: the answers have split the error.
    """
    judged = tuple(_Case(targets, run, answer, today).verdict() for answer in answers)
    verdicts = (*judged, *_unnamed(run, answers))
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


_BEYOND = {
    _Place.ABOVE: "the whole interval lies above the limit",
    _Place.BELOW: "the whole interval lies below the limit",
}


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
        if isinstance(found, NoEstimate) and found.needs_more:
            return self._open(found.reason, found.hint)
        if isinstance(found, NoEstimate):
            outcome = Outcome.MISSING if found.missing else Outcome.INVALID
            return self._say(outcome, Severity.UNKNOWN, found.reason, found.hint or _UNMEASURED)
        cores = self._run.environment.cores
        if self._target.min_cores is not None and (cores is None or cores < self._target.min_cores):
            reason = f"judged from {self._target.min_cores} cores up; this machine has {cores or 'an unknown number'}"
            return self._say(Outcome.INCONCLUSIVE, Severity.NOTE, reason)
        return self._compare(found)

    def _compare(self, found: Estimate) -> Verdict:
        interference = self._answer.interference
        sure = found if interference is None else interference.possible
        place = _place(sure, self._target.limit)
        if place is _Place.WITHIN:
            return self._say(Outcome.PASSED, Severity.NONE, "the whole interval lies within the limit")
        waivers = [one for one in self._waivers() if self._today < one.expires]
        waiver = max(waivers, key=lambda one: math.inf if one.limit is None else one.limit, default=None)
        waived_place = None if waiver is None else _place(sure, _waived(self._target.limit, waiver))
        if waiver is not None and waived_place is _Place.WITHIN:
            reason = f"any excess is accepted by {waiver.owner} until {waiver.expires}: {waiver.reason}"
            return self._say(Outcome.WAIVED, Severity.NOTE, reason)
        if place is _Place.ACROSS or waived_place is _Place.ACROSS:
            return self._across(found, interference, waiver if place is not _Place.ACROSS else None)
        return self._failed(place, waiver)

    def _failed(self, place: _Place, waiver: Waiver | None) -> Verdict:
        reason = _BEYOND[place]
        if waiver is not None:
            reason += f"; beyond what the waiver of {waiver.owner} accepts"
        for one in self._waivers():
            if one.expires <= self._today:
                reason += f"; the waiver of {one.owner} expired on {one.expires}"
        told_by = "history trend" if self._target.metric.source is Source.HISTORY else "profile"
        advice = f"find the cause: hivegate {told_by} {shlex.quote(self._answer.benchmark)}"
        severity = _WEIGHT[self._targets.tiers[self._target.tier]]
        return self._say(Outcome.FAILED, severity, reason, advice)

    def _across(self, found: Estimate, interference: Interference | None, waiver: Waiver | None) -> Verdict:
        """Say what keeps the answer open: the machine, too little data, or the spread itself."""
        if interference is not None and _place(found, self._target.limit) is not _Place.ACROSS:
            reason = (
                f"other work held the processor in {_all_passes(found.n)}, and may explain this: "
                f"even the quietest had it only {interference.quietest * 100:.0f} % of the time"
                if interference.passes >= found.n
                else f"other work held the processor in {interference.passes} of {found.n} passes, and may explain this"
            )
            return self._open(reason, "run again on a calmer machine, or make the limit a ratio (relative_to)")
        if found.n == 1 and found.assumed is None:
            return self._open("a single value has no spread of its own", "measure at least two passes")
        reason = "the limit lies inside the interval"
        if waiver is not None:
            reason = f"beyond the limit, and what the waiver of {waiver.owner} accepts lies inside the interval"
        if self._target.metric.source is Source.HISTORY:
            return self._open(reason, "more runs make the levels surer: hivegate history add")
        if found.assumed is not None:
            advice = "one result has no spread of its own: give hivegate check several, or use hivegate bench"
            return self._open(reason, advice)
        return self._open(reason, "measure more passes (--passes), or on a calmer machine")

    def _waivers(self) -> Iterable[Waiver]:
        for waiver in self._targets.waivers:
            same_metric = waiver.metric is None or waiver.metric == self._target.metric
            if waiver.kind is RuleKind.TARGET and same_metric and matches(waiver.benchmark, self._answer.benchmark):
                yield waiver

    def _open(self, reason: str, advice: str) -> Verdict:
        policy = self._target.inconclusive or self._targets.inconclusive
        weight = _WEIGHT[self._targets.tiers[self._target.tier]]
        severity = Severity.UNKNOWN if policy is Effect.FAIL else min(Severity.WARNING, weight)
        said = self._say(Outcome.INCONCLUSIVE, severity, reason, advice)
        # What is exact has its own two processes, and a history one value a run: passes of time do not add to them.
        fixed = self._target.metric.exact or self._target.metric.source is Source.HISTORY
        return msgspec.structs.replace(said, needs_more=not fixed)

    def _say(self, outcome: Outcome, severity: Severity, reason: str, advice: str = "") -> Verdict:
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
            estimator=estimator_of(target.metric),
            per_operation=target.per_operation,
            relative_to=target.relative_to,
            limit=target.limit,
            estimate=found if isinstance(found, Estimate) else None,
            values=self._answer.values,
            sizes=self._answer.sizes,
            dimension=target.limit.dimension,
            node_id=self._answer.node_id,
            where=target.where,
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


def _all_passes(number: int) -> str:
    return f"all {number} passes" if number != 1 else "the only pass"


def _unnamed(run: Run, answers: Sequence[TargetEstimate]) -> Iterable[Verdict]:
    """Give the benchmarks that no answer speaks of a verdict too, so that nothing vanishes."""
    covered = {name for answer in answers for name in answer.covers}
    for benchmark in run.benchmarks:
        if benchmark.id not in covered:
            yield _unnamed_verdict(benchmark)


def _unnamed_verdict(benchmark: Benchmark) -> Verdict:
    found = [one for one in benchmark.samples if one.outcome is not TestOutcome.MEASURED]
    bad = next((one for one in found if one.outcome is not TestOutcome.SKIPPED), found[0] if found else None)
    outcome, severity, reason, advice = Outcome.NEW, Severity.NONE, "measured; no target judges it", ""
    if not benchmark.samples:
        outcome, severity, reason, advice = Outcome.MISSING, Severity.UNKNOWN, "it was not measured", _UNMEASURED
    elif bad is not None and bad.outcome is TestOutcome.SKIPPED:
        detail = f": {bad.detail}" if bad.detail else ""
        outcome, severity, reason = Outcome.INCONCLUSIVE, Severity.NOTE, f"skipped{detail}; no target names it"
    elif bad is not None:
        outcome, severity = Outcome.MISSING, Severity.UNKNOWN
        reason, advice = f"{bad.outcome.value}: {bad.detail}" if bad.detail else bad.outcome.value, _UNMEASURED
    return Verdict(
        benchmark=benchmark.id,
        kind=RuleKind.TARGET,
        outcome=outcome,
        severity=severity,
        reason=reason,
        advice=advice,
        node_id=benchmark.node_id,
    )
