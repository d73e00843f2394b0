"""Two trees of one project made ready to be measured in pairs."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from hivegate.errors import EmptySuiteError, MeasureError
from hivegate.instruments import definition_of
from hivegate.measure.collect import BenchmarkItem, Collection, collect
from hivegate.measure.environments import (
    changed_dependencies,
    compare_environments,
    fixed_addresses,
    why_not_forked,
)
from hivegate.measure.pairs.checkout import PairSetup, Trees
from hivegate.measure.preload import modules_to_share
from hivegate.measure.revisions import base_tree, overlay_benchmarks
from hivegate.model.events import Noted, Started
from hivegate.model.identity import matches, select
from hivegate.model.protocol import TreePaths
from hivegate.system import git

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hivegate.flows.plan import RevisionsPlan
    from hivegate.measure.revisions import Base
    from hivegate.measure.subject import Subject
    from hivegate.model.events import ProgressCallback
    from hivegate.model.targets import Budget

# What two started processes of the same code differ by (docs/explanation/statistics.md).
_FIXED = "With equal addresses and hash seeds they see about what a fork sees"
_PLAIN = "Their addresses are random, so changes under about 3 to 10 % may not be seen"


class ComparisonSetup(msgspec.Struct, frozen=True, kw_only=True):
    """Head's suite and what of it is chosen, the ids of base's own suite (None: it cannot tell), and how to pair."""

    head: Collection
    chosen: tuple[BenchmarkItem, ...]
    base_ids: frozenset[str] | None
    setup: PairSetup
    notes: tuple[str, ...]

    @property
    def removed(self) -> tuple[str, ...]:
        """The benchmarks that base alone has."""
        return tuple(sorted((self.base_ids or frozenset()) - {one.id for one in self.head.found}))


@contextlib.contextmanager
def two_trees(
    subject: Subject, base: Base, plan: RevisionsPlan, on_progress: ProgressCallback
) -> Iterator[ComparisonSetup]:
    """Check the base out beside head, ask both which benchmarks they have, and lay head's over the base.

    The base's tree is removed on every way out.
    """
    on_progress(Noted(message=f"base: {base.name}"))
    with base_tree(subject.project, base) as tree:
        on_progress(Started(stage="collecting"))
        alone = TreePaths(own=str(tree.resolve()), other=str(tree.resolve())) if base.sha is None else None
        head = collect(subject, trees=alone, probe=not plan.selectors)
        chosen = _chosen(head, plan)
        if plan.selectors:  # what the others import need not be shared
            head = msgspec.structs.replace(head, modules=_probed(subject, chosen))
        trees = Trees(
            head=subject.project.resolve(),
            base=tree.resolve(),
            repository=git.root_of(subject.project).resolve(),
            rootdir=Path(head.rootdir),
        )
        notes = list(head.notes)
        notes += _compare_environments(subject, trees, plan)
        base_ids = _ids_of_base(subject, trees, plan, notes)
        if base.sha is not None:
            overlay_benchmarks(subject.project, tree, subject)
        yield ComparisonSetup(
            head=head,
            chosen=chosen,
            base_ids=base_ids,
            setup=_setup(subject, head, trees, plan, notes),
            notes=tuple(notes),
        )


def is_selected(name: str, plan: RevisionsPlan) -> bool:
    """Tell whether the selectors let a benchmark in."""
    return not plan.selectors or any(matches(selector, name) for selector in plan.selectors)


def singles_needed(budgets: Mapping[str, Budget]) -> dict[str, int]:
    """Tell how many calls of each benchmark must be timed one by one, for a percentile."""
    return {name: definition_of(budget.metric).single_calls for name, budget in budgets.items()}


def _chosen(head: Collection, plan: RevisionsPlan) -> tuple[BenchmarkItem, ...]:
    if plan.selectors:
        select(plan.selectors, [one.id for one in head.found])  # refuses one that matches nothing
    return tuple(one for one in head.found if is_selected(one.id, plan))


def _probed(subject: Subject, chosen: tuple[BenchmarkItem, ...]) -> tuple[tuple[str, str | None], ...]:
    """Learn which modules the files of what is chosen load."""
    files = tuple(dict.fromkeys(one.path for one in chosen))
    return collect(msgspec.structs.replace(subject, paths=files), probe=True).modules


def _ids_of_base(subject: Subject, trees: Trees, plan: RevisionsPlan, notes: list[str]) -> frozenset[str] | None:
    """Ask base's own suite which benchmarks it has; None where it cannot tell."""
    here = msgspec.structs.replace(
        subject,
        project=trees.base,
        python=plan.base_python or subject.python,
        paths=tuple(path for path in dict.fromkeys((*subject.paths, *plan.base_paths)) if (trees.base / path).exists()),
    )
    if not here.paths:
        return frozenset()
    both = TreePaths(own=str(trees.base), other=str(trees.head))
    try:
        found = collect(here, trees=both, rootdir=str(trees.of("base", trees.rootdir))).found
    except EmptySuiteError:
        return frozenset()
    except MeasureError as fault:
        where = f"{fault.where}: " if fault.where else ""
        notes.append(f"base's own suite cannot be collected, so what it alone has is not known: {where}{fault.message}")
        return None
    return frozenset(one.id for one in found)


def _compare_environments(subject: Subject, trees: Trees, plan: RevisionsPlan) -> list[str]:
    """Say how the two environments differ, or that one was used though the revisions ask for two."""
    if plan.base_python is not None:
        return [compare_environments(subject, plan.base_python)]
    changed = changed_dependencies(trees.head, trees.base)
    if not changed:
        return []
    differing = f"the dependencies differ ({', '.join(changed)}), and both revisions ran in head's environment"
    return [f"{differing}; --base-python names an environment for base"]


def _setup(subject: Subject, head: Collection, trees: Trees, plan: RevisionsPlan, notes: list[str]) -> PairSetup:
    why = why_not_forked(head, trees.repository)
    why = "base has a separate environment" if plan.base_python is not None else why
    why = "--fallback asks for it" if plan.fallback else why
    launcher = fixed_addresses(trees.head) if why is not None else ()
    if why is not None:
        sight = _FIXED if launcher else _PLAIN
        notes.append(f"measured in two started processes instead of a forked pair: {why}. {sight}")
    return PairSetup(
        subject=subject,
        trees=trees,
        preload=modules_to_share(head, trees.repository),
        timeout=plan.timeout,
        forked=why is None,
        launcher=launcher,
        base_python=plan.base_python,
    )
