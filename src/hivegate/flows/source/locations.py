"""Where benchmarks are defined: the lines of their functions, by pytest's names for them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from hivegate.errors import ResultsError
from hivegate.report.bundle import Place
from hivegate.system.files import MEBIBYTE, read_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_LARGEST = 4 * MEBIBYTE


def find_places(project: Path, node_ids: Iterable[str], *, prefix: str = "") -> dict[str, Place]:
    """Find the functions behind node ids in the project's files; what is not found there has no place.

    `prefix` goes before each file. Files are parsed, never run, and none outside the project is opened.
    """
    places: dict[str, Place] = {}
    parsed: dict[str, dict[str, int]] = {}
    for node_id in node_ids:
        file, _, rest = node_id.partition("::")
        name = rest.partition("[")[0].replace("::", ".")
        if file not in parsed:
            parsed[file] = _functions(project, file)
        if name in parsed[file]:
            places[node_id] = Place(file=prefix + file, line=parsed[file][name])
    return places


def _functions(project: Path, file: str) -> dict[str, int]:
    """Tell the line of each function of a file, methods behind their class; none where it cannot be read."""
    try:
        path = (project / file).resolve()
        if path.suffix != ".py" or not path.is_relative_to(project.resolve()):
            return {}
        tree = ast.parse(read_bytes(path, limit=_LARGEST, error=ResultsError))
    except (ResultsError, OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    return dict(_named(tree, ""))


def _named(parent: ast.Module | ast.ClassDef, before: str) -> Iterable[tuple[str, int]]:
    for node in parent.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{before}{node.name}", node.lineno
        elif isinstance(node, ast.ClassDef):
            yield from _named(node, f"{before}{node.name}.")
