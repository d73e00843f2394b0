"""Profile what failed, or what is asked for; after a comparison by what differs from base."""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from hivegate.errors import HivegateError, ProfilerError, UsageError
from hivegate.flows.environments import head_beside
from hivegate.flows.profile.tools import TOOLS, Bench, profile_benchmark
from hivegate.flows.project import absolute_interpreter, relative
from hivegate.flows.report.page import write_page
from hivegate.flows.workspace import add_causes, load_result, newest_result, own_folder
from hivegate.measure.collect import collect, further_named
from hivegate.measure.revisions import Base, base_tree, overlay_benchmarks
from hivegate.measure.suite import revision_of
from hivegate.model.events import Advanced, Noted, Started, ignore_progress
from hivegate.model.profile import Profile, Profiles
from hivegate.profile.index import index_page
from hivegate.profile.loop import Setting, has_module
from hivegate.profile.plan import Choice, ProfileTask, plan_profiles
from hivegate.profile.pyspy import Manner
from hivegate.profile.sides import Side
from hivegate.report.top_causes import explanations, with_causes
from hivegate.system.files import write_atomic

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hivegate.flows.project import Project
    from hivegate.flows.workspace import ResultName
    from hivegate.measure.collect import Collection
    from hivegate.measure.subject import Subject
    from hivegate.model.events import ProgressCallback
    from hivegate.model.verdict import GateResult

_SHORT = 7  # characters of a sha that a reader sees


class ProfileOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Say what `profile_benchmarks` profiles, and how.

    `result` is the result whose failures are profiled, by default the newest; `selectors` name benchmarks, failed or
    not; `inconclusive` adds what is inconclusive. `seconds` is how long a benchmark is called under each of the
    `tools`. `native` shows frames of C extensions, `idle` what waits, `subprocesses` child processes. `base_python` is
    the interpreter of base's environment, by default the one that the result names.
    """

    result: Path | None = None
    selectors: tuple[str, ...] = ()
    inconclusive: bool = False
    seconds: float = 4.0
    tools: tuple[str, ...] = TOOLS
    native: bool = False
    idle: bool = False
    subprocesses: bool = True
    paths: tuple[Path, ...] = ()
    python: str | None = None
    base_python: str | None = None


class ProfilerOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How py-spy looks, and how long a benchmark is called under each of the tools, and may take around that.

    `base_python` is the interpreter of base's own environment; without it the one that the result names.
    """

    tools: tuple[str, ...] = TOOLS
    manner: Manner = msgspec.field(default_factory=Manner)
    seconds: float = 4.0
    patience: float = 120.0
    base_python: str | None = None


def profile_benchmarks(
    project: Project, options: ProfileOptions | None = None, on_progress: ProgressCallback = ignore_progress
) -> Profiles:
    """Profile what failed in a result, or what selectors name, as ``hivegate profile`` does.

    Pages and data go to .hivegate/profiles. After a comparison both revisions are profiled. A profile that cannot be
    made has a note that says why. Raises `UsageError` where there is no result and nothing is selected, `MeasureError`
    for a suite that cannot be collected and `ProfilerError` for a folder that cannot be written.
    """
    options = options or ProfileOptions()
    file = options.result or newest_result(project.folder)
    if file is None and not options.selectors:
        raise UsageError("there is no result yet", hint="measure first: hivegate bench; or name benchmarks")
    failing = options.result is not None or not options.selectors
    profiles = profile_suite(
        project.subject(options.paths, options.python),
        _folder(project),
        on_progress,
        result=None if file is None else load_result(file),
        choice=Choice(selectors=options.selectors, failing=failing, inconclusive=options.inconclusive),
        options=ProfilerOptions(
            tools=options.tools or TOOLS,
            seconds=options.seconds,
            manner=Manner(native=options.native, idle=options.idle, subprocesses=options.subprocesses),
            base_python=None if options.base_python is None else absolute_interpreter(options.base_python),
        ),
    )
    if options.result is None and file is not None:
        write_page(project, file.stem)
    return profiles


def profile_failures(
    project: Project,
    subject: Subject,
    name: ResultName,
    result: GateResult,
    collection: Collection | None,
    on_progress: ProgressCallback,
) -> GateResult:
    """Profile what failed in a fresh result, and keep it with the causes; returns that result.

    A profile that fails adds a note; the verdict and the exit status stay. What was interrupted is kept as it is.
    """
    folder = _folder(project)
    try:
        profiles = profile_suite(subject, folder, on_progress, result=result, collection=collection)
    except HivegateError as fault:
        return with_causes(result, None, note=f"not profiled: {fault.note}")
    except KeyboardInterrupt:  # of the profiles: the verdict is there, and is reported
        return with_causes(result, None, note=f"profiling was interrupted; {folder}/index.html lists what was made")
    explained = with_causes(result, profiles)
    if profiles.profiles:
        on_progress(Noted(message=f"profiles: {folder}/index.html"))
        add_causes(project.folder, name, explained)
    return explained


def _folder(project: Project) -> Path:
    return relative(own_folder(project.folder) / "profiles")


def profile_suite(
    subject: Subject,
    folder: Path,
    on_progress: ProgressCallback,
    *,
    result: GateResult | None = None,
    choice: Choice | None = None,
    collection: Collection | None = None,
    options: ProfilerOptions | None = None,
) -> Profiles:
    """Profile what failed in a result, or what selectors name, and write pages and data into `folder`.

    Where the result is of a comparison, base is checked out once more and profiled beside head, each in the environment
    that it was measured in. A profile that cannot be made is there with a note that says why; nothing here changes a
    verdict. When it is interrupted, what was made is kept. Raises `MeasureError` when the suite cannot be collected,
    `UsageError` for a selector that matches nothing and `ProfilerError` when the folder cannot be written.
    """
    wanted = options or ProfilerOptions()
    known = None if result is None else result.base_python
    if head := head_beside(wanted.base_python or known):  # releases are installed there alone
        subject = msgspec.structs.replace(subject, python=head)
    if collection is None:
        on_progress(Started(stage="collecting"))
        collection = collect(subject)
    choice = choice or Choice()
    names = (*choice.selectors, *(verdict.benchmark for verdict in (result.verdicts if result else ())))
    plan = plan_profiles(result, choice, _tasks(collection, names))
    notes = [*plan.notes, *(_moved_on(result, subject) if result and plan.tasks else ())]
    notes += _lacking(subject, wanted) if plan.tasks else ()
    made: list[Profile] = []
    with contextlib.ExitStack() as stack:
        wanted = _in_base_environment(wanted, result, notes)
        against = _base_of(result, wanted) if any(one.in_base for one in plan.tasks) else None
        tree = stack.enter_context(_base_beside(subject, against, notes)) if against else None
        if plan.tasks:
            on_progress(Started(stage="profiling", steps=len(plan.tasks)))
        try:
            for task in plan.tasks:
                bench = _bench(task, subject, tree, wanted)
                made += profile_benchmark(bench, folder, on_progress, wanted.tools)
                on_progress(Advanced(what=task.id))
        except KeyboardInterrupt:
            left = ", ".join(one.id for one in plan.tasks if all(each.benchmark != one.id for each in made))
            notes.append(f"interrupted; not profiled: {left}" if left else "interrupted")
            raise
        finally:
            found = Profiles(
                folder=str(folder),
                profiles=tuple(made),
                base=against.name if against and tree else None,
                notes=tuple(notes),
            )
            explained = msgspec.structs.replace(found, explained=explanations(result, found))
            if plan.tasks:
                _write(explained, folder)
    return explained


def _tasks(collection: Collection, names: Iterable[str]) -> tuple[ProfileTask, ...]:
    return tuple(
        ProfileTask(
            id=one.id,
            group=one.group,
            markers=one.markers,
            node_id=one.node_id,
            path=one.path,
            rootdir=collection.rootdir,
        )
        for one in (*collection.found, *further_named(collection.found, names))
    )


def _moved_on(result: GateResult, subject: Subject) -> Iterator[str]:
    """Say so where the project is not what the result was measured of."""
    now = revision_of(subject.project)
    if result.commit is not None and now is not None and result.commit.sha != now.sha:
        yield f"the result is of {result.commit.sha[:_SHORT]}, and the project is at {now.sha[:_SHORT]} now"


def _lacking(subject: Subject, options: ProfilerOptions) -> Iterator[str]:
    """Say so where nobody can tell what is held at the peak: once, for no other profile needs it."""
    setting = Setting(project=subject.project, python=subject.python, environment=subject.environment())
    if "memray" in options.tools and not has_module("memray", setting):
        yield f"memory at the peak is not profiled: memray is not installed for {subject.python}"


def _in_base_environment(options: ProfilerOptions, result: GateResult | None, notes: list[str]) -> ProfilerOptions:
    """Choose base's interpreter, and say so where there is nothing to use it for, or it is not there any more."""
    compared = result is not None and result.base is not None
    if not compared and options.base_python is not None:
        notes.append("--base-python is for the base of a comparison, and the newest result is of none")
    known = result.base_python if result is not None else None
    python = options.base_python or known
    if python == known and known is not None and shutil.which(known) is None:
        notes.append(f"base was measured with {known}, which is gone, and is profiled with head's interpreter")
        python = None
    return msgspec.structs.replace(options, base_python=python)


def _base_of(result: GateResult | None, options: ProfilerOptions) -> Base | None:
    """Find what head was compared with; this tree is no other than itself in one environment."""
    if result is None or result.base is None or (result.base_sha is None and options.base_python is None):
        return None
    return Base(sha=result.base_sha, name=result.base, why="head was compared with it")


@contextlib.contextmanager
def _base_beside(subject: Subject, base: Base, notes: list[str]) -> Iterator[Path | None]:
    """Check base out with head's benchmarks laid over; None, and a note, where that cannot be."""
    with contextlib.ExitStack() as stack:
        try:
            tree = stack.enter_context(base_tree(subject.project, base))
            if base.sha is not None:
                overlay_benchmarks(subject.project, tree, subject)
            ready = True
        except HivegateError as fault:
            notes.append(f"only head is profiled, because base cannot be checked out: {fault.note}")
            ready = False
        yield tree if ready else None


def _bench(task: ProfileTask, subject: Subject, tree: Path | None, options: ProfilerOptions) -> Bench:
    """Say where and how one benchmark is profiled: in head, and in base's tree where it was measured there."""
    project = subject.project.resolve()
    separate = options.base_python is not None
    facts = msgspec.structs.replace(subject.facts, root=str(project), separate=separate)
    setting = Setting(
        project=project,
        python=subject.python,
        facts=facts if tree != subject.project else None,  # one tree in two environments holds the suite alone
        environment=subject.environment(),
        seconds=options.seconds,
        patience=options.patience,
    )
    if tree is None or not task.in_base:
        alone = msgspec.structs.replace(setting, python=subject.python, facts=subject.facts)
        return Bench(head=Side(task=task, setting=alone), manner=options.manner)
    base = tree.resolve()
    there = msgspec.structs.replace(
        task,
        path=_moved(task.path, project, base),
        rootdir=_moved(task.rootdir or str(project), project, base),
        seconds_per_call=task.base_seconds_per_call,
    )
    return Bench(
        head=Side(task=task, setting=msgspec.structs.replace(setting, other=base)),
        base=Side(
            task=there,
            setting=msgspec.structs.replace(
                setting,
                project=base,
                other=project,
                python=options.base_python or subject.python,
                facts=setting.facts and msgspec.structs.replace(facts, root=str(base)),
            ),
        ),
        manner=options.manner,
    )


def _moved(path: str, project: Path, base: Path) -> str:
    """Find a path of head's tree in base's; pytest's root may lie above the project."""
    return os.path.normpath(base / os.path.relpath(path, project))


def _write(profiles: Profiles, folder: Path) -> None:
    write_atomic(folder / "profiles.json", msgspec.json.format(msgspec.json.encode(profiles)), error=ProfilerError)
    write_atomic(folder / "index.html", index_page(profiles), error=ProfilerError)
