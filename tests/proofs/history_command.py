"""The real command in a project of its own, timed."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path


class Ended(NamedTuple):
    """How a command ended: what it printed, and its seconds, those of its processor too."""

    status: int
    out: str
    err: str
    wall: float
    cpu: float


class Command:
    """``hivegate`` in a folder whose history is at a path or a URL."""

    def __init__(self, folder: Path, place: str) -> None:
        self._folder = folder
        (folder / "pyproject.toml").write_text(f"[tool.hivegate]\nhistory = '{place}'\n", encoding="utf-8")

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start it and go on."""
        pipe = subprocess.PIPE
        return subprocess.Popen(
            [sys.executable, "-m", "hivegate", *arguments],
            cwd=self._folder,
            env={**os.environ, "CI": "true"},
            stdout=pipe,
            stderr=pipe,
            text=True,
        )

    def run(self, *arguments: str) -> Ended:
        """Run it to its end."""
        wall, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        process = self.start(*arguments)
        out, err = process.communicate()
        wall, after = time.perf_counter() - wall, resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return Ended(process.returncode, out, err, wall, cpu)
