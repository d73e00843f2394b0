"""What is left of a profile: files to be read by people and tools, and the causes in short."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from hivegate.errors import ProfilerError
from hivegate.model.metric import Dimension
from hivegate.model.profile import Cause, Increase, Profile
from hivegate.model.quantity import quantity, signed
from hivegate.profile.drawing import difference_picture, flame_picture
from hivegate.profile.flame import Flame, folded_text, hottest
from hivegate.profile.increases import Difference
from hivegate.profile.loop import LoopRun
from hivegate.profile.names import artifact_name
from hivegate.profile.page import Caption, difference_page, flame_page
from hivegate.profile.speedscope import speedscope_text
from hivegate.system.files import MEBIBYTE, write_atomic

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from hivegate.profile.scalene import Line, LineProfile

# By what it is: the file's name and what is in it.
_Files: TypeAlias = dict[str, tuple[str, str | bytes]]

_CAUSES = 10
_SOURCE = 200  # characters of a line that travel
_ROOM = MEBIBYTE // 4  # of folded stacks


class ProfilerData(msgspec.Struct, frozen=True, kw_only=True):
    """What a profiler saw of head, in which the difference from base is None where base was not profiled."""

    kind: str
    flame: Flame
    looped: LoopRun
    difference: Difference | None = None
    notes: tuple[str, ...] = ()


def clear_place(folder: Path, benchmark: str) -> None:
    """Take away what an earlier profile of a benchmark left."""
    shutil.rmtree(folder / artifact_name(benchmark), ignore_errors=True)


def keep_flame(seen: ProfilerData, folder: Path) -> Profile:
    """Write a flame as page, picture, folded stacks and speedscope file below `folder`, and tell its causes."""
    flame, facts = seen.flame, _facts(seen)
    drawn = Caption(headline="Flame graph", facts=facts, notes=seen.notes)
    files: _Files = {}
    picture = flame_picture(flame)
    if seen.difference is not None:
        base = seen.difference.base
        compared = msgspec.structs.replace(drawn, headline="Time per call, base against head")
        files["difference"] = ("difference.html", difference_page(seen.difference, compared))
        picture = difference_picture(seen.difference)
    files |= {
        "flame graph": ("flame.html", flame_page(flame, drawn)),
        "picture": ("flame.svg", picture),
        "folded stacks": ("folded.txt", folded_text(flame, limit=_ROOM)),
        "speedscope": ("speedscope.json", speedscope_text(flame)),
    }
    if seen.difference is not None:
        files |= {
            "base: folded stacks": ("base-folded.txt", folded_text(base, limit=_ROOM)),
            "base: speedscope": ("base-speedscope.json", speedscope_text(base)),
        }
    return Profile(
        benchmark=flame.benchmark,
        kind=seen.kind,
        files=_write(files, folder, flame.benchmark),
        samples=flame.kept,
        calls=seen.looped.calls,
        seconds_per_call=flame.per_call,
        top=_hot_functions(flame, "seconds"),
        compared=seen.difference is not None,
        increases=seen.difference.increases if seen.difference else (),
        note="; ".join(seen.notes),
    )


def _facts(seen: ProfilerData) -> dict[str, str]:
    flame, base = seen.flame, seen.difference.base if seen.difference else None
    per_call = quantity(flame.per_call, Dimension.SECONDS)
    facts = {"Time per call": per_call, "Samples on it": f"{flame.kept} of {flame.seen}"}
    if base is not None:
        change = f" ({signed(flame.per_call / base.per_call)})" if base.per_call else ""
        facts["Time per call"] = f"{quantity(base.per_call, Dimension.SECONDS)} → {per_call}{change}"
        facts["Samples on it"] = f"{base.kept} and {flame.kept}"
    return {**facts, "Calls profiled": f"{seen.looped.calls:,}", "Profiler": seen.kind}


def keep_peak(seen: ProfilerData, folder: Path) -> Profile:
    """Write what held the memory at the peak of one call, as page and folded stacks, and tell its causes."""
    flame = seen.flame
    facts = {"Held at the peak": quantity(flame.per_call, Dimension.BYTES), "Profiler": seen.kind}
    drawn = Caption(headline="Memory at the peak of a call", facts=facts, notes=seen.notes, unit="bytes")
    files: _Files = {}
    if seen.difference is not None:
        before = seen.difference.base.per_call
        facts["Held at the peak"] = f"{quantity(before, Dimension.BYTES)} → {quantity(flame.per_call, Dimension.BYTES)}"
        compared = msgspec.structs.replace(drawn, headline="Memory at the peak of a call, base against head")
        files["difference"] = ("peak-difference.html", difference_page(seen.difference, compared))
    files |= {
        "stacks at the peak": ("peak.html", flame_page(flame, drawn)),
        "folded stacks": ("peak-folded.txt", folded_text(flame, limit=_ROOM)),
    }
    return Profile(
        benchmark=flame.benchmark,
        kind=seen.kind,
        files=_write(files, folder, flame.benchmark),
        calls=seen.looped.calls,
        top=_hot_functions(flame, "bytes"),
        compared=seen.difference is not None,
        unit="bytes",
        increases=seen.difference.increases if seen.difference else (),
        note="; ".join(seen.notes),
    )


def keep_lines(
    lines: LineProfile,
    benchmark: str,
    folder: Path,
    *,
    base: LineProfile | None = None,
    increases: Sequence[Increase] = (),
) -> Profile:
    """Write scalene's page and JSON below `folder`, and tell the lines that take most time or memory, or grew."""
    files: _Files = {"line profile": ("scalene.html", lines.html), "scalene": ("scalene.json", lines.json)}
    if base is not None:
        files["base: scalene"] = ("base-scalene.json", base.json)
    return Profile(
        benchmark=benchmark,
        kind="scalene",
        files=_write(files, folder, benchmark),
        calls=lines.looped.calls,
        seconds_per_call=lines.looped.seconds_per_call,
        top=_hot_lines(lines),
        compared=base is not None,
        unit="bytes" if base is not None else "seconds",
        increases=tuple(increases),
        note="shares include the setup of a pedantic benchmark",
    )


def _write(files: _Files, folder: Path, benchmark: str) -> dict[str, str]:
    place = artifact_name(benchmark)
    for name, content in files.values():
        write_atomic(folder / place / name, content, error=ProfilerError)
    return {what: f"{place}/{name}" for what, (name, _) in files.items()}


def _hot_functions(flame: Flame, unit: str) -> tuple[Cause, ...]:
    every = sum(flame.stacks.values())  # of other threads, too: more than all of it is no share
    return tuple(
        Cause(
            function=hot.frame.name,
            file=hot.frame.file,
            line=hot.frame.line,
            share=hot.own / every,
            seconds_per_call=hot.own * flame.per_sample if unit == "seconds" else None,
            bytes_per_call=hot.own * flame.per_sample if unit == "bytes" else None,
        )
        for hot in hottest(flame)[:_CAUSES]
    )


def _hot_lines(lines: LineProfile) -> tuple[Cause, ...]:
    every = [(name, line) for name, found in lines.files.items() for line in found]
    by_time = sorted((one for one in every if one[1].cpu > 0), key=lambda one: -one[1].cpu)
    by_memory = sorted((one for one in every if one[1].n_malloc_mb > 0), key=lambda one: -one[1].n_malloc_mb)
    chosen = dict.fromkeys([*by_time[:_CAUSES], *by_memory[: _CAUSES // 2]])
    return tuple(_cause(name, line, lines) for name, line in chosen)


def _cause(file: str, line: Line, lines: LineProfile) -> Cause:
    return Cause(
        function=lines.function_at(file, line),
        source=line.source[:_SOURCE],
        file=file,
        line=line.lineno,
        share=line.cpu,
        bytes_per_call=line.n_malloc_mb * MEBIBYTE / lines.looped.calls if line.n_malloc_mb > 0 else None,
    )
