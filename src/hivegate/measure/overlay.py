"""Laying head's benchmarks over the base, so that both revisions run the same ones."""

from __future__ import annotations

import configparser
import contextlib
import fnmatch
import shutil
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, TypeGuard

import msgspec

from hivegate.system import git

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hivegate.measure.subject import Subject

_CONFIGURATION = (
    "pytest.toml",
    ".pytest.toml",
    "pytest.ini",
    ".pytest.ini",
    "pyproject.toml",
    "tox.ini",
    "setup.cfg",
)
_COLLECTED = ("bench_*.py", "test_*.py", "*_test.py")
_SUITES = frozenset({"bench", "benches", "benchmark", "benchmarks", "perf", "performance", "test", "tests"})
_CODE = ("__init__.py", "pyproject.toml", "setup.py", "src")
_NEVER = frozenset({".git", ".hivegate", "__pycache__", ".pytest_cache"})


def overlay_benchmarks(project: Path, base: Path, subject: Subject) -> None:
    """Give the base head's benchmarks, their conftests and pytest's configuration, as they stand in the working tree.

    A folder of benchmarks is replaced as a whole, without what git ignores; of one that also holds code, such as the
    project's root, only what pytest collects and the folders in it that are named as suites are. A file that head no
    longer has is removed.
    """
    overlay = _overlay(project.resolve(), base.resolve())
    for path in subject.paths:
        source = overlay.project / path.partition("::")[0]
        for folder in _from_to(overlay.head, source if source.is_dir() else source.parent):
            for name in (*_CONFIGURATION, "conftest.py"):
                overlay.mirror_file(folder / name)
        if not source.is_dir():
            overlay.mirror_file(source)
        elif holds_code(source, overlay.project):
            overlay.mirror_collected(source)
        else:
            overlay.mirror_folder(source)


class _Overlay(msgspec.Struct, frozen=True, kw_only=True):
    """The two trees, from the roots of their working trees, and what stays out."""

    head: Path
    base: Path
    project: Path
    ignored: frozenset[Path]
    patterns: tuple[str, ...]

    def mirror_file(self, source: Path) -> None:
        """Make a file of the base what it is in head: the same, or absent."""
        target = self._target(source)
        _delete(target)
        if source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)

    def mirror_folder(self, source: Path) -> None:
        """Replace a folder of the base by head's."""
        target = self._target(source)
        _delete(target)
        shutil.copytree(source, target, symlinks=True, ignore=self._ignore)

    def mirror_collected(self, source: Path) -> None:
        """Mirror what pytest collects below a folder, and the folders of suites as a whole."""
        target = self._target(source)
        for name in sorted({one.name for side in (source, target) if side.is_dir() for one in side.iterdir()}):
            here, there = source / name, target / name
            if here.is_dir() or there.is_dir():
                if self._enters(here) and self._enters(there):
                    self._mirror_below(here)
            elif name == "conftest.py" or any(fnmatch.fnmatchcase(name, pattern) for pattern in self.patterns):
                self.mirror_file(here)

    def _mirror_below(self, here: Path) -> None:
        if here.is_dir() and here.name in _SUITES and self._has_collected(here):
            self.mirror_folder(here)
        else:
            self.mirror_collected(here)

    def _has_collected(self, folder: Path) -> bool:
        return any(any(folder.glob(pattern)) for pattern in self.patterns)

    def _enters(self, folder: Path) -> bool:
        hidden = folder.name.startswith(".") or folder.name in _NEVER or folder.is_symlink()
        return not hidden and folder not in self.ignored and not (folder / "pyvenv.cfg").exists()

    def _ignore(self, folder: str, names: list[str]) -> list[str]:
        return [name for name in names if name in _NEVER or Path(folder, name) in self.ignored]

    def _target(self, source: Path) -> Path:
        inside = source.relative_to(self.head)
        for parent in reversed(inside.parents[:-1]):  # a link in the base must not lead the writing out of it
            if (self.base / parent).is_symlink() or (self.base / parent).is_file():
                (self.base / parent).unlink()
        return self.base / inside


def _overlay(project: Path, base: Path) -> _Overlay:
    head = git.toplevel(project).resolve()
    inside = project.relative_to(head)
    return _Overlay(
        head=head,
        base=base.parents[len(inside.parts) - 1] if inside.parts else base,
        project=project,
        ignored=git.ignored(head),
        patterns=tuple(dict.fromkeys((*_COLLECTED, *_configured(head), *_configured(project)))),
    )


def _from_to(top: Path, folder: Path) -> Iterator[Path]:
    yield top
    for part in folder.relative_to(top).parts:
        top /= part
        yield top


def holds_code(folder: Path, project: Path) -> bool:
    """Tell whether a folder may hold what is measured: laid over as a whole, head would be compared with itself."""
    if folder == project:
        return True
    if folder.name in _SUITES or folder.name.startswith(("bench", "test_", "tests_")):
        return False
    places = (folder, *(one for one in folder.iterdir() if one.is_dir()))
    return folder.name == "src" or any((place / name).exists() for place in places for name in _CODE)


def _configured(folder: Path) -> Iterator[str]:
    """Yield the patterns of `python_files` in all of pytest's configuration files; pytest will refuse broken ones."""
    for name in _CONFIGURATION:
        with contextlib.suppress(OSError, ValueError, configparser.Error):
            text = (folder / name).read_text(encoding="utf-8")
            for given in _in_toml(text) if name.endswith(".toml") else _in_ini(text):
                yield from given.split() if isinstance(given, str) else filter(_is_text, given)


def _in_toml(text: str) -> Iterator[str | list[object]]:
    document = tomllib.loads(text)
    for path in (("pytest",), ("tool", "pytest"), ("tool", "pytest", "ini_options")):
        found: object = document
        for key in (*path, "python_files"):
            found = found.get(key) if isinstance(found, dict) else None
        if isinstance(found, (str, list)):
            yield found


def _in_ini(text: str) -> Iterator[str]:
    parser = configparser.RawConfigParser(strict=False)
    parser.read_string(text)
    for section in ("pytest", "tool:pytest"):
        if parser.has_option(section, "python_files"):
            yield parser.get(section, "python_files")


def _is_text(value: object) -> TypeGuard[str]:
    return isinstance(value, str)


def _delete(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
