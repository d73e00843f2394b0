"""Where a project's benchmarks are: its files are parsed, never run."""

from __future__ import annotations

import ast
import os
import re
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import msgspec

from hivegate.errors import UsageError
from hivegate.system.files import MEBIBYTE, read_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_LARGEST = 4 * MEBIBYTE
_FOLDERS = frozenset({"bench", "benches", "benchmark", "benchmarks", "perf", "performance"})
_COLLECTED = re.compile(r"(?:bench|test)_.*\.py|.*_test\.py")
_SKIPPED = frozenset({"__pycache__", "node_modules", "site-packages", "build", "dist", "venv"})
_PROJECT = ("pyproject.toml", "setup.py", "setup.cfg")
_FIXTURES = frozenset({"benchmark", "benchmark_weave", "codspeed_benchmark"})
_IN_TEXT = re.compile(rb"(?m)^[ \t]*(?:async )?def (?:test|bench)\w*(?:\[[^\]]*\])?\([^)]*\bbenchmark\s*[,:)]")
_MARKERS = ("mark.benchmark", "mark.codspeed_benchmark")


class Suites(msgspec.Struct, frozen=True, kw_only=True):
    """What was found: paths to give to hivegate, benchmark functions in them, and packages with suites of their own.

    `unparsed` are the files that this Python cannot parse, each with the reason; their text says that they have some.
    """

    paths: tuple[str, ...] = ()
    functions: int = 0
    packages: tuple[str, ...] = ()
    unparsed: tuple[str, ...] = ()


def find_suites(project: Path) -> Suites:
    """Look for tests that use pytest-benchmark's fixture or a marker `benchmark`, anywhere in a project.

    Paths are relative, with slashes. A folder named as benchmarks are stands for its files where pytest would collect
    benchmarks in it and nothing else; other files are named one by one, so that no other test is imported. Folders that
    are projects of their own are left to themselves.
    """
    files, packages = _candidates(project)
    unparsed: dict[str, str] = {}
    counted = {file: count for file in files if (count := _benchmarks(project, file, unparsed))}
    folders = {folder for file in counted if (folder := _folder(file)) and _only(folder, files, counted)}
    paths = dict.fromkeys(folder if (folder := _folder(file)) in folders else file for file in sorted(counted))
    return Suites(
        paths=tuple(one for one in paths if one),
        functions=sum(counted.values()),
        packages=tuple(one for one in packages if find_suites(project / one).functions),
        unparsed=tuple(f"{file}: {why}" for file, why in unparsed.items()),
    )


def _candidates(project: Path) -> tuple[list[str], list[str]]:
    """List the Python files of a project, and the folders in it that are projects of their own."""
    files: list[str] = []
    packages: list[str] = []
    for folder, names, found in os.walk(project):
        here = Path(folder)
        names[:] = sorted(name for name in names if not _skipped(here / name))
        own = [name for name in names if any((here / name / one).is_file() for one in _PROJECT)]
        packages += [(here / name).relative_to(project).as_posix() for name in own]
        names[:] = [name for name in names if name not in own]
        files += [(here / name).relative_to(project).as_posix() for name in sorted(found) if name.endswith(".py")]
    return files, packages


def _skipped(folder: Path) -> bool:
    return folder.name.startswith(".") or folder.name in _SKIPPED or (folder / "pyvenv.cfg").exists()


def _folder(file: str) -> str | None:
    """Name the outermost folder of a file that is named as benchmarks are."""
    parts = PurePosixPath(file).parts[:-1]
    place = next((index for index, part in enumerate(parts) if part in _FOLDERS), None)
    return None if place is None else "/".join(parts[: place + 1])


def _only(folder: str, files: Iterable[str], counted: dict[str, int]) -> bool:
    inside = [file for file in files if file.startswith(f"{folder}/")]
    return all((file in counted) == bool(_COLLECTED.fullmatch(PurePosixPath(file).name)) for file in inside)


def _benchmarks(project: Path, file: str, unparsed: dict[str, str]) -> int:
    """Count the benchmark functions of a file; of one that this Python cannot parse by its text, and name it."""
    try:
        data = read_bytes(project / file, limit=_LARGEST, error=UsageError)
        module = ast.parse(data) if b"benchmark" in data else ast.Module(body=[], type_ignores=[])
        return sum(marked or _is_benchmark(one) for one, marked in _tests(module, marked=False))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as fault:
        count = len(_IN_TEXT.findall(data)) if _COLLECTED.fullmatch(PurePosixPath(file).name) else 0
        if count:
            line = f" in line {fault.lineno}" if isinstance(fault, SyntaxError) else ""
            unparsed[file] = f"{type(fault).__name__}{line}"
        return count
    except UsageError:
        return 0


def _tests(
    parent: ast.Module | ast.ClassDef, *, marked: bool
) -> Iterator[tuple[ast.FunctionDef | ast.AsyncFunctionDef, bool]]:
    """Yield the tests below a module or class, and whether it marks them all as benchmarks."""
    marked = marked or any(_marks_all(node) for node in parent.body)
    for node in parent.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            if node.name.startswith(("test", "bench")):
                yield node, marked
        elif isinstance(node, ast.ClassDef):
            yield from _tests(node, marked=marked or any(_marks(one) for one in node.decorator_list))


def _marks_all(node: ast.stmt) -> bool:
    """Return whether a statement is `pytestmark = pytest.mark.benchmark`, alone or in a list."""
    if not isinstance(node, ast.Assign) or [ast.unparse(one) for one in node.targets] != ["pytestmark"]:
        return False
    value = node.value
    return any(_marks(one) for one in (value.elts if isinstance(value, ast.List | ast.Tuple) else [value]))


def _is_benchmark(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    given = {one.arg for one in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)}
    return bool(given & _FIXTURES) or any(_marks(one) for one in function.decorator_list)


def _marks(decorator: ast.expr) -> bool:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return isinstance(called, ast.Attribute) and ast.unparse(called).endswith(_MARKERS)
