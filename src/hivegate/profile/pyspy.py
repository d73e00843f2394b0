"""py-spy around one benchmark: recorded once as speedscope, everything else is derived from that.

py-spy ends with 0 whatever became of its child, so only the loop's own record and the samples that fell on the
benchmark say whether it worked. Never ``-d``: py-spy would kill the child at its end.
"""

from __future__ import annotations

import functools
import math
import re
import shutil
import sysconfig
from typing import TYPE_CHECKING

import msgspec

from hivegate.errors import ProfilerError
from hivegate.profile.flame import Flame, fold
from hivegate.profile.loop import BenchmarkError, Looped, Setting, run_loop, scratch_folder
from hivegate.profile.names import short_path
from hivegate.profile.speedscope import read_speedscope
from hivegate.system.files import MEBIBYTE, read_bytes

if TYPE_CHECKING:
    from hivegate.profile.plan import ProfileTask

RATE = 200  # samples a second: 1000 Hz doubles the time of a call, 200 Hz adds a tenth
ENOUGH = 100  # samples; with fewer the standard error of a share may pass five points
_LONGER = 2.0
_LARGEST = 64 * MEBIBYTE
# With --subprocesses py-spy passes over a process that it may not stop, and then finds none.
_REFUSED = re.compile(
    r"EPERM|Operation not permitted|Permission denied|Failed to suspend|No python processes found", re.IGNORECASE
)
_RUNNING = "py-spy may not stop a process here (ptrace is refused), so it read a running one: rare stacks may err"
_WAITING = "the benchmark mostly waits: its waiting is shown; other threads and processes where they work"


class Recording(msgspec.Struct, frozen=True, kw_only=True):
    """A flame of one benchmark, what the loop told, and what the reader must know."""

    flame: Flame
    looped: Looped
    notes: tuple[str, ...] = ()

    def noting(self, note: str) -> Recording:
        """Add a note."""
        return msgspec.structs.replace(self, notes=(*self.notes, note))


def find_pyspy() -> str:
    """Find py-spy, first beside our own interpreter; raises `ProfilerError` where there is none."""
    found = shutil.which("py-spy", path=sysconfig.get_path("scripts")) or shutil.which("py-spy")
    if found is None:
        raise ProfilerError("py-spy is not installed", hint="pip install 'hivegate[profile]'")
    return found


def record(task: ProfileTask, setting: Setting, program: str) -> Recording:
    """Record one benchmark; again without stopping it where that is refused, again with waiting where it waits.

    Raises `BenchmarkError` when it did not run and `ProfilerError` when py-spy saw nothing.
    """
    recording, options = _record_permitted(task, setting, program)
    if recording.looped.waits and recording.flame.kept < 0.8 * RATE * recording.looped.seconds:
        waiting = _record_once(task, setting, program, (*options, "--idle"))
        # Threads beside it are parked when they wait, which is no news: they count only where they work.
        waiting = msgspec.structs.replace(waiting, flame=waiting.flame.beside(recording.flame), notes=recording.notes)
        recording = waiting.noting(_WAITING)
    elif recording.flame.kept < ENOUGH:
        # Setup outside the marker takes the time.
        longer = msgspec.structs.replace(setting, seconds=setting.seconds * _LONGER)
        again = _record_once(task, longer, program, options)
        recording = msgspec.structs.replace(again, notes=recording.notes)
    kept = recording.flame.kept
    if kept == 0:
        raise ProfilerError("none of py-spy's samples fell on the benchmark")
    if kept < ENOUGH:
        points = 50 / math.sqrt(kept)
        return recording.noting(f"only {kept} samples fell on the benchmark: shares may err by {points:.0f} points")
    return recording


def _record_permitted(task: ProfileTask, setting: Setting, program: str) -> tuple[Recording, tuple[str, ...]]:
    try:
        return _record_once(task, setting, program, ()), ()
    except BenchmarkError:
        raise
    except ProfilerError as fault:
        if not _REFUSED.search(fault.message):
            raise
    options = ("--nonblocking",)
    return _record_once(task, setting, program, options).noting(_RUNNING), options


def _record_once(task: ProfileTask, setting: Setting, program: str, options: tuple[str, ...]) -> Recording:
    with scratch_folder() as folder:
        output = folder / "speedscope.json"
        flags = ("--format", "speedscope", "--rate", str(RATE), "--subprocesses", *options, "--output", str(output))
        looped = run_loop(task, setting, launch=lambda command: [program, "record", *flags, "--", *command])
        if not output.exists():
            raise ProfilerError(f"py-spy wrote nothing: {looped.output}")
        data = read_bytes(output, limit=_LARGEST, error=ProfilerError)
    flame = fold(
        read_speedscope(data, where="py-spy's recording"),
        benchmark=task.id,
        seconds_per_call=task.seconds_per_call or looped.seconds_per_call,
        shorten=functools.partial(short_path, project=str(setting.project)),
    )
    return Recording(flame=flame, looped=looped)
