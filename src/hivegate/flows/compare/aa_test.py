"""Compare a revision with itself, to see what comparisons can see here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hivegate.errors import UsageError
from hivegate.flows.compare.checkout import singles_needed, two_trees
from hivegate.flows.plan import RevisionsPlan
from hivegate.flows.project import SuiteOptions
from hivegate.judge import BudgetTable
from hivegate.measure.pairs.collect import PairCollector
from hivegate.measure.revisions import Base
from hivegate.model.aa_test import BenchmarkSensitivity, Sensitivity
from hivegate.model.events import ignore_progress
from hivegate.model.statistics import ComparisonStatistics
from hivegate.stats.resolution import resolution
from hivegate.system import git

if TYPE_CHECKING:
    from hivegate.flows.project import Project
    from hivegate.model.events import ProgressCallback
    from hivegate.model.targets import Budget

_PAIRS, _FEWEST = 8, 4


class AaTestOptions(SuiteOptions, frozen=True, kw_only=True):
    """Say what `aa_test` measures; `fallback` starts two processes instead of forking one."""

    fallback: bool = False


def aa_test(
    project: Project, options: AaTestOptions | None = None, on_progress: ProgressCallback = ignore_progress
) -> Sensitivity:
    """Measure the working tree against an identical copy of itself in eight pairs, as ``hivegate aa-test`` does.

    After Ctrl-C fewer pairs tell as much as they can, and the result is `interrupted`. Raises `UsageError` where there
    is no commit to copy, and `MeasureError` for a suite that cannot be measured.
    """
    options = options or AaTestOptions()
    targets = project.load_targets(options.targets)
    plan = RevisionsPlan(
        selectors=options.selectors,
        excluded=options.excluded,
        timeout=project.timeout(options),
        fallback=options.fallback,
        build=project.settings.build,
        base_build=project.settings.build,
        base_arguments=project.settings.pytest_args,
    )
    subject = project.subject(options.paths, options.python)
    head = git.describe(subject.project)
    if head is None:
        raise UsageError(
            "there is no commit to copy",
            where=str(subject.project),
            hint="an A/A test compares a commit with itself: git init, git commit",
        )
    copy = Base(sha=git.snapshot(subject.project) or head.sha, name="a copy of this tree", why="it is to be equal")
    with two_trees(subject, copy, plan, on_progress) as ready:
        known = BudgetTable(targets)
        budgets = {one.id: budget for one in ready.chosen if (budget := known.of(one.id)).compares}
        comparison = PairCollector(ready.setup, ready.chosen, on_progress, singles=singles_needed(budgets))
        interrupted = False
        try:
            comparison.measure(set(budgets), _PAIRS, overdue=lambda: False)
        except KeyboardInterrupt:
            interrupted = True
    statistics = ComparisonStatistics.at(targets.confidence)
    fewest = _FEWEST if interrupted else _PAIRS
    found = tuple(_sensitivity(name, comparison, budget, statistics, fewest) for name, budget in budgets.items())
    notes = (*ready.notes, *((f"interrupted: of {fewest} to {_PAIRS} pairs, so less sure",) if interrupted else ()))
    return Sensitivity(revision=head.sha, benchmarks=found, notes=notes, interrupted=interrupted)


def _sensitivity(
    name: str, comparison: PairCollector, budget: Budget, statistics: ComparisonStatistics, fewest: int
) -> BenchmarkSensitivity:
    samples, trouble = comparison.samples[name], comparison.troubles.get(name)
    if trouble is not None or len(samples) < fewest:
        reason = "" if trouble is None else trouble.head or trouble.base
        return BenchmarkSensitivity(
            benchmark=name, budget=budget.slowdown, where=budget.where, trouble=reason or "not measured"
        )
    seen = resolution(samples, budget.metric.quantile, statistics)
    return BenchmarkSensitivity(
        benchmark=name,
        budget=budget.slowdown,
        where=budget.where,
        pairs=seen.n,
        seconds=seen.seconds,
        clock=seen.clock,
        spread=seen.spread,
        bias=seen.bias,
        visible=seen.visible(budget.slowdown),
        least_budget=seen.least_budget,
    )
