"""Wheels of a project, built once for what they are made of, and kept under the user's cache folder."""

from __future__ import annotations

import hashlib
import os
import shutil
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from hivegate.errors import MeasureError
from hivegate.system import git, process
from hivegate.system.files import scratch_folder, write_atomic

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_PATIENCE = 3600.0  # seconds; a project may compile for long
_LAST = 20  # lines that tell why
# What makes another binary of the same sources.
_FLAGS = ("CC", "CXX", "CFLAGS", "CPPFLAGS", "CXXFLAGS", "LDFLAGS", "RUSTFLAGS", "CARGO_BUILD_TARGET", "CYTHON_TRACE")
_SEEN = ("cc", "c++", "rustc", "cargo", "cython")
_BLOCK = 1 << 20


def cache_folder() -> Path:
    """Name the folder of all that can be made again: ``hivegate`` in the user's cache folder."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "hivegate"


def wheel_key(tree: Path, python: str, requirements: str = "") -> str:
    """Name what a wheel is made of: the files of the repository, the interpreter, the compilers and their flags.

    `requirements` are what the build needs, in the versions that it gets.
    """
    made = hashlib.sha256()
    top = git.root_of(tree).resolve()
    inside = tree.resolve().relative_to(top).as_posix()
    for part in (inside.encode(), requirements.encode(), *_files(top), *_toolchain(python, tree)):
        made.update(part + b"\0")
    return made.hexdigest()[:32]


def built_wheel(tree: Path, python: str, command: Sequence[str], requirements: str = "") -> Path:
    """Give the wheel of a tree, built by `command` with the folder for it behind, where none is kept.

    A wheel that is not whole is built again. Raises `MeasureError` with the last words of the build.
    """
    folder = cache_folder() / "wheels" / wheel_key(tree, python, requirements)
    kept = [wheel for wheel in sorted(folder.glob("*.whl")) if _is_whole(wheel)]
    if kept:
        return kept[0]
    with scratch_folder() as made:
        ended = process.run([*command, str(made)], cwd=tree, overdue=process.deadline(_PATIENCE))
        wheels = list(made.glob("*.whl"))
        if ended.returncode != 0 or not wheels:
            last = "\n  ".join(ended.output.strip().splitlines()[-_LAST:])
            raise MeasureError(f"building its wheel {ended.cause}", where=str(tree), hint=last)
        target = folder / wheels[0].name
        write_atomic(target, wheels[0].read_bytes(), error=MeasureError, durable=False)
    return target


def _files(tree: Path) -> Iterator[bytes]:
    for name in sorted({*git.tracked_files(tree), *git.untracked_files(tree)}):
        path = tree / name
        if path.is_file() and ".hivegate" not in path.relative_to(tree).parts:
            yield name.encode("utf-8", "surrogateescape")
            yield str(path.stat().st_mode & 0o111).encode()
            with path.open("rb") as file:
                content = hashlib.sha256()
                while block := file.read(_BLOCK):
                    content.update(block)
            yield content.digest()
        elif path.is_dir():  # a submodule
            yield f"{name} {git.object_at(tree, name)}".encode("utf-8", "surrogateescape")


def _toolchain(python: str, tree: Path) -> Iterator[bytes]:
    interpreter = "import sys, sysconfig; print(sys.version, sysconfig.get_platform())"
    yield process.run([python, "-c", interpreter], cwd=tree).output.encode()
    for program in _SEEN:
        found = shutil.which(os.environ.get("CC", program) if program == "cc" else program)
        yield process.run([found, "--version"], cwd=tree).output.encode() if found else b""
    for flag in _FLAGS:
        yield os.environ.get(flag, "").encode()


def _is_whole(wheel: Path) -> bool:
    try:
        with zipfile.ZipFile(wheel) as archive:
            return archive.testzip() is None
    except (OSError, zipfile.BadZipFile):
        return False
