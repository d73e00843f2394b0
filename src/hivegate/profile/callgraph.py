"""A flame from cProfile's call graph, for machines where no sampler may look into a process.

cProfile knows who called whom, not whole stacks: below a function the time of a callee is divided among its callers in
the proportion of their own time, as gprof does. What a function does for one caller only is therefore a guess; the
times of the functions themselves are exact but for the cost of counting.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hivegate.profile.flame import MARKER, Flame, Frame, Stack
from hivegate.profile.loop import LoopRun, Setting, run_loop
from hivegate.profile.names import short_path

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hivegate.model.protocol import FunctionTimes
    from hivegate.profile.plan import ProfileTask

_PARTS = 10_000  # a flame counts samples; the time of the benchmark is divided into so many
_DEEPEST = 60


def count_calls(task: ProfileTask, setting: Setting) -> tuple[Flame, LoopRun]:
    """Profile one benchmark with cProfile inside the worker; raises `BenchmarkError` when it did not run."""
    looped = run_loop(task, setting, launch=_unchanged, profiler="cprofile")
    flame = unfold(
        looped.functions,
        benchmark=task.id,
        per_call=task.seconds_per_call or looped.seconds_per_call,
        shorten=lambda path: short_path(path, project=str(setting.project)),
    )
    return flame, looped


def _unchanged(command: Sequence[str]) -> Sequence[str]:
    return command


def unfold(
    entries: tuple[FunctionTimes, ...], *, benchmark: str, per_call: float, shorten: Callable[[str], str]
) -> Flame:
    """Make stacks below the marker out of a call graph; branches under a ten-thousandth of the whole are dropped."""
    graph = {one.function: one for one in entries}
    marker = next((one for one in entries if one.function[0] == MARKER), None)
    stacks: dict[Stack, int] = {}
    if marker is None or marker.total <= 0:
        return Flame(benchmark=benchmark, stacks={}, seen=0, per_call=per_call)
    waiting: list[tuple[tuple[tuple[str, str, int], ...], float]] = [((marker.function,), 1.0)]
    while waiting:
        path, share = waiting.pop()
        entry = graph[path[-1]]
        scale = share / entry.total if entry.total > 0 else 0.0
        deeper = [
            ((*path, key), one.total * scale)
            for one in entry.callees
            if (key := (one.function, one.file, one.line)) in graph and key not in path and len(path) < _DEEPEST
        ]
        parts = round(max(0.0, share - sum(part for _, part in deeper)) * _PARTS)
        if parts:
            names = (Frame(name, shorten(file), line) for name, file, line in path[1:])
            stacks[Frame(benchmark), *names] = parts
        waiting += [(stack, part) for stack, part in deeper if part * _PARTS >= 1]
    return Flame(benchmark=benchmark, stacks=stacks, seen=_PARTS, per_call=per_call)
