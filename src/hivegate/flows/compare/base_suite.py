"""What both revisions share, measured with base's own benchmark files too: a change may alter what measures it."""

from __future__ import annotations

import contextlib
import shutil
from typing import TYPE_CHECKING

import msgspec

from hivegate.errors import HivegateError, MeasureError
from hivegate.flows.compare.checkout import singles_needed, written_to
from hivegate.flows.compare.sequential import confirm, take_looks
from hivegate.flows.environments import build_in_place
from hivegate.flows.project import handing_on
from hivegate.judge import BudgetDecision, decide
from hivegate.measure.pairs.collect import PairCollector
from hivegate.measure.revisions import Base, base_tree, bring_compiled, bring_data, overlay_benchmarks
from hivegate.model.comparison import BaseSuiteChange
from hivegate.model.events import Noted
from hivegate.model.subject import SubjectDoubt
from hivegate.system import git
from hivegate.system.process import deadline

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from hivegate.flows.compare.checkout import ComparisonSetup
    from hivegate.flows.plan import ComparisonPlan
    from hivegate.measure.pairs.checkout import PairSetup
    from hivegate.model.change import Change
    from hivegate.model.events import ProgressCallback
    from hivegate.model.pairs import PairTrouble
    from hivegate.model.statistics import ComparisonStatistics
    from hivegate.model.targets import Budget

_LOOKS = 2  # what somebody hides is large, and who hides a little gains little
_SHARE_OF_TIME = 0.5
_SHOWN = 3


class BaseSuite(msgspec.Struct, frozen=True, kw_only=True):
    """What base's own benchmark files showed, by benchmark, why nothing can pass, and what a reader should know."""

    changes: dict[str, BaseSuiteChange] = {}
    doubts: tuple[SubjectDoubt, ...] = ()
    notes: tuple[str, ...] = ()


def measure_base_suite(
    ready: ComparisonSetup,
    base: Base,
    plan: ComparisonPlan,
    seen: Mapping[str, Change],
    budgets: Mapping[str, Budget],
    statistics: ComparisonStatistics,
    on_progress: ProgressCallback,
) -> BaseSuite:
    """Measure what base's suite has by the same name in both revisions, each with base's files over its own.

    What is `seen` to be slower already is left out. Fewer pairs are measured than with head's files.
    """
    chosen = [
        item
        for item in ready.chosen
        if item.id in seen
        and (there := (ready.base_found or {}).get(item.id)) is not None
        and there.node_id == item.node_id
        and decide(seen[item.id], budgets[item.id]) is not BudgetDecision.SLOWER
    ]
    if not chosen:
        return BaseSuite()
    on_progress(Noted(message="this change alters what measures it, so base's own benchmark files measure as well"))
    wanted = {item.id: budgets[item.id] for item in chosen}
    fewer = msgspec.structs.replace(
        statistics,
        looks=statistics.looks[:_LOOKS],
        slower_shares=statistics.slower_shares[:_LOOKS],
        within_shares=statistics.within_shares[:_LOOKS],
    )
    try:
        with _both_with_base_files(ready, base, plan) as setup:
            pairs = PairCollector(setup, tuple(chosen), on_progress, singles=singles_needed(wanted))
            before = git.differing_sources(setup.trees.base)  # what a build wrote
            changes = take_looks(pairs, wanted, deadline(plan.max_time * _SHARE_OF_TIME), fewer)
            confirmed = confirm(changes, pairs, wanted, on_progress)
            written = [name for name in git.differing_sources(setup.trees.base) if name not in before]
    except HivegateError as fault:
        return BaseSuite(
            changes={name: BaseSuiteChange(trouble=fault.message) for name in wanted},
            notes=(f"base's own benchmark files could not be measured: {fault.note}",),
        )
    shown = {
        name: BaseSuiteChange(change=change, confirmed=confirmed.get(name))
        for name, change in changes.items()
        if name not in pairs.troubles
    }
    lost = {name: trouble for name, trouble in pairs.troubles.items() if trouble.head and not trouble.base}
    return BaseSuite(
        changes=shown | {name: BaseSuiteChange(trouble=trouble.head) for name, trouble in lost.items()},
        doubts=(written_to(written[0], "while base's own benchmark files measured"),) if written else (),
        notes=tuple(_notes(changes, wanted, pairs.troubles)),
    )


@contextlib.contextmanager
def _both_with_base_files(ready: ComparisonSetup, base: Base, plan: ComparisonPlan) -> Iterator[PairSetup]:
    """Check out base, and a copy of head with base's benchmark files laid over it, and build them as before."""
    trees, subject = ready.setup.trees, ready.setup.subject
    project = subject.project
    if git.digest_of_settings(project) != ready.git_settings:  # a filter of git could write what suits head
        raise MeasureError(
            "git's settings or attributes were changed while this was measured, so no second checkout is base's",
            where=str(project),
            hint="look at git config --list --show-origin, and at what this change does where it is imported",
        )
    sha = git.snapshot(project) or git.resolve(project, "HEAD")
    copy = Base(sha=sha, name="a copy of head", why="base's own benchmark files are laid over it")
    with base_tree(project, base) as tree, base_tree(project, copy) as own:
        _bring_untracked(project, own)
        for side in (tree, own):
            bring_data(project, side)
            if ready.head.loaded is not None and ready.head.loaded.compiled and not ready.sides.built:
                bring_compiled(project, side, ready.head.loaded.compiled)
        for side, command, python in (
            (own, plan.build, subject.python),
            (tree, plan.base_build, ready.setup.base_python),
        ):
            if command:
                build_in_place(side, command, python or subject.python)
        paths = (path for path in (*subject.paths, *plan.base_paths) if (tree / path.partition("::")[0]).exists())
        overlay_benchmarks(tree, own, msgspec.structs.replace(subject, paths=tuple(dict.fromkeys(paths))))
        placed = msgspec.structs.replace(trees, base=tree.resolve(), copy=own.resolve())
        yield msgspec.structs.replace(ready.setup, subject=handing_on(subject, plan.base_arguments), trees=placed)


def _bring_untracked(project: Path, copy: Path) -> None:
    for name in git.untracked_files(project):
        target = copy / name
        if (project / name).is_file() and not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(project / name, target)


def _notes(
    changes: Mapping[str, Change], budgets: Mapping[str, Budget], troubles: Mapping[str, PairTrouble]
) -> Iterator[str]:
    decided = {name for name, change in changes.items() if name not in troubles and decide(change, budgets[name])}
    yield f"measured with base's own benchmark files, too, and decided: {len(decided)} of {len(budgets)} benchmarks"
    if open_ := [name for name in budgets if name not in decided and name not in troubles]:
        yield f"with base's own benchmark files inconclusive: {_listed(open_)}"
    if troubles:
        first = next(iter(troubles))
        why = troubles[first].head or troubles[first].base
        yield f"with base's own benchmark files {_listed(list(troubles))} cannot be measured; {first}: {why}"


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"{', '.join(names[:_SHOWN])}{more}"
