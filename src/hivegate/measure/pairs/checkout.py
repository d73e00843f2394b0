"""What all pairs of a comparison share: the two trees of a project, and how their processes are begun."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from hivegate.measure.subject import Subject


class Trees(msgspec.Struct, frozen=True, kw_only=True):
    """A project's folders in its two checkouts; and, seen from head's, the repository and pytest's root."""

    head: Path
    base: Path
    repository: Path
    rootdir: Path

    def of(self, side: str, path: Path) -> Path:
        """Find a path of head's tree in a side's."""
        return path if side == "head" else Path(os.path.normpath(self.base / os.path.relpath(path, self.head)))


class Pairing(msgspec.Struct, frozen=True, kw_only=True):
    """What all pairs of a comparison share; `base_python` where base has an environment of its own.

    Not `forked`: two started processes; `launcher` starts them without random addresses, where the system has such.
    """

    subject: Subject
    trees: Trees
    preload: tuple[str, ...]
    timeout: float
    forked: bool = True
    launcher: tuple[str, ...] = ()
    base_python: str | None = None
