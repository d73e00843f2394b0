"""The sources of two revisions: which function a line is in, what git says has changed there, and the line itself."""

from __future__ import annotations

import ast
import functools
from pathlib import Path
from typing import NamedTuple

from hivegate.profile.hunks import Hunk, new_line, read_hunks, touching
from hivegate.profile.names import PACKAGES, origin
from hivegate.system import git
from hivegate.system.files import MEBIBYTE

_LARGEST = 2 * MEBIBYTE


class Span(NamedTuple):
    """The lines of a function, its decorators included, or of a whole file."""

    first: int
    last: int


def packages_of(python: str) -> Path | None:
    """Find the folder of what is installed in an interpreter's virtual environment; None where it is in none."""
    return next(iter(sorted(Path(python).parent.parent.glob("lib/python3*/site-packages"))), None)


class Sources:
    """The files of a project in base's tree and in head's, by their short names; what cannot be read is not there.

    `packages` are the folders of what is installed for base and for head, where those are two environments: releases
    differ there.
    """

    def __init__(self, base: Path, head: Path, packages: tuple[Path, Path] | None = None) -> None:
        self._trees = {"base": base, "head": head}
        self._packages = dict(zip(("base", "head"), packages or (), strict=False))
        self._lines = functools.cache(self._read)
        self._spans = functools.cache(self._functions)
        self.hunks = functools.cache(self._hunks)

    def line(self, file: str, number: int) -> str:
        """Read a line of head."""
        lines = self._lines(file)
        return lines[number - 1].strip() if 0 < number <= len(lines) else ""

    def span(self, file: str, number: int) -> Span:
        """Find the innermost function of head that holds a line; the whole file where none does."""
        around = [one for one in self._spans(file) if one.first <= number <= one.last]
        return max(around, default=Span(1, max(1, len(self._lines(file)))))

    def changes(self, file: str, number: int) -> tuple[Hunk, ...]:
        """Choose the hunks that touch the function around a line of head."""
        return touching(self.hunks(file), *self.span(file, number))

    def in_head(self, file: str, base_line: int) -> int | None:
        """Find where a line of base stands in head; None where it is gone."""
        return new_line(self.hunks(file), base_line)

    def _read(self, file: str) -> tuple[str, ...]:
        path = self._path("head", file)
        if path is None or path.stat().st_size > _LARGEST:
            return ()
        return tuple(path.read_text(encoding="utf-8", errors="replace").splitlines())

    def _functions(self, file: str) -> tuple[Span, ...]:
        try:
            tree = ast.parse("\n".join(self._lines(file)))
        except (SyntaxError, ValueError, RecursionError):  # of another Python than ours
            return ()
        return tuple(
            Span(min([one.lineno, *(each.lineno for each in one.decorator_list)]), one.end_lineno or one.lineno)
            for one in ast.walk(tree)
            if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)
        )

    def _hunks(self, file: str) -> tuple[Hunk, ...]:
        head = self._path("head", file)
        if head is None:
            return ()
        return read_hunks(git.difference(self._path("base", file) or self._trees["base"] / file, head))

    def _path(self, side: str, file: str) -> Path | None:
        """Find a file in a side's tree or environment; names come from the subject and lead nowhere else."""
        whose = origin(file)
        tree = self._trees[side] if whose == "project" else self._packages.get(side) if whose == "package" else None
        if tree is None:
            return None
        path = (tree / file.removeprefix(f"{PACKAGES}/" if whose == "package" else "")).resolve()
        return path if path.is_relative_to(tree.resolve()) and path.is_file() else None
