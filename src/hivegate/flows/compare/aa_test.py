"""hivegate aa-test: what comparisons can see here, from a revision compared with itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hivegate.errors import UsageError
from hivegate.flows.compare.checkout import PairOptions, singles_needed, two_trees
from hivegate.judge import BudgetTable
from hivegate.measure.pairs.collect import PairCollector
from hivegate.measure.revisions import Base
from hivegate.model.aa_test import BenchmarkSensitivity, Sensitivity
from hivegate.stats.resolution import resolution
from hivegate.system import git

if TYPE_CHECKING:
    from hivegate.measure.subject import Subject
    from hivegate.model.events import ProgressCallback
    from hivegate.model.targets import Budget, Targets

_PAIRS = 8


def run_aa_test(subject: Subject, targets: Targets, options: PairOptions, on_progress: ProgressCallback) -> Sensitivity:
    """Measure the working tree against an identical copy of itself in a fixed number of pairs."""
    head = git.describe(subject.project)
    if head is None:
        raise UsageError(
            "there is no commit to copy",
            where=str(subject.project),
            hint="a calibration compares a commit with itself: git init, git commit",
        )
    copy = Base(sha=git.snapshot(subject.project) or head.sha, name="a copy of this tree", why="it is to be equal")
    with two_trees(subject, copy, options, on_progress) as ready:
        known = BudgetTable(targets)
        budgets = {one.id: budget for one in ready.chosen if (budget := known.of(one.id)).compares}
        comparison = PairCollector(ready.setup, ready.chosen, on_progress, singles=singles_needed(budgets))
        comparison.measure(set(budgets), _PAIRS, overdue=lambda: False)
    found = tuple(_sensitivity(name, comparison, budget) for name, budget in budgets.items())
    return Sensitivity(revision=head.sha, benchmarks=found, notes=ready.notes)


def _sensitivity(name: str, comparison: PairCollector, budget: Budget) -> BenchmarkSensitivity:
    samples, trouble = comparison.samples[name], comparison.troubles.get(name)
    if trouble is not None or len(samples) < _PAIRS:
        reason = "" if trouble is None else trouble.head or trouble.base
        return BenchmarkSensitivity(
            benchmark=name, budget=budget.slowdown, where=budget.where, trouble=reason or "not measured"
        )
    seen = resolution(samples, budget.metric)
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
