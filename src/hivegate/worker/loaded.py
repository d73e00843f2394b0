"""What of the project a process has loaded, and from where: the proof that the code under test is what ran."""

from __future__ import annotations

import hashlib
import importlib.machinery
import importlib.util
import json
import marshal
import os
import re
import sys
from importlib import metadata
from typing import TYPE_CHECKING, Any

from .trees import has_module, homes, inside, is_elsewhere, is_installed, is_ours, is_standard, module_files, real

if TYPE_CHECKING:
    from collections.abc import Iterator

_COMPILED = (".so", ".pyd", ".dylib", ".dll")
_BY_HASH, _CHECKED = 1, 2  # flags of cached bytecode (PEP 552)
_LAYOUT = re.compile(r"^(?:src|lib|python)/")
_SUITE_FILE = re.compile(r"(?:conftest|bench_.*|test_.*|.*_test)\.py$")
_SUITE_FOLDER = re.compile(r"(?:bench(?:es|marks?)?|perf|performance|tests?)$|(?:bench|test|tests)_")
_DIGEST = 16  # hexadecimal digits that tell two files apart
_digests: dict[tuple[str, int, int], str] = {}


def loaded_project(project: dict[str, Any], *, caches: bool = False) -> dict[str, Any]:
    """Tell which of a project's files are loaded: of its tree, compiled, and installed; and what is not what it seems.

    `project` has ``root``, ``distribution`` (its name, "" where nobody knows), ``suite`` (folders of the suite, from
    the root) and ``separate`` (an installed copy is what is measured). With `caches` every cached bytecode of its own
    is held against its source, which compiles all of it once.
    """
    root = real(project["root"])
    copies = installed_copy(project["distribution"])
    found = _Found(root, tuple(project["suite"]), copies, separate=project["separate"])
    for name, module in list(sys.modules.items()):
        if not is_ours(name):
            for file in module_files(module):
                found.add(name, file)
    for file in mapped_files():
        found.add_library(file)
    found.add_unlike_data()
    return {
        "sources": sorted(found.sources),
        "suite": sorted(found.suite),
        "compiled": found.compiled,
        "copies": found.copies,
        "elsewhere": found.elsewhere,
        "stale": dict(_stale(root)) if caches else {},
        "origin": "" if copies is None or not found.copies else copies.origin,
    }


def prefer_installed(project: dict[str, Any]) -> None:
    """Import an installed copy of a project from there, whatever stands before it on ``sys.path``: a tree, a suite.

    That is done in separate environments, and where the copy holds compiled files: its tree would be found first, from
    the working folder, and holds none.
    """
    copy = installed_copy(project["distribution"])
    if copy is not None and (project["separate"] or any(file.endswith(_COMPILED) for file in copy.files)):
        sys.meta_path.insert(0, _InstalledFirst(copy))


class InstalledCopy:
    """An installed copy of a project, no editable install: its files by their real paths, and where it is from.

    `data` names what lies beside the code, from the folder of packages.
    """

    def __init__(self, found: metadata.Distribution, folder: str, names: list[str], data: list[str]) -> None:
        self.folder = folder
        self.data = data
        self.files = {real(os.path.join(folder, one)) for one in names}  # noqa: PTH118
        self.tops = {one.partition("/")[0].partition(".")[0] for one in names}
        self.url = _url(found)
        self.origin = f"{found.metadata['Name']} {found.version}, from {self.url or 'an index'}"


def installed_copy(distribution: str) -> InstalledCopy | None:
    """Find the installed copy of a distribution; None where there is none, or only a link to a tree."""
    if not distribution:
        return None
    for found in metadata.distributions(name=distribution):
        folder = str(found.locate_file(""))
        if not is_installed(real(folder)):
            continue
        names = [str(one) for one in found.files or () if not str(one).startswith(("..", "__editable__"))]
        code = [one for one in names if one.endswith((".py", *_COMPILED))]
        if code:
            data = [one for one in names if one not in code and not one.endswith(".pyc") and ".dist-info/" not in one]
            return InstalledCopy(found, folder, code, data)
    return None


class _InstalledFirst:
    """A finder that knows the packages and modules of one installed distribution, and where they are."""

    def __init__(self, copy: InstalledCopy) -> None:
        self._copy = copy

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:  # noqa: ANN401
        """Find a top-level package or module of the distribution in its own folder."""
        if path is not None or name not in self._copy.tops:
            return None
        return importlib.machinery.PathFinder.find_spec(name, [self._copy.folder], target)


class _Found:
    """What was found of a project, file by file."""

    def __init__(self, root: str, suite: tuple[str, ...], copy: InstalledCopy | None, *, separate: bool) -> None:
        self.sources: set[str] = set()
        self.suite: set[str] = set()
        self.compiled: dict[str, str] = {}
        self.copies: dict[str, str] = {}
        self.elsewhere: dict[str, str] = {}
        self._root, self._folders, self._copy, self._separate = root, suite, copy, separate

    def add(self, name: str, file: str) -> None:
        """Add a loaded module's file, where it is the project's or should be."""
        path = real(file)
        if is_standard(path):
            return
        if is_installed(path):
            if self._is_of_copy(path) or has_module(self._root, name):
                self._add_copy(name, path)
        elif inside(path, self._root):
            self._add_own(name, path)
        elif has_module(self._root, name) or is_elsewhere(path, self._root):
            self.elsewhere[name] = file

    def add_library(self, path: str) -> None:
        """Add a shared object that is mapped, by whatever loaded it: an import, ``ctypes``, another library."""
        if self._is_of_copy(path):
            inner = _in_packages(path)
            self.copies[inner] = self.compiled[stem(inner)] = digest(path)
        elif inside(path, self._root) and not is_installed(path):
            inner = _relative(path, self._root)
            if not inner.startswith(".hivegate/"):
                self.compiled[stem(inner)] = digest(path)
        elif not is_installed(path) and is_elsewhere(path, self._root):
            self.elsewhere[os.path.basename(path)] = path  # noqa: PTH119

    def add_unlike_data(self) -> None:
        """Add what is installed beside the copy's code, and is not what the tree has of it: no module tells of it."""
        if self._copy is None or self._separate or not self.copies:
            return
        for name in self._copy.data:
            file = os.path.join(self._copy.folder, name)  # noqa: PTH118
            for layout in ("", "src"):
                source = os.path.join(self._root, layout, name)  # noqa: PTH118
                if os.path.isfile(source) and digest(source) != digest(file):  # noqa: PTH113
                    self.elsewhere[name] = file

    def _add_own(self, name: str, path: str) -> None:
        inner = _relative(path, self._root)
        if inner.startswith(".hivegate/"):  # of the other tree, which is reported with the trees
            return
        of_copy = self._separate and self._copy is not None and name.partition(".")[0] in self._copy.tops
        if of_copy or is_elsewhere(path, self._root) or self._is_shadow(name, path, inner):
            self.elsewhere[name] = path
        elif path.endswith(_COMPILED):
            self.compiled[stem(inner)] = digest(path)
        elif os.path.isfile(path):  # noqa: PTH113
            (self.suite if self._is_suite(inner) else self.sources).add(inner)

    def _is_shadow(self, name: str, path: str, inner: str) -> bool:
        """Tell whether a file of the tree stands where another of it should: a package in src, or beside the suite."""
        own = list(homes(self._root, name))
        packaged = [home for layout, _, home in own if layout == "src/"]
        if not packaged and self._is_suite(inner):
            packaged = [home for layout, _, home in own if not layout]
        return bool(packaged) and not any(inside(path, home) or path.startswith(home + ".") for home in packaged)

    def _add_copy(self, name: str, path: str) -> None:
        inner = _in_packages(path)
        if not (self._is_of_copy(path) if self._separate else self._is_this_tree(name, inner, path)):
            self.elsewhere[name] = path
        self.copies[inner] = digest(path)
        if path.endswith(_COMPILED):
            self.compiled[stem(inner)] = digest(path)

    def _is_of_copy(self, path: str) -> bool:
        return self._copy is not None and path in self._copy.files

    def _is_this_tree(self, name: str, inner: str, path: str) -> bool:
        """Tell whether an installed file is the tree's: of the same content, or built by an install from it."""
        for _, folder, _ in homes(self._root, name):
            source = os.path.join(folder, inner)  # noqa: PTH118
            if os.path.isfile(source):  # noqa: PTH113
                return digest(source) == digest(path)
        return self._copy is not None and self._is_of_copy(path) and _is_from(self._copy.url, self._root)

    def _is_suite(self, inner: str) -> bool:
        folders, _, name = inner.rpartition("/")
        return (
            _SUITE_FILE.match(name) is not None
            or any(_SUITE_FOLDER.match(part) for part in folders.split("/"))
            or any(inner.startswith(one.rstrip("/") + "/") for one in self._folders)
        )


def mapped_files() -> Iterator[str]:
    """Name the shared objects in this process's memory, where the system tells."""
    try:
        with open("/proc/self/maps", encoding="utf-8", errors="surrogateescape") as file:  # noqa: PTH123
            paths = {line[line.index("/") :].rstrip("\n") for line in file if "/" in line}
    except OSError:
        return
    for path in sorted(paths):
        if ".so" in os.path.basename(path):  # noqa: PTH119
            yield real(path)


def digest(path: str) -> str:
    """Tell the content of a file from others'; "" where it cannot be read."""
    try:
        state = os.stat(path)  # noqa: PTH116
        key = path, state.st_mtime_ns, state.st_size
        if key not in _digests:
            with open(path, "rb") as file:  # noqa: PTH123
                _digests[key] = hashlib.sha256(file.read()).hexdigest()[:_DIGEST]
    except OSError:
        return ""
    return _digests[key]


def stem(path: str) -> str:
    """Name a compiled file as both sides do: without its layout, and the tag of its interpreter."""
    folder, slash, name = _LAYOUT.sub("", path.replace(os.sep, "/")).rpartition("/")
    return folder + slash + name.partition(".")[0]


def _stale(root: str) -> Iterator[tuple[str, str]]:
    """Yield the project's own modules whose bytecode is not what their source says, with the file of the bytecode."""
    for name, module in list(sys.modules.items()):
        loader, cached = getattr(module, "__loader__", None), getattr(module, "__cached__", None)
        file = getattr(module, "__file__", None)
        if not isinstance(file, str) or not inside(real(file), root) or is_installed(real(file)):
            continue
        if type(loader) is importlib.machinery.SourcelessFileLoader:
            yield name, file
        elif type(loader) is importlib.machinery.SourceFileLoader and isinstance(cached, str):
            try:
                with open(cached, "rb") as compiled:  # noqa: PTH123
                    data = compiled.read()
                with open(file, "rb") as source:  # noqa: PTH123
                    state, text = os.fstat(source.fileno()), source.read()
                if _accepted(data, state, text) and _differs(data, loader.source_to_code(text, file)):
                    yield name, cached
            except (OSError, SyntaxError, ValueError):
                continue


def _accepted(data: bytes, state: os.stat_result, text: bytes) -> bool:
    """Tell whether Python runs a cached bytecode: else it compiles the source, and may write no newer cache."""
    if data[:4] != importlib.util.MAGIC_NUMBER:
        return False
    flags = int.from_bytes(data[4:8], "little")
    if flags & _BY_HASH:
        return not flags & _CHECKED or data[8:16] == importlib.util.source_hash(text)
    return data[8:16] == b"".join(
        (int(number) & 0xFFFFFFFF).to_bytes(4, "little") for number in (state.st_mtime, state.st_size)
    )


def _differs(data: bytes, fresh: Any) -> bool:  # noqa: ANN401  a code object
    try:
        cached = marshal.loads(data[16:])  # noqa: S302  Python itself has just run it
        again = marshal.loads(marshal.dumps(fresh))  # noqa: S302  our own
        # A constant that is no number is unlike itself: what both are written as, without references, then decides.
        return bool(cached != fresh) and marshal.dumps(cached, 2) != marshal.dumps(again, 2)
    except (EOFError, ValueError, TypeError):
        return False


def _url(found: metadata.Distribution) -> str:
    """Tell where an installer says that it took a distribution from; "" for an index."""
    try:
        return str(json.loads(found.read_text("direct_url.json") or "{}").get("url", ""))
    except (ValueError, AttributeError):
        return ""


def _is_from(url: str, root: str) -> bool:
    from urllib.parse import unquote, urlsplit  # noqa: PLC0415  only here

    parts = urlsplit(url)
    path = real(unquote(parts.path))
    # A wheel that was built in the tree is the tree's, too.
    return parts.scheme == "file" and (inside(real(root), path) or inside(path, real(root)))


def _in_packages(path: str) -> str:
    """Name an installed file from the folder of packages that holds it."""
    path = path.replace(os.sep, "/")
    return max((path.partition(f"/{one}/")[2] for one in ("site-packages", "dist-packages")), key=len)


def _relative(path: str, root: str) -> str:
    return os.path.relpath(path, root).replace(os.sep, "/")
