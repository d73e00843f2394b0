"""Which commits could have changed how long something takes: by what they touch, and by the syntax trees of both sides.

Files are parsed, never run. What is not known to be harmless could have done it.
"""

from __future__ import annotations

import ast
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from hivegate.flows.source.definitions import DefinitionHistory
from hivegate.model.trend import CommitEvidence
from hivegate.system import commits

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from hivegate.system.commits import TouchedFile

_MOST_FILES = 600  # that are read from git; commits beyond are not looked into, and could have done it
_DOCUMENTS = frozenset({".md", ".rst", ".png", ".svg", ".gif", ".jpg", ".jpeg", ".webp", ".pdf", ".bib", ".po"})
_NAMES = frozenset(
    {"license", "licence", "authors", "contributors", "changelog", "changes", "news", "notice", "copying"}
)
_IGNORED = frozenset({".gitignore", ".gitattributes", ".mailmap", ".editorconfig", ".pre-commit-config.yaml"})
_FOLDERS = frozenset({"doc", "docs", ".github", ".circleci", "changelog.d", "newsfragments"})
_WITH_DOCSTRING = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


class CodeHistory:
    """Asks git what the commits between two runs changed, each once; where the clone lacks them nothing is known."""

    def __init__(self, project: Path, benchmarks: Iterable[str] = ()) -> None:
        """Look into a project; node ids tell which of its tests are benchmarks."""
        self.definitions = DefinitionHistory(project)
        self._project = project
        self._files = {node.partition("::")[0] for node in benchmarks}
        self._ranges: dict[tuple[str, str], tuple[CommitEvidence, ...] | None] = {}
        self._trees: dict[str, str | None] = {}

    def between(self, older: str | None, newer: str | None) -> tuple[CommitEvidence, ...] | None:
        """List the commits after one up to another, with what each could have done; None where that is not known."""
        if older is None or newer is None:
            return None
        if (older, newer) not in self._ranges:
            found = () if older == newer else commits.list_between(self._project, older, newer)
            self._ranges[older, newer] = (
                None if found is None else tuple(self._evidence(one.sha, one.subject, one.files) for one in found)
            )
        return self._ranges[older, newer]

    def _evidence(self, sha: str, subject: str, files: tuple[TouchedFile, ...]) -> CommitEvidence:
        harmless = {one.path: self._harmless(one) for one in files}
        could = [path for path, why in harmless.items() if why is None]
        if could:
            more = f" and {len(could) - 1} more" if len(could) > 1 else ""
            return CommitEvidence(commit=sha, subject=subject, could=True, why=f"changes {could[0]}{more}")
        why = ", ".join(dict.fromkeys(one for one in harmless.values() if one)) or "touches no file"
        return CommitEvidence(commit=sha, subject=subject, could=False, why=why)

    def _harmless(self, file: TouchedFile) -> str | None:
        """Say why a change of a file cannot be felt; None where it can."""
        path = PurePosixPath(file.path)
        if any(file.path == one or file.path.endswith(f"/{one}") for one in self._files):
            return self._same_code(file)
        stem, suffix = path.name.partition(".")[0].lower(), path.suffix.lower()
        if suffix in _DOCUMENTS or stem in _NAMES or path.name in _IGNORED or path.parts[0].lower() in _FOLDERS:
            return "documents"
        if suffix == ".pyi":
            return "type stubs"
        if suffix != ".py":
            return None
        return "tests" if path.stem.startswith("test_") or path.stem.endswith("_test") else self._same_code(file)

    def _same_code(self, file: TouchedFile) -> str | None:
        trees = [self._tree(blob) for blob in (file.old, file.new)]
        return "comments, docstrings and layout" if None not in trees and trees[0] == trees[1] else None

    def _tree(self, blob: str) -> str | None:
        """Spell the syntax tree of a blob without docstrings; None where it is none or too much was read."""
        if blob not in self._trees:
            source = commits.blob(self._project, blob) if len(self._trees) < _MOST_FILES else None
            self._trees[blob] = None if source is None else _spelled(source)
        return self._trees[blob]


def _spelled(source: str) -> str | None:
    try:
        tree = ast.parse(source)
        for node in ast.walk(tree):
            if isinstance(node, _WITH_DOCSTRING) and ast.get_docstring(node, clean=False) is not None:
                node.body = node.body[1:]
        return ast.dump(tree)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
