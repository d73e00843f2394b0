"""Entering a tree, in interpreters of their own: paths wherever they hide, and what is told of loaded modules."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

_WORKER = Path(__file__).resolve().parents[3] / "src" / "hivegate" / "worker"
_PREAMBLE = f"""
import json, os, sys, types
sys.path.insert(0, {str(_WORKER)!r})
import trees
sys.path.pop(0)
own, other = sys.argv[1:]
os.chdir(other)
"""


@pytest.fixture
def two(tmp_path: Path) -> tuple[Path, Path]:
    """Give the tree of a base, inside that of head, each with one module in a folder `lib`."""
    head = tmp_path / "head"
    base = head / ".hivegate" / "trees" / "x"
    for tree, name in ((head, "head"), (base, "base")):
        (tree / "lib").mkdir(parents=True)
        (tree / "lib" / "toy.py").write_text(f"REVISION = {name!r}\n")
        (tree / ".git").write_text("")
    return base, head


def run(own: Path, other: Path, script: str) -> Any:  # noqa: ANN401  what the script prints as JSON
    """Run a script in a fresh interpreter."""
    ended = subprocess.run(
        [sys.executable, "-c", _PREAMBLE + script, str(own), str(other)], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


@pytest.mark.parametrize("path", ["lib", "{other}/lib", "{other}/lib/../lib/"])
def test_paths_lead_into_the_own_tree_also_where_they_were_searched_before(two: tuple[Path, Path], path: str) -> None:
    """What the interpreter remembers of a relative or absolute path before the fork is forgotten."""
    script = """
sys.path.insert(0, PATH.format(other=other))
try:
    import nosuch
except ImportError:
    pass
trees.enter_tree(own, other)
import toy
print(json.dumps([toy.REVISION, os.getcwd()]))
"""
    base, head = two
    for own, other, revision in ((base, head, "base"), (head, base, "head")):
        assert run(own, other, script.replace("PATH", repr(path))) == [revision, str(own)]


def test_paths_are_found_wherever_a_finder_keeps_them(two: tuple[Path, Path]) -> None:
    """In an instance or its class, in any usual container; what is no path of the other tree stays the same object."""
    script = """
class Finder:
    shared = {"toy": other + "/lib/toy.py"}
    def __init__(self):
        self.path = other
        self.nested = {"a": [{"b": (other + "/lib", 1, None)}, other], "c": {other + "/x"}}
        self.near = [other + "-else/lib", "lib", "/elsewhere", own + "/lib", 3]
    def find_spec(self, *_):
        return None
finder, kept = Finder(), Finder.shared
sys.meta_path.append(finder)
held = finder.nested["a"]
trees.enter_tree(own, other)
found = [finder.path, finder.nested["a"][0]["b"], sorted(finder.nested["c"]), Finder.shared["toy"]]
print(json.dumps([found, finder.near, kept is Finder.shared, held is finder.nested["a"]]))
"""
    base, head = two
    found, near, same_class, same_list = run(base, head, script)
    assert found == [str(base), [f"{base}/lib", 1, None], [f"{base}/x"], f"{base}/lib/toy.py"]
    assert near == [f"{head}-else/lib", "lib", "/elsewhere", f"{base}/lib", 3]
    assert same_class
    assert same_list


def test_a_finder_that_cannot_be_changed_is_no_obstacle(two: tuple[Path, Path]) -> None:
    """A read-only finder is left alone; what it then loads of the other tree is told."""
    script = """
import importlib.util
class Fixed:
    def __init__(self):
        vars(self)["path"] = other
    def __setattr__(self, *_):
        raise AttributeError
    def find_spec(self, name, *_):
        return importlib.util.spec_from_file_location(name, other + "/lib/toy.py") if name == "toy" else None
sys.meta_path.insert(0, Fixed())
trees.enter_tree(own, other)
import toy
print(json.dumps([trees.wrong_tree_modules(own, other), trees.files_of(["toy", "nosuch"])]))
"""
    base, head = two
    assert run(base, head, script) == [["toy"], {"toy": f"{head}/lib/toy.py"}]


def test_what_is_told_of_loaded_modules(two: tuple[Path, Path]) -> None:
    """A module of head is foreign to the base and the other way round; the worker, odd modules and libraries never."""
    script = """
def put(name, **fields):
    module = sys.modules[name] = types.ModuleType(name)
    vars(module).update(fields)
class Odd:
    def __getattr__(self, name):
        raise RuntimeError(name)
sys.modules["odd"] = Odd()
put("_hivegate_worker.plugin", __file__=other + "/src/hivegate/worker/plugin.py")
put("__main__", __file__=other + "/src/hivegate/worker/start.py")
put("library", __file__=other + "/.venv/lib/python3/site-packages/library.py")
put("builtin", __file__=None)
put("mine", __file__=own + "/lib/mine.py")
put("theirs", __file__=other + "/lib/theirs.py")
put("space", __path__=[own + "/lib/space", other + "/lib/space"])
put("package", __file__=own + "/lib/package/__init__.py", __path__=[other + "/lib/package"])
print(json.dumps([trees.wrong_tree_modules(own, other), trees.loaded_project_modules(other)]))
"""
    base, head = two
    assert run(base, head, script) == [["theirs", "space"], ["mine", "theirs", "space", "package"]]
    assert run(head, base, script) == [["theirs", "space"], ["theirs", "space"]]


def test_an_installed_copy_of_the_tree_s_own_is_told(two: tuple[Path, Path]) -> None:
    """What the tree has but site-packages provided is told; what only site-packages has is not."""
    script = """
for name in ("flat", "packaged", "module", "elsewhere"):
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__file__ = "/environment/lib/python3/site-packages/" + name + ".py"
sys.modules["packaged.part"] = sys.modules["packaged"]
print(json.dumps(trees.wrong_tree_modules(own, other)))
"""
    base, head = two
    for name in ("flat/__init__.py", "src/packaged/__init__.py", "src/module.py", "docs/elsewhere.py"):
        (base / name).parent.mkdir(parents=True, exist_ok=True)
        (base / name).write_text("")
    assert run(base, head, script) == ["flat", "packaged", "module", "packaged.part"]
    assert run(head, base, script) == []


def test_two_folders_that_are_no_working_trees_are_told_apart(tmp_path: Path) -> None:
    """Without git, or below one repository, the two folders themselves are the trees."""
    (tmp_path / ".git").mkdir()
    for name in ("a", "b"):
        (tmp_path / name / "lib").mkdir(parents=True)
    script = "sys.path.append(other + '/lib'); trees.enter_tree(own, other); print(json.dumps(sys.path[-1]))"
    assert run(tmp_path / "a", tmp_path / "b", script) == str(tmp_path / "a" / "lib")


def test_one_worker_measures_both_trees(two: tuple[Path, Path]) -> None:
    """Its parts are loaded from where it lies, also where that is the other tree; a package of the project is not."""
    script = """
for name in ("_hivegate_worker", "package"):
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__path__ = [other + "/src/" + name]
trees.enter_tree(own, other)
print(json.dumps([sys.modules[name].__path__[0] for name in ("_hivegate_worker", "package")]))
"""
    base, head = two
    assert run(base, head, script) == [f"{head}/src/_hivegate_worker", f"{base}/src/package"]
