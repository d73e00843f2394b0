"""Collecting: which benchmarks a suite has, asked of pytest in the subject's own process."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec

from hivegate.errors import MeasureError
from hivegate.measure.remarks import remarks
from hivegate.measure.subject import Ended, Subject, run_worker
from hivegate.model.identity import benchmark_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_PATIENCE = 300.0  # seconds; imports of a large project come before the first event


class BenchmarkItem(msgspec.Struct, frozen=True, kw_only=True):
    """One benchmark of the suite, by its id, its node id and its file."""

    id: str
    node_id: str
    path: str


class Collection(msgspec.Struct, frozen=True, kw_only=True):
    """The suite's benchmarks in pytest's order, and the root that node ids are relative to.

    `subject` is what the worker tells of the interpreter; `modules` are those that collecting loaded, in their order,
    with their files, where they were asked for; `notes` say what a reader of the verdicts should know.
    """

    found: tuple[BenchmarkItem, ...]
    rootdir: str
    subject: dict[str, Any]
    modules: tuple[tuple[str, str | None], ...] = ()
    notes: tuple[str, ...] = ()


def collect(
    subject: Subject,
    *,
    trees: Mapping[str, str] | None = None,
    rootdir: str | None = None,
    probe: bool = False,
) -> Collection:
    """Ask pytest which benchmarks the suite has; with `trees`, of a comparison, in that `own` and not in `other`.

    `probe` asks for the modules that this loads, too.

    Raises `MeasureError` when a file cannot be collected, when nothing is found and when two benchmarks share an id:
    a suite that is only half known must not be judged.
    """
    ended = run_worker(
        subject,
        {"mode": "collect", "paths": list(subject.paths), "rootdir": rootdir, "trees": trees, "probe": probe},
        patience=_PATIENCE,
    )
    refuse_foreign(ended.events)
    _refuse_broken(ended)
    found = _found(ended, subject)
    return Collection(
        found=found,
        rootdir=next(str(event["rootdir"]) for event in ended.events if event["event"] == "collected"),
        subject=next((dict(event) for event in ended.events if event["event"] == "subject"), {}),
        modules=next((_modules(event) for event in ended.events if event["event"] == "modules"), ()),
        notes=remarks(ended.events),
    )


def _found(ended: Ended, subject: Subject) -> tuple[BenchmarkItem, ...]:
    found = tuple(
        BenchmarkItem(
            id=benchmark_id(str(event["node_id"]), subject.roots),
            node_id=str(event["node_id"]),
            path=str(event["path"]),
        )
        for event in ended.events
        if event["event"] == "collected"
    )
    if not found:
        said = "".join(f"\n  {one}" for one in remarks(ended.events))
        raise MeasureError(
            f"no benchmark was found in {', '.join(subject.paths)}{said}",
            hint="a benchmark is a test that uses pytest-benchmark's `benchmark` fixture, in a file named "
            "bench_*.py or test_*.py; name other places with: hivegate bench PATH",
        )
    _refuse_twins(found)
    return found


def refuse_foreign(events: Iterable[Mapping[str, object]], side: str = "") -> None:
    """Raise `MeasureError` when a process was led out of its own tree: it would measure the other revision."""
    on = f"on {side}, " if side else ""
    for event in events:
        if event["event"] == "foreign":
            files = msgspec.convert(event["files"], dict[str, str])
            name, file = next(iter(files.items()))
            more = f" (and {len(files) - 1} more)" if len(files) > 1 else ""
            if event["own"] == event["other"]:
                raise MeasureError(
                    f"{on}{name} was loaded from this tree, {file}{more}, and so would be on both sides, although it "
                    "is installed: what the two environments hold would not be compared",
                    hint="compare from a folder that holds the suite, its conftests and pytest's configuration only",
                )
            raise MeasureError(
                f"{on}{name} was loaded from {file}{more} instead of this revision's own tree, {event['own']}",
                hint="install the project editable (pip install -e .), and name no absolute path of a checkout in "
                "PYTHONPATH, a conftest or pytest's configuration",
            )


def _refuse_broken(ended: Ended) -> None:
    broken = [event for event in ended.events if event["event"] == "uncollected"]
    if broken:
        first = broken[0]
        more = f" (and {len(broken) - 1} more)" if len(broken) > 1 else ""
        raise MeasureError(
            f"cannot be collected by pytest{more}", where=str(first["node_id"]), hint=_indented(str(first["detail"]))
        )
    status = next((event["exit_status"] for event in ended.events if event["event"] == "ended"), None)
    if status is None:
        raise MeasureError(f"pytest {ended.finished.cause} while collecting", hint=_indented(ended.finished.output))
    if status not in {0, 5}:
        raise MeasureError(
            f"pytest ended with exit status {status} while collecting", hint=_indented(ended.finished.output)
        )


def _refuse_twins(found: tuple[BenchmarkItem, ...]) -> None:
    counted = Counter(one.id for one in found)
    for identity, times in counted.items():
        if times > 1:
            twins = ", ".join(one.node_id for one in found if one.id == identity)
            raise MeasureError(f"{times} benchmarks have the id {identity}: {twins}", hint="rename one of them")


def _modules(event: Mapping[str, object]) -> tuple[tuple[str, str | None], ...]:
    return msgspec.convert(event["files"], tuple[tuple[str, str | None], ...])


def _indented(text: str) -> str:
    return "\n  ".join(text.strip().splitlines()[-25:])
