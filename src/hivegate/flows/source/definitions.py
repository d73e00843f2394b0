"""Where benchmarks are defined, and whether their code changed: their functions, by pytest's names for them.

Files are parsed, never run.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, TypeAlias

from hivegate.errors import ResultsError
from hivegate.report.bundle import Place
from hivegate.system import commits
from hivegate.system.files import MEBIBYTE, read_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_LARGEST = 4 * MEBIBYTE
_Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


def find_places(project: Path, node_ids: Iterable[str], *, prefix: str = "") -> dict[str, Place]:
    """Find the functions behind node ids in the project's files; what is not found there has no place.

    `prefix` goes before each file. None outside the project is opened.
    """
    places: dict[str, Place] = {}
    lines: dict[str, dict[str, int]] = {}
    for node_id in node_ids:
        file, name = _file_and_name(node_id)
        if file not in lines:
            functions = _functions(_read(project, file))
            lines[file] = {function_name: function.lineno for function_name, function in functions}
        if name in lines[file]:
            places[node_id] = Place(file=prefix + file, line=lines[file][name])
    return places


class DefinitionHistory:
    """Asks git for the project's files as they were, each once; where a commit is not at hand nothing is known."""

    def __init__(self, project: Path) -> None:
        self._project = project
        self._files: dict[tuple[str, str], dict[str, str]] = {}

    def differ(self, node_id: str, older: str | None, newer: str | None) -> bool:
        """Say whether both commits have the benchmark and its code differs between them.

        Comments, blank lines and docstrings are no difference; decorators and default values are, for they hold the
        sizes and the options.
        """
        file, name = _file_and_name(node_id)
        if older is None or newer is None or older == newer or not name or not file.endswith(".py"):
            return False
        definitions = [self._definitions(sha, file).get(name) for sha in (older, newer)]
        return None not in definitions and definitions[0] != definitions[1]

    def _definitions(self, sha: str, file: str) -> dict[str, str]:
        if (sha, file) not in self._files:
            functions = _functions(commits.text_at(self._project, sha, file) or "")
            self._files[sha, file] = {name: _code(function) for name, function in functions}
        return self._files[sha, file]


def _file_and_name(node_id: str) -> tuple[str, str]:
    """Split pytest's name of a test into its file and its function, behind its classes and without its parameters."""
    file, _, names = node_id.partition("::")
    return file, names.partition("[")[0].replace("::", ".")


def _read(project: Path, file: str) -> bytes:
    """Read a Python file of the project; empty where it is none or cannot be read."""
    try:
        path = (project / file).resolve()
        if path.suffix == ".py" and path.is_relative_to(project.resolve()):
            return read_bytes(path, limit=_LARGEST, error=ResultsError)
    except (ResultsError, OSError, ValueError, RuntimeError):
        pass
    return b""


def _functions(source: str | bytes) -> Iterator[tuple[str, _Function]]:
    """Go through the functions of a module, methods behind their class; none where it cannot be parsed."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    yield from _below(tree, "")


def _below(parent: ast.Module | ast.ClassDef, before: str) -> Iterator[tuple[str, _Function]]:
    for node in parent.body:
        if isinstance(node, _Function):
            yield f"{before}{node.name}", node
        elif isinstance(node, ast.ClassDef):
            yield from _below(node, f"{before}{node.name}.")


def _code(function: _Function) -> str:
    if ast.get_docstring(function, clean=False) is not None:
        function.body = function.body[1:]
    return ast.dump(function)
