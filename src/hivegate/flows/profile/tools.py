"""One benchmark under all profilers, head alone or base beside it; one that cannot leaves a note."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from hivegate.errors import ProfilerError
from hivegate.model.events import Noted
from hivegate.model.profile import Profile
from hivegate.profile.artifacts import ProfilerData, clear_place, keep_flame, keep_lines, keep_peak
from hivegate.profile.callgraph import count_calls
from hivegate.profile.increases import Difference, increases, sampled_difference
from hivegate.profile.line_increases import line_increases
from hivegate.profile.loop import BenchmarkError, Setting, has_module
from hivegate.profile.names import artifact_name
from hivegate.profile.peak import peak_shifts, watch_peak
from hivegate.profile.pyspy import RATE, RATES, Manner, few_samples, find_pyspy, record
from hivegate.profile.scalene import profile_lines
from hivegate.profile.sides import Side, Sides, record_sides
from hivegate.profile.sources import Sources, packages_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hivegate.model.events import ProgressCallback

TOOLS = ("py-spy", "scalene", "memray")


class Bench(msgspec.Struct, frozen=True, kw_only=True):
    """One benchmark in head, and in base where it is to be compared; `manner` is how py-spy looks."""

    head: Side
    base: Side | None = None
    manner: Manner = msgspec.field(default_factory=Manner)

    @property
    def name(self) -> str:
        """The benchmark's id."""
        return self.head.task.id


def profile_benchmark(
    bench: Bench, folder: Path, on_progress: ProgressCallback, tools: tuple[str, ...] = TOOLS
) -> list[Profile]:
    """Ask py-spy for the time, scalene for the lines and their memory, and memray, where it is, for the peak."""
    clear_place(folder, bench.name)
    made: list[Profile] = []
    for kind, ask in zip(TOOLS, (_profile_time, _profile_lines, _profile_peak), strict=True):
        if kind not in tools:
            continue
        try:
            found = _against_base_or_alone(ask, bench, folder)
        except BenchmarkError as fault:
            on_progress(Noted(message=f"{bench.name} cannot be profiled: {fault.note}"))
            return [*made, Profile(benchmark=bench.name, kind=kind, note=f"cannot be profiled: {fault.note}")]
        except ProfilerError as fault:
            on_progress(Noted(message=f"{bench.name}: no {kind} profile: {fault.note}"))
            found = Profile(benchmark=bench.name, kind=kind, note=fault.note)
        if found is not None:
            made.append(found)
    return made


def _against_base_or_alone(ask: Callable[[Bench, Path], Profile | None], bench: Bench, folder: Path) -> Profile | None:
    try:
        return ask(bench, folder)
    except ProfilerError as fault:
        if bench.base is None:
            raise
        why = f"only head could be profiled: {fault.note}"
    alone = ask(msgspec.structs.replace(bench, base=None), folder)
    return alone and msgspec.structs.replace(alone, note="; ".join(filter(None, (why, alone.note))))


def _profile_time(bench: Bench, folder: Path) -> Profile:
    try:
        seen = _sample(bench)
    except BenchmarkError:
        raise
    except ProfilerError as fault:
        notes = (
            f"py-spy could not be used: {fault.note}",
            "cProfile counted calls instead, which makes short functions dear",
        )
        seen = msgspec.structs.replace(_count(bench), notes=notes)
    return keep_flame(seen, folder)


def _sample(bench: Bench) -> ProfilerData:
    program = find_pyspy()
    if bench.base is None:
        recording = record(bench.head.task, bench.head.setting, program, bench.manner)
        notes = (*recording.notes, *few_samples(recording.flame.kept))
        return ProfilerData(
            kind=f"py-spy, {RATE} samples a second", flame=recording.flame, looped=recording.looped, notes=notes
        )
    base, head = record_sides(Sides(base=bench.base, head=bench.head), program, bench.manner)
    sources, unsure = _sources(bench.base, bench.head), bench.head.task.unsure
    return ProfilerData(
        kind=f"py-spy, about {RATES[0]} samples a second, base and head {len(head.flames)} times in turn",
        flame=head.flame,
        looped=head.looped,
        difference=sampled_difference(base.flames, head.flames, sources, unsure=unsure),
        notes=(*head.notes, *_unmeasured(bench), *few_samples(min(base.flame.kept, head.flame.kept))),
    )


def _count(bench: Bench) -> ProfilerData:
    flame, looped = count_calls(bench.head.task, bench.head.setting)
    if bench.base is None:
        return ProfilerData(kind="cProfile", flame=flame, looped=looped)
    base, _ = count_calls(bench.base.task, bench.base.setting)
    sources, unsure = _sources(bench.base, bench.head), bench.head.task.unsure
    difference = sampled_difference([base], [flame], sources, unsure=unsure)
    return ProfilerData(kind="cProfile", flame=flame, looped=looped, difference=difference)


def _unmeasured(bench: Bench) -> tuple[str, ...]:
    if bench.head.task.seconds_per_call is not None:
        return ()
    return ("nobody measured its time, so times are those under the profiler",)


def _profile_lines(bench: Bench, folder: Path) -> Profile:
    title = artifact_name(bench.name)
    if bench.base is None:
        return keep_lines(profile_lines(bench.head.task, bench.head.setting, title), bench.name, folder)
    base, head = (
        profile_lines(side.task, _half(side), title, page=side is bench.head) for side in (bench.base, bench.head)
    )
    increases = line_increases(base, head, _sources(bench.base, bench.head))
    return keep_lines(head, bench.name, folder, base=base, increases=increases)


def _profile_peak(bench: Bench, folder: Path) -> Profile | None:
    if not has_module("memray", bench.head.setting):
        return None
    flame, looped = watch_peak(bench.head.task, bench.head.setting)
    if not flame.kept:
        raise ProfilerError("a call holds no memory at any time")
    seen = ProfilerData(kind="memray", flame=flame, looped=looped)
    if bench.base is not None:
        base, _ = watch_peak(bench.base.task, bench.base.setting)
        sources = _sources(bench.base, bench.head)
        moved = peak_shifts(base, flame)
        difference = Difference(base=base, head=flame, moved=moved, increases=increases(moved, base, flame, sources))
        seen = msgspec.structs.replace(seen, difference=difference)
    return keep_peak(seen, folder)


def _half(side: Side) -> Setting:
    return msgspec.structs.replace(side.setting, seconds=side.setting.seconds / 2)


def _sources(base: Side, head: Side) -> Sources:
    packages = None
    if base.setting.python != head.setting.python:
        found = [packages_of(side.setting.python) for side in (base, head)]
        packages = (found[0], found[1]) if found[0] and found[1] else None
    return Sources(base.setting.project, head.setting.project, packages)
