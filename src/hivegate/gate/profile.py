"""hivegate profile: explain what failed, or what is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from hivegate.errors import ProfilerError
from hivegate.measure.collect import collect
from hivegate.model.events import Advanced, Noted, Started
from hivegate.model.profile import Profile, Profiles
from hivegate.profile.artifacts import keep_flame, keep_lines
from hivegate.profile.callgraph import count_calls
from hivegate.profile.loop import BenchmarkError, Setting
from hivegate.profile.names import artifact_name
from hivegate.profile.page import index_page
from hivegate.profile.plan import ProfileTask, plan_profiles
from hivegate.profile.pyspy import RATE, find_pyspy, record
from hivegate.profile.scalene import profile_lines
from hivegate.system.files import write_atomic

if TYPE_CHECKING:
    from pathlib import Path

    from hivegate.measure.collect import Collection
    from hivegate.measure.subject import Subject
    from hivegate.model.events import Watcher
    from hivegate.model.verdict import GateResult


class ProfileOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How long a benchmark is called under a profiler, how long it may take around that, and how many at most."""

    seconds: float = 4.0
    patience: float = 120.0
    limit: int = 10


def profile(
    subject: Subject,
    folder: Path,
    watch: Watcher,
    *,
    result: GateResult | None = None,
    selectors: tuple[str, ...] = (),
    collection: Collection | None = None,
    options: ProfileOptions | None = None,
) -> Profiles:
    """Profile what failed in a result, or what selectors name, and write pages and data into `folder`.

    A profile that cannot be made is there with a note that says why; nothing here changes a verdict. Raises
    `MeasureError` when the suite cannot be collected and `UsageError` for a selector that matches nothing.
    """
    wanted = options or ProfileOptions()
    plan = plan_profiles(result, selectors, _tasks(collection or collect(subject)), limit=wanted.limit)
    setting = Setting(
        project=subject.project.resolve(),
        python=subject.python,
        environment=subject.environment(),
        seconds=wanted.seconds,
        patience=wanted.patience,
    )
    watch(Started(stage="profiling", steps=len(plan.tasks)))
    made: list[Profile] = []
    for task in plan.tasks:
        made += _profile_one(task, setting, folder, watch)
        watch(Advanced(what=task.id))
    return _written(Profiles(folder=str(folder), profiles=tuple(made), notes=plan.notes), folder)


def _tasks(collection: Collection) -> tuple[ProfileTask, ...]:
    return tuple(
        ProfileTask(id=one.id, node_id=one.node_id, path=one.path, rootdir=collection.rootdir)
        for one in collection.found
    )


def _profile_one(task: ProfileTask, setting: Setting, folder: Path, watch: Watcher) -> list[Profile]:
    """Ask py-spy for the time and scalene for the lines and the memory; one that cannot leaves a note."""
    made = []
    for kind, ask in (("py-spy", _profile_time), ("scalene", _profile_memory)):
        try:
            made.append(ask(task, setting, folder))
        except BenchmarkError as fault:
            watch(Noted(message=f"{task.id} cannot be profiled: {fault}"))
            return [*made, Profile(benchmark=task.id, kind=kind, note=f"cannot be profiled: {fault}")]
        except ProfilerError as fault:
            watch(Noted(message=f"{task.id}: no {kind} profile: {fault}"))
            made.append(Profile(benchmark=task.id, kind=kind, note=str(fault)))
    return made


def _profile_time(task: ProfileTask, setting: Setting, folder: Path) -> Profile:
    try:
        recording = record(task, setting, find_pyspy())
    except BenchmarkError:
        raise
    except ProfilerError as fault:
        flame, looped = count_calls(task, setting)
        notes = (
            f"py-spy could not be used: {fault}",
            "cProfile counted calls instead, which makes short functions dear",
        )
        return keep_flame(flame, looped, kind="cProfile", folder=folder, notes=notes)
    kind = f"py-spy, {RATE} samples a second"
    return keep_flame(recording.flame, recording.looped, kind=kind, folder=folder, notes=recording.notes)


def _profile_memory(task: ProfileTask, setting: Setting, folder: Path) -> Profile:
    return keep_lines(profile_lines(task, setting, artifact_name(task.id)), task.id, folder=folder)


def _written(profiles: Profiles, folder: Path) -> Profiles:
    write_atomic(folder / "profiles.json", msgspec.json.format(msgspec.json.encode(profiles)), error=ProfilerError)
    write_atomic(folder / "index.html", index_page(profiles), error=ProfilerError)
    return profiles
