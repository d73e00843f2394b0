"""Measure a revision against its base, and judge whether it is slower by more than its budget."""

from __future__ import annotations

import datetime as dt
import math
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec

from hivegate.errors import UsageError
from hivegate.flows.compare.base_suite import measure_base_suite
from hivegate.flows.compare.checkout import ComparisonSetup, singles_needed, two_trees
from hivegate.flows.compare.counters import read_exactly, uncounted
from hivegate.flows.compare.reach import reach_of_change, why_all
from hivegate.flows.compare.releases import find_releases, install_releases
from hivegate.flows.compare.sequential import changes_so_far, confirm, take_looks
from hivegate.flows.finish import finish
from hivegate.flows.plan import ComparisonPlan
from hivegate.flows.project import SuiteOptions, absolute_interpreter
from hivegate.flows.rules import Rules, rules_of_base
from hivegate.flows.shard import division_of
from hivegate.ingest import write_comparison
from hivegate.judge import BudgetTable, allowed_ratio, by_instructions, judge_changes
from hivegate.measure.instructions import require_valgrind
from hivegate.measure.pairs.collect import PairCollector
from hivegate.measure.proof import summary
from hivegate.measure.revisions import find_base, refuse_equal
from hivegate.measure.suite import environment_of, no_benchmarks, revision_of
from hivegate.model.change import Clock
from hivegate.model.comparison import BenchmarkComparison, Comparison
from hivegate.model.events import Noted, ignore_progress
from hivegate.model.run import TestOutcome
from hivegate.model.selection import is_selected
from hivegate.model.statistics import ComparisonStatistics
from hivegate.model.verdict import GateResult
from hivegate.stats.pairs import change_of_all_rounds
from hivegate.system import git
from hivegate.system.files import write_atomic
from hivegate.system.process import deadline

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

    from hivegate.flows.project import Project
    from hivegate.measure.collect import BenchmarkItem, Collection
    from hivegate.measure.revisions import Base
    from hivegate.measure.subject import Subject
    from hivegate.model.change import Change
    from hivegate.model.events import ProgressCallback
    from hivegate.model.pairs import PairTrouble
    from hivegate.model.protocol import LoadedProject
    from hivegate.model.subject import SubjectDoubt
    from hivegate.model.targets import Budget


_INTERRUPTED = "interrupted; what was measured so far is judged, and is no pass: hivegate report"


class CompareOptions(SuiteOptions, frozen=True, kw_only=True):
    """Say what `compare` measures: which base, by what, within which budget, and for how many seconds in all.

    `base` is a commit, branch or tag, or a dot for this tree itself; without it the merge base with the default branch
    is taken. With `head` both are releases of one package, as pluggy==1.6.0, and the suite at hand measures them.
    `base_python` is the interpreter of a separate environment for base. `budget` is a share, such as 0.02, for all
    benchmarks. `fallback` starts two processes instead of forking one. `cluster` is the address of a Dask scheduler
    whose workers measure; `shard` is this machine's part, (number, count) from 1, balanced by the `durations` of an
    earlier result; `out` is a file that what was measured is written to. With `profile_failures` what is slower is
    profiled at once. With `reached` what the change cannot reach is not measured, without it everything is; None stands
    for what base's settings say.
    """

    base: str | None = None
    head: str | None = None
    budget: float | None = None
    instrument: Literal["time", "instructions"] = "time"
    max_time: float = 600.0
    base_python: str | None = None
    fallback: bool = False
    reached: bool | None = None
    cluster: str | None = None
    shard: tuple[int, int] | None = None
    durations: Path | None = None
    out: Path | None = None
    profile_failures: bool = False


class CompareResult(msgspec.Struct, frozen=True, kw_only=True):
    """Hold what was measured of both revisions and the verdicts on it."""

    comparison: Comparison
    gate: GateResult


def compare(
    project: Project, options: CompareOptions | None = None, on_progress: ProgressCallback = ignore_progress
) -> CompareResult:
    """Measure this revision against its base and judge every benchmark of either, as ``hivegate compare`` does.

    Both revisions run in children forked from one interpreter, in pairs. The result is kept in .hivegate/latest, also
    that of what was measured before Ctrl-C, which is raised again. Raises
    `UsageError` for wrong options, a base that does not exist and a shard, which `measure_comparison` measures and
    `merge` judges; `MeasureError` for a suite that cannot be measured.
    """
    options = options or CompareOptions()
    if options.shard is not None:
        raise UsageError(
            "a shard is not a verdict on the whole suite", hint="measure_comparison, then merge all shards"
        )
    subject, rules, comparison, collection = _measure(project, options, on_progress)
    profiled = subject if options.profile_failures and not comparison.interrupted else None
    result = judge_comparison(rules, comparison)
    gate = finish(project, "compare", result, on_progress, subject=profiled, collection=collection)
    if comparison.interrupted:
        on_progress(Noted(message=_INTERRUPTED))
        raise KeyboardInterrupt
    return CompareResult(comparison=comparison, gate=gate)


def measure_comparison(
    project: Project, options: CompareOptions | None = None, on_progress: ProgressCallback = ignore_progress
) -> Comparison:
    """Measure this revision against its base, or one shard of it, and judge nothing; `merge` judges shards."""
    comparison = _measure(project, options or CompareOptions(), on_progress)[2]
    if comparison.interrupted:
        raise KeyboardInterrupt
    return comparison


def _measure(
    project: Project, options: CompareOptions, on_progress: ProgressCallback
) -> tuple[Subject, Rules, Comparison, Collection | None]:
    """Measure here or on a cluster, and write `out`; the collection is head's suite, where it is of this machine."""
    targets = project.load_targets(options.targets)
    sha = _sha_of_base(project, options)
    rules = rules_of_base(project, targets, options.targets, sha)
    plan = ComparisonPlan(
        base=options.base,
        head=options.head,
        branch=project.settings.base_branch,
        selectors=options.selectors,
        excluded=options.excluded,
        budget=options.budget,
        by_instructions=options.instrument == "instructions",
        max_time=options.max_time,
        timeout=project.timeout(options),
        fallback=options.fallback,
        build=project.settings.build,
        base_build=(rules.settings or project.settings).build,
        base_arguments=(rules.settings or project.settings).pytest_args,
        base_python=None if options.base_python is None else absolute_interpreter(options.base_python),
        base_suite=any(alteration.measures for alteration in rules.alterations),
        reached=(rules.settings or project.settings).reached if options.reached is None else options.reached,
        why_all=why_all(rules.alterations),
        base_paths=() if options.paths else tuple(path.strip("/") for path in rules.paths),
        division=None if options.cluster is not None else division_of(options.shard, options.durations),
    )
    subject = project.subject(options.paths, options.python, rules.paths, rules.exclude)
    collection: Collection | None = None
    if options.cluster is not None:
        from hivegate.flows.remote.cluster import ClusterJob, compare_on  # noqa: PLC0415  distributed is an extra

        job = ClusterJob.of(
            subject,
            project.find_targets_file(options.targets),
            rules=rules,
            shard=options.shard,
            durations=options.durations,
        )
        comparison = compare_on(options.cluster, job, plan, on_progress)
    else:
        comparison, collection = measure_pairs(subject, rules, plan, on_progress)
    if options.out is not None and not comparison.interrupted:  # half a shard is none
        write_atomic(options.out, write_comparison(comparison), error=UsageError)
    return subject, rules, comparison, collection


def _sha_of_base(project: Project, options: CompareOptions) -> str | None:
    """Find the commit of base, where it has one; refuse what cannot be compared."""
    if find_releases(options.base, options.head) is not None:
        for name, given in (("--base-python", options.base_python), ("--on", options.cluster)):
            if given is not None:
                raise UsageError(
                    f"{name} does not apply to two releases",
                    hint="leave it out: each release gets an environment of its own, on this machine",
                )
        return None
    if options.head is not None:
        raise UsageError(f"head is this tree; {options.head!r} is no release", hint="name releases as pluggy==1.6.0")
    base = find_base(project.folder, options.base, branch=project.settings.base_branch)
    if options.base_python is None:
        refuse_equal(project.folder, base)
    return base.sha


def judge_comparison(rules: Rules, run: Comparison) -> GateResult:
    """Judge a comparison that is whole, today, by base's rules and head's."""
    today = dt.datetime.now(dt.UTC).date()
    asked = _asked(rules, budget=run.budget, instructions=run.by_instructions)
    return asked.judge(
        lambda targets: judge_changes(targets, run, budget=run.budget, today=today, altered=rules.loosened)
    )


def _asked(rules: Rules, *, budget: float | None, instructions: bool) -> Rules:
    return rules.judges(lambda targets: by_instructions(targets, budget)) if instructions else rules


def measure_pairs(
    subject: Subject, rules: Rules, plan: ComparisonPlan, on_progress: ProgressCallback
) -> tuple[Comparison, Collection]:
    """Measure head against its base in pairs of forked children, or this machine's part of it; with head's suite.

    From look to look only what is inconclusive is measured on; a *slower* must show itself again in fresh pairs. Memory
    and instructions are measured where a budget asks for them. What Ctrl-C cuts off is `interrupted`.
    """
    if plan.by_instructions:
        require_valgrind()
    asked = _asked(rules, budget=plan.budget, instructions=plan.by_instructions)
    releases = find_releases(plan.base, plan.head)
    if releases is None:
        base = find_base(subject.project, plan.base, branch=plan.branch)
    else:
        subject, plan, base = install_releases(subject, releases, plan, on_progress)
    with two_trees(subject, base, plan, on_progress) as ready:
        budgets = BudgetTable(asked.head, asked.base)
        removed = [item.id for item in ready.removed if is_selected(item, plan.selectors, plan.excluded)]
        selected = (*(one.id for one in ready.chosen), *removed)
        names = frozenset(name for name in selected if budgets.of(name).compares or budgets.exact(name))
        _require_budget(ready.chosen, names, budgets)
        # Each is judged by itself, so none has to stay with another.
        part, shard = (names, None) if plan.division is None else plan.division.part(names, rules.head)
        mine = tuple(one for one in ready.chosen if one.id in part)
        reach = reach_of_change(ready, base, mine, plan, on_progress)
        statistics = ComparisonStatistics.at(asked.confidence)
        measured = _measured(reach.to_measure(mine), ready, budgets, plan, statistics, on_progress)
        measured = measured._replace(compared=reach.added_to(measured.compared, mine, ready, budgets))
        doubts = (*ready.doubts, *ready.doubts_of(measured.loaded))
    if plan.base_suite and base.sha is not None and not measured.interrupted:
        measured = _with_base_suite(measured, ready, base, plan, budgets, statistics, on_progress)
    known = (*ready.head.found, *ready.removed)
    comparison = Comparison(
        base=base.name,
        created=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        base_sha=base.sha,
        base_python=ready.setup.base_python,
        benchmarks=(*measured.compared, *(_only_in_base(name) for name in removed if name in part)),
        not_selected=tuple(item.id for item in known if not is_selected(item, plan.selectors, plan.excluded)),
        not_compared=tuple(name for name in selected if name not in names),
        budget=plan.budget,
        by_instructions=plan.by_instructions,
        shard=shard,
        commit=revision_of(subject.project),
        environment=environment_of(ready.head.subject),
        loaded={side: summary(found) for side, found in measured.loaded.items()},
        doubts=(*doubts, *measured.doubts),
        notes=(
            *ready.notes,
            *reach.notes,
            *measured.notes,
            *_altered_beside(subject, ready.sides.changes.data, rules, measured.loaded),
        ),
        interrupted=measured.interrupted,
        untested=reach.untested,
    )
    return comparison, ready.head


def _altered_beside(
    subject: Subject, changed: Iterable[str], rules: Rules, loaded: Mapping[str, LoadedProject]
) -> Iterator[str]:
    """Name what benchmarks load from beside the code, as a test's module with sizes in it, and this change alters.

    What is `changed` is told from the root of the repository.
    """
    listed = {alteration.name for alteration in rules.alterations}
    folder = subject.project.resolve().relative_to(git.root_of(subject.project).resolve())
    among = {(folder / name).as_posix() for each in loaded.values() for name in each.suite}
    for name in changed:
        if name in among - listed:
            yield f"{name} differs and is loaded with the benchmarks: what they do may have changed with it"


class _Measured(NamedTuple):
    """What was seen, what of the project each side loaded, what a reader should know, and whether a signal ended it."""

    compared: list[BenchmarkComparison]
    loaded: dict[str, LoadedProject]
    notes: tuple[str, ...]
    interrupted: bool
    doubts: tuple[SubjectDoubt, ...] = ()


def _measured(
    mine: tuple[BenchmarkItem, ...],
    ready: ComparisonSetup,
    known: BudgetTable,
    plan: ComparisonPlan,
    statistics: ComparisonStatistics,
    on_progress: ProgressCallback,
) -> _Measured:
    """Measure time, memory and instructions, as budgets ask; after Ctrl-C nothing more."""
    budgets = {one.id: budget for one in mine if (budget := known.of(one.id, plan.budget)).compares}
    comparison = PairCollector(ready.setup, mine, on_progress, singles=singles_needed(budgets))
    overdue = deadline(plan.max_time)
    confirmed: dict[str, bool] = {}
    interrupted = False
    try:
        changes = take_looks(comparison, budgets, overdue, statistics, on_progress)
        if further := tuple(item for item in comparison.further.values() if is_selected(item, (), plan.excluded)):
            more = {one.id: budget for one in further if (budget := known.of(one.id, plan.budget)).compares}
            comparison.choose(further, singles_needed(more))
            budgets |= more
            mine += further
            ready = msgspec.structs.replace(ready, chosen=(*ready.chosen, *further))
            changes |= take_looks(comparison, more, overdue, statistics, on_progress)
        confirmed = confirm(changes, comparison, budgets, on_progress)
    except KeyboardInterrupt:
        interrupted = True
        changes = changes_so_far(comparison, budgets, statistics)
    everything = [_compared(one, changes, confirmed, comparison, ready) for one in mine]
    # Of a shard they stay: all that was divided has to be there when it is joined.
    compared = [one for one in everything if plan.division or not one.is_none]
    counted = [one.id for one in compared if one.trouble is None]
    read = uncounted(counted, known)
    if not interrupted:
        try:
            read = read_exactly(counted, ready, known, on_progress)
        except KeyboardInterrupt:
            interrupted = True
    whole = [msgspec.structs.replace(one, exact=read.metrics.get(one.id, ())) for one in compared]
    notes = (
        *no_benchmarks([one.id for one in everything if one.is_none]),
        *comparison.notes,
        *read.notes,
        *_seldom_slower(changes, comparison, budgets),
    )
    # What base's own suite loads, of which nothing may be measured here, says nothing of what ran.
    collected = ready.loaded if any(one.exact for one in whole) else {}
    return _Measured(whole, collected | comparison.loaded, notes, interrupted)


def _seldom_slower(
    changes: Mapping[str, Change], comparison: PairCollector, budgets: Mapping[str, Budget]
) -> Iterator[str]:
    """Name what is slower in all of its rounds together, and not in a typical one, by which a budget judges."""
    for name, change in changes.items():
        allowed = allowed_ratio(change, budgets[name])
        if change.clock is not Clock.CPU or change.ratio > allowed:
            continue
        whole = change_of_all_rounds(comparison.samples[name])
        if whole is not None and whole.low > allowed:
            share = f"{whole.ratio - 1:+.0%} in all"
            yield f"{name}: some rounds are slower, {share}; its budget is of the typical one. Judge its p99, too"


def _with_base_suite(
    measured: _Measured,
    ready: ComparisonSetup,
    base: Base,
    plan: ComparisonPlan,
    known: BudgetTable,
    statistics: ComparisonStatistics,
    on_progress: ProgressCallback,
) -> _Measured:
    """Add what base's own benchmark files show; only the times."""
    seen = {one.id: one.change for one in measured.compared if one.change is not None and one.trouble is None}
    budgets = {name: known.of(name, plan.budget) for name in seen}
    try:
        added = measure_base_suite(ready, base, plan, seen, budgets, statistics, on_progress)
    except KeyboardInterrupt:
        return measured._replace(interrupted=True)
    compared = [msgspec.structs.replace(one, base_suite=added.changes.get(one.id)) for one in measured.compared]
    return measured._replace(compared=compared, notes=(*measured.notes, *added.notes), doubts=added.doubts)


def _require_budget(chosen: Sequence[BenchmarkItem], names: Container[str], budgets: BudgetTable) -> None:
    """Refuse to compare where nothing that is chosen has a budget, of time or memory."""
    if chosen and not any(one.id in names for one in chosen):
        name = chosen[0].id
        raise UsageError(
            f"nothing to compare: {budgets.of(name).where} gives {name} no budget",
            hint="give it one (budget: 2 %), or select others",
        )


def _compared(
    one: BenchmarkItem,
    changes: Mapping[str, Change],
    confirmed: Mapping[str, bool],
    comparison: PairCollector,
    ready: ComparisonSetup,
) -> BenchmarkComparison:
    trouble = ready.explained(comparison.troubles.get(one.id))
    return BenchmarkComparison(
        id=one.id,
        node_id=one.node_id,
        change=changes.get(one.id),
        trouble=trouble,
        in_base=_is_in_base(one, trouble, comparison, ready),
        confirmed=confirmed.get(one.id),
        seconds=math.fsum(
            (sum(pair.base_wall) + sum(pair.head_wall)) / (2 if pair.together else 1)
            for pair in comparison.samples[one.id]
            if not pair.timer
        ),
        external=any(pair.external for pair in comparison.samples[one.id]),
    )


def _is_in_base(
    one: BenchmarkItem, trouble: PairTrouble | None, comparison: PairCollector, ready: ComparisonSetup
) -> bool | None:
    """Tell whether base has a benchmark; None where its suite could not be asked."""
    if one.id in comparison.further:  # base's test has shown it
        return trouble is None or not trouble.base.startswith(TestOutcome.NOT_MEASURED.value)
    return None if ready.base_found is None else one.id in ready.base_found


def _only_in_base(name: str) -> BenchmarkComparison:
    return BenchmarkComparison(id=name, node_id=name, in_head=False)
