"""The proof of the subject: what a process loaded must be what its tree holds, else nothing that it showed can pass."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from hivegate.errors import MeasureError
from hivegate.model.protocol import LoadedProject
from hivegate.model.subject import LoadedFiles, SubjectDoubt

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from hivegate.measure.inputs import InputChanges
    from hivegate.model.protocol import Event

_INSTALL = (
    "install this tree in the environment of the benchmarks (pip install -e .), or name another environment with "
    "--python; put no other checkout into PYTHONPATH, a conftest or pytest's configuration"
)
_EXTERNAL = (
    "import the project in a benchmark; one that measures a library says so: "
    'benchmark.extra_info["subject"] = "external"'
)
_BOTH = "have both sides built: hivegate compare without --base-python, or name an environment that holds base with it"
_BUILT = frozenset({".c", ".cc", ".cpp", ".cxx", ".pyx", ".pxd", ".rs", ".f90", ".go"})
_NOT_CODE = frozenset({"setup", "noxfile", "conftest", "tasks", "fabfile", "dodo"})


def refuse_unproven(events: Iterable[Event], side: str = "") -> None:
    """Raise `MeasureError` when a process loaded of the project what its tree does not hold."""
    on = f"on {side}, " if side else ""
    for event in events:
        if not isinstance(event, LoadedProject):
            continue
        if event.elsewhere:
            name, file = next(iter(event.elsewhere.items()))
            more = f" (and {len(event.elsewhere) - 1} more)" if len(event.elsewhere) > 1 else ""
            of = f"; it is of {event.origin}" if event.origin else ""
            raise MeasureError(
                f"{on}{name} was loaded from {file}{more}, which is not this tree's{of}: other code would be judged",
                hint=_INSTALL,
            )
        if event.stale:
            name, file = next(iter(event.stale.items()))
            raise MeasureError(
                f"{on}{name} runs bytecode that differs from its source: {file}", hint="delete that file"
            )


def joined(events: Iterable[LoadedProject | None]) -> LoadedProject | None:
    """Join what several processes of one side loaded; None where none of them reported it."""
    known = [event for event in events if event is not None]
    if not known:
        return None
    return LoadedProject(
        sources=tuple(sorted({name for event in known for name in event.sources})),
        suite=tuple(sorted({name for event in known for name in event.suite})),
        compiled={name: content for event in known for name, content in event.compiled.items()},
        copies={name: content for event in known for name, content in event.copies.items()},
        origin=next((event.origin for event in known if event.origin), ""),
    )


def summary(loaded: LoadedProject) -> LoadedFiles:
    """Summarize what a side loaded, for its result."""
    return LoadedFiles(
        sources=len(loaded.sources), compiled=loaded.compiled, copies=len(loaded.copies), origin=loaded.origin
    )


def doubts_of_run(loaded: LoadedProject | None, project: Path) -> tuple[SubjectDoubt, ...]:
    """Find why no benchmark of a run can pass: none of them loaded anything of the project."""
    return () if loaded is None else tuple(_nothing("", loaded, project))


def doubts_of_sides(
    loaded: Mapping[str, LoadedProject], trees: Mapping[str, Path], changes: InputChanges, *, built: bool
) -> tuple[SubjectDoubt, ...]:
    """Find why no benchmark of a comparison can pass: the sides did not run what their trees hold.

    `built` where hivegate built both sides from their sources: then equal files are of equal sources.
    """
    if set(loaded) != set(trees):
        return ()
    base, head = loaded["base"], loaded["head"]
    doubts = [doubt for side in ("head", "base") for doubt in _nothing(side, loaded[side], trees[side])]
    doubts += _one_sided(base, head, trees)
    if not built:
        doubts += _equal_builds(base, head, changes)
    return tuple(doubts)


def doubts_of_releases(loaded: Mapping[str, LoadedProject], name: str) -> tuple[SubjectDoubt, ...]:
    """Find why no comparison of two releases can pass: a side loaded nothing of the package."""
    return tuple(
        SubjectDoubt(
            text=f"no file of {name} was loaded on {side}, so its releases were not compared",
            hint=f"choose benchmarks that use {name}, here or in a suite of it: --select, --path",
        )
        for side in ("head", "base")
        if side in loaded and not loaded[side].copies
    )


def _nothing(side: str, loaded: LoadedProject, project: Path) -> Iterator[SubjectDoubt]:
    if not (loaded.sources or loaded.compiled or loaded.copies) and _has_code(project):
        on = f" on {side}" if side else ""
        yield SubjectDoubt(
            text=f"no file of this project outside the suite was loaded{on}, so what ran is not what is judged",
            hint=_EXTERNAL,
            spares_external=True,
        )


def _one_sided(base: LoadedProject, head: LoadedProject, trees: Mapping[str, Path]) -> Iterator[SubjectDoubt]:
    for here, there, side, other in ((head, base, "head", "base"), (base, head, "base", "head")):
        alone = [name for name in here.compiled if name not in there.compiled]
        # What the other revision has no source of, it need not have built.
        alone = [name for name in alone if _has_source(trees[other], name) or not _has_source(trees[side], name)]
        if alone:
            more = f" (and {len(alone) - 1} more)" if len(alone) > 1 else ""
            yield SubjectDoubt(
                text=f"{alone[0]}{more} is compiled and was loaded on {side}, but not on {other}, whose checkout holds "
                "only what git tracks: compiled code would be compared with a fallback",
                hint=_BOTH,
            )


def _equal_builds(base: LoadedProject, head: LoadedProject, changes: InputChanges) -> Iterator[SubjectDoubt]:
    common = [name for name, content in head.compiled.items() if base.compiled.get(name) == content]
    if common and changes.build:
        yield SubjectDoubt(
            text=f"{common[0]} is the same file on both sides, although {changes.build[0]} differs",
            hint=_BOTH,
        )
    elif head.copies and head.copies == base.copies and (changes.build or changes.sources):
        differs = (*changes.build, *changes.sources)[0]
        yield SubjectDoubt(
            text=f"both sides ran one installed copy ({head.origin or 'of the project'}), although {differs} differs",
            hint=_BOTH,
        )


def _has_source(tree: Path, name: str) -> bool:
    """Tell whether a tree holds a source of something compiled; base's lies in `.hivegate` of head's."""
    found = tree.glob(f"**/{PurePosixPath(name).name}.*")
    return any(path.suffix in _BUILT for path in found if ".hivegate" not in path.relative_to(tree).parts)


def _has_code(project: Path) -> bool:
    """Tell whether a project has anything that a benchmark could import, the suite aside."""
    if any((project / name).exists() for name in ("Cargo.toml", "meson.build", "CMakeLists.txt")):
        return True
    packages = (
        *project.glob("*/__init__.py"),
        *project.glob("src/*/__init__.py"),
        *project.glob("*/src/*/__init__.py"),
    )
    modules = (*project.glob("*.py"), *project.glob("src/*.py"), *project.glob("*.pyx"), *project.glob("src/**/*.pyx"))
    named = [path.parent.name for path in packages] + [path.stem for path in modules]
    return any(name not in _NOT_CODE and not name.startswith(("bench", "test", "docs", "perf")) for name in named)
