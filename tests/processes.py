"""Processes that should be gone."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_MOMENT = 30.0  # seconds


def working_in(folder: Path) -> list[str]:
    """List the processes whose working folder lies in a folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (process / "cwd").readlink().is_relative_to(folder):
                found.append(process.name)
    return found


def naming(folder: Path) -> list[str]:
    """List the commands, but for our own, that name a folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command = (process / "cmdline").read_bytes().decode(errors="replace").replace("\0", " ")
            if str(folder) in command and process.name != str(os.getpid()):
                found.append(command)
    return found


def staying(look: Callable[[Path], list[str]], folder: Path) -> list[str]:
    """Look for processes until there are none: one that was killed dies in its turn. Returns those that stay."""
    end = time.monotonic() + _MOMENT
    while (found := look(folder)) and time.monotonic() < end:
        pass
    return found
