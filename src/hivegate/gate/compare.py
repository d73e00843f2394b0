"""hivegate compare: whether head is slower than base by more than its budget."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from hivegate.errors import MeasureError
from hivegate.judge import Answered, allowed_ratio, answered, budget_of, judge_changes
from hivegate.measure.collect import Collection, collect
from hivegate.measure.comparison import Comparison
from hivegate.measure.pairs import Pairing, Trees
from hivegate.measure.preload import modules_to_share
from hivegate.measure.revisions import base_tree, find_base, lay_over
from hivegate.measure.suite import environment_of, revision_of
from hivegate.model.compared import Compared, ComparedRun
from hivegate.model.events import Noted, Started
from hivegate.model.identity import matches, select
from hivegate.stats.pairs import CONFIRMING, LOOKS, adjusted, confirms, estimate_change
from hivegate.system.process import deadline

if TYPE_CHECKING:
    from collections.abc import Callable

    from hivegate.measure.collect import Collected
    from hivegate.measure.subject import Subject
    from hivegate.model.events import Watcher
    from hivegate.model.targets import Targets
    from hivegate.model.verdict import GateResult


class CompareOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What to compare: the base that was asked for, selectors (none is all), seconds in all and without a sign of life.

    `budget` overrides every budget of targets.yaml.
    """

    base: str | None = None
    selectors: tuple[str, ...] = ()
    budget: float | None = None
    max_time: float = 600.0
    timeout: float = 120.0


def compare(subject: Subject, targets: Targets, order: CompareOrder, watch: Watcher) -> GateResult:
    """Measure head against its base in pairs of forked children and judge every benchmark of either.

    From look to look only what is undecided is measured on; a *slower* must show itself again in fresh pairs.
    """
    base = find_base(subject.project, order.base)
    watch(Noted(message=f"base: {base.name}"))
    with base_tree(subject.project, base) as tree:
        watch(Started(stage="collecting"))
        head = collect(subject, probe=True)
        notes: list[str] = []
        known_to_base = _ids_of_base(subject, head, tree, notes)
        lay_over(subject.project, tree, subject)
        chosen = _chosen(head, order)
        comparison = Comparison(_pairing(subject, head, tree, order), chosen, watch)
        overdue = deadline(order.max_time)
        _take_looks(comparison, chosen, targets, order, overdue)
        compared = [_compared(one, comparison, known_to_base, targets, order) for one in chosen]
        compared = _confirmed(compared, comparison, targets, order, watch)
    gone = sorted((known_to_base or set()) - {one.id for one in head.found})
    lost = [_only_in_base(name) for name in gone if _is_selected(name, order)]
    run = ComparedRun(
        base=base.name,
        benchmarks=tuple(_adjusted([*compared, *lost])),
        not_selected=tuple(name for name in (*(one.id for one in head.found), *gone) if not _is_selected(name, order)),
        notes=tuple(notes),
        commit=revision_of(subject.project),
        environment=environment_of(head.subject),
    )
    return judge_changes(targets, run, budget=order.budget, today=dt.datetime.now(dt.UTC).date())


def _ids_of_base(subject: Subject, head: Collection, tree: Path, notes: list[str]) -> set[str] | None:
    """Ask base's own suite which benchmarks it has; None where it cannot tell."""
    trees = {"own": str(tree), "other": str(subject.project)}
    here = msgspec.structs.replace(
        subject, project=tree, paths=tuple(path for path in subject.paths if (tree / path).exists())
    )
    if not here.paths:
        return set()
    rootdir = str(_trees(subject, head, tree).of("base", Path(head.rootdir)))
    try:
        return {one.id for one in collect(here, trees=trees, rootdir=rootdir).found}
    except MeasureError as fault:
        if "no benchmark was found" in fault.message:
            return set()
        where = f"{fault.where}: " if fault.where else ""
        notes.append(f"base's own suite cannot be collected, so what it alone has is not known: {where}{fault.message}")
        return None


def _chosen(head: Collection, order: CompareOrder) -> tuple[Collected, ...]:
    if order.selectors:
        select(order.selectors, [one.id for one in head.found])  # refuses one that matches nothing
    return tuple(one for one in head.found if _is_selected(one.id, order))


def _is_selected(name: str, order: CompareOrder) -> bool:
    return not order.selectors or any(matches(selector, name) for selector in order.selectors)


def _pairing(subject: Subject, head: Collection, tree: Path, order: CompareOrder) -> Pairing:
    return Pairing(
        subject=subject,
        trees=_trees(subject, head, tree),
        preload=modules_to_share(head, subject.project.resolve()),
        timeout=order.timeout,
    )


def _trees(subject: Subject, head: Collection, tree: Path) -> Trees:
    return Trees(head=subject.project.resolve(), base=tree.resolve(), rootdir=Path(head.rootdir))


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


def _compared(
    one: Collected, comparison: Comparison, known_to_base: set[str] | None, targets: Targets, order: CompareOrder
) -> Compared:
    samples = comparison.samples[one.id]
    budget = budget_of(targets, one.id, order.budget)
    return Compared(
        id=one.id,
        node_id=one.node_id,
        change=estimate_change(samples, budget=budget.budget) if samples else None,
        trouble=comparison.troubles.get(one.id),
        in_base=None if known_to_base is None else one.id in known_to_base,
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
    watch(Noted(message=f"{len(suspects)} seem slower; asking {CONFIRMING} fresh pairs"))
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
