"""Two trees of one project: a process runs in its own, and is told where it was led into the other.

The base's tree lies inside head's, under ``.hivegate/trees``, so the deeper of the two owns a path.
"""

from __future__ import annotations

import contextlib
import functools
import glob
import importlib
import importlib.machinery
import os
import sys
import sysconfig
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_MODULE = (".py", ".pyx", ".c", ".so", ".*.so", ".pyd", ".*.pyd")
_DEPTH = 6  # how deep containers are looked into for paths
_INSTALLED = tuple(os.sep + name + os.sep for name in ("site-packages", "dist-packages"))
# What a suite itself is called, whatever a distribution may have installed under such a name.
_SUITES = {"bench", "benches", "benchmark", "benchmarks", "conftest", "perf", "performance", "test", "tests"}
# Whose finders hold no path of a project; Python 3.8 and 3.9 do not list all of them.
_STANDARD = getattr(
    sys, "stdlib_module_names", ("_frozen_importlib", "_frozen_importlib_external", "zipimport", "builtins")
)
_LIBRARY = tuple({os.path.realpath(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib")})


def enter_tree(own: str, other: str) -> None:
    """Make this process run in `own`: whatever leads into `other` leads to the same place in `own` afterwards.

    Both are a project's folders, in working trees whose roots correspond. Changed are the working folder, ``sys.path``,
    ``PYTHONPATH``, and what editable installs leave: finders, their modules, namespace packages. Where both are one
    tree, two environments are compared: what they hold comes before what lies in the tree.
    """
    if own == other:
        os.chdir(own)
        sys.path[:] = [*(one for one in sys.path if real(one or os.curdir) != real(own)), own]
        return
    move = _Move(own, other)
    os.chdir(own)
    for finder in (*sys.meta_path, *sys.path_hooks):
        move.within(finder)
    for name, module in list(sys.modules.items()):
        if is_ours(name):  # one worker measures both, also where it lies in the tree that it measures
            continue
        if name.startswith("__editable___"):  # of setuptools: its paths are globals
            for key in [key for key in vars(module) if not key.startswith("__")]:
                setattr(module, key, _rewrite(getattr(module, key), move, depth=_DEPTH))
        elif isinstance(getattr(module, "__path__", None), list):  # of `*-nspkg.pth`
            module.__path__[:] = [move(one) for one in module.__path__]
    sys.path[:] = [move(one) for one in sys.path]
    if "PYTHONPATH" in os.environ:
        os.environ["PYTHONPATH"] = os.pathsep.join(map(move, os.environ["PYTHONPATH"].split(os.pathsep)))
    sys.path_importer_cache.clear()
    importlib.invalidate_caches()


def wrong_tree_modules(own: str, other: str, *, separate: bool = False) -> list[str]:
    """Name the loaded modules that are not this tree's: of the other one, or an installed copy of what this one has.

    In `separate` environments copies are what is measured.

    Where both are one tree, those are named that it has itself although they are installed.
    """
    if own == other:
        return [name for name in loaded_project_modules(own) if "." not in name and _is_shadowing(name)]
    places = _Places(own, other)
    return [
        name
        for name, module in list(sys.modules.items())
        if not is_ours(name)
        and any(
            places.in_other(file) or (not separate and places.is_copy(file) and has_module(own, name))
            for file in module_files(module)
        )
    ]


def loaded_project_modules(root: str) -> list[str]:
    """Name the loaded modules whose files lie in a tree, environments in it aside."""
    root = real(root)
    return [
        name
        for name, module in list(sys.modules.items())
        if not is_ours(name)
        and any(inside(one, root) and not is_installed(one) for one in map(real, module_files(module)))
    ]


def files_of(names: Iterable[str]) -> dict[str, str]:
    """Tell where loaded modules come from."""
    return {name: next(iter(module_files(sys.modules[name])), "") for name in names if name in sys.modules}


class _Places:
    """The roots of the two working trees, and which of them owns a path."""

    def __init__(self, own: str, other: str) -> None:
        own, other = real(own), real(other)
        self.own, self.other = _top(own), _top(other)
        if self.own == self.other:  # neither is a working tree of its own
            self.own, self.other = own, other

    def in_other(self, path: str) -> bool:
        """Tell whether a path lies in the other tree; environments lie in none."""
        path = real(path)
        mine = inside(self.own, self.other) and inside(path, self.own)
        return inside(path, self.other) and not mine and not is_installed(path)

    def is_copy(self, path: str) -> bool:
        """Tell whether a path is installed, and not by a link into this tree."""
        target = real(path)
        return any(part in path for part in _INSTALLED) and (not inside(target, self.own) or is_installed(target))


class _Move(_Places):
    """Paths of the other tree, rewritten into this one."""

    def __call__(self, path: Any) -> Any:  # noqa: ANN401  whatever stands where paths stand
        """Rewrite a path of the other tree; anything else stays as it is."""
        if not isinstance(path, str) or not os.path.isabs(path) or not self.in_other(path):  # noqa: PTH117
            return path
        inside = os.path.relpath(real(path), self.other)
        return self.own if inside == os.curdir else os.path.join(self.own, inside)  # noqa: PTH118

    def within(self, finder: object) -> None:
        """Rewrite the paths that a finder holds, in itself or in its class."""
        for holder in (finder, type(finder)):
            if getattr(holder, "__module__", "").partition(".")[0] in _STANDARD:
                continue
            for name, value in list(getattr(holder, "__dict__", {}).items()):
                fresh = _rewrite(value, self, depth=_DEPTH)
                if fresh is not value:
                    with contextlib.suppress(AttributeError, TypeError):  # read-only; a wrong tree is noticed later
                        setattr(holder, name, fresh)


def _rewrite(value: Any, move: _Move, *, depth: int) -> Any:  # noqa: ANN401  any attribute of any finder
    """Rewrite the paths in a value; dicts and lists in place, because others hold them too."""
    if depth == 0 or not isinstance(value, (str, list, dict, set, tuple)):
        return value
    if isinstance(value, str):
        return move(value)
    if isinstance(value, dict):
        for key, one in list(value.items()):
            fresh = _rewrite(one, move, depth=depth - 1)
            if fresh is not one:
                value[key] = fresh
        return value
    found = [_rewrite(one, move, depth=depth - 1) for one in value]
    if all(fresh is one for fresh, one in zip(found, value)):
        return value
    if isinstance(value, list):
        value[:] = found
        return value
    return tuple(found) if type(value) is tuple else set(found) if type(value) is set else value


def module_files(module: Any) -> list[str]:  # noqa: ANN401  anything may stand in sys.modules
    """List the files of a loaded module; of a namespace package its folders."""
    try:
        file = getattr(module, "__file__", None)
        # A regular package is where its file is; only a namespace package is all of its path.
        found = [file] if file else list(getattr(module, "__path__", None) or ())
    except Exception:  # noqa: BLE001  a lazy module may raise anything
        return []
    return [one for one in found if isinstance(one, str) and os.path.isabs(one)]  # noqa: PTH117


def is_ours(name: str) -> bool:
    """Tell whether a module is the worker's own, whose file may lie in the project: hivegate measures itself."""
    return name in {"__main__", "__mp_main__"} or name.partition(".")[0] == "_hivegate_worker"


def _is_shadowing(name: str) -> bool:
    """Tell whether a package or module is installed, too, among what the interpreter would find were it not loaded."""
    installed = [one for one in sys.path if any(part in one + os.sep for part in _INSTALLED)]
    return name not in _SUITES and importlib.machinery.PathFinder.find_spec(name, installed) is not None


def has_module(project: str, name: str) -> bool:
    """Tell whether a project has a package or module, or the part of a namespace package that it is."""
    return any(True for _ in homes(project, name))


def homes(project: str, name: str) -> Iterator[tuple[str, str, str]]:
    """Yield where a project has the package or module that a name is of: layout, the layout's folder, and the place.

    Looked at are a src and a flat layout, and the src layouts of the distributions in its folders. Of a namespace
    package that is the part that the name leads to.
    """
    parts = name.split(".")
    if parts[0] in _SUITES:
        return
    for layout, folder, tops in _layouts(project):
        if parts[0] in tops:
            place = folder
            for part in parts:
                place = os.path.join(place, part)  # noqa: PTH118
                if os.path.isfile(os.path.join(place, "__init__.py")):  # noqa: PTH113, PTH118
                    yield layout, folder, place
                elif not os.path.isdir(place) or _is_lone(place):  # noqa: PTH112
                    if _is_lone(place):
                        yield layout, folder, place
                else:
                    continue
                break


@functools.lru_cache(maxsize=16)
def _layouts(project: str) -> tuple[tuple[str, str, frozenset[str]], ...]:
    """List the folders that a project's packages may lie in, with what begins there; once, for it is asked often."""
    found = []
    for layout in ("", "src/", "*/src/", "*/*/src/"):
        for folder in glob.glob(os.path.join(glob.escape(project), layout)):  # noqa: PTH118, PTH207
            with contextlib.suppress(OSError):
                found.append((layout, folder, frozenset(one.partition(".")[0] for one in os.listdir(folder))))  # noqa: PTH208
    return tuple(found)


@functools.lru_cache(maxsize=1024)
def _is_lone(place: str) -> bool:
    """Tell whether there is a module, or the source of one, of this path without its ending."""
    return any(glob.glob(glob.escape(place) + end) for end in _MODULE)  # noqa: PTH207


def is_elsewhere(path: str, root: str) -> bool:
    """Tell whether a file lies in another checkout of the tree: at a path that the tree has, too."""
    top, own = _git_top(os.path.dirname(path)), _git_top(root)  # noqa: PTH120
    if top is None or top == own:
        return False
    return os.path.exists(os.path.join(own or root, os.path.relpath(path, top)))  # noqa: PTH110, PTH118


def is_installed(path: str) -> bool:
    """Tell whether a path is of an environment or of the interpreter's own library."""
    return any(part in path + os.sep for part in _INSTALLED) or any(inside(path, one) for one in _LIBRARY)


def is_standard(path: str) -> bool:
    """Tell whether a path is of the interpreter's own library."""
    return not any(part in path for part in _INSTALLED) and any(inside(path, one) for one in _LIBRARY)


def _top(folder: str) -> str:
    """Find the root of the working tree that a folder lies in; the folder itself outside one."""
    return _git_top(folder) or folder


@functools.lru_cache(maxsize=1024)
def _git_top(folder: str) -> str | None:
    while not os.path.exists(os.path.join(folder, ".git")):  # noqa: PTH110, PTH118
        above = os.path.dirname(folder)  # noqa: PTH120
        if above == folder:
            return None
        folder = above
    return folder


def inside(path: str, root: str) -> bool:
    """Tell whether a path is a folder or lies in it."""
    return path == root or path.startswith(root.rstrip(os.sep) + os.sep)


def real(path: str) -> str:
    """Follow all links of a path."""
    return os.path.realpath(path)
