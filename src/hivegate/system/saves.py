"""Waiting for a person to save a file."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from hivegate.system import git

if TYPE_CHECKING:
    from pathlib import Path

_EVERY = 0.15  # seconds
_QUIET = 0.1  # seconds without another change: an editor may write several files


class Saves:
    """What has been saved below a folder since it was looked at last: what git tracks, and new Python files.

    Anything else that is new may be what a benchmark writes.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: tuple[Path, ...] = ()
        self._seen: tuple[tuple[int, int], ...] = ()
        self.look()

    def look(self) -> None:
        """Take the files as they are now for seen."""
        new = (name for name in git.untracked_files(self._folder) if name.endswith(".py"))
        self._files = tuple(self._folder / name for name in (*git.tracked_files(self._folder), *new))
        self._seen = self._state()

    def changed(self) -> bool:
        """Return whether any was saved or removed since."""
        return self._state() != self._seen

    def wait(self) -> None:
        """Return once something was saved, and all of it."""
        while not self.changed():
            time.sleep(_EVERY)
        before: tuple[tuple[int, int], ...] = ()
        while before != (before := self._state()):
            time.sleep(_QUIET)

    def _state(self) -> tuple[tuple[int, int], ...]:
        return tuple(_stamp(file) for file in self._files)


def _stamp(file: Path) -> tuple[int, int]:
    try:
        found = file.stat()
    except OSError:
        return 0, -1
    return found.st_mtime_ns, found.st_size
