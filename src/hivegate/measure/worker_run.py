"""Chosen benchmarks run in a fresh process; where a benchmark kills it, what is left goes on in a new one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from hivegate.errors import MeasureError
from hivegate.measure.collect import BenchmarkItem
from hivegate.measure.proof import joined, refuse_unproven
from hivegate.measure.subject import Subject, WorkerExit, run_worker
from hivegate.model.events import Advanced, Noted
from hivegate.model.protocol import (
    BenchmarkEnd,
    BenchmarkStart,
    Event,
    LoadedProject,
    SessionEnd,
    SessionPlan,
    SubjectDescription,
    TreePaths,
)
from hivegate.model.run import TestOutcome

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hivegate.model.events import ProgressCallback

_FATAL = "Fatal Python error"
_TAIL = 2000  # characters of output that an error shows


class TreeSuite(msgspec.Struct, frozen=True, kw_only=True):
    """Chosen benchmarks in one tree; one silent for `timeout` seconds is stopped with its process.

    `rootdir` is what node ids are relative to; `trees` says, of a comparison, which tree this is.
    """

    subject: Subject
    rootdir: str
    chosen: tuple[BenchmarkItem, ...]
    timeout: float
    trees: TreePaths | None = None


class LostBenchmark(msgspec.Struct, frozen=True, kw_only=True):
    """A benchmark that took its process with it, or was stopped with it."""

    outcome: TestOutcome
    detail: str


class WorkerRun(msgspec.Struct, frozen=True, kw_only=True):
    """What the processes reported: every chosen benchmark is, by id, in exactly one of `finished` and `lost`.

    `subject` describes the interpreter, and `loaded` what of the project was loaded; None where nothing was chosen.
    """

    finished: dict[str, BenchmarkEnd]
    lost: dict[str, LostBenchmark]
    subject: SubjectDescription | None = None
    loaded: LoadedProject | None = None


def run_in_worker(
    suite: TreeSuite, plan: SessionPlan, calls: Mapping[str, int], on_progress: ProgressCallback
) -> WorkerRun:
    """Run the chosen benchmarks under a plan, whose paths, root, trees and benchmarks are the suite's.

    `calls` are, by id, those to time one by one or to count. Raises `MeasureError` when pytest does not begin what it
    collected, and when what was loaded is not the project's.
    """
    ids = {item.node_id: item.id for item in suite.chosen}
    run = WorkerRun(finished={}, lost={})
    left = list(suite.chosen)
    while left:
        worker_exit = run_worker(
            suite.subject,
            msgspec.structs.replace(
                plan,
                paths=tuple(dict.fromkeys(item.path for item in left)),
                rootdir=suite.rootdir,
                trees=suite.trees,
                benchmarks={item.node_id: calls.get(item.id, 0) for item in left},
            ),
            patience=suite.timeout,
            on_event=lambda event: _announce(event, ids, on_progress),
        )
        refuse_unproven(worker_exit.events)
        run = _joined(run, worker_exit, ids)
        before, left = len(left), [item for item in left if item.id not in run.finished and item.id not in run.lost]
        if left and (len(left) == before or _ended_itself(worker_exit)):
            raise MeasureError(
                f"{left[0].node_id} was collected but never started; pytest {worker_exit.finished.cause}",
                hint=worker_exit.finished.output.strip()[-_TAIL:],
            )
        if left:
            cause = worker_exit.finished.cause
            on_progress(
                Noted(
                    message=f"the benchmark process {cause}; the {len(left)} remaining benchmarks continue in a new one"
                )
            )
    return run


def _announce(event: Event, ids: dict[str, str], on_progress: ProgressCallback) -> None:
    if isinstance(event, BenchmarkEnd):
        on_progress(Advanced(what=ids.get(event.node_id, event.node_id)))


def _ended_itself(worker_exit: WorkerExit) -> bool:
    return any(isinstance(event, SessionEnd) for event in worker_exit.events)


def _joined(run: WorkerRun, worker_exit: WorkerExit, ids: dict[str, str]) -> WorkerRun:
    finished, lost, subject = dict(run.finished), dict(run.lost), run.subject
    begun: str | None = None
    for event in worker_exit.events:
        if isinstance(event, SubjectDescription):
            subject = event
        elif isinstance(event, BenchmarkStart):
            begun = event.node_id
        elif isinstance(event, BenchmarkEnd) and event.node_id in ids:
            begun = None
            finished[ids[event.node_id]] = event
    if begun in ids:
        outcome = TestOutcome.TIMED_OUT if worker_exit.finished.timed_out else TestOutcome.CRASHED
        lost[ids[begun]] = LostBenchmark(outcome=outcome, detail=_last_words(worker_exit))
    loaded = joined([run.loaded, *(event for event in worker_exit.events if isinstance(event, LoadedProject))])
    return WorkerRun(finished=finished, lost=lost, subject=subject, loaded=loaded)


def _last_words(worker_exit: WorkerExit) -> str:
    if worker_exit.finished.timed_out:
        return "did not respond before its deadline and was stopped"
    lines = worker_exit.finished.output.strip().splitlines()
    fatal = [line[line.index(_FATAL) :] for line in lines if _FATAL in line] or lines[-1:]
    return f"its process {worker_exit.finished.cause}" + "".join(f"; it printed: {line[:200]}" for line in fatal[:1])
