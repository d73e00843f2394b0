"""What all pairs of a comparison share: the two trees of a project, and how their processes are begun."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from hivegate.measure.subject import Subject
from hivegate.measure.worker_run import TreeSuite
from hivegate.model.protocol import ProjectFacts, TreePaths

if TYPE_CHECKING:
    from hivegate.measure.collect import BenchmarkItem

SIDES = ("base", "head")


class Trees(msgspec.Struct, frozen=True, kw_only=True):
    """A project's folders in its two checkouts; and, seen from head's, the repository and pytest's root.

    `copy` where head's side runs in a copy of head.
    """

    head: Path
    base: Path
    repository: Path
    rootdir: Path
    copy: Path | None = None

    def of(self, side: str, path: Path) -> Path:
        """Find a path of head's tree in a side's."""
        tree = self.base if side == "base" else self.copy
        return path if tree is None else Path(os.path.normpath(tree / os.path.relpath(path, self.head)))


class PairSetup(msgspec.Struct, frozen=True, kw_only=True):
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

    def python_of(self, side: str) -> str:
        """Name the interpreter of a side."""
        return (side == "base" and self.base_python) or self.subject.python

    def paths_of(self, side: str) -> TreePaths:
        """Name the tree of a side, and the one that nothing may be loaded from on it."""
        trees = self.trees
        # What is installed leads into the project itself, so a copy of it must not be led there either.
        other = trees.head if side == "base" or trees.copy is not None else trees.base
        return TreePaths(own=str(trees.of(side, trees.head)), other=str(other))

    def facts_of(self, side: str) -> ProjectFacts:
        """Tell a side's own files."""
        project = self.trees.of(side, self.trees.head)
        return msgspec.structs.replace(self.subject, project=project, python=self.python_of(side)).facts

    def suite_of(self, side: str, chosen: tuple[BenchmarkItem, ...]) -> TreeSuite:
        """Find in a side's tree what was chosen in head's, to be read there alone."""
        trees = self.trees
        return TreeSuite(
            subject=msgspec.structs.replace(
                self.subject, project=trees.of(side, trees.head), python=self.python_of(side)
            ),
            rootdir=str(trees.of(side, trees.rootdir)),
            chosen=tuple(msgspec.structs.replace(item, path=str(trees.of(side, Path(item.path)))) for item in chosen),
            timeout=self.timeout,
            trees=self.paths_of(side),
        )
