"""``[tool.hivegate]`` of pyproject.toml: what a project sets once."""

from __future__ import annotations

import tomllib
from pathlib import Path

import msgspec

from hivegate.errors import UsageError
from hivegate.model.identity import closest


class Settings(msgspec.Struct, frozen=True, kw_only=True, rename="kebab", forbid_unknown_fields=True):
    """What can be set.

    `paths` are where the benchmarks are and where their ids begin; `history` is a path or a database's URL;
    `base_branch` is the branch that changes go to, where git cannot tell.
    """

    paths: tuple[str, ...] = ("benches",)
    targets: str = "targets.yaml"
    passes: int = 5
    max_passes: int = 15
    timeout: float = 120.0
    history: str = ".hivegate/history.db"
    base_branch: str | None = None


class Project(msgspec.Struct, frozen=True, kw_only=True):
    """A project's root folder and its settings."""

    folder: Path
    settings: Settings


def find_project(start: Path) -> Project:
    """Find the nearest folder upward that has a pyproject.toml or a targets.yaml; without one it is `start`."""
    for folder in (start, *start.parents):
        if (folder / "pyproject.toml").is_file():
            return Project(folder=folder, settings=_read(folder / "pyproject.toml"))
        if (folder / "targets.yaml").is_file():
            return Project(folder=folder, settings=Settings())
    return Project(folder=start, settings=Settings())


def _read(path: Path) -> Settings:
    try:
        tools = tomllib.loads(path.read_text(encoding="utf-8")).get("tool", {})
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise UsageError(f"cannot be read: {fault}", where=str(path)) from fault
    table = tools.get("hivegate", {})
    where = f"{path}: [tool.hivegate]"
    known = [field.encode_name for field in msgspec.structs.fields(Settings)]
    for key in table if isinstance(table, dict) else ():
        if key not in known:
            near = closest(key, known)
            hint = f"did you mean {near}?" if near else f"known are {', '.join(known)}"
            raise UsageError(f"the key {key} is not known", where=where, hint=hint)
    try:
        return msgspec.convert(table, Settings)
    except msgspec.ValidationError as fault:
        raise UsageError(str(fault), where=where) from fault
