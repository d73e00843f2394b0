"""What the suite itself keeps from being collected: nothing that it deselects is silently no benchmark."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .channel import Record

_FIXTURE = b"benchmark"
_LARGEST = 2**20  # bytes that are looked at
_MOST_FILES = 1000  # of an ignored folder


class DeselectionReport:
    """A plugin of a collecting session: writes down benchmarks that hooks remove, and files that are not read."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._collected: dict[str, None] = {}
        self._ignored: dict[str, None] = {}

    @pytest.hookimpl(hookwrapper=True)
    def pytest_ignore_collect(self, collection_path: Any, config: Any) -> Iterator[None]:  # noqa: ANN401  pytest's
        """Remember files with benchmarks that ``--ignore``, ``collect_ignore`` or a hook leaves out."""
        ignored = (yield).get_result()  # type: ignore[attr-defined]
        if ignored and not _is_never_entered(collection_path, config):
            files = _benchmark_files(str(collection_path))
            self._ignored.update(dict.fromkeys(map(os.path.relpath, files)))

    def pytest_itemcollected(self, item: Any) -> None:  # noqa: ANN401  pytest's
        """Remember each benchmark before any hook selects."""
        if "benchmark" in getattr(item, "fixturenames", ()):
            self._collected[item.nodeid] = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_finish(self, session: Any) -> None:  # noqa: ANN401  pytest's
        """Compare with what is left."""
        left = {item.nodeid for item in session.items}
        removed = [node_id for node_id in self._collected if node_id not in left]
        if removed:
            self._record.write("deselected", node_ids=removed[:5], number=len(removed))
        if self._ignored:
            self._record.write("files_ignored", paths=list(self._ignored)[:5], number=len(self._ignored))


def _is_never_entered(path: Any, config: Any) -> bool:  # noqa: ANN401  pytest's
    """Return whether pytest itself enters no such folder: a cache, an environment, a hidden one."""
    folder = str(path)
    if not os.path.isdir(folder):  # noqa: PTH112  compared as text
        return False
    name = os.path.basename(folder)  # noqa: PTH119  the same
    never = name.startswith((".", "__pycache__")) or os.path.exists(os.path.join(folder, "pyvenv.cfg"))  # noqa: PTH110,PTH118
    return never or name in config.getini("norecursedirs")


def _benchmark_files(path: str) -> list[str]:
    if not os.path.isdir(path):  # noqa: PTH112
        return [path] if _is_benchmark_file(path) else []
    found: list[str] = []
    for number, (folder, _, names) in enumerate(os.walk(path)):
        if number > _MOST_FILES:
            break
        files = (os.path.join(folder, name) for name in sorted(names))  # noqa: PTH118
        found.extend(filter(_is_benchmark_file, files))
    return found


def _is_benchmark_file(path: str) -> bool:
    name = os.path.basename(path)  # noqa: PTH119
    if not name.endswith(".py") or not (name.startswith(("bench_", "test_")) or name.endswith("_test.py")):
        return False
    try:
        with open(path, "rb") as file:  # noqa: PTH123
            return _FIXTURE in file.read(_LARGEST)
    except OSError:
        return False
