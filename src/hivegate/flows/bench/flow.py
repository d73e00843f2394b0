"""Measure a suite and judge it, and measure more where the verdict is inconclusive."""

from __future__ import annotations

import datetime as dt
import time
from typing import TYPE_CHECKING

import msgspec

from hivegate.errors import UsageError
from hivegate.flows.bench.measure import (
    asked_for,
    kept_when_interrupted,
    measure_once,
    open_suite,
    partners,
)
from hivegate.flows.finish import finish
from hivegate.flows.history.drift import drift_of
from hivegate.flows.plan import SuitePlan
from hivegate.flows.project import FEWEST_PASSES, MOST_PASSES, SuiteOptions
from hivegate.flows.rules import rules_of_revision
from hivegate.instruments.estimates import estimate_targets
from hivegate.judge import judge, needing_more
from hivegate.measure.collect import is_further
from hivegate.model.events import Decided, Noted, ignore_progress
from hivegate.model.identity import is_wild, matches
from hivegate.model.quantity import part, quantity
from hivegate.model.run import Run
from hivegate.model.targets import Holds
from hivegate.model.verdict import GateResult, Outcome, Severity, summarize
from hivegate.report.messages import label, reason_text
from hivegate.stats.interference import contention
from hivegate.stats.interval import EARLY_LOOKS, ENOUGH
from hivegate.targets import load_targets

if TYPE_CHECKING:
    from hivegate.flows.history.drift import DriftLookup
    from hivegate.flows.project import Project
    from hivegate.flows.rules import Rules
    from hivegate.measure.suite import Suite
    from hivegate.model.events import ProgressCallback
    from hivegate.model.targets import Targets
    from hivegate.model.verdict import Verdict


FIRST_LOOKS = (*EARLY_LOOKS, ENOUGH)  # passes; what is far from its limit is decided by two
_BUSY = 0.25  # share of the processor
PASSES_MORE = 5  # a look at what is inconclusive after so many passes more: few looks, for the error is split over them


class BenchOptions(SuiteOptions, frozen=True, kw_only=True):
    """Say what `bench` measures: which benchmarks, in how many passes, and for how many seconds in all.

    What no target asks for is measured once, lightly. What a target asks for is judged as soon as the answer is sure,
    after `passes` where those are more than five, and up to `max_passes`; None stands for the project's settings. With
    `all` every benchmark is measured in as many `passes`, in full. `base_rules` is a revision whose targets.yaml and
    settings judge as well, and the stricter rule counts. With `profile_failures` what fails is profiled.
    """

    passes: int | None = None
    max_passes: int | None = None
    max_time: float = 600.0
    all: bool = False
    base_rules: str | None = None
    profile_failures: bool = False


class BenchResult(msgspec.Struct, frozen=True, kw_only=True):
    """Hold what was measured and the verdicts on it."""

    run: Run
    gate: GateResult


def bench(
    project: Project, options: BenchOptions | None = None, on_progress: ProgressCallback = ignore_progress
) -> BenchResult:
    """Measure the project's suite and judge it against targets.yaml, as ``hivegate bench`` does.

    Only inconclusive benchmarks are measured again, a few passes at a time, until they are decided, the passes reach
    `max_passes` or `max_time` is over. How often to look is fixed beforehand, the error is split over the looks, and
    every pass counts. The result is kept in .hivegate/latest. Raises `HivegateError`: `TargetsError` for a
    wrong targets.yaml, `UsageError` for wrong options, `MeasureError` for a suite that cannot be measured.
    """
    options = options or BenchOptions()
    targets = load_targets(project.targets_file(options.targets))
    rules = rules_of_revision(project, targets, options.targets, options.base_rules)
    subject = project.subject(options.paths, options.python, rules.paths, rules.exclude)
    judging = rules.judging(project)
    passes = passes_of(judging, options.passes)
    plan = SuitePlan(
        selectors=options.selectors,
        excluded=options.excluded,
        passes=passes,
        most_passes=max(options.max_passes or judging.settings.max_passes, passes),
        max_time=options.max_time,
        timeout=project.timeout(options),
        all=options.all,
    )
    drift = drift_of(judging, rules.measured)
    end = time.monotonic() + plan.max_time
    suite = open_suite(subject, plan, rules.measured, on_progress)
    with kept_when_interrupted(project.folder, suite, on_progress):
        run, result = _decide(suite, plan, rules, drift, on_progress, end=end)
    profiled = subject if options.profile_failures else None
    gate = finish(project, "bench", result, on_progress, run=run, subject=profiled, collection=suite.collection)
    return BenchResult(run=run, gate=gate)


def passes_of(project: Project, passes: int | None) -> int:
    """Choose the passes: those asked for, else those of the settings; raises `UsageError` for too few or too many."""
    if passes is not None and not FEWEST_PASSES <= passes <= MOST_PASSES:
        raise UsageError(f"passes: {passes}; expected {FEWEST_PASSES} to {MOST_PASSES}")
    return passes or project.settings.passes


def looks_of(plan: SuitePlan) -> tuple[int, ...]:
    """List after how many passes a run is judged: fixed beforehand, for the error is split over the looks.

    Soon where early ones are allowed, since most of what is asked for is far from its limit; then every five passes.
    """
    first = (plan.passes,) if plan.all or plan.passes > ENOUGH else FIRST_LOOKS
    if plan.most_passes < first[-1]:
        return (max(plan.passes, plan.most_passes),)
    most = plan.most_passes
    return (*first, *range(first[-1] + PASSES_MORE, most, PASSES_MORE), *((most,) if most > first[-1] else ()))


def late_looks(looks: tuple[int, ...]) -> int:
    """Count the looks at enough passes, over which the error is split; at fewer only a sliver of it is risked."""
    return max(1, sum(look >= ENOUGH for look in looks))


def _decide(
    suite: Suite,
    plan: SuitePlan,
    rules: Rules,
    drift: DriftLookup,
    on_progress: ProgressCallback,
    *,
    end: float,
) -> tuple[Run, GateResult]:
    """Measure and judge until nothing is inconclusive, or passes or time are over; nothing is dropped or repeated.

    The first pass is of everything, and no later one begins when time is over.
    """
    targets = rules.measured
    every_pass = [target.benchmark for target in targets.targets if target.holds is Holds.EVERY_PASS]
    looks = looks_of(plan)
    late = late_looks(looks)
    if (nameless := _nameless(suite, rules.head)) is not None:
        return suite.run(), nameless
    inconclusive, done, longest = _asked(suite, plan, targets), 0, 0.0
    failed: set[tuple[str, str | None]] = set()
    while True:
        look = next(look for look in looks if look > done)
        while done < look and not (done and time.monotonic() >= end):
            begun = time.monotonic()
            left = None if done == 0 else min(end - begun, (looks[-1] - done) * longest)
            measure_once(suite, targets, inconclusive, first=done == 0, most=looks[-1], left=left)
            longest = time.monotonic() - begun  # no later pass is of more benchmarks
            if done == 0:  # now tests have shown what else they call
                inconclusive = _asked(suite, plan, targets)
            done += 1
        run = suite.run()
        result = judge_run(rules, run, drift=drift, looks=late)
        for verdict in (one for one in result.verdicts if one.outcome is Outcome.FAILED and not one.needs_more):
            if (verdict.benchmark, verdict.where) not in failed:
                failed.add((verdict.benchmark, verdict.where))
                on_progress(_failed(verdict))
        inconclusive = _benchmarks(needing_more(result), suite.ids, targets)
        if done < ENOUGH and ENOUGH in looks:
            # That nothing happened in two passes says little of what happens in five.
            promised = (name for name in suite.ids if any(matches(selector, name) for selector in every_pass))
            inconclusive |= frozenset(promised)
        if not inconclusive or done >= looks[-1] or time.monotonic() >= end:
            return run, result
        on_progress(Noted(message=f"{len(inconclusive)} inconclusive after {done} passes; measuring them on"))
        if look == looks[0] and (share := 1 - contention(run.benchmarks)) > _BUSY:
            on_progress(Noted(message=f"this machine is busy: {part(share)} of the processor was others'"))


def _failed(verdict: Verdict) -> Decided:
    value = "" if verdict.estimate is None else f" {quantity(verdict.estimate.value, verdict.dimension)}"
    return Decided(
        what=verdict.benchmark,
        outcome=label(verdict.outcome, verdict.severity),
        text=f"{verdict.metric}{value}: {reason_text(verdict)}",
        failed=verdict.severity is Severity.BROKEN,
    )


def _nameless(suite: Suite, targets: Targets) -> GateResult | None:
    """Judge at once where a target of this tree names no benchmark: no measurement can make that pass.

    What a test calls beside its first benchmark has a name only when it ran, and begins with the name of the first.
    """
    names = {*(item.id for item in suite.collection.found), *suite.collection.excluded}
    nameless = tuple(target for target in targets.targets if not _names(target.benchmark, names))
    if not nameless:
        return None
    run, asked = suite.run(), msgspec.structs.replace(targets, targets=nameless, budgets=(), waivers=())
    result = judge(asked, run, estimate_targets(asked, run), today=dt.datetime.now(dt.UTC).date())
    verdicts = tuple(verdict for verdict in result.verdicts if verdict.metric is not None)
    outcome, exit_status = summarize(verdicts)
    note = f"nothing was measured: {len(nameless)} of {len(targets.targets)} targets name no benchmark"
    return msgspec.structs.replace(
        result, verdicts=verdicts, outcome=outcome, exit_status=exit_status, notes=(*result.notes, note)
    )


def _names(selector: str, names: set[str]) -> bool:
    if selector in names or is_further(selector, names):
        return True
    return is_wild(selector) and any(matches(selector, name) for name in names)


def _asked(suite: Suite, plan: SuitePlan, targets: Targets) -> frozenset[str]:
    return frozenset(suite.ids) if plan.all else asked_for(targets, suite.ids)


def judge_run(rules: Rules, run: Run, *, drift: DriftLookup, looks: int = 1) -> GateResult:
    """Judge a run that is whole, today, by base's rules where they are known and head's."""
    today, drifts = dt.datetime.now(dt.UTC).date(), drift(run)
    return rules.judge(
        lambda targets: judge(
            targets, run, estimate_targets(targets, run, looks=looks, drift=drifts), today=today, looks=looks
        )
    )


def _benchmarks(names: frozenset[str], ids: tuple[str, ...], targets: Targets) -> frozenset[str]:
    """Find the benchmarks behind inconclusive names: groups of sizes unfolded, partners along."""
    found = {benchmark for benchmark in ids for name in names if matches(name, benchmark)}
    return frozenset(found | partners(targets, found))
