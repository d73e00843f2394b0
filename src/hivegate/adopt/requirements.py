"""What the environment of a project's benchmarks needs, from the project's own files."""

from __future__ import annotations

import configparser
import re
import tomllib
from typing import TYPE_CHECKING, Any

import msgspec

from hivegate.errors import UsageError
from hivegate.system.files import MEBIBYTE, read_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

_LARGEST = MEBIBYTE
_NEEDED = "pytest-benchmark"
_NAME = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)")
_LIKELY = ("bench", "benches", "benchmark", "benchmarks", "perf", "test", "tests", "testing", "dev")


class Requirements(msgspec.Struct, frozen=True, kw_only=True):
    """How to install what is measured: the project itself, and one of an extra, a dependency group or a file.

    `members` are what the dependency group stands for; `complete` says that pytest-benchmark is among it all.
    """

    installable: bool = False
    extra: str | None = None
    group: str | None = None
    members: tuple[str, ...] = ()
    file: str | None = None
    complete: bool = False

    def words(self, *, old_pip: bool = False) -> list[str]:
        """Format the arguments of `pip install`, unquoted; without --group for a pip before 25.1."""
        words: list[str] = []
        if self.installable:
            words += ["-e", f".[{self.extra}]" if self.extra else "."]
        if self.group:
            words += self.members if old_pip else ["--group", self.group]
        if self.file:
            words += ["-r", self.file]
        return words if self.complete else [*words, _NEEDED]


def find_requirements(project: Path) -> Requirements:
    """Find what holds the tests' dependencies: what names pytest-benchmark, else what is named as tests are.

    Raises `UsageError` for a pyproject.toml that is none.
    """
    document = read_toml(project / "pyproject.toml")
    installable = any((project / name).is_file() for name in ("setup.py", "setup.cfg")) or any(
        (document.get("project"), document.get("build-system"), document.get("tool", {}).get("poetry"))
    )
    groups, extras, files = _groups(document), _extras(project, document), _files(project)
    for known_only in (False, True):
        for kind, found in (("group", groups), ("extra", extras if installable else {}), ("file", files)):
            name = _likeliest(found, known_only=known_only)
            if name is not None:
                return Requirements(
                    installable=installable,
                    members=members(name, document["dependency-groups"]) if kind == "group" else (),
                    complete=not known_only,
                    **{kind: name},
                )
    return Requirements(installable=installable)


def find_provider(project: Path, module: str) -> list[str] | None:
    """Find the arguments of `pip install` that bring a module, by the project's own files; None where none names it."""
    document = read_toml(project / "pyproject.toml")
    name = re.sub(r"[-_.]+", "-", module.partition(".")[0]).lower()
    for found, words in (
        (_extras(project, document), lambda extra: ["-e", f".[{extra}]"]),
        (_groups(document), lambda group: _members_of(document, group, name)),
        (_files(project), lambda file: ["-r", file]),
    ):
        likeliest = min((holder for holder, packages in found.items() if name in packages), key=_rank, default=None)
        if likeliest is not None:
            return words(likeliest)
    return None


def _members_of(document: Mapping[str, Any], group: str, package: str) -> list[str]:
    """List what a group says of a package: `pip install --group` needs pip 25.1."""
    return [member for member in members(group, document["dependency-groups"]) if package in _names([member])]


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file; empty where there is none. Raises `UsageError` with place and reason."""
    if not path.exists():
        return {}
    try:
        return tomllib.loads(read_bytes(path, limit=_LARGEST, error=UsageError).decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise UsageError(f"cannot be read: {fault}", where=str(path), hint="fix it, then run init again") from fault


def _likeliest(found: Mapping[str, frozenset[str]], *, known_only: bool) -> str | None:
    """Choose what has pytest-benchmark; with `known_only` what is named as tests are and has any plugin of pytest."""
    if known_only:
        names = [name for name, packages in found.items() if any(one.startswith("pytest") for one in packages)]
        names = [name for name in names if _rank(name) < len(_LIKELY)]
    else:
        names = [name for name, packages in found.items() if _NEEDED in packages]
    return min(names, key=_rank, default=None)


def _rank(name: str) -> int:
    words = re.split(r"[^a-z]+", name.lower())
    return next((place for place, likely in enumerate(_LIKELY) if likely in words), len(_LIKELY))


def _groups(document: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    table = document.get("dependency-groups")
    if not isinstance(table, dict):
        return {}
    return {name: _names(members(name, table)) for name in table}


def members(name: str, table: Mapping[str, Any], seen: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """List the requirements of a dependency group, those of groups that it includes along."""
    items = table.get(name)
    if name in seen or not isinstance(items, list):
        return ()
    found: list[str] = []
    for one in items:
        if isinstance(one, str):
            found.append(one)
        elif isinstance(one, dict) and isinstance(one.get("include-group"), str):
            found += members(one["include-group"], table, seen | {name})
    return tuple(found)


def _extras(project: Path, document: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    declared = document.get("project", {}).get("optional-dependencies", {})
    found = {name: _names(items) for name, items in declared.items() if isinstance(items, list)}
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read(project / "setup.cfg", encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError):  # pip will say what is wrong with it
        return found
    if parser.has_section("options.extras_require"):
        found |= {name: _names(text.splitlines()) for name, text in parser.items("options.extras_require")}
    return found


def _files(project: Path) -> dict[str, frozenset[str]]:
    paths = [*sorted(project.glob("*requirements*.txt")), *sorted(project.glob("requirements/*.txt"))]
    found: dict[str, frozenset[str]] = {}
    for path in paths:
        try:
            text = read_bytes(path, limit=_LARGEST, error=UsageError).decode()
        except (UsageError, UnicodeDecodeError):
            continue
        found[path.relative_to(project).as_posix()] = _names(text.splitlines())
    return found


def _names(requirements: Iterable[object]) -> frozenset[str]:
    """Take the normalized names out of requirements."""
    found = (_NAME.match(one) for one in requirements if isinstance(one, str))
    return frozenset(re.sub(r"[-_.]+", "-", one[1]).lower() for one in found if one)
