"""What a process has loaded of a project, in interpreters of their own: the ways in which other code gets in."""

from __future__ import annotations

import json
import os
import py_compile
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

_WORKER = Path(__file__).resolve().parents[3] / "src" / "hivegate" / "worker"
_SCRIPT = """
import importlib, json, os, sys
sys.path.insert(0, WORKER.rpartition(os.sep)[0])
worker = importlib.import_module("worker.loaded")
sys.path.pop(0)
facts = {"root": ROOT, "distribution": "toy", "suite": ["benches"], "separate": SEPARATE}
worker.prefer_installed(facts)
IMPORTS
print(json.dumps(worker.loaded_project(facts, caches=True)))
"""
_LIBRARY = next(Path(msgspec.__file__).parent.glob("*.so"))


def look(root: Path, imports: str, *paths: Path, cwd: Path | None = None, separate: bool = False) -> dict[str, Any]:
    """Run imports in a fresh interpreter that finds modules at `paths`; returns what was loaded of the project."""
    names = {"WORKER": str(_WORKER), "ROOT": str(root), "SEPARATE": separate}
    script = _SCRIPT.replace("IMPORTS", imports)
    for name, value in names.items():
        script = script.replace(name, repr(value))
    ended = subprocess.run(
        [sys.executable, "-c", script],
        cwd=cwd or root.parent,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths)), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return dict(json.loads(ended.stdout))


def write(root: Path, *names: str, text: str = "") -> Path:
    """Write files into a folder."""
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text or f"WHERE = {str(root)!r}\n", encoding="utf-8")
    return root


def install(packages: Path, *names: str, text: str, url: str = "") -> Path:
    """Install a copy of the distribution toy into a folder of packages."""
    write(packages, *names, text=text)
    information = packages / "toy-1.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: toy\nVersion: 1\n")
    (information / "RECORD").write_text("".join(f"{name},,\n" for name in names))
    if url:
        (information / "direct_url.json").write_text(json.dumps({"url": url, "dir_info": {}}))
    return packages


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Give a project in a src layout, with a suite and a part of a namespace."""
    root = tmp_path / "tree"
    (root / ".git").mkdir(parents=True)
    return write(root, "src/toy/__init__.py", "src/toy/core.py", "src/space/part/__init__.py", "benches/bench_a.py")


def test_the_files_of_the_tree_are_counted_and_those_of_the_suite_are_not(tree: Path) -> None:
    """What a benchmark imports beside the project proves nothing."""
    write(tree, "benches/aid.py")
    found = look(tree, "import toy.core, space.part, bench_a, aid", tree / "src", tree / "benches")
    assert found["sources"] == ["src/space/part/__init__.py", "src/toy/__init__.py", "src/toy/core.py"]
    assert found["suite"] == ["benches/aid.py", "benches/bench_a.py"]
    assert (found["elsewhere"], found["stale"], found["compiled"], found["copies"]) == ({}, {}, {}, {})


@pytest.mark.parametrize("module", ["toy.core", "space.part"])
@pytest.mark.parametrize("place", ["other/src", "other/lib/python3/site-packages"])
def test_another_checkout_and_an_unlike_copy_are_told(tree: Path, module: str, place: str) -> None:
    """By PYTHONPATH, a .pth file or an install: also the part of a namespace package that the tree has."""
    other = tree.parent / place
    write(other, "toy/__init__.py", "toy/core.py", "space/part/__init__.py")
    found = look(tree, f"import {module}", other)
    assert found["elsewhere"][module].startswith(str(other))
    assert found["sources"] == []


def test_the_other_parts_of_a_namespace_are_libraries(tree: Path) -> None:
    """Distributions share a namespace; what the tree does not have of it is not its own."""
    write(tree.parent / "site-packages", "space/library/__init__.py")
    found = look(tree, "import space.part, space.library", tree / "src", tree.parent / "site-packages")
    assert (found["elsewhere"], found["sources"]) == ({}, ["src/space/part/__init__.py"])


@pytest.mark.parametrize("stand_in", ["toy.py", "benches/toy.py"])
def test_a_file_of_the_tree_that_stands_before_the_package_is_told(tree: Path, stand_in: str) -> None:
    """In the working folder, or beside the suite where pytest puts the folder of a test first."""
    write(tree, stand_in)
    found = look(tree, "import toy", (tree / stand_in).parent, tree / "src")
    assert found["elsewhere"] == {"toy": str(tree / stand_in)}


def test_a_checkout_inside_the_tree_is_another_one_and_a_submodule_is_not(tree: Path) -> None:
    """Both are folders with a .git of their own; only the first holds what the tree holds."""
    for name in ("worktrees/x/src/toy/__init__.py", "vendor/lib/vendored/__init__.py"):
        write(tree, name)
    for name in ("worktrees/x", "vendor/lib"):
        (tree / name / ".git").write_text("gitdir: elsewhere\n")
    found = look(tree, "import toy, vendored", tree / "worktrees/x/src", tree / "vendor/lib")
    assert list(found["elsewhere"]) == ["toy"]
    assert found["sources"] == ["vendor/lib/vendored/__init__.py"]


@pytest.mark.parametrize("mode", ["same time and size", "unchecked", "sourceless"])
def test_bytecode_that_is_not_of_its_source_is_told(tree: Path, mode: str) -> None:
    """Python itself runs it without a word."""
    core = tree / "src" / "toy" / "core.py"
    core.write_text("VALUE = 1\n")
    invalidation = py_compile.PycInvalidationMode
    how = invalidation.UNCHECKED_HASH if mode == "unchecked" else invalidation.TIMESTAMP
    cached = Path(py_compile.compile(str(core), invalidation_mode=how) or "")
    state = core.stat()
    if mode == "sourceless":
        core.unlink()
        cached = cached.rename(core.with_suffix(".pyc"))
    else:
        core.write_text("VALUE = 2\n")
        os.utime(core, ns=(state.st_atime_ns, state.st_mtime_ns))
    found = look(tree, "import toy.core; assert toy.core.VALUE == 1", tree / "src")
    assert found["stale"] == {"toy.core": str(cached)}


@pytest.mark.parametrize("mode", ["TIMESTAMP", "CHECKED_HASH"])
def test_bytecode_that_python_does_not_run_is_not_stale(tree: Path, mode: str) -> None:
    """An old one lies there for ever where nothing may be written, as in many containers."""
    core = tree / "src" / "toy" / "core.py"
    core.write_text("VALUE = 1\n")
    py_compile.compile(str(core), invalidation_mode=py_compile.PycInvalidationMode[mode])
    core.write_text("VALUE = 1000\n")
    assert look(tree, "import toy.core; assert toy.core.VALUE == 1000", tree / "src")["stale"] == {}


def test_a_constant_that_is_unlike_itself_is_not_stale(tree: Path) -> None:
    """Python folds the difference of two infinities to what equals nothing."""
    core = tree / "src" / "toy" / "core.py"
    core.write_text("VALUE = 1e999 - 1e999\n")
    py_compile.compile(str(core))
    assert look(tree, "import toy.core", tree / "src")["stale"] == {}


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="only Linux tells what is mapped")
def test_a_shared_object_is_seen_however_it_was_loaded(tree: Path) -> None:
    """By ctypes, too; its name is the same on both sides, its digest tells two builds apart."""
    for number in range(2):
        library = tree / "src" / "toy" / f"_fast.cpython-3{number}.so"
        library.write_bytes(_LIBRARY.read_bytes() + bytes(number))
        found = look(tree, f"import ctypes, toy; ctypes.PyDLL({str(library)!r})", tree / "src")
        assert list(found["compiled"]) == ["toy/_fast"]
        library.rename(library.with_suffix(f".{number}"))
        (tree / f"{number}").write_text(found["compiled"]["toy/_fast"])
    assert (tree / "0").read_text() != (tree / "1").read_text()


@pytest.mark.parametrize(
    ("like", "url", "told"),
    [(True, "", False), (False, "", True), (False, "file://{tree}", True)],
    ids=["equal", "unlike", "unlike though installed from here"],
)
def test_an_installed_copy_counts_where_it_is_what_the_tree_holds(
    tree: Path, *, like: bool, url: str, told: bool
) -> None:
    """`pip install .` without -e is fine until the sources change."""
    text = (tree / "src/toy/__init__.py").read_text() if like else "OLD = 1\n"
    packages = install(tree.parent / "site-packages", "toy/__init__.py", text=text, url=url.format(tree=tree))
    found = look(tree, "import toy", packages)
    assert bool(found["elsewhere"]) is told
    assert list(found["copies"]) == ["toy/__init__.py"]
    assert found["origin"].startswith("toy 1, from ")


def test_data_that_is_installed_beside_the_code_is_what_the_tree_holds(tree: Path) -> None:
    """No module tells that the table was another one."""
    text = (tree / "src/toy/__init__.py").read_text()
    packages = install(tree.parent / "site-packages", "toy/__init__.py", "toy/table.json", text=text)
    write(tree, "src/toy/table.json", text=text)
    assert look(tree, "import toy", packages)["elsewhere"] == {}
    write(tree, "src/toy/table.json", text="another")
    assert look(tree, "import toy", packages)["elsewhere"] == {"toy/table.json": str(packages / "toy/table.json")}


def test_a_plugin_that_an_entry_point_loads_is_told(tree: Path) -> None:
    """It is loaded before any folder of the tree is looked at."""
    packages = install(tree.parent / "site-packages", "toy/__init__.py", "toy/plugin.py", text="OLD = 1\n")
    write(tree, "src/toy/plugin.py")
    entries = "[odd.plugins]\nodd = toy.plugin\n"
    (packages / "toy-1.dist-info" / "entry_points.txt").write_text(entries)
    load = "from importlib.metadata import entry_points; [one.load() for one in entry_points(group='odd.plugins')]"
    found = look(tree, f"{load}; sys.path.insert(0, {str(tree / 'src')!r}); import toy", packages)
    assert sorted(found["elsewhere"]) == ["toy", "toy.plugin"]


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="only Linux tells what is mapped")
def test_a_shared_object_of_another_checkout_is_told(tree: Path) -> None:
    """By whatever path ctypes was given."""
    other = tree.parent / "other"
    for place in (tree, other):
        (place / ".git").mkdir(parents=True, exist_ok=True)
        (place / "build").mkdir()
        (place / "build" / "_fast.so").write_bytes(_LIBRARY.read_bytes())
    found = look(tree, f"import ctypes, toy; ctypes.PyDLL({str(other / 'build/_fast.so')!r})", tree / "src")
    assert found["elsewhere"] == {"_fast.so": str(other / "build" / "_fast.so")}


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("file://{tree}", True),
        ("file://{tree}/dist/toy-1-py3-none-any.whl", True),
        ("", False),
        ("file:///else", False),
    ],
)
def test_what_the_tree_has_no_file_of_counts_where_it_was_installed_from_here(
    tree: Path, *, url: str, here: bool
) -> None:
    """A wheel of an index is not this tree's, whatever it is called; one that was built in the tree is."""
    url = url.format(tree=tree)
    packages = install(tree.parent / "site-packages", "made_by_build.py", text="X = 1\n", url=url)
    found = look(tree, "import made_by_build", packages)
    assert bool(found["elsewhere"]) is not here


def test_a_compiled_copy_comes_before_the_tree_that_holds_its_sources(tree: Path) -> None:
    """In a flat layout the working folder has the package without what is compiled."""
    url = f"file://{tree}"
    packages = install(tree.parent / "site-packages", "flat/__init__.py", "flat/_fast.so", text="BUILT = 1\n", url=url)
    write(tree, "flat/__init__.py", text="BUILT = 1\n")
    found = look(tree, "import flat", tree, packages)
    assert (list(found["copies"]), found["sources"], found["elsewhere"]) == (["flat/__init__.py"], [], {})


def test_in_an_environment_of_its_own_the_installed_copy_comes_first(tree: Path) -> None:
    """Whatever a conftest puts before it; and what still comes from the tree is told."""
    packages = install(tree.parent / "site-packages", "toy/__init__.py", text="BUILT = 1\n")
    found = look(tree, "import toy; toy.BUILT", tree / "src", packages, separate=True)
    assert (found["elsewhere"], list(found["copies"])) == ({}, ["toy/__init__.py"])
    forced = f"sys.meta_path.pop(0); sys.path.insert(0, {str(tree / 'src')!r}); import toy"
    assert list(look(tree, forced, packages, separate=True)["elsewhere"]) == ["toy"]
