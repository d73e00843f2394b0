"""Wheels that are built once for what they are made of."""

from __future__ import annotations

import sys
import zipfile
from typing import TYPE_CHECKING

import pytest
from tests.repository import Repository

from hivegate.errors import MeasureError
from hivegate.system.wheels import built_wheel, cache_folder, wheel_key

if TYPE_CHECKING:
    from pathlib import Path

# A backend in one line: it packs what the tree says, and notes that it was asked.
_BUILD = """
import pathlib, sys, zipfile
with open("asked", "a") as file:
    file.write("x")
with zipfile.ZipFile(pathlib.Path(sys.argv[-1], "toy-1-py3-none-any.whl"), "w") as wheel:
    wheel.writestr("toy.py", pathlib.Path("toy.py").read_text())
"""
_COMMAND = (sys.executable, "-c", _BUILD)


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """Give a tree, and a cache folder of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    made = Repository.new(tmp_path / "tree")
    made.commit({"toy.py": "A = 1\n", ".gitignore": "asked\n"})
    return made


def asked(tree: Repository) -> int:
    """Count how often the tree was built."""
    return len((tree.folder / "asked").read_text())


def contents(wheel: Path) -> dict[str, bytes]:
    """Read the files of a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_wheel_is_built_once_and_again_when_it_is_not_whole(tree: Repository) -> None:
    """Whatever was left half-written, by a crash or a full disk, is no wheel."""
    first = built_wheel(tree.folder, sys.executable, _COMMAND)
    assert first.is_relative_to(cache_folder())
    assert built_wheel(tree.folder, sys.executable, _COMMAND) == first
    assert asked(tree) == 1
    whole, files = first.read_bytes(), contents(first)
    for broken in (b"", whole[: len(whole) // 2], whole.replace(b"A = 1", b"A = 2")):
        first.write_bytes(broken)
        assert contents(built_wheel(tree.folder, sys.executable, _COMMAND)) == files
    assert asked(tree) == 4


def test_the_key_is_of_the_content_the_flags_and_nothing_else(
    tree: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another folder or another commit with the same files is the same; a file that is not committed counts."""
    keys = [wheel_key(tree.folder, sys.executable)]
    tree.commit()
    assert [wheel_key(tree.clone(tmp_path / "clone").folder, sys.executable)] == keys
    for name, text in (("toy.py", "A = 2\n"), ("toy.py", "A = 3\n"), ("new.c", ""), ("asked", "")):
        tree.write({name: text})
        keys.append(wheel_key(tree.folder, sys.executable))
    (tree.folder / "toy.py").chmod(0o755)
    keys.append(wheel_key(tree.folder, sys.executable))
    for flag in ("CFLAGS", "RUSTFLAGS"):
        monkeypatch.setenv(flag, "-O0")
        keys.append(wheel_key(tree.folder, sys.executable))
    assert keys[3] == keys[4], "what git ignores does not count"
    assert len(set(keys)) == len(keys) - 1


def test_a_build_that_fails_says_why(tree: Repository) -> None:
    """And leaves nothing that could be taken for a wheel."""
    with pytest.raises(MeasureError, match="ended with exit status 7") as fault:
        built_wheel(tree.folder, sys.executable, (sys.executable, "-c", "print('no compiler'); raise SystemExit(7)"))
    assert "no compiler" in str(fault.value)
    assert not list(cache_folder().rglob("*.whl"))
