"""Processes: each in a group of its own, with a deadline, and gone when we are."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
import time
from typing import IO, TYPE_CHECKING

import msgspec

from hivegate.errors import UsageError
from hivegate.system import leftovers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

_TICK = 0.2  # seconds between looks at a running process
_GRACE = 5.0  # seconds a process may take to obey a polite signal
TAIL = 64 * 1024  # bytes of output that are kept


class Finished(msgspec.Struct, frozen=True, kw_only=True):
    """How a process ended: `returncode` as subprocess has it, the tail of what it printed, and whether we ended it."""

    returncode: int
    output: str
    timed_out: bool = False

    @property
    def cause(self) -> str:
        """Name the way it ended in words."""
        if self.timed_out:
            return "was stopped at its deadline"
        if self.returncode < 0:
            return f"was killed by {signal_name(-self.returncode)}"
        return f"ended with exit status {self.returncode}"


def signal_name(number: int) -> str:
    """Name a signal, also one that this platform does not know."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def run(
    command: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    overdue: Callable[[], bool] = lambda: False,
    polite: int = signal.SIGTERM,
    on_tick: Callable[[], None] = lambda: None,
    kept: int = TAIL,
    errors: bool = True,
) -> Finished:
    """Run a command to its end, or until `overdue` says that its time is up.

    The last `kept` bytes of its output are kept, without `errors` those of standard output alone. `on_tick` is called
    about five times a second. Then, or when this process is interrupted, the whole process group
    gets `polite`, a few seconds, and SIGKILL, so that nothing is left behind.
    """
    with tempfile.TemporaryFile() as output:
        with _started(command, cwd=cwd, env=env, output=output.fileno(), polite=polite, errors=errors) as process:
            timed_out = False
            while not timed_out:
                try:
                    process.wait(timeout=_TICK)
                    break
                except subprocess.TimeoutExpired:
                    on_tick()
                    timed_out = overdue()
        return Finished(returncode=process.returncode, output=_tail(output, kept), timed_out=timed_out)


class Running:
    """A process that is talked to while it runs."""

    def __init__(self, process: subprocess.Popen[bytes], output: IO[bytes]) -> None:
        self._process = process
        self._output = output

    def finished(self) -> Finished | None:
        """Return how it ended; None while it runs."""
        status = self._process.poll()
        return None if status is None else Finished(returncode=status, output=_tail(self._output))

    def output(self) -> str:
        """Read the tail of what it printed so far."""
        return _tail(self._output)


@contextlib.contextmanager
def running(
    command: Sequence[str], *, cwd: Path, env: Mapping[str, str], pass_fds: tuple[int, ...]
) -> Iterator[Running]:
    """Run a command beside us, with inherited file descriptors; on leaving, its whole group is gone."""
    with (
        tempfile.TemporaryFile() as output,
        _started(command, cwd=cwd, env=env, output=output.fileno(), pass_fds=pass_fds) as process,
    ):
        yield Running(process, output)


def _tail(output: IO[bytes], kept: int = TAIL) -> str:
    # By position: the process writes at the offset that it shares with us.
    size = os.fstat(output.fileno()).st_size
    return os.pread(output.fileno(), kept, max(0, size - kept)).decode(errors="replace")


def is_alive(pid: int) -> bool:
    """Tell whether there is a process of a number."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def deadline(seconds: float) -> Callable[[], bool]:
    """Make a clock that says whether so many seconds have passed since now."""
    end = time.monotonic() + seconds
    return lambda: time.monotonic() >= end


@contextlib.contextmanager
def _started(
    command: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str] | None,
    output: int,
    polite: int = signal.SIGTERM,
    pass_fds: tuple[int, ...] = (),
    errors: bool = True,
) -> Iterator[subprocess.Popen[bytes]]:
    try:
        with leftovers.STARTING:
            process = subprocess.Popen(
                list(command),
                cwd=cwd,
                env=None if env is None else dict(env),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT if errors else subprocess.DEVNULL,
                start_new_session=True,
                pass_fds=pass_fds,
            )
            leftovers.OURS.add(process.pid)
            leftovers.GROUPS.add(process.pid)
    except OSError as fault:
        raise UsageError(f"cannot be started: {fault.strerror}", where=command[0]) from fault
    try:
        yield process
    finally:
        _end_group(process, polite)
        leftovers.OURS.discard(process.pid)


def _end_group(process: subprocess.Popen[bytes], polite: int) -> None:
    # The leader may be gone while a grandchild lives on: the group is signalled in either case.
    if process.poll() is None:
        _signal_group(process.pid, polite)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=_GRACE)
    _signal_group(process.pid, signal.SIGKILL)
    process.wait()


def _signal_group(group: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
