"""Two trees of one project made ready to be measured in pairs."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from hivegate.errors import EmptySuiteError, HivegateError, MeasureError
from hivegate.flows.compare.sides import Sides, build_head, prepare_sides, shared_after_all
from hivegate.flows.project import handing_on
from hivegate.instruments import definition_of
from hivegate.measure.collect import BenchmarkItem, Collection, collect
from hivegate.measure.environments import fixed_addresses, why_not_forked
from hivegate.measure.inputs import missing_data, untracked_data
from hivegate.measure.pairs.checkout import PairSetup, Trees
from hivegate.measure.preload import modules_to_share
from hivegate.measure.proof import doubts_of_releases, doubts_of_sides, joined
from hivegate.measure.revisions import base_tree, overlay_benchmarks
from hivegate.model.events import Noted, Started
from hivegate.model.pairs import NOT_IN_GIT, PairTrouble
from hivegate.model.protocol import LoadedProject, TreePaths
from hivegate.model.selection import select
from hivegate.model.subject import SubjectDoubt
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
    """Head's suite and what of it is chosen, base's own suite by its ids (None: it cannot tell), and how to pair.

    `git_settings` are a digest of those that base was checked out by.
    `changing` are the functions whose parameters have other names in each process, and `loaded` is what of the project
    collecting loaded on each side.
    """

    head: Collection
    chosen: tuple[BenchmarkItem, ...]
    base_found: dict[str, BenchmarkItem] | None
    setup: PairSetup
    loaded: dict[str, LoadedProject]
    sides: Sides
    git_settings: str
    notes: tuple[str, ...]
    changing: frozenset[str] = frozenset()
    laid_over: tuple[str, ...] = ()

    @property
    def doubts(self) -> tuple[SubjectDoubt, ...]:
        """What is doubted before anything is measured."""
        return self.sides.doubts

    def doubts_of(self, loaded: Mapping[str, LoadedProject]) -> tuple[SubjectDoubt, ...]:
        """Find what is doubted by what the sides loaded."""
        trees = {"base": self.setup.trees.base, "head": self.setup.trees.head}
        written = [] if trees["base"] == trees["head"] else git.differing_sources(trees["base"])
        if strange := [name for name in written if name not in self.laid_over]:
            return (written_to(strange[0], "while it was measured"),)
        if self.setup.subject.released:
            return doubts_of_releases(loaded, self.setup.subject.distribution)
        if trees["base"] == trees["head"]:
            return ()
        return doubts_of_sides(loaded, trees, self.sides.changes, built=self.sides.built)

    def explained(self, trouble: PairTrouble | None) -> PairTrouble | None:
        """Add to what went wrong on base alone what its checkout lacks."""
        if trouble is None or not trouble.base or trouble.head:
            return trouble
        trees = self.setup.trees
        untracked = untracked_data(trouble.base, trees.head, trees.base)
        missing = missing_data(trees.base)
        if untracked:
            said = f"{trouble.base}; {NOT_IN_GIT} {untracked} (it is ignored, or not added)"
        elif missing:
            more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
            said = f"{trouble.base}; {NOT_IN_GIT} {missing[0]}{more} (a submodule, or Git LFS)"
        else:
            return trouble
        return msgspec.structs.replace(trouble, base=said)

    @property
    def removed(self) -> tuple[BenchmarkItem, ...]:
        """The benchmarks that base alone has."""
        known = {one.id for one in self.head.found}
        gone = (item for name, item in sorted((self.base_found or {}).items()) if name not in known)
        return tuple(item for item in gone if item.id.partition("[")[0] not in self.changing)


@contextlib.contextmanager
def two_trees(
    subject: Subject, base: Base, plan: RevisionsPlan, on_progress: ProgressCallback
) -> Iterator[ComparisonSetup]:
    """Check the base out beside head, ask both which benchmarks they have, and lay head's over the base.

    Where the two need environments or builds of their own, these are made first. The base's tree is removed on every
    way out.
    """
    on_progress(Noted(message=f"base: {base.name}"))
    git_settings = git.digest_of_settings(subject.project)  # before head's code runs
    with base_tree(subject.project, base) as tree:
        if base.sha is not None:
            build_head(subject, plan, on_progress)
        on_progress(Started(stage="collecting"))
        alone = TreePaths(own=str(tree.resolve()), other=str(tree.resolve())) if base.sha is None else None
        subject = msgspec.structs.replace(subject, separate=plan.base_python is not None)
        at_once = not plan.selectors or not plan.thorough
        head = collect(subject, trees=alone, probe=at_once)
        sides = prepare_sides(subject, tree, base, head, plan, on_progress)
        if sides.subject != subject:
            try:
                head = collect(sides.subject, probe=at_once)
                subject = sides.subject
            except HivegateError as fault:
                sides = shared_after_all(subject, sides.changes, fault)
        chosen = tuple(select(head.found, plan.selectors, plan.excluded))
        if not at_once:  # what the others import need not be shared
            head = msgspec.structs.replace(head, modules=_probed(subject, chosen))
        trees = Trees(
            head=subject.project.resolve(),
            base=tree.resolve(),
            repository=git.root_of(subject.project).resolve(),
            rootdir=Path(head.rootdir),
        )
        notes = [*head.notes, *sides.notes]
        base_loaded: list[LoadedProject] = []
        here = msgspec.structs.replace(subject, paths=tuple(dict.fromkeys((*subject.paths, *plan.base_paths))))
        here = handing_on(here, plan.base_arguments)
        base_found = _found_in_base(here, trees, sides.base_python, notes, base_loaded) if plan.thorough else None
        written = () if base.sha is None or sides.built else git.differing_sources(tree)
        if written:
            sides = msgspec.structs.replace(
                sides, doubts=(*sides.doubts, written_to(written[0], "before it was measured"))
            )
        if base.sha is not None:
            overlay_benchmarks(subject.project, tree, subject)
        yield ComparisonSetup(
            head=head,
            chosen=chosen,
            base_found=base_found,
            setup=_setup(subject, head, trees, plan, sides, notes),
            loaded={side: each for side, each in (("base", joined(base_loaded)), ("head", head.loaded)) if each},
            sides=sides,
            git_settings=git_settings,
            notes=tuple(notes),
            changing=_changing(subject, alone, head, frozenset(base_found or ())),
            laid_over=() if base.sha is None else git.differing_sources(tree),
        )


def written_to(name: str, when: str) -> SubjectDoubt:
    """Doubt base by a source of its tree that is no longer as in its commit."""
    return SubjectDoubt(
        text=f"{name} in base's tree was written to {when}, so what ran as base is not base",
        hint="look at what this change writes where it is imported or collected; nothing may write to sources",
    )


def _changing(subject: Subject, alone: TreePaths | None, head: Collection, base_ids: frozenset[str]) -> frozenset[str]:
    """Find functions whose ids change from process to process, among those that both sides have by unlike ids."""
    here = frozenset(item.id for item in head.found)
    unlike = _functions(here - base_ids) & _functions(base_ids - here)
    if not unlike:
        return frozenset()
    again = frozenset(item.id for item in collect(subject, trees=alone).found)
    return unlike & _functions(here - again)


def _functions(names: frozenset[str]) -> frozenset[str]:
    return frozenset(name.partition("[")[0] for name in names if "[" in name)


def singles_needed(budgets: Mapping[str, Budget]) -> dict[str, int]:
    """Tell how many calls of each benchmark must be timed one by one, for a percentile."""
    return {name: definition_of(budget.metric).single_calls for name, budget in budgets.items()}


def _probed(subject: Subject, chosen: tuple[BenchmarkItem, ...]) -> tuple[tuple[str, str | None], ...]:
    """Learn which modules the files of what is chosen load."""
    files = tuple(dict.fromkeys(one.path for one in chosen))
    return collect(msgspec.structs.replace(subject, paths=files), probe=True).modules


def _found_in_base(
    subject: Subject, trees: Trees, base_python: str | None, notes: list[str], loaded: list[LoadedProject]
) -> dict[str, BenchmarkItem] | None:
    """Ask base's own suite which benchmarks it has, and what it loads; None where it cannot tell."""
    here = msgspec.structs.replace(
        subject,
        project=trees.base,
        python=base_python or subject.python,
        paths=tuple(path for path in subject.paths if (trees.base / path).exists()),
    )
    if not here.paths:
        return {}
    both = TreePaths(own=str(trees.base), other=str(trees.head))
    try:
        found = collect(here, trees=both, rootdir=str(trees.of("base", trees.rootdir)))
    except EmptySuiteError:
        return {}
    except MeasureError as fault:
        where = f"{fault.where}: " if fault.where else ""
        notes.append(f"base's own suite cannot be collected, so what it alone has is not known: {where}{fault.message}")
        return None
    loaded += [found.loaded] if found.loaded else []
    return {one.id: one for one in found.found}


def _setup(
    subject: Subject, head: Collection, trees: Trees, plan: RevisionsPlan, sides: Sides, notes: list[str]
) -> PairSetup:
    why = why_not_forked(head, trees.repository)
    why = "base has a separate environment" if sides.base_python is not None else why
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
        base_python=sides.base_python,
    )
