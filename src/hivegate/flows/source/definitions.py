"""Whether a benchmark's own body was changed between two commits: then its numbers are of something else."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from hivegate.system import commits

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Bodies:
    """Asks git for the project's files as they were, each once; where a commit is not at hand nothing is known."""

    def __init__(self, project: Path) -> None:
        self._project = project
        self._files: dict[tuple[str, str], dict[str, str]] = {}

    def differ(self, node_id: str, older: str | None, newer: str | None) -> bool:
        """Tell whether both commits have the benchmark and its code differs between them.

        Comments, blank lines and docstrings are no difference; decorators and default values are, for they hold the
        sizes and the options.
        """
        file, _, names = node_id.partition("::")
        if older is None or newer is None or older == newer or not names or not file.endswith(".py"):
            return False
        name = names.partition("[")[0].replace("::", ".")
        bodies = [self._bodies(sha, file).get(name) for sha in (older, newer)]
        return None not in bodies and bodies[0] != bodies[1]

    def _bodies(self, sha: str, file: str) -> dict[str, str]:
        if (sha, file) not in self._files:
            text = commits.text_at(self._project, sha, file)
            self._files[sha, file] = dict(_functions(text)) if text else {}
        return self._files[sha, file]


def _functions(text: str) -> Iterator[tuple[str, str]]:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    yield from _below(tree, "")


def _below(parent: ast.Module | ast.ClassDef, before: str) -> Iterator[tuple[str, str]]:
    for node in parent.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            if ast.get_docstring(node, clean=False) is not None:
                node.body = node.body[1:]
            yield f"{before}{node.name}", ast.dump(node)
        elif isinstance(node, ast.ClassDef):
            yield from _below(node, f"{before}{node.name}.")
