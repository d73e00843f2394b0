"""Collecting: which benchmarks a suite has, asked of pytest in the subject's own process."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from hivegate.errors import EmptySuiteError, MeasureError
from hivegate.measure.proof import joined, refuse_unproven
from hivegate.measure.remarks import remarks
from hivegate.measure.subject import Subject, WorkerExit, run_worker
from hivegate.model.identity import benchmark_id
from hivegate.model.protocol import (
    CollectedBenchmark,
    CollectionFailure,
    CollectPlan,
    Event,
    LoadedModules,
    LoadedProject,
    SessionEnd,
    SubjectDescription,
    TreePaths,
    WrongTreeModules,
)
from hivegate.model.selection import Selectable, is_selected, picks

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence

_NAMED = 5
_PATIENCE = 300.0  # seconds; imports of a large project come before the first event


class BenchmarkItem(Selectable, frozen=True, kw_only=True):
    """One benchmark of the suite, with its node id and its file."""

    node_id: str
    path: str


class Collection(msgspec.Struct, frozen=True, kw_only=True):
    """The suite's benchmarks in pytest's order, and the root that node ids are relative to.

    `subject` describes the interpreter; `modules` are those that collecting loaded, in their order, with their files,
    where they were asked for; `loaded` is what of the project that was; `notes` say what a reader of the verdicts
    should know. `excluded` are the ids that the project's settings leave out.
    """

    found: tuple[BenchmarkItem, ...]
    rootdir: str
    subject: SubjectDescription | None
    modules: tuple[tuple[str, str | None], ...] = ()
    loaded: LoadedProject | None = None
    notes: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()


def collect(
    subject: Subject,
    *,
    trees: TreePaths | None = None,
    rootdir: str | None = None,
    probe: bool = False,
) -> Collection:
    """Ask pytest which benchmarks the suite has; of a comparison, in its own one of the two `trees`.

    `probe` asks for the modules that this loads, too.

    Raises `MeasureError` when a file cannot be collected, when nothing is found and when two benchmarks share an id:
    a suite that is only half known must not be judged.
    """
    worker_exit = run_worker(
        subject, CollectPlan(paths=subject.paths, rootdir=rootdir, trees=trees, probe=probe), patience=_PATIENCE
    )
    refuse_wrong_tree(worker_exit.events)
    refuse_unproven(worker_exit.events)
    _refuse_broken(worker_exit)
    collected = [event for event in worker_exit.events if isinstance(event, CollectedBenchmark)]
    if not collected:
        said = "".join(f"\n  {remark}" for remark in remarks(worker_exit.events))
        raise EmptySuiteError(
            f"no benchmarks found in {', '.join(subject.paths)}{said}",
            hint="a benchmark is a test that uses pytest-benchmark's `benchmark` fixture, in a file named "
            "bench_*.py or test_*.py; for other locations use: hivegate bench PATH",
        )
    items = tuple(
        BenchmarkItem(
            id=benchmark_id(event.node_id, subject.roots),
            group=event.group,
            markers=event.markers,
            node_id=event.node_id,
            path=event.path,
        )
        for event in collected
    )
    kept = tuple(item for item in items if is_selected(item, (), subject.exclude))
    excluded = tuple(_excluded(subject.exclude, items, kept))
    if not kept:
        raise EmptySuiteError(excluded[0], hint="exclude fewer of them: `exclude` under [tool.hivegate]")
    _refuse_duplicates(kept)
    return Collection(
        found=kept,
        rootdir=collected[0].rootdir,
        subject=next((event for event in worker_exit.events if isinstance(event, SubjectDescription)), None),
        modules=next((event.files for event in worker_exit.events if isinstance(event, LoadedModules)), ()),
        loaded=joined(event for event in worker_exit.events if isinstance(event, LoadedProject)),
        notes=(*remarks(worker_exit.events), *excluded),
        excluded=tuple(item.id for item in items if item not in kept),
    )


def _excluded(exclude: Sequence[str], items: Sequence[BenchmarkItem], kept: Sequence[BenchmarkItem]) -> Iterator[str]:
    """Count and name what the project's settings leave out, and what of them leaves nothing out."""
    left = [item.id for item in items if item not in kept]
    if left:
        more = f" and {len(left) - _NAMED} more" if len(left) > _NAMED else ""
        yield (
            f"{len(left)} of {len(items)} benchmarks are left out by `exclude` of [tool.hivegate], and so not "
            f"measured: {', '.join(left[:_NAMED])}{more}"
        )
    for selector in exclude:
        if not any(picks(selector, item) for item in items):
            yield f"`exclude` of [tool.hivegate] has {selector!r}, which matches no benchmark"


def further_item(item: BenchmarkItem, place: int | str) -> BenchmarkItem:
    """Make the item of another benchmark that a test called: it is named by its place in the test, from 2."""
    return msgspec.structs.replace(item, id=f"{item.id}#{place}", node_id=f"{item.node_id}#{place}")


def further_items(item: BenchmarkItem, number: int) -> tuple[BenchmarkItem, ...]:
    """Make the items of so many others."""
    return tuple(further_item(item, place) for place in range(2, number + 2))


def is_further(name: str, known: Container[str]) -> bool:
    """Tell whether a name is that of another benchmark of a test that is known."""
    test, _, place = name.rpartition("#")
    return test in known and place.isascii() and place.isdigit()


def further_named(found: Sequence[BenchmarkItem], names: Iterable[str]) -> tuple[BenchmarkItem, ...]:
    """Make the items of others that names ask for, and that no collecting can find."""
    known = {item.id: item for item in found}
    asked = (name for name in dict.fromkeys(names) if name not in known and is_further(name, known))
    return tuple(further_item(known[test], place) for test, _, place in (name.rpartition("#") for name in asked))


def refuse_wrong_tree(events: Iterable[Event], side: str = "") -> None:
    """Raise `MeasureError` when a process was led out of its own tree: it would measure the other revision."""
    on = f"on {side}, " if side else ""
    for event in events:
        if isinstance(event, WrongTreeModules):
            name, file = next(iter(event.files.items()))
            more = f" (and {len(event.files) - 1} more)" if len(event.files) > 1 else ""
            if event.own == event.other:
                raise MeasureError(
                    f"{on}{name} was loaded from this tree, {file}{more}, and not from the environment, so both sides "
                    "would run the same code",
                    hint="compare from a folder that contains only the suite, its conftests and pytest's configuration",
                )
            raise MeasureError(
                f"{on}{name} was loaded from {file}{more} instead of this revision's tree, {event.own}",
                hint="install the project editable (pip install -e .), and use no absolute path of a checkout in "
                "PYTHONPATH, a conftest or pytest's configuration",
            )


def _refuse_broken(worker_exit: WorkerExit) -> None:
    broken = [event for event in worker_exit.events if isinstance(event, CollectionFailure)]
    if broken:
        more = f" (and {len(broken) - 1} more)" if len(broken) > 1 else ""
        raise MeasureError(f"pytest cannot collect it{more}", where=broken[0].node_id, hint=_indented(broken[0].detail))
    status = next((event.exit_status for event in worker_exit.events if isinstance(event, SessionEnd)), None)
    finished = worker_exit.finished
    if status is None:
        raise MeasureError(f"pytest {finished.cause} while collecting", hint=_indented(finished.output))
    if status not in {0, 5}:
        raise MeasureError(f"pytest ended with exit status {status} while collecting", hint=_indented(finished.output))


def _refuse_duplicates(items: tuple[BenchmarkItem, ...]) -> None:
    for identity, times in Counter(item.id for item in items).items():
        if times > 1:
            duplicates = ", ".join(item.node_id for item in items if item.id == identity)
            raise MeasureError(f"{times} benchmarks have the id {identity}: {duplicates}", hint="rename one of them")


def _indented(text: str) -> str:
    return "\n  ".join(text.strip().splitlines()[-25:])
