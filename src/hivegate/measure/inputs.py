"""What decides what is installed and built: where two revisions differ in it, one environment cannot serve both."""

from __future__ import annotations

import configparser
import contextlib
import json
import re
import tomllib
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import msgspec

from hivegate.system import git

if TYPE_CHECKING:
    from collections.abc import Iterator

_LOCKS = frozenset(
    {
        *("uv.lock", "poetry.lock", "pdm.lock", "pylock.toml", "Pipfile", "Pipfile.lock", "pixi.lock", "pixi.toml"),
        *("environment.yml", "environment.yaml", "conda-lock.yml", ".python-version", "requires.txt"),
    }
)
_REQUIREMENTS = re.compile(
    r"(?:.*requirements.*|constraints.*)\.(?:txt|in|lock)$|pylock\..*\.toml$|environment.*\.ya?ml$"
)
_BUILD_NAMES = frozenset({"setup.py", "Cargo.lock", "Cargo.toml", "meson.build", "meson.options", "CMakeLists.txt"})
_BUILD_ENDS = (
    *(".c", ".cc", ".cpp", ".cxx", ".h", ".hpp", ".hh", ".pyx", ".pxd", ".pxi", ".rs", ".f", ".f90", ".go"),
    *(".cmake", ".toml.in", ".c.in", ".h.in", ".pyx.in", ".pyx.tp"),
)
_ASIDE = re.compile(r"(?:^|/)(?:bench(?:es|marks?)?|perf|tests?|testing|docs?|examples?|\.github|\.hivegate)/")
_DRIVING = re.compile(r"(?:conftest|noxfile|setup|bench_.*|test_.*|.*_test)\.py")
_TABLES = (
    ("project", "dependencies"),
    ("project", "optional-dependencies"),
    ("project", "requires-python"),
    ("dependency-groups",),
    ("build-system",),
    *(("tool", "poetry", key) for key in ("dependencies", "dev-dependencies", "group", "extras", "source", "build")),
    *(
        ("tool", "uv", key)
        for key in ("sources", "dev-dependencies", "constraint-dependencies", "override-dependencies")
    ),
    ("tool", "pdm", "dev-dependencies"),
    ("tool", "setuptools", "ext-modules"),
    ("tool", "maturin"),
    ("tool", "scikit-build"),
    ("tool", "meson-python"),
)
_SETUP = (("options", "install_requires"), ("options", "python_requires"), ("options.extras_require", ""))
_ABSENT = re.compile(r"No such file or directory: '([^'\0]+)'")
_POINTER = b"version https://git-lfs.github.com/spec/"


class InputChanges(msgspec.Struct, frozen=True, kw_only=True):
    """Where two revisions differ: in what is `installed`, in what is built (`build`), in other `sources`, in `data`.

    `installed` names files and tables, `build`, `sources` and `data` paths from the repository's root; `data` are all
    that differ, for any of them may be a submodule, or in Git LFS.
    """

    installed: tuple[str, ...] = ()
    build: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    data: tuple[str, ...] = ()

    @property
    def deciding(self) -> tuple[str, ...]:
        """What one environment cannot serve on both sides."""
        return (*self.installed, *self.build)


def input_changes(project: Path, base_project: Path, base_sha: str | None) -> InputChanges:
    """Find what decides an environment and differs between a project's working tree and a base's checkout."""
    if base_sha is None:
        return InputChanges()
    top = git.root_of(project)
    inside = project.resolve().relative_to(top.resolve()).as_posix()
    paths = [path for path in git.changed_files(top, base_sha) if _concerns(path, inside)]
    changed = [path for path in paths if not _ASIDE.search(path)]
    build = tuple(path for path in changed if _builds(path))
    return InputChanges(
        installed=(*(path for path in paths if _installs(path)), *_changed_tables(project, base_project)),
        build=build,
        sources=tuple(path for path in changed if path.endswith(".py") and path not in build),
        data=tuple(paths),
    )


def is_aside(path: str) -> bool:
    """Tell whether a Python file stands beside a project's code: benchmarks, tests, documents, and what builds it."""
    return _ASIDE.search(path) is not None or _DRIVING.fullmatch(PurePosixPath(path).name) is not None


def missing_data(tree: Path) -> tuple[str, ...]:
    """Name, from its root, what git does not hold in a checkout: empty submodules, and pointers of Git LFS."""
    top = git.root_of(tree)
    submodules = [path for path in git.submodules(top) if (top / path).is_dir() and not any((top / path).iterdir())]
    attributes = top / ".gitattributes"
    uses_lfs = attributes.is_file() and "filter=lfs" in attributes.read_text(encoding="utf-8", errors="replace")
    pointers = [path for path in git.tracked_files(top) if is_pointer(top / path)] if uses_lfs else []
    return (*submodules, *pointers)


def untracked_data(said: str, head: Path, base: Path) -> str:
    """Name the file that an error says is absent, where head's working tree has it and git does not track it there."""
    found = _ABSENT.search(said)
    if found is None:
        return ""
    path = Path(found[1])
    path = path.relative_to(base) if path.is_relative_to(base) else path
    if path.is_absolute() or ".." in path.parts or (base / path).exists() or not (head / path).exists():
        return ""
    return "" if git.object_at(head, path.as_posix()) else path.as_posix()


def _concerns(path: str, inside: str) -> bool:
    """Tell whether a file can be of a project in a repository: in its folder, or directly in one above it."""
    folder = PurePosixPath(path).parent.as_posix()
    return inside == "." or path.startswith(f"{inside}/") or folder == "." or f"{inside}/".startswith(f"{folder}/")


def _installs(path: str) -> bool:
    place = PurePosixPath(path)
    listed = place.parent.name == "requirements" and place.suffix in {".txt", ".in"}
    return place.name in _LOCKS or listed or _REQUIREMENTS.match(place.name) is not None


def _builds(path: str) -> bool:
    return PurePosixPath(path).name in _BUILD_NAMES or path.endswith(_BUILD_ENDS)


def _changed_tables(head: Path, base: Path) -> Iterator[str]:
    here, there = _pyproject(head), _pyproject(base)
    for keys in _TABLES:
        if _at(here, keys) != _at(there, keys):
            yield f"{'.'.join(keys)} of pyproject.toml"
    old, new = _setup_cfg(base), _setup_cfg(head)
    for section, key in _SETUP:
        if _option(old, section, key) != _option(new, section, key):
            yield f"{key or section} of setup.cfg"


def _pyproject(tree: Path) -> object:
    with contextlib.suppress(OSError, ValueError):  # absent or broken: then it declares nothing
        return tomllib.loads((tree / "pyproject.toml").read_text(encoding="utf-8"))
    return {}


def _at(document: object, keys: tuple[str, ...]) -> str:
    for key in keys:
        document = document.get(key) if isinstance(document, dict) else None
    return json.dumps(document, sort_keys=True, default=str)


def _setup_cfg(tree: Path) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(strict=False)
    with contextlib.suppress(OSError, configparser.Error, UnicodeDecodeError):
        parser.read(tree / "setup.cfg", encoding="utf-8")
    return parser


def _option(parser: configparser.RawConfigParser, section: str, key: str) -> object:
    if not parser.has_section(section):
        return None
    return parser.get(section, key, fallback=None) if key else sorted(parser.items(section))


def is_pointer(path: Path) -> bool:
    """Tell whether a file stands for one that Git LFS keeps."""
    try:
        with path.open("rb") as file:
            return file.read(len(_POINTER)) == _POINTER
    except OSError:
        return False
