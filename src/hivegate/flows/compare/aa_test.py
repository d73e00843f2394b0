"""hivegate calibrate: what comparisons can see here, from a revision compared with itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hivegate.errors import UsageError
from hivegate.flows.compare.checkout import PairOrder, singles_needed, two_trees
from hivegate.judge import Budgets
from hivegate.measure.pairs.collect import Comparison
from hivegate.measure.revisions import Base
from hivegate.model.aa_test import Calibrated, Calibration
from hivegate.stats.resolution import resolution
from hivegate.system import git

if TYPE_CHECKING:
    from hivegate.measure.subject import Subject
    from hivegate.model.events import Watcher
    from hivegate.model.targets import Regression, Targets

_PAIRS = 8


def calibrate(subject: Subject, targets: Targets, order: PairOrder, watch: Watcher) -> Calibration:
    """Measure the working tree against an identical copy of itself in a fixed number of pairs."""
    head = git.describe(subject.project)
    if head is None:
        raise UsageError(
            "there is no commit to copy",
            where=str(subject.project),
            hint="a calibration compares a commit with itself: git init, git commit",
        )
    copy = Base(sha=git.snapshot(subject.project) or head.sha, name="a copy of this tree", why="it is to be equal")
    with two_trees(subject, copy, order, watch) as ready:
        known = Budgets(targets)
        budgets = {one.id: budget for one in ready.chosen if (budget := known.of(one.id)).compares}
        comparison = Comparison(ready.pairing, ready.chosen, watch, singles=singles_needed(budgets))
        comparison.measure(set(budgets), _PAIRS, overdue=lambda: False)
    found = tuple(_calibrated(name, comparison, budget) for name, budget in budgets.items())
    return Calibration(revision=head.sha, benchmarks=found, notes=ready.notes)


def _calibrated(name: str, comparison: Comparison, budget: Regression) -> Calibrated:
    samples, trouble = comparison.samples[name], comparison.troubles.get(name)
    if trouble is not None or len(samples) < _PAIRS:
        reason = "" if trouble is None else trouble.head or trouble.base
        return Calibrated(benchmark=name, budget=budget.budget, where=budget.where, trouble=reason or "not measured")
    seen = resolution(samples, budget.metric)
    return Calibrated(
        benchmark=name,
        budget=budget.budget,
        where=budget.where,
        pairs=seen.n,
        seconds=seen.seconds,
        clock=seen.clock,
        spread=seen.spread,
        bias=seen.bias,
        visible=seen.visible(budget.budget),
        least_budget=seen.least_budget,
    )
