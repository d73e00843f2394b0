"""What each side of a comparison is run with: one environment for both, or one for each, and what was built."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from hivegate.errors import HivegateError
from hivegate.flows.environments import build_in_place, make_environments
from hivegate.measure.environments import compare_environments
from hivegate.measure.inputs import InputChanges, input_changes, missing_data
from hivegate.measure.revisions import bring_compiled, bring_data
from hivegate.measure.subject import Subject
from hivegate.model.events import Noted, Started
from hivegate.model.subject import SubjectDoubt

if TYPE_CHECKING:
    from pathlib import Path

    from hivegate.flows.plan import RevisionsPlan
    from hivegate.measure.collect import Collection
    from hivegate.measure.revisions import Base
    from hivegate.model.events import ProgressCallback

_SHOWN = 4
_CURE = "make an environment of base's own, and name it: hivegate compare --base-python PATH"


class Sides(msgspec.Struct, frozen=True, kw_only=True):
    """What the sides are run with: `subject` is head's, `base_python` base's interpreter where it is another.

    `changes` are what decides an environment and differs; `built` where hivegate built the project on both sides;
    `doubts` are why nothing can pass.
    """

    subject: Subject
    base_python: str | None = None
    changes: InputChanges = InputChanges()
    built: bool = False
    notes: tuple[str, ...] = ()
    doubts: tuple[SubjectDoubt, ...] = ()


def prepare_sides(
    subject: Subject, tree: Path, base: Base, head: Collection, plan: RevisionsPlan, on_progress: ProgressCallback
) -> Sides:
    """Choose, and where needed make, what each side is run with; what cannot be made is a doubt, and no error."""
    if base.sha is None or plan.base_python is not None:
        notes = () if plan.base_python is None else (compare_environments(subject, plan.base_python),)
        changes = input_changes(subject.project, tree, base.sha)
        return Sides(subject=subject, base_python=plan.base_python, changes=changes, notes=notes)
    bring_data(subject.project, tree)
    changes = input_changes(subject.project, tree, base.sha)
    sides = Sides(subject=subject, changes=changes, doubts=_data_doubts(changes, tree))
    compiled = head.loaded.compiled if head.loaded is not None else None
    copied = head.loaded is not None and bool(head.loaded.copies)
    try:
        if plan.build or plan.base_build:
            return _built_in_place(sides, tree, plan, on_progress)
        if copied or sides.changes.deciding:
            return _with_environments(sides, tree, plan, on_progress)
        if compiled is not None and not bring_compiled(subject.project, tree, compiled):
            return _with_environments(sides, tree, plan, on_progress)
    except HivegateError as fault:
        return msgspec.structs.replace(sides, doubts=(*sides.doubts, _not_made(sides.changes, fault)))
    return sides


def _data_doubts(changes: InputChanges, tree: Path) -> tuple[SubjectDoubt, ...]:
    missing = [path for path in missing_data(tree) if path in changes.data]
    return tuple(
        SubjectDoubt(
            text=f"{path} differs, and base's checkout does not hold it: it is a submodule, or in Git LFS",
            hint="fetch it in a checkout of base, and name an environment that holds it: --base-python",
        )
        for path in missing[:1]
    )


def build_head(subject: Subject, plan: RevisionsPlan, on_progress: ProgressCallback) -> None:
    """Run the project's build command, where it has one, in head's tree; raises `MeasureError` where that fails."""
    if plan.build:
        on_progress(Started(stage="building head"))
        build_in_place(subject.project, plan.build, subject.python)


def _with_environments(sides: Sides, tree: Path, plan: RevisionsPlan, on_progress: ProgressCallback) -> Sides:
    subject = sides.subject
    differing = _listed(sides.changes.deciding) or "what head has compiled, or installed as a copy, base has to get"
    on_progress(Noted(message=f"each side gets its own environment: {differing}"))
    trees = {"base": tree, "head": subject.project}
    folder = subject.project / ".hivegate" / "environments"
    changed = sides.changes.installed
    made = make_environments(trees, folder, subject.python, plan.build, on_progress, changed=changed)
    pythons, name = made.pythons, made.distribution or subject.distribution
    fresh = msgspec.structs.replace(subject, python=pythons["head"], separate=True, distribution=name)
    return msgspec.structs.replace(
        sides,
        subject=fresh,
        base_python=pythons["base"],
        built=True,
        notes=(f"each side ran in its own environment ({differing})", compare_environments(fresh, pythons["base"])),
    )


def _built_in_place(sides: Sides, tree: Path, plan: RevisionsPlan, on_progress: ProgressCallback) -> Sides:
    if sides.changes.installed:
        sides = _with_environments(sides, tree, plan, on_progress)
        build_head(sides.subject, plan, on_progress)  # for its own environment
    if plan.base_build:  # base's own command: head's could do to base's tree whatever suits head
        on_progress(Started(stage="building base"))
        build_in_place(tree, plan.base_build, sides.base_python or sides.subject.python)
    return msgspec.structs.replace(sides, built=True)


def shared_after_all(subject: Subject, changes: InputChanges, fault: HivegateError) -> Sides:
    """Have both sides run in head's environment, with the doubt that this is, where their own cannot run the suite."""
    return Sides(subject=subject, changes=changes, doubts=(_not_made(changes, fault),))


def _not_made(changes: InputChanges, fault: HivegateError) -> SubjectDoubt:
    differ = f"{_listed(changes.deciding)} differ{'s' * (len(changes.deciding) == 1)}"
    what = f"{differ}, and base has no environment of its own" if changes.deciding else "base cannot be built"
    return SubjectDoubt(
        text=f"{what}: {fault.note}",
        hint=_CURE,
        spares_slower=not changes.build,
    )


def _listed(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
