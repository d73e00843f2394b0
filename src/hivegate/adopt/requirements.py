"""What the environment of a project's benchmarks needs, from the project's own files."""

from __future__ import annotations

import configparser
import re
import tomllib
from typing import TYPE_CHECKING, Any

import msgspec

from hivegate.adopt.installs import installed_by_automation
from hivegate.errors import UsageError
from hivegate.system.files import MEBIBYTE, read_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

_LARGEST = MEBIBYTE
_NEEDED = "pytest-benchmark"
_NAME = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)")
_RENAMED = {  # modules whose package has quite another name
    "bs4": ("beautifulsoup4",),
    "cv2": ("opencv-python", "opencv-python-headless"),
    "pil": ("pillow",),
    "skimage": ("scikit-image",),
    "sklearn": ("scikit-learn",),
}
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
    """Find what holds the tests' dependencies: what names a plugin of benchmarks, else what is named as tests are.

    Raises `UsageError` for a pyproject.toml that is none.
    """
    document = read_toml(project / "pyproject.toml")
    installable = any((project / name).is_file() for name in ("setup.py", "setup.cfg")) or any(
        (document.get("project"), document.get("build-system"), document.get("tool", {}).get("poetry"))
    )
    groups, extras, files = _groups(document), _extras(project, document), _files(project)
    for plugin in (_NEEDED, "pytest-codspeed", None):
        for kind, found in (("group", groups), ("extra", extras if installable else {}), ("file", files)):
            name = _likeliest(found, plugin)
            if name is not None:
                return Requirements(
                    installable=installable,
                    members=members(name, document["dependency-groups"]) if kind == "group" else (),
                    complete=plugin == _NEEDED,
                    **{kind: name},
                )
    return Requirements(installable=installable)


def find_provider(project: Path, module: str) -> list[str] | None:
    """Find the arguments of `pip install` that bring a module, by the project's own files; None where none names it.

    An extra, a member of a group or a file of requirements, else what tox.ini, the noxfile or a workflow installs.
    """
    document, automated = read_toml(project / "pyproject.toml"), tuple(installed_by_automation(project))
    named = (one.removeprefix("-r ") for one in automated if one.startswith("-r "))
    packages = _packages(module)
    for found, words in (
        (_extras(project, document), lambda extra: ["-e", f".[{extra}]"]),
        (_groups(document), lambda group: _members_of(document, group, packages)),
        (_files(project, named), lambda file: ["-r", file]),
        ({one: _names([one]) for one in automated}, lambda requirement: [requirement]),
    ):
        likeliest = min((holder for holder, listed in found.items() if packages & listed), key=_rank, default=None)
        if likeliest is not None:
            return words(likeliest)
    return None


def name_of_package(module: str) -> str:
    """Name the likeliest package of a module that no file of the project names."""
    name = module.partition(".")[0].replace("_", "-")
    return _RENAMED.get(name.lower(), (name,))[0]


def _packages(module: str) -> frozenset[str]:
    """Name the packages that may bring a module: as it is spelled, and as those are that are spelled otherwise."""
    name = re.sub(r"[-_.]+", "-", module.partition(".")[0]).lower()
    return frozenset({name, f"py{name}", f"python-{name}", f"{name}s", *_RENAMED.get(name, ())})


def _members_of(document: Mapping[str, Any], group: str, packages: frozenset[str]) -> list[str]:
    """List what a group says of a package: `pip install --group` needs pip 25.1."""
    return [member for member in members(group, document["dependency-groups"]) if packages & _names([member])]


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file; empty where there is none. Raises `UsageError` with place and reason."""
    if not path.exists():
        return {}
    try:
        return tomllib.loads(read_bytes(path, limit=_LARGEST, error=UsageError).decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise UsageError(f"cannot be read: {fault}", where=str(path), hint="fix it, then run init again") from fault


def _likeliest(found: Mapping[str, frozenset[str]], plugin: str | None) -> str | None:
    """Choose what has a plugin; without one what is named as tests are and has any plugin of pytest."""
    if plugin is None:
        names = [name for name, packages in found.items() if any(one.startswith("pytest") for one in packages)]
        names = [name for name in names if _rank(name) < len(_LIKELY)]
    else:
        names = [name for name, packages in found.items() if plugin in packages]
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


def _files(project: Path, named: Iterable[str] = ()) -> dict[str, frozenset[str]]:
    """Read the files of requirements where they usually are, and those that are `named`."""
    paths = [*sorted(project.glob("*requirements*.txt")), *sorted(project.glob("requirements/*.txt"))]
    inside = (project / name for name in named)
    paths += [path for path in inside if path not in paths and path.resolve().is_relative_to(project.resolve())]
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
