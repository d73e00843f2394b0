"""What is left of a profile: files to be read by people and tools, and the causes in short."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from hivegate.errors import ProfilerError
from hivegate.model.profile import Cause, Profile
from hivegate.profile.drawing import flame_picture
from hivegate.profile.flame import Flame, folded_text, hottest
from hivegate.profile.names import artifact_name
from hivegate.profile.page import flame_page
from hivegate.profile.speedscope import speedscope_text
from hivegate.system.files import MEBIBYTE, write_atomic

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from hivegate.profile.loop import Looped
    from hivegate.profile.scalene import Line, LineProfile

# By what it is: the file's name and what is in it.
_Files: TypeAlias = dict[str, tuple[str, str | bytes]]

_CAUSES = 10
_SOURCE = 200  # characters of a line that travel
_ROOM = MEBIBYTE  # of folded stacks


def keep_flame(flame: Flame, looped: Looped, *, kind: str, folder: Path, notes: Iterable[str] = ()) -> Profile:
    """Write a flame as page, picture, folded stacks and speedscope file below `folder`, and tell its causes."""
    note = "; ".join(notes)
    facts = {
        "Time per call": _spell(flame.per_call),
        "Samples on it": f"{flame.kept} of {flame.seen}",
        "Calls watched": f"{looped.calls:,}",
        "Profiler": kind,
    }
    files: _Files = {
        "flame graph": ("flame.html", flame_page(flame, facts=facts, notes=[note] if note else [])),
        "picture": ("flame.svg", flame_picture(flame)),
        "folded stacks": ("folded.txt", folded_text(flame, limit=_ROOM)),
        "speedscope": ("speedscope.json", speedscope_text(flame)),
    }
    return Profile(
        benchmark=flame.benchmark,
        kind=kind,
        files=_write(files, folder, flame.benchmark),
        samples=flame.kept,
        calls=looped.calls,
        seconds_per_call=flame.per_call,
        top=_hot_functions(flame),
        note=note,
    )


def keep_lines(lines: LineProfile, benchmark: str, *, folder: Path) -> Profile:
    """Write scalene's page and JSON below `folder`, and tell the lines that take most time or memory."""
    files: _Files = {"line profile": ("scalene.html", lines.html), "scalene": ("scalene.json", lines.json)}
    return Profile(
        benchmark=benchmark,
        kind="scalene",
        files=_write(files, folder, benchmark),
        calls=lines.looped.calls,
        seconds_per_call=lines.looped.seconds_per_call,
        top=_hot_lines(lines),
        note=f"under scalene a call takes {_spell(lines.looped.seconds_per_call)}, which is not its time; "
        "shares include the setup of a pedantic benchmark",
    )


def _write(files: _Files, folder: Path, benchmark: str) -> dict[str, str]:
    place = artifact_name(benchmark)
    for name, content in files.values():
        write_atomic(folder / place / name, content, error=ProfilerError)
    return {what: f"{place}/{name}" for what, (name, _) in files.items()}


def _hot_functions(flame: Flame) -> tuple[Cause, ...]:
    kept = flame.kept
    return tuple(
        Cause(
            function=hot.frame.name,
            file=hot.frame.file,
            line=hot.frame.line,
            share=hot.own / kept,
            seconds_per_call=hot.own * flame.per_sample,
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


def _spell(seconds: float) -> str:
    factor, unit = next((pair for pair in ((1, "s"), (1e3, "ms"), (1e6, "µs")) if seconds * pair[0] >= 1), (1e9, "ns"))
    return f"{seconds * factor:.3g} {unit}"
