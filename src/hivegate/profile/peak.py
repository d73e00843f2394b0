"""memray around one call: which stacks held the memory when most of it was held.

memray counts every allocation, so two runs of the same code agree to a few bytes in ten thousand, and what is held at
the peak needs no statistics to be compared. It is not needed: where the subject's environment has none, there is no
such profile.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from hivegate.profile.difference import Shift
from hivegate.profile.flame import MARKER, Flame, Frame, Stack, hottest
from hivegate.profile.loop import LoopRun, Setting, run_loop
from hivegate.profile.names import short_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hivegate.profile.plan import ProfileTask

_PATIENCE = 30.0  # seconds; a call takes up to fifteen times as long
_SMALLEST = 4096  # bytes, and a share of the peak: less is what an interned string or a resized dict makes of it
_SHARE = 0.01


def watch_peak(task: ProfileTask, setting: Setting) -> tuple[Flame, LoopRun]:
    """Watch one call after a warm-up; the flame's samples are bytes. Raises as `run_loop` does."""
    once = msgspec.structs.replace(setting, seconds=0.0, patience=min(setting.patience, _PATIENCE))
    looped = run_loop(task, once, launch=_unchanged, profiler="memray")
    stacks: dict[Stack, int] = {}
    for frames, size in looped.stacks:
        stack = _below_marker(frames, task.id, str(setting.project))
        if stack:
            stacks[stack] = stacks.get(stack, 0) + size
    total = sum(stacks.values())
    return Flame(benchmark=task.id, stacks=stacks, seen=total, per_call=float(total)), looped


def peak_shifts(base: Flame, head: Flame) -> tuple[Shift, ...]:
    """List the functions that hold more or less at the peak, by more than a hundredth of it, the most first."""
    least = max(_SMALLEST, _SHARE * max(base.per_call, head.per_call))
    before, after = _own(base), _own(head)
    moved = (
        Shift(function=name.name, file=name.file, base=before.get(name, 0), head=after.get(name, 0), error=0.0)
        for name in {**before, **after}
    )
    return tuple(sorted((one for one in moved if abs(one.delta) > least), key=lambda one: -abs(one.delta)))


def _own(flame: Flame) -> dict[Frame, int]:
    return {hot.frame.function: hot.own for hot in hottest(flame)}


def _below_marker(frames: Sequence[tuple[str, str, int]], benchmark: str, project: str) -> Stack:
    names = [name for name, _, _ in frames]
    if MARKER not in names:
        return ()
    below = frames[names.index(MARKER) + 1 :]
    return (Frame(benchmark), *(Frame(name, short_path(file, project=project), line) for name, file, line in below))


def _unchanged(command: Sequence[str]) -> Sequence[str]:
    return command
