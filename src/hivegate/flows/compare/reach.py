"""What of a comparison is left out, because the change cannot reach it; and the share that is measured all the same."""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING

import msgspec

from hivegate.flows.compare.counters import uncounted
from hivegate.measure.inputs import missing_data
from hivegate.measure.reach import Reach, find_reach, why_not_traced
from hivegate.model.alteration import Alteration, AlterationKind
from hivegate.model.comparison import BenchmarkComparison
from hivegate.model.events import Noted
from hivegate.model.reach import Unreached, UntestedFunction
from hivegate.system import git

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hivegate.flows.compare.checkout import ComparisonSetup
    from hivegate.flows.plan import ComparisonPlan
    from hivegate.judge import BudgetTable
    from hivegate.measure.collect import BenchmarkItem
    from hivegate.measure.revisions import Base
    from hivegate.model.events import ProgressCallback

_AUDITED = 0.05  # of what is unreached is measured, and one at least
_DECIDING = {AlterationKind.PYTEST, AlterationKind.STARTUP}
_SHOWN = 3


class ReachOfChange(msgspec.Struct, frozen=True, kw_only=True):
    """What need not be measured, by id; of that the `audited` is, to prove that; and what a reader should know."""

    unreached: dict[str, Unreached] = {}
    audited: frozenset[str] = frozenset()
    untested: tuple[UntestedFunction, ...] = ()
    notes: tuple[str, ...] = ()

    def to_measure(self, items: Sequence[BenchmarkItem]) -> tuple[BenchmarkItem, ...]:
        """Choose what is reached, and what is audited."""
        return tuple(item for item in items if item.id not in self.unreached or item.id in self.audited)

    def added_to(
        self,
        compared: Sequence[BenchmarkComparison],
        items: Sequence[BenchmarkItem],
        ready: ComparisonSetup,
        budgets: BudgetTable,
    ) -> list[BenchmarkComparison]:
        """Add what was not measured to what was, in the suite's order."""
        known = {one.id: msgspec.structs.replace(one, unreached=self.unreached.get(one.id)) for one in compared}
        left_out = [item for item in items if item.id in self.unreached and item.id not in known]
        exact = uncounted([item.id for item in left_out if item.id not in self.audited], budgets).metrics
        for item in left_out:
            if item.id not in self.audited:  # what is no benchmark after all is none
                known[item.id] = BenchmarkComparison(
                    id=item.id,
                    node_id=item.node_id,
                    in_base=None if ready.base_found is None else item.id in ready.base_found,
                    exact=exact.get(item.id, ()),
                    unreached=self.unreached[item.id],
                )
        places = {item.id: place for place, item in enumerate(items)}
        return sorted(known.values(), key=lambda one: places.get(one.id, len(places)))


def why_all(alterations: Iterable[Alteration]) -> str:
    """Say what a change alters that decides how every benchmark is run; "" where it alters nothing of that."""
    deciding = [
        one for one in alterations if one.kind in _DECIDING or (one.kind is AlterationKind.SETTING and one.measures)
    ]
    return f"the change alters {deciding[0].name}" if deciding else ""


def reach_of_change(
    ready: ComparisonSetup,
    base: Base,
    items: tuple[BenchmarkItem, ...],
    plan: ComparisonPlan,
    on_progress: ProgressCallback,
) -> ReachOfChange:
    """Find what of the chosen benchmarks need not be measured, where that was asked for and can be known."""
    if not plan.reached:
        return ReachOfChange()
    differing = () if base.sha is None else git.changed_files(ready.setup.trees.head, base.sha)
    if why := plan.why_all or _why_all(ready, base, differing):
        return ReachOfChange(notes=(f"everything is measured, for what the change reaches is not known: {why}",))
    reach = find_reach(ready.setup, items, differing, on_progress)
    names = sorted(reach.unreached)
    count = min(len(names), max(1, math.ceil(_AUDITED * len(names))))
    audited = frozenset(random.SystemRandom().sample(names, count))
    on_progress(Noted(message=f"the change cannot reach {len(names)} of {len(items)} benchmarks"))
    return ReachOfChange(
        unreached=reach.unreached,
        audited=audited,
        # What was left out may well run it.
        untested=reach.untested if len(items) == len(ready.head.found) else (),
        notes=tuple(_notes(reach, audited, len(items))),
    )


def _notes(reach: Reach, audited: frozenset[str], total: int) -> Iterable[str]:
    if audited:
        checked = f"{len(audited)} {'was' if len(audited) == 1 else 'were'} measured all the same, to check that"
        yield (
            f"the change cannot reach {len(reach.unreached)} of {total} benchmarks; of these {checked}: "
            f"{', '.join(sorted(audited))}"
        )
    reasons = dict.fromkeys(reach.reached.values())
    for why in list(reasons)[:_SHOWN]:
        names = [name for name, reason in reach.reached.items() if reason == why]
        yield f"measured because {why}: {names[0]}" + (f" and {len(names) - 1} more" if len(names) > 1 else "")


def _why_all(ready: ComparisonSetup, base: Base, differing: Sequence[str]) -> str:
    subject, sides = ready.head.subject, ready.sides
    if base.sha is None or ready.setup.subject.released:
        return "no change of this project is compared"
    if sides.base_python is not None or sides.built or sides.changes.deciding:
        return f"{next(iter(sides.changes.deciding), 'what is built or installed')} differs"
    if ready.doubts:
        return ready.doubts[0].text
    if any(name.rpartition("/")[2] in {".gitattributes", ".gitmodules"} for name in differing):
        return "it changes how git checks files out"
    if missing := missing_data(ready.setup.trees.base):
        return f"git does not hold {missing[0]}"
    return "the interpreter is unknown" if subject is None else why_not_traced(subject.python, subject.implementation)
