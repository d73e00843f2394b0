"""The threads of this process, and the cores that they may run on."""

from __future__ import annotations

import contextlib
import os
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_TASKS = "/proc/self/task"


def pin(cores: Iterable[int]) -> None:
    """Let every thread run on these cores alone, and those that they start."""
    for thread in (0, *map(int, _threads())):
        with contextlib.suppress(OSError, AttributeError):  # one that ended, or a system without affinity
            os.sched_setaffinity(thread, cores)


def numbers() -> list[int]:
    """List the system's numbers of the threads that run besides the calling one; empty where nobody knows."""
    own = threading.get_native_id()
    return [number for number in map(int, _threads()) if number != own]


def ran(number: int) -> float:
    """Look up the seconds that a thread was on a core; 0 where nobody knows, or it has ended."""
    try:
        with open(f"{_TASKS}/{number}/schedstat", encoding="ascii") as file:  # noqa: PTH123  a string is at hand
            return int(file.read().split()[0]) * 1e-9
    except (OSError, IndexError, ValueError):
        return 0.0


def count() -> int:
    """Count the threads of this process; 0 where nobody knows."""
    return len(_threads())


def exit_code(status: int) -> int:
    """Turn a wait's status into an exit code, negative for a signal: os.waitstatus_to_exitcode is of Python 3.9."""
    return -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


def _threads() -> list[str]:
    try:
        return os.listdir(_TASKS)  # noqa: PTH208
    except OSError:
        return []
