"""Processes that measured code leaves behind: adopted, ended before a result is written, and named.

A daemon that left its process group and its session outlives the worker that started it, and could still change files.
Where the system lets a process adopt the orphans below it (Linux), the command does, and only while it measures.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_PR_SET_CHILD_SUBREAPER = 36
_ROUNDS = 100  # of ending what another one had started
_PAUSE = 0.01
_LONGEST = 120

_adopting = False
_ended: list[str] = []
STARTING = threading.Lock()  # while a process is started and noted as ours
OURS: set[int] = set()  # the processes that we started and that run
GROUPS: set[int] = set()  # the process groups of all that we started, which end with them


def adopt_orphans() -> None:
    """Become the parent of every process below whose parent ends; only a whole program may ask that, no library."""
    global _adopting  # noqa: PLW0603  it is of the process
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            _adopting = ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0


@contextlib.contextmanager
def ending_leftovers() -> Iterator[None]:
    """End what is left of the processes that are started in the context; what ran before stays."""
    before = _adopted() if _adopting else set()
    try:
        yield
    finally:
        if _adopting:
            _end(before)


def take_leftovers() -> tuple[str, ...]:
    """Name what was ended since the last time, each command once."""
    names = tuple(dict.fromkeys(_ended))
    _ended.clear()
    return names


def _adopted() -> set[int]:
    with STARTING:
        children: set[int] = set()
        for file in Path("/proc/self/task").glob("*/children"):
            with contextlib.suppress(OSError):
                children.update(map(int, file.read_text(encoding="ascii").split()))
        return children - OURS


def _end(before: set[int]) -> None:
    for _ in range(_ROUNDS):
        left = _adopted() - before
        if not left:
            return
        for pid in left:
            _end_one(pid)
        time.sleep(_PAUSE)


def _end_one(pid: int) -> None:
    with contextlib.suppress(OSError):
        left_group = os.getpgid(pid) not in GROUPS
        command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        if command and left_group:  # what is of a group ends with it, and what has ended is only to be waited for
            _ended.append(command[:_LONGEST])
    with contextlib.suppress(OSError):
        os.kill(pid, signal.SIGKILL)
    with contextlib.suppress(OSError):
        os.waitpid(pid, os.WNOHANG)
