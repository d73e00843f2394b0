"""A project: its folder, what ``[tool.hivegate]`` of its pyproject.toml sets, and what of it a flow works on."""

from __future__ import annotations

import configparser
import contextlib
import math
import os
import re
import shlex
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from hivegate.errors import UsageError
from hivegate.measure.subject import Subject
from hivegate.model.alteration import LoosenedRules
from hivegate.model.identity import closest

if TYPE_CHECKING:
    from hivegate.model.targets import Targets

FEWEST_PASSES, MOST_PASSES = 3, 1000
_NO_KEY = re.compile(r"[^A-Za-z0-9._-]+")  # what no part of a key holds


PYTEST_ARGS = "HIVEGATE_PYTEST_ARGS"  # the variable of a measured process with what is handed on to pytest


class Settings(msgspec.Struct, frozen=True, kw_only=True, rename="kebab", forbid_unknown_fields=True):
    """Hold what ``[tool.hivegate]`` of pyproject.toml can set.

    `paths` are where the benchmarks are and where their ids begin; `timeout` is in seconds; `history` is a path or a
    database's URL; `base_branch` is the branch that changes go to, where git cannot tell; `loosened_rules` is what
    happens where a change passes only by rules that it loosens itself; a stored report has keys below `key_prefix`, by
    default the project's name; `pytest_args` are handed on to pytest; `exclude` are selectors of benchmarks that are no
    part of the suite. `build` is a command, as a list, that builds the
    project in the folder it runs in; a comparison runs it in both trees. With `reached` a comparison does not measure
    what the change cannot reach.
    """

    paths: tuple[str, ...] = ("benches",)
    targets: str = "targets.yaml"
    passes: int = 5
    max_passes: int = 15
    timeout: float = 120.0
    history: str = ".hivegate/history.db"
    base_branch: str | None = None
    loosened_rules: LoosenedRules = LoosenedRules.REVIEW
    key_prefix: str | None = None
    exclude: tuple[str, ...] = ()
    pytest_args: tuple[str, ...] = ()
    build: tuple[str, ...] = ()
    reached: bool = False


class Project(msgspec.Struct, frozen=True, kw_only=True):
    """Hold a project's root folder, an absolute path, its settings, and its name, by default the folder's."""

    folder: Path
    settings: Settings = msgspec.field(default_factory=Settings)
    name: str = ""

    def __post_init__(self) -> None:
        """Refuse a relative folder, which would mean another one as soon as the current folder changes."""
        if not self.folder.is_absolute():
            raise UsageError("a project's folder is an absolute path", where=str(self.folder), hint="use find_project")

    @property
    def key_prefix(self) -> str:
        """Begin the keys of stored reports: the setting, else the project's name in what keys may hold."""
        return self.settings.key_prefix or _NO_KEY.sub("-", self.name or self.folder.name) or "project"

    @property
    def roots(self) -> tuple[str, ...]:
        """Name where benchmark ids begin: the folders, and those of the files, that the settings name."""
        paths = tuple(path.strip("/") for path in self.settings.paths)
        return tuple(dict.fromkeys((*paths, *(self._root(path) for path in paths))))

    def subject(
        self,
        paths: tuple[Path, ...] = (),
        python: str | None = None,
        base_paths: tuple[str, ...] = (),
        base_exclude: tuple[str, ...] | None = None,
    ) -> Subject:
        """Make what is measured: the benchmarks at `paths`, or where the settings say, under an interpreter.

        `python` is a path or a name on the PATH, by default this interpreter. Without `paths` the benchmarks at
        `base_paths`, where base's settings say, are measured as well, as far as they are there still. Of what the
        settings exclude, only what `base_exclude` has too is left out, where it is known. Raises `UsageError` for a
        path that does not exist or lies outside the project.
        """
        chosen = tuple(self._inside(path.resolve()) for path in paths) or tuple(
            path.strip("/") for path in self.settings.paths
        )
        for path in chosen:
            if not (self.folder / path).exists():
                raise UsageError(
                    "no such file or folder",
                    where=str(self.folder / path),
                    hint="name where the benchmarks are: hivegate bench PATH, or paths = [...] under [tool.hivegate]",
                )
        of_base = tuple(path.strip("/") for path in base_paths) if not paths else ()
        chosen = tuple(dict.fromkeys((*chosen, *(path for path in of_base if (self.folder / path).exists()))))
        roots = tuple(dict.fromkeys((*self.roots, *map(self._root, (*chosen, *of_base)))))
        return Subject(
            project=self.folder,
            python=sys.executable if python is None else absolute_interpreter(python),
            paths=chosen,
            roots=roots,
            variables=handed_on(self.settings.pytest_args),
            distribution=self.name,
            exclude=tuple(one for one in self.settings.exclude if base_exclude is None or one in base_exclude),
        )

    def targets_file(self, given: Path | None = None) -> Path:
        """Name the targets file: the given one, else that of the settings."""
        return given if given is not None else relative(self.folder / self.settings.targets)

    def find_targets_file(self, given: Path | None = None) -> Path | None:
        """Name the targets file where one is given or exists."""
        file = self.targets_file(given)
        return file if given is not None or file.exists() else None

    def load_targets(self, given: Path | None = None) -> Targets:
        """Read the targets file where one is given or exists; without one there are no targets."""
        from hivegate.model import targets  # noqa: PLC0415  many commands read no targets
        from hivegate.targets import load_targets  # noqa: PLC0415  the same

        file = self.find_targets_file(given)
        return targets.Targets(source="no targets.yaml") if file is None else load_targets(file)

    def timeout(self, options: SuiteOptions) -> float:
        """Choose the seconds without a sign of life: those asked for, else those of the settings."""
        return options.timeout or self.settings.timeout

    def has_history(self) -> bool:
        """Say whether anything is stored: a database server is named, or the file is there."""
        return "://" in self.settings.history or (self.folder / self.settings.history).exists()

    def _inside(self, path: Path) -> str:
        try:
            return path.relative_to(self.folder).as_posix()
        except ValueError as fault:
            raise UsageError(f"lies outside the project {self.folder}", where=str(path)) from fault

    def _root(self, path: str) -> str:
        return Path(path).parent.as_posix() if (self.folder / path).is_file() else path


def handed_on(arguments: tuple[str, ...]) -> dict[str, str]:
    """Make the variable by which workers learn what is handed on to pytest."""
    return {PYTEST_ARGS: shlex.join(arguments)} if arguments else {}


def handing_on(subject: Subject, arguments: tuple[str, ...]) -> Subject:
    """Hand on to pytest other arguments than the project's settings say."""
    others = {name: value for name, value in subject.variables.items() if name != PYTEST_ARGS}
    return msgspec.structs.replace(subject, variables=others | handed_on(arguments))


class SuiteOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Say which benchmarks of a project are measured, and how; None and () stand for the project's settings.

    `paths` are where the benchmarks are; `selectors` name benchmarks by globs of their ids, as ``group:GLOB`` or
    ``marker:GLOB``, none for all, and `excluded` those that are left out; `python` is the
    interpreter that holds the project, by default this one; `targets` is the targets file; `timeout` is in seconds
    without a sign of life.
    """

    paths: tuple[Path, ...] = ()
    selectors: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    python: str | None = None
    targets: Path | None = None
    timeout: float | None = None


def find_project(start: Path) -> Project:
    """Find the nearest folder upward with a pyproject.toml or a targets.yaml; without one the project is `start`.

    Raises `UsageError` for a ``[tool.hivegate]`` that cannot be read or has an unknown key.
    """
    start = start.absolute()
    for folder in (start, *start.parents):
        if (folder / "pyproject.toml").is_file():
            return _read(folder)
        if (folder / "targets.yaml").is_file():
            return Project(folder=folder)
    return Project(folder=start)


def absolute_interpreter(python: str) -> str:
    """Make a path to an interpreter absolute, for it is used in other folders; a bare name stays one of the PATH.

    A link is not followed: an environment's interpreter is one.
    """
    return str(Path(python).absolute()) if Path(python).name != python else python


def relative(path: Path) -> Path:
    """Write a path relative to the current folder, where it can be: another drive cannot."""
    try:
        return Path(os.path.relpath(path))
    except ValueError:
        return path


def _read(folder: Path) -> Project:
    path = folder / "pyproject.toml"
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, RecursionError, tomllib.TOMLDecodeError) as fault:
        raise UsageError(f"cannot be read: {fault}", where=str(path)) from fault
    metadata = document.get("project")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    settings = read_settings(document, str(path))
    poetry = document.get("tool", {}).get("poetry") if name is None else None
    name = poetry.get("name") if isinstance(poetry, dict) else name
    name = _name_in_setup(folder) if name is None else name
    return Project(folder=folder, settings=settings, name=name if isinstance(name, str) else "")


def _name_in_setup(folder: Path) -> str | None:
    """Read the name in a setup.cfg; None where there is none that can be read."""
    parser = configparser.RawConfigParser(strict=False)
    with contextlib.suppress(OSError, configparser.Error, UnicodeDecodeError):
        parser.read(folder / "setup.cfg", encoding="utf-8")
    return parser.get("metadata", "name", fallback=None)


def read_settings(document: dict[str, Any], where: str) -> Settings:
    """Read ``[tool.hivegate]`` of a pyproject.toml; raises `UsageError` for an unknown key and a wrong value."""
    tool = document.get("tool", {})
    if not isinstance(tool, dict):
        raise UsageError(f"tool: is {tool!r}; expected a table", where=where, hint="write: [tool.hivegate]")
    table, where = tool.get("hivegate", {}), f"{where}: [tool.hivegate]"
    allowed = [field.encode_name for field in msgspec.structs.fields(Settings)]
    for key in table if isinstance(table, dict) else ():
        if key not in allowed:
            near = closest(key, allowed)
            hint = f"did you mean {near}?" if near else f"known are {', '.join(allowed)}"
            raise UsageError(f"unknown key {key!r}", where=where, hint=hint)
    if not isinstance(table, dict):
        raise UsageError(f"is {table!r}; expected a table", where=where, hint="write: [tool.hivegate]")
    try:
        settings = msgspec.convert({**table, **_timeout(table.get("timeout"), where)}, Settings)
    except msgspec.ValidationError as fault:
        what, _, key = str(fault).partition(" - at `$.")
        raise UsageError(f"{key.rstrip('`')}: {what}" if key else what, where=where) from fault
    for key, wrong, expected in (
        ("paths", not settings.paths or not all(map(str.strip, settings.paths)), "one folder or file at least"),
        ("targets", not settings.targets.strip(), "a file"),
        ("passes", not FEWEST_PASSES <= settings.passes <= MOST_PASSES, f"{FEWEST_PASSES} to {MOST_PASSES}"),
        ("max-passes", not FEWEST_PASSES <= settings.max_passes <= MOST_PASSES, f"{FEWEST_PASSES} to {MOST_PASSES}"),
        ("timeout", not 0 < settings.timeout < math.inf, "a duration above 0, as 120 s"),
        ("history", not settings.history.strip(), "a file, or the URL of a database"),
        ("exclude", not all(map(str.strip, settings.exclude)), "ids, group:NAME or marker:NAME"),
        ("base-branch", settings.base_branch == "", "the name of a branch"),
    ):
        if wrong:
            value = getattr(settings, key.replace("-", "_"))
            raise UsageError(f"{key}: is {value!r}; expected {expected}", where=where)
    return settings


def _timeout(given: object, where: str) -> dict[str, float]:
    """Read a duration that is written with its unit, as options and targets.yaml are; a number is seconds."""
    if not isinstance(given, str):
        return {}
    from hivegate.targets.units import DURATION, QuantityError, parse_quantity  # noqa: PLC0415  few set it

    try:
        return {"timeout": parse_quantity(given.strip(), DURATION)}
    except QuantityError as fault:
        raise UsageError(f"timeout: {given!r} is not a duration", where=where, hint=fault.hint) from fault
