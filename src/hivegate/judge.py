"""Targets + answers -> GateResult: compares, computes nothing."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from hivegate.model.estimate import Estimate, NoEstimate
from hivegate.model.identity import matches
from hivegate.model.metric import Dimension
from hivegate.model.run import TestOutcome
from hivegate.model.targets import Effect, Target, Targets, Waiver
from hivegate.model.verdict import GateResult, Outcome, Severity, Verdict, summarize

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hivegate.model.answer import Answer
    from hivegate.model.run import Benchmark, Run

_ANNOUNCED = dt.timedelta(days=14)
_WEIGHT = {Effect.FAIL: Severity.BROKEN, Effect.WARN: Severity.WARNING, Effect.NOTE: Severity.NOTE}
_UNMEASURED = "a benchmark that is not measured never passes"


def judge(targets: Targets, run: Run, answers: Sequence[Answer], *, today: dt.date) -> GateResult:
    """Judge a run: every target and every measured benchmark has at least one verdict."""
    judged = tuple(_Case(targets, run, answer, today).verdict() for answer in answers)
    verdicts = (*judged, *_unnamed(run, {answer.node_id for answer in answers if answer.node_id}, targets))
    outcome, exit_status = summarize(verdicts)
    return GateResult(
        outcome=outcome,
        exit_status=exit_status,
        partial=bool(run.not_selected),
        not_selected=run.not_selected,
        verdicts=verdicts,
        environment=run.environment,
        commit=run.commit,
        passes=max((len(one.samples) for one in run.benchmarks), default=0),
        confidence=targets.confidence,
        notes=(*run.notes, *_waiver_notes(targets, run, today)),
    )


def undecided(result: GateResult) -> frozenset[str]:
    """Name the benchmarks for which more passes may turn *not judged* into an answer."""
    return frozenset(
        one.benchmark
        for one in result.verdicts
        if one.outcome is Outcome.NOT_JUDGED and one.estimate is not None and one.reason == _STRADDLES
    )


_STRADDLES = "the limit lies inside the interval"


class _Case:
    """One target and what a run says about it."""

    def __init__(self, targets: Targets, run: Run, answer: Answer, today: dt.date) -> None:
        self._targets = targets
        self._run = run
        self._answer = answer
        self._target: Target = answer.target
        self._today = today

    def verdict(self) -> Verdict:
        found = self._answer.found
        if isinstance(found, NoEstimate):
            outcome = Outcome.MISSING if found.missing else Outcome.INVALID
            return self._say(outcome, Severity.UNKNOWN, found.reason, found.hint or self._how_to_find())
        cores = self._run.environment.cores
        if self._target.min_cores is not None and (cores is None or cores < self._target.min_cores):
            reason = f"judged from {self._target.min_cores} cores up; this machine has {cores or 'an unknown number'}"
            return self._say(Outcome.NOT_JUDGED, Severity.NOTE, reason)
        return self._compare(found)

    def _compare(self, found: Estimate) -> Verdict:
        limit = self._target.limit
        low = float("-inf") if limit.minimum is None else limit.minimum
        high = float("inf") if limit.maximum is None else limit.maximum
        if low <= found.low and found.high <= high:
            return self._say(Outcome.PASSED, Severity.NONE, "the whole interval lies within the limit")
        if found.high < low or high < found.low:
            return self._broken(found)
        advice = "measure more passes (--passes), or on a calmer machine"
        if found.assumed is not None:
            advice = "one result has no spread of its own: give hivegate check several, or use hivegate bench"
        return self._inconclusive(_STRADDLES, advice)

    def _broken(self, found: Estimate) -> Verdict:
        calm = self._answer.calm
        if calm is not None and self._may_be_disturbance(found, calm):
            reason = f"other work held the processor: even the calmest pass had it {calm:.0%} of the time"
            return self._inconclusive(reason, "run again on a calmer machine, or make the limit a ratio (relative_to)")
        severity = _WEIGHT[self._targets.tiers[self._target.tier]]
        above = self._target.limit.maximum is not None and found.low > self._target.limit.maximum
        reason = f"the whole interval lies {'above' if above else 'below'} the limit"
        for waiver in self._waivers():
            if waiver.expires <= self._today:
                reason += f"; the waiver of {waiver.owner} expired on {waiver.expires}"
            elif self._within(waiver, found):
                reason = f"{reason}, accepted by {waiver.owner} until {waiver.expires}: {waiver.reason}"
                return self._say(Outcome.WAIVED, Severity.NOTE, reason)
            else:
                reason += f"; beyond what the waiver of {waiver.owner} accepts"
        return self._say(
            Outcome.FAILED, severity, reason, f"find the cause: hivegate profile '{self._answer.benchmark}'"
        )

    def _may_be_disturbance(self, found: Estimate, calm: float) -> bool:
        """Tell whether a disturbed machine can explain a broken limit of wall time.

        The processor time alone is the wall time times `calm`, and a busy neighbour at most doubles it by what the
        two share; beyond that no neighbour is to blame.
        """
        limit = self._target.limit
        if limit.dimension not in {Dimension.SECONDS, Dimension.RATE}:
            return False
        if limit.maximum is not None and found.low > limit.maximum:
            return found.low * calm / 2 <= limit.maximum
        return limit.minimum is None or found.high * 2 / calm >= limit.minimum

    def _waivers(self) -> Iterable[Waiver]:
        for waiver in self._targets.waivers:
            same_metric = waiver.metric is None or waiver.metric == self._target.metric
            if waiver.kind == "target" and same_metric and matches(waiver.benchmark, self._answer.benchmark):
                yield waiver

    def _within(self, waiver: Waiver, found: Estimate) -> bool:
        if waiver.limit is None:
            return True
        limit = self._target.limit
        if limit.maximum is not None and found.low > limit.maximum:
            return found.value <= limit.maximum * (1 + waiver.limit)
        return limit.minimum is not None and found.value >= limit.minimum / (1 + waiver.limit)

    def _inconclusive(self, reason: str, advice: str) -> Verdict:
        policy = self._target.inconclusive or self._targets.inconclusive
        weight = _WEIGHT[self._targets.tiers[self._target.tier]]
        severity = Severity.UNKNOWN if policy is Effect.FAIL else min(Severity.WARNING, weight)
        return self._say(Outcome.NOT_JUDGED, severity, reason, advice)

    def _how_to_find(self) -> str:
        return f"{_UNMEASURED}; the target is in {self._target.where}"

    def _say(self, outcome: Outcome, severity: Severity, reason: str, advice: str = "") -> Verdict:
        target = self._target
        found = self._answer.found
        return Verdict(
            benchmark=self._answer.benchmark,
            kind="target",
            outcome=outcome,
            severity=severity,
            reason=reason,
            advice=advice,
            name=target.name,
            tier=target.tier,
            metric=target.metric.name,
            per_operation=target.per_operation,
            relative_to=target.relative_to,
            limit=target.limit,
            estimate=found if isinstance(found, Estimate) else None,
            dimension=target.limit.dimension,
            node_id=self._answer.node_id,
            where=target.where,
        )


def _unnamed(run: Run, named: set[str], targets: Targets) -> Iterable[Verdict]:
    """Give the benchmarks that no target names a verdict too, so that nothing vanishes."""
    for benchmark in run.benchmarks:
        if benchmark.node_id not in named and not any(matches(one.benchmark, benchmark.id) for one in targets.targets):
            yield _unnamed_verdict(benchmark)


def _unnamed_verdict(benchmark: Benchmark) -> Verdict:
    bad = next((one for one in benchmark.samples if one.outcome is not TestOutcome.MEASURED), None)
    outcome, severity, reason, advice = Outcome.NEW, Severity.NONE, "measured; no target names it", ""
    if not benchmark.samples:
        outcome, severity, reason = Outcome.MISSING, Severity.UNKNOWN, "it was not measured"
    elif bad is not None and bad.outcome is TestOutcome.SKIPPED:
        outcome, severity, reason = Outcome.NOT_JUDGED, Severity.NOTE, f"skipped: {bad.detail}; no target names it"
    elif bad is not None:
        outcome, severity = Outcome.MISSING, Severity.UNKNOWN
        reason, advice = f"{bad.outcome.value}: {bad.detail}" if bad.detail else bad.outcome.value, _UNMEASURED
    return Verdict(
        benchmark=benchmark.id,
        kind="target",
        outcome=outcome,
        severity=severity,
        reason=reason,
        advice=advice,
        node_id=benchmark.node_id,
    )


def _waiver_notes(targets: Targets, run: Run, today: dt.date) -> Iterable[str]:
    for waiver in targets.waivers:
        if today < waiver.expires <= today + _ANNOUNCED:
            yield f"the waiver of {waiver.owner} for {waiver.benchmark} expires on {waiver.expires} ({waiver.where})"
        known = [*(one.id for one in run.benchmarks), *run.not_selected]
        if not any(matches(waiver.benchmark, one) for one in known):
            yield f"the waiver for {waiver.benchmark} names no benchmark of this run ({waiver.where})"
