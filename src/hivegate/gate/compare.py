"""hivegate compare: whether head is slower than base by more than its budget."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import msgspec

from hivegate.gate.pairing import PairOrder, Ready, is_selected, two_trees
from hivegate.judge import Answered, allowed_ratio, answered, budget_of, judge_changes, memory_budgets
from hivegate.measure.comparison import Comparison
from hivegate.measure.memory_pairs import measure_memory_pairs
from hivegate.measure.revisions import find_base
from hivegate.measure.suite import environment_of, revision_of
from hivegate.model.compared import Compared, ComparedMemory, ComparedRun
from hivegate.model.events import Noted
from hivegate.stats.memory import memory_change
from hivegate.stats.pairs import CONFIRMING, LOOKS, adjusted, confirms, estimate_change
from hivegate.system.process import deadline

if TYPE_CHECKING:
    from collections.abc import Callable

    from hivegate.measure.collect import Collected, Collection
    from hivegate.measure.subject import Subject
    from hivegate.model.events import Watcher
    from hivegate.model.targets import Targets
    from hivegate.model.verdict import GateResult


class CompareOrder(PairOrder, frozen=True, kw_only=True):
    """What to compare: the base that was asked for, and the seconds in all.

    `budget` overrides every budget of targets.yaml.
    """

    base: str | None = None
    budget: float | None = None
    max_time: float = 600.0


def compare(
    subject: Subject,
    targets: Targets,
    order: CompareOrder,
    watch: Watcher,
    *,
    on_collected: Callable[[Collection], None] = lambda _: None,
) -> GateResult:
    """Measure head against its base in pairs of forked children and judge every benchmark of either.

    From look to look only what is undecided is measured on; a *slower* must show itself again in fresh pairs. Memory
    is measured where a budget asks for it. `on_collected` is given head's suite, for who goes on with it.
    """
    base = find_base(subject.project, order.base)
    with two_trees(subject, base, order, watch) as ready:
        on_collected(ready.head)
        comparison = Comparison(ready.pairing, ready.chosen, watch)
        overdue = deadline(order.max_time)
        _take_looks(comparison, ready.chosen, targets, order, overdue)
        compared = [_compared(one, comparison, ready, targets, order) for one in ready.chosen]
        compared = _confirmed(compared, comparison, targets, order, watch)
        compared = _with_memory(compared, ready, targets, watch)
    lost = [_only_in_base(name) for name in ready.gone if is_selected(name, order)]
    known = (*(one.id for one in ready.head.found), *ready.gone)
    run = ComparedRun(
        base=base.name,
        base_sha=base.sha,
        benchmarks=tuple(_adjusted([*compared, *lost])),
        not_selected=tuple(name for name in known if not is_selected(name, order)),
        commit=revision_of(subject.project),
        environment=environment_of(ready.head.subject),
        notes=ready.notes,
    )
    return judge_changes(targets, run, budget=order.budget, today=dt.datetime.now(dt.UTC).date())


def _take_looks(
    comparison: Comparison,
    chosen: tuple[Collected, ...],
    targets: Targets,
    order: CompareOrder,
    overdue: Callable[[], bool],
) -> None:
    undecided = {one.id for one in chosen}
    done = 0
    for look in LOOKS:
        comparison.measure(undecided, look - done, overdue=overdue)
        done = look
        undecided = {
            name for name in undecided - comparison.troubles.keys() if _answer(name, comparison, targets, order) is None
        }
        if not undecided or overdue():
            return


def _answer(name: str, comparison: Comparison, targets: Targets, order: CompareOrder) -> Answered | None:
    """Tell what the pairs so far say of a benchmark; None while they say nothing."""
    samples = comparison.samples[name]
    if not samples:
        return None
    budget = budget_of(targets, name, order.budget)
    return answered(estimate_change(samples, budget=budget.budget), budget)


def _compared(one: Collected, comparison: Comparison, ready: Ready, targets: Targets, order: CompareOrder) -> Compared:
    samples = comparison.samples[one.id]
    budget = budget_of(targets, one.id, order.budget)
    return Compared(
        id=one.id,
        node_id=one.node_id,
        change=estimate_change(samples, budget=budget.budget) if samples else None,
        trouble=comparison.troubles.get(one.id),
        in_base=None if ready.base_ids is None else one.id in ready.base_ids,
    )


def _confirmed(
    compared: list[Compared], comparison: Comparison, targets: Targets, order: CompareOrder, watch: Watcher
) -> list[Compared]:
    """Ask fresh pairs of what seems slower, alone; as declared beforehand, whatever the clock says."""
    suspects = {
        one.id
        for one in compared
        if one.change is not None
        and one.trouble is None
        and answered(one.change, budget_of(targets, one.id, order.budget)) is Answered.SLOWER
    }
    if not suspects:
        return compared
    watch(Noted(message=f"asking {CONFIRMING} fresh pairs about what seems slower: {', '.join(sorted(suspects))}"))
    fresh = comparison.measure(suspects, CONFIRMING, overdue=lambda: False, keep=False)
    result = []
    for one in compared:
        seen = one
        if one.id in suspects and one.change is not None:
            budget = allowed_ratio(one.change, budget_of(targets, one.id, order.budget)) - 1
            seen = msgspec.structs.replace(
                one,
                confirmed=confirms(fresh[one.id], one.change.clock, budget=budget),
                trouble=comparison.troubles.get(one.id),
            )
        result.append(seen)
    return result


def _with_memory(compared: list[Compared], ready: Ready, targets: Targets, watch: Watcher) -> list[Compared]:
    """Measure what budgets of memory ask for; what troubled the time is not begun again."""
    wanted = {one.id: memory_budgets(targets, one.id) for one in compared if one.trouble is None}
    chosen = tuple(one for one in ready.chosen if wanted.get(one.id))
    found = measure_memory_pairs(ready.pairing, ready.head, chosen, watch) if chosen else {}

    def memory(one: Compared) -> tuple[ComparedMemory, ...]:
        pair = found[one.id]
        return tuple(
            ComparedMemory(metric=metric, change=memory_change(pair, metric), trouble=pair.trouble)
            for metric in wanted[one.id]
        )

    return [msgspec.structs.replace(one, memory=memory(one)) if one.id in found else one for one in compared]


def _only_in_base(name: str) -> Compared:
    return Compared(id=name, node_id=name, in_head=False)


def _adjusted(compared: list[Compared]) -> list[Compared]:
    """Put the p-values of all benchmarks beside each, adjusted for their number."""
    p_values = adjusted([one.change.p for one in compared if one.change is not None and one.change.p is not None])
    fresh = iter(p_values)
    return [
        msgspec.structs.replace(one, change=msgspec.structs.replace(one.change, adjusted_p=next(fresh)))
        if one.change is not None and one.change.p is not None
        else one
        for one in compared
    ]
