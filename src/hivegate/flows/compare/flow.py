"""hivegate compare: whether head is slower than base by more than its budget."""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING

import msgspec

from hivegate.errors import UsageError
from hivegate.flows.compare.checkout import PairOrder, Ready, is_selected, singles_needed, two_trees
from hivegate.flows.compare.counters import read_exactly
from hivegate.flows.compare.sequential import confirm, take_looks
from hivegate.flows.shard import Division  # noqa: TC001  a field of an order that is decoded
from hivegate.judge import Budgets, by_instructions, judge_changes
from hivegate.measure.instructions import require_valgrind
from hivegate.measure.pairs.collect import Comparison
from hivegate.measure.revisions import find_base
from hivegate.measure.suite import environment_of, revision_of
from hivegate.model.comparison import Compared, ComparedRun
from hivegate.stats.pairs import adjusted
from hivegate.system.process import deadline

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping, Sequence

    from hivegate.measure.collect import Collected, Collection
    from hivegate.measure.subject import Subject
    from hivegate.model.change import Change
    from hivegate.model.events import Watcher
    from hivegate.model.targets import Targets
    from hivegate.model.verdict import GateResult


class CompareOrder(PairOrder, frozen=True, kw_only=True):
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
    order: CompareOrder,
    watch: Watcher,
    *,
    on_collected: Callable[[Collection], None] = lambda _: None,
) -> GateResult:
    """Measure head against its base and judge every benchmark of either; see `measure_comparison`."""
    return judge_comparison(targets, measure_comparison(subject, targets, order, watch, on_collected=on_collected))


def judge_comparison(targets: Targets, run: ComparedRun) -> GateResult:
    """Judge a comparison that is whole, today."""
    whole = msgspec.structs.replace(run, benchmarks=tuple(_adjusted(run.benchmarks)))
    asked = _asked(targets, budget=run.budget, instructions=run.by_instructions)
    return judge_changes(asked, whole, budget=run.budget, today=dt.datetime.now(dt.UTC).date())


def _asked(targets: Targets, *, budget: float | None, instructions: bool) -> Targets:
    return by_instructions(targets, budget) if instructions else targets


def measure_comparison(
    subject: Subject,
    targets: Targets,
    order: CompareOrder,
    watch: Watcher,
    *,
    on_collected: Callable[[Collection], None] = lambda _: None,
) -> ComparedRun:
    """Measure head against its base in pairs of forked children, or this machine's part of it.

    From look to look only what is undecided is measured on; a *slower* must show itself again in fresh pairs. Memory
    and instructions are measured where a budget asks for them. `on_collected` is given head's suite, for who goes on
    with it.
    """
    if order.by_instructions:
        require_valgrind()
    written, targets = targets, _asked(targets, budget=order.budget, instructions=order.by_instructions)
    base = find_base(subject.project, order.base, branch=order.branch)
    with two_trees(subject, base, order, watch) as ready:
        on_collected(ready.head)
        budgets = Budgets(targets)
        gone = [name for name in ready.gone if is_selected(name, order)]
        selected = (*(one.id for one in ready.chosen), *gone)
        names = frozenset(name for name in selected if budgets.of(name).compares or budgets.exact(name))
        _require_budget(ready.chosen, names, budgets)
        # Each is judged by itself, so none has to stay with another.
        part, shard = (names, None) if order.division is None else order.division.part(names, written)
        mine = tuple(one for one in ready.chosen if one.id in part)
        compared, notes = _measured(mine, ready, budgets, order, watch)
    known = (*(one.id for one in ready.head.found), *ready.gone)
    return ComparedRun(
        base=base.name,
        created=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        base_sha=base.sha,
        base_python=order.base_python,
        benchmarks=(*compared, *(_only_in_base(name) for name in gone if name in part)),
        not_selected=tuple(name for name in known if not is_selected(name, order)),
        not_compared=tuple(name for name in selected if name not in names),
        budget=order.budget,
        by_instructions=order.by_instructions,
        shard=shard,
        commit=revision_of(subject.project),
        environment=environment_of(ready.head.subject),
        notes=(*ready.notes, *notes),
    )


def _measured(
    mine: tuple[Collected, ...], ready: Ready, known: Budgets, order: CompareOrder, watch: Watcher
) -> tuple[list[Compared], tuple[str, ...]]:
    """Measure time, memory and instructions, as budgets ask; returns what was seen, and what a reader should know."""
    budgets = {one.id: budget for one in mine if (budget := known.of(one.id, order.budget)).compares}
    comparison = Comparison(ready.pairing, mine, watch, singles=singles_needed(budgets))
    changes = take_looks(comparison, budgets, deadline(order.max_time))
    confirmed = confirm(changes, comparison, budgets, watch)
    compared = [_compared(one, changes, confirmed, comparison, ready) for one in mine]
    read = read_exactly([one.id for one in compared if one.trouble is None], ready, known, watch)
    return [msgspec.structs.replace(one, exact=read.metrics.get(one.id, ())) for one in compared], read.notes


def _require_budget(chosen: Sequence[Collected], names: Container[str], budgets: Budgets) -> None:
    """Refuse to compare where nothing that is chosen has a budget, of time or memory."""
    if chosen and not any(one.id in names for one in chosen):
        name = chosen[0].id
        raise UsageError(
            f"nothing to compare: {budgets.of(name).where} gives {name} no budget",
            hint="give it one (budget: 2 %), or select others",
        )


def _compared(
    one: Collected,
    changes: Mapping[str, Change],
    confirmed: Mapping[str, bool],
    comparison: Comparison,
    ready: Ready,
) -> Compared:
    return Compared(
        id=one.id,
        node_id=one.node_id,
        change=changes.get(one.id),
        trouble=comparison.troubles.get(one.id),
        in_base=None if ready.base_ids is None else one.id in ready.base_ids,
        confirmed=confirmed.get(one.id),
        seconds=math.fsum(sum(pair.base_wall) + sum(pair.head_wall) for pair in comparison.samples[one.id]),
    )


def _only_in_base(name: str) -> Compared:
    return Compared(id=name, node_id=name, in_head=False)


def _adjusted(compared: Sequence[Compared]) -> list[Compared]:
    """Put the p-values of all benchmarks beside each, adjusted for their number."""
    p_values = adjusted([one.change.p for one in compared if one.change is not None and one.change.p is not None])
    fresh = iter(p_values)
    return [
        msgspec.structs.replace(one, change=msgspec.structs.replace(one.change, adjusted_p=next(fresh)))
        if one.change is not None and one.change.p is not None
        else one
        for one in compared
    ]
