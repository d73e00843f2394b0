"""hivegate compare: whether head is slower than base by more than its budget."""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING

import msgspec

from hivegate.errors import UsageError
from hivegate.flows.compare.checkout import PairOptions, Ready, is_selected, singles_needed, two_trees
from hivegate.flows.compare.counters import read_exactly
from hivegate.flows.compare.sequential import confirm, take_looks
from hivegate.flows.shard import Division  # noqa: TC001  a field of options that are decoded
from hivegate.judge import BudgetTable, by_instructions, judge_changes
from hivegate.measure.instructions import require_valgrind
from hivegate.measure.pairs.collect import PairCollector
from hivegate.measure.revisions import find_base
from hivegate.measure.suite import environment_of, revision_of
from hivegate.model.comparison import BenchmarkComparison, Comparison
from hivegate.stats.pairs import adjusted
from hivegate.system.process import deadline

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping, Sequence

    from hivegate.measure.collect import BenchmarkItem, Collection
    from hivegate.measure.subject import Subject
    from hivegate.model.change import Change
    from hivegate.model.events import ProgressCallback
    from hivegate.model.targets import Targets
    from hivegate.model.verdict import GateResult


class CompareOptions(PairOptions, frozen=True, kw_only=True):
    """What to compare: the base that was asked for, the branch that changes go to, and the seconds in all.

    `budget` overrides every budget of targets.yaml; `by_instructions` compares instructions instead of time; `division`
    leaves a part of the suite to each of several machines.
    """

    base: str | None = None
    branch: str | None = None
    budget: float | None = None
    by_instructions: bool = False
    max_time: float = 600.0
    division: Division | None = None


def compare(
    subject: Subject,
    targets: Targets,
    options: CompareOptions,
    on_progress: ProgressCallback,
    *,
    on_collected: Callable[[Collection], None] = lambda _: None,
) -> GateResult:
    """Measure head against its base and judge every benchmark of either; see `measure_comparison`."""
    return judge_comparison(
        targets, measure_comparison(subject, targets, options, on_progress, on_collected=on_collected)
    )


def judge_comparison(targets: Targets, run: Comparison) -> GateResult:
    """Judge a comparison that is whole, today."""
    whole = msgspec.structs.replace(run, benchmarks=tuple(_adjusted(run.benchmarks)))
    asked = _asked(targets, budget=run.budget, instructions=run.by_instructions)
    return judge_changes(asked, whole, budget=run.budget, today=dt.datetime.now(dt.UTC).date())


def _asked(targets: Targets, *, budget: float | None, instructions: bool) -> Targets:
    return by_instructions(targets, budget) if instructions else targets


def measure_comparison(
    subject: Subject,
    targets: Targets,
    options: CompareOptions,
    on_progress: ProgressCallback,
    *,
    on_collected: Callable[[Collection], None] = lambda _: None,
) -> Comparison:
    """Measure head against its base in pairs of forked children, or this machine's part of it.

    From look to look only what is inconclusive is measured on; a *slower* must show itself again in fresh pairs. Memory
    and instructions are measured where a budget asks for them. `on_collected` is given head's suite, for who goes on
    with it.
    """
    if options.by_instructions:
        require_valgrind()
    written, targets = targets, _asked(targets, budget=options.budget, instructions=options.by_instructions)
    base = find_base(subject.project, options.base, branch=options.branch)
    with two_trees(subject, base, options, on_progress) as ready:
        on_collected(ready.head)
        budgets = BudgetTable(targets)
        gone = [name for name in ready.gone if is_selected(name, options)]
        selected = (*(one.id for one in ready.chosen), *gone)
        names = frozenset(name for name in selected if budgets.of(name).compares or budgets.exact(name))
        _require_budget(ready.chosen, names, budgets)
        # Each is judged by itself, so none has to stay with another.
        part, shard = (names, None) if options.division is None else options.division.part(names, written)
        mine = tuple(one for one in ready.chosen if one.id in part)
        compared, notes = _measured(mine, ready, budgets, options, on_progress)
    known = (*(one.id for one in ready.head.found), *ready.gone)
    return Comparison(
        base=base.name,
        created=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        base_sha=base.sha,
        base_python=options.base_python,
        benchmarks=(*compared, *(_only_in_base(name) for name in gone if name in part)),
        not_selected=tuple(name for name in known if not is_selected(name, options)),
        not_compared=tuple(name for name in selected if name not in names),
        budget=options.budget,
        by_instructions=options.by_instructions,
        shard=shard,
        commit=revision_of(subject.project),
        environment=environment_of(ready.head.subject),
        notes=(*ready.notes, *notes),
    )


def _measured(
    mine: tuple[BenchmarkItem, ...],
    ready: Ready,
    known: BudgetTable,
    options: CompareOptions,
    on_progress: ProgressCallback,
) -> tuple[list[BenchmarkComparison], tuple[str, ...]]:
    """Measure time, memory and instructions, as budgets ask; returns what was seen, and what a reader should know."""
    budgets = {one.id: budget for one in mine if (budget := known.of(one.id, options.budget)).compares}
    comparison = PairCollector(ready.setup, mine, on_progress, singles=singles_needed(budgets))
    changes = take_looks(comparison, budgets, deadline(options.max_time))
    confirmed = confirm(changes, comparison, budgets, on_progress)
    compared = [_compared(one, changes, confirmed, comparison, ready) for one in mine]
    read = read_exactly([one.id for one in compared if one.trouble is None], ready, known, on_progress)
    return [msgspec.structs.replace(one, exact=read.metrics.get(one.id, ())) for one in compared], read.notes


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
    ready: Ready,
) -> BenchmarkComparison:
    return BenchmarkComparison(
        id=one.id,
        node_id=one.node_id,
        change=changes.get(one.id),
        trouble=comparison.troubles.get(one.id),
        in_base=None if ready.base_ids is None else one.id in ready.base_ids,
        confirmed=confirmed.get(one.id),
        seconds=math.fsum(sum(pair.base_wall) + sum(pair.head_wall) for pair in comparison.samples[one.id]),
    )


def _only_in_base(name: str) -> BenchmarkComparison:
    return BenchmarkComparison(id=name, node_id=name, in_head=False)


def _adjusted(compared: Sequence[BenchmarkComparison]) -> list[BenchmarkComparison]:
    """Put the p-values of all benchmarks beside each, adjusted for their number."""
    p_values = adjusted([one.change.p for one in compared if one.change is not None and one.change.p is not None])
    fresh = iter(p_values)
    return [
        msgspec.structs.replace(one, change=msgspec.structs.replace(one.change, adjusted_p=next(fresh)))
        if one.change is not None and one.change.p is not None
        else one
        for one in compared
    ]
