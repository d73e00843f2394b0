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
from hivegate.profile.loop import BenchmarkError, LoopRun, Setting, run_loop, scratch_folder
from hivegate.profile.names import short_path
from hivegate.profile.speedscope import read_speedscope
from hivegate.system.files import MEBIBYTE, read_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hivegate.profile.plan import ProfileTask

RATE = 200  # samples a second: 1000 Hz doubles the time of a call, 200 Hz adds a tenth
# Of recordings that are compared, each has its own: a call as long as the time between two samples shows itself at
# the same place again and again.
# They are faster, because what slows both sides alike cancels out, and twice the samples tell a third less apart.
RATES = (401, 409, 389)
ENOUGH = 100  # samples; with fewer the standard error of a share may pass five points
_LONGER = 2.0
_LARGEST = 64 * MEBIBYTE
# With --subprocesses py-spy passes over a process that it may not stop, and then finds none.
_REFUSED = re.compile(
    r"EPERM|Operation not permitted|Permission denied|Failed to suspend|No python processes found", re.IGNORECASE
)
_RUNNING = "ptrace is not permitted here, so py-spy read the running process: rare stacks may be wrong"
_NOT_NATIVE = "native frames need ptrace, so there are none"
_TIMED = "the suite times it by {timer}; this profile is of wall time"
_WAITING = "the benchmark mostly waits, so idle time is included; for other threads and processes it is not"


class Manner(msgspec.Struct, frozen=True, kw_only=True):
    """How py-spy looks: into C extensions, at what waits, into other processes.

    `running` where it may not stop a process, `longer` where too few samples fell on the benchmark: both are found out.
    """

    native: bool = False
    idle: bool = False
    subprocesses: bool = True
    running: bool = False
    longer: bool = False

    def options(self) -> tuple[str, ...]:
        """Format py-spy's options."""
        flags = {
            "--native": self.native and not self.running,
            "--idle": self.idle,
            "--subprocesses": self.subprocesses,
            "--nonblocking": self.running,
        }
        return tuple(flag for flag, on in flags.items() if on)


class Recording(msgspec.Struct, frozen=True, kw_only=True):
    """A flame of one benchmark, what the loop told, how py-spy had to look, and what the reader must know."""

    flame: Flame
    looped: LoopRun
    manner: Manner
    notes: tuple[str, ...] = ()


def find_pyspy() -> str:
    """Find py-spy, first beside our own interpreter; raises `ProfilerError` where there is none."""
    found = shutil.which("py-spy", path=sysconfig.get_path("scripts")) or shutil.which("py-spy")
    if found is None:
        raise ProfilerError("py-spy is not installed", hint="Install it: pip install 'hivegate[profile]'")
    return found


def record(
    task: ProfileTask, setting: Setting, program: str, manner: Manner | None = None, *, rate: int = RATE
) -> Recording:
    """Record one benchmark; again without stopping it where that is refused, with waiting where it waits, or longer.

    Raises `BenchmarkError` when it did not run and `ProfilerError` when py-spy saw nothing.
    """
    asked = manner or Manner()
    recording = _record_permitted(task, setting, program, asked, rate)
    found, looped = recording.manner, recording.looped
    # Reading native stacks stops the process for long, and what is stopped looks as if it waited.
    seen = found.idle or found.native
    if not seen and looped.waits and recording.flame.kept < 0.8 * rate * looped.seconds:
        waiting = _record_once(task, setting, program, msgspec.structs.replace(found, idle=True), rate)
        # Threads beside it are parked when they wait, which is no news: they count only where they work.
        recording = msgspec.structs.replace(waiting, flame=waiting.flame.beside(recording.flame))
    elif not found.longer and recording.flame.kept < ENOUGH:
        # Setup outside the marker takes the time.
        recording = _record_once(task, setting, program, msgspec.structs.replace(found, longer=True), rate)
    kept = recording.flame.kept
    if kept == 0:
        raise ProfilerError("py-spy took no samples of the benchmark")
    return msgspec.structs.replace(recording, notes=tuple(_notes(recording, asked)))


def few_samples(kept: int) -> tuple[str, ...]:
    """Return by how much shares may be off, if there are few samples of the benchmark."""
    if kept >= ENOUGH:
        return ()
    return (f"only {kept} samples of the benchmark: shares may be off by {50 / math.sqrt(kept):.0f} points",)


def _notes(recording: Recording, asked: Manner) -> Iterator[str]:
    manner = recording.manner
    if recording.looped.timer:
        yield _TIMED.format(timer=recording.looped.timer)
    if manner.running:
        yield _RUNNING
    if manner.running and manner.native:
        yield _NOT_NATIVE
    if manner.idle and not asked.idle:
        yield _WAITING


def _record_permitted(task: ProfileTask, setting: Setting, program: str, manner: Manner, rate: int) -> Recording:
    try:
        return _record_once(task, setting, program, manner, rate)
    except BenchmarkError:
        raise
    except ProfilerError as fault:
        if manner.running or not _REFUSED.search(fault.message):
            raise
    return _record_once(task, setting, program, msgspec.structs.replace(manner, running=True), rate)


def _record_once(task: ProfileTask, setting: Setting, program: str, manner: Manner, rate: int) -> Recording:
    longer = msgspec.structs.replace(setting, seconds=setting.seconds * _LONGER) if manner.longer else setting
    with scratch_folder() as folder:
        output = folder / "speedscope.json"
        flags = ("--format", "speedscope", "--rate", str(rate), *manner.options(), "--output", str(output))
        looped = run_loop(task, longer, launch=lambda command: [program, "record", *flags, "--", *command])
        if not output.exists():
            raise ProfilerError(f"py-spy wrote nothing: {looped.output}")
        data = read_bytes(output, limit=_LARGEST, error=ProfilerError)
    flame = fold(
        read_speedscope(data, where="py-spy's recording"),
        benchmark=task.id,
        per_call=task.seconds_per_call or looped.seconds_per_call,
        shorten=functools.partial(short_path, project=str(setting.project)),
        unrelated=looped.unrelated_threads,
    )
    return Recording(flame=flame, looped=looped, manner=manner)
