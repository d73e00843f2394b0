"""Files that are new, grow at their end, or were written by init and not changed since: no other is overwritten."""

from __future__ import annotations

import difflib
import enum
import hashlib
import json
import re
import tomllib
from pathlib import Path

import msgspec

from hivegate.errors import UsageError
from hivegate.system.files import MEBIBYTE, create_atomic, read_bytes, write_atomic

_LARGEST = 4 * MEBIBYTE
_SIGNED = "# hivegate init updates this file until it is changed: {digest}\n"
_SIGNATURE = re.compile(r"# hivegate init updates this file until it is changed: ([0-9a-f]{16})\s*\Z")


class State(enum.Enum):
    """What becomes of a file."""

    NEW = "new"
    APPENDED = "appended"
    UPDATED = "updated"
    KEPT = "kept"
    CURRENT = "current"


class File(msgspec.Struct, frozen=True, kw_only=True):
    """A file: its text, or with `APPENDED` the lines that go to its end; `why` says what kept it or what it is for.

    With `UPDATED`, `diff` is what changes.
    """

    path: Path
    text: str
    state: State
    why: str = ""
    diff: str = ""


def new_file(path: Path, text: str, *, why: str = "") -> File:
    """Plan a file that ends in a digest; one that is there is kept, unless init wrote it and nobody changed it."""
    text += _SIGNED.format(digest=_digest(text))
    if not path.exists() and not path.is_symlink():
        return File(path=path, text=text, state=State.NEW, why=why)
    if not is_unchanged(path):
        return File(path=path, text=text, state=State.KEPT, why="it exists")
    before = _text(path)
    if before == text:
        return File(path=path, text=text, state=State.CURRENT, why="it is up to date")
    lines = difflib.unified_diff(before.splitlines(), text.splitlines(), "before", "after", n=1, lineterm="")
    return File(path=path, text=text, state=State.UPDATED, diff="\n".join(lines))


def is_unchanged(path: Path) -> bool:
    """Return whether init wrote a file and nobody has changed it since: its last line is the digest of the others."""
    if not path.is_file() or path.is_symlink():
        return False
    try:
        text = _text(path).replace("\r\n", "\n")
    except UsageError:
        return False
    found = _SIGNATURE.search(text)
    return found is not None and found[1] == _digest(text[: found.start()])


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


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
    elif file.state is State.UPDATED:
        write_atomic(file.path, file.text, error=UsageError)
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
