"""Files that are new or grow at their end: nothing that is there is overwritten."""

from __future__ import annotations

import enum
import json
import tomllib
from pathlib import Path

import msgspec

from hivegate.errors import UsageError
from hivegate.system.files import MEBIBYTE, create_atomic, read_bytes, write_atomic

_LARGEST = 4 * MEBIBYTE


class State(enum.Enum):
    """What becomes of a file."""

    NEW = "new"
    APPENDED = "appended"
    KEPT = "kept"


class File(msgspec.Struct, frozen=True, kw_only=True):
    """A file: its text, or with `APPENDED` the lines that go to its end; `why` says what kept it or what it is for."""

    path: Path
    text: str
    state: State
    why: str = ""


def new_file(path: Path, text: str, *, why: str = "") -> File:
    """Plan a file; one that is there, also as a broken link, is kept."""
    there = path.exists() or path.is_symlink()
    return File(path=path, text=text, state=State.KEPT if there else State.NEW, why="it exists" if there else why)


def ignored_by_git(path: Path, names: tuple[str, ...]) -> File:
    """Plan lines of a .gitignore; those that stand there are not planned again."""
    known = {line.strip().strip("/") for line in _text(path).splitlines()} if path.exists() else set()
    missing = [name for name in names if name.strip("/") not in known]
    text = "".join(f"{name}\n" for name in missing)
    if not missing:
        return File(path=path, text="", state=State.KEPT, why="it already has these lines")
    return File(path=path, text=text, state=State.APPENDED if path.exists() else State.NEW)


def settings(path: Path, paths: tuple[str, ...], *, configured: bool) -> File:
    """Plan [tool.hivegate] with where the benchmarks are; one that is there is kept."""
    listed = ", ".join(json.dumps(one, ensure_ascii=False) for one in paths)
    text = f"\n[tool.hivegate]\npaths = [{listed}]\n"
    if configured:
        return File(path=path, text=text, state=State.KEPT, why="it already has [tool.hivegate]")
    if not path.exists():
        return File(path=path, text=text.lstrip(), state=State.NEW)
    try:
        tomllib.loads(_text(path) + text)
    except tomllib.TOMLDecodeError:  # [tool] is written in a way that lets nothing follow
        return File(path=path, text=text, state=State.KEPT, why=f"add to [tool]: hivegate = {{paths = [{listed}]}}")
    return File(path=path, text=text, state=State.APPENDED)


def write(file: File) -> None:
    """Write a planned file, whole or not at all; raises `UsageError` where it cannot be, or is there by now."""
    if file.state is State.NEW:
        create_atomic(file.path, file.text, error=UsageError)
    elif file.state is State.APPENDED:
        before = _text(file.path)
        end = "\r\n" if "\r\n" in before else "\n"
        gap = "" if before.endswith("\n") or not before else end
        whole = before + gap + file.text.replace("\n", end)
        write_atomic(file.path.resolve(), whole, error=UsageError)


def _text(path: Path) -> str:
    try:
        return read_bytes(path, limit=_LARGEST, error=UsageError).decode()
    except UnicodeDecodeError as fault:
        raise UsageError("is not UTF-8", where=str(path), hint="save it as UTF-8, then run init again") from fault
