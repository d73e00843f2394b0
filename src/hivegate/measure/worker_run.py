"""Chosen benchmarks run in a fresh process; where a benchmark kills it, what is left goes on in a new one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from hivegate.errors import MeasureError
from hivegate.measure.collect import BenchmarkItem
from hivegate.measure.proof import joined, refuse_unproven
from hivegate.measure.subject import Subject, WorkerExit, run_worker
from hivegate.model.events import Advanced, Began, Noted
from hivegate.model.protocol import (
    AbsentBenchmarks,
    BenchmarkEnd,
    BenchmarkStart,
    CompiledSources,
    Event,
    LoadedProject,
    SessionAbort,
    SessionPlan,
    SubjectDescription,
    TreePaths,
)
from hivegate.model.run import TestOutcome

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hivegate.model.events import ProgressCallback

_TIMEOUT_KEY = "if it needs longer, set `timeout` under [tool.hivegate]"
CHANGING_ID = (
    "its id changes from process to process, because it shows an address or a random parameter, so nobody can follow "
    "it; give its parameters names: pytest.mark.parametrize(..., ids=...)"
)
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
    `codes` is what the sources that differ compile to, where that was asked for.
    """

    finished: dict[str, BenchmarkEnd]
    lost: dict[str, LostBenchmark]
    subject: SubjectDescription | None = None
    loaded: LoadedProject | None = None
    codes: CompiledSources | None = None


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
        run = _joined(run, worker_exit, ids, suite.timeout)
        before, left = len(left), [item for item in left if item.id not in run.finished and item.id not in run.lost]
        if left and len(left) == before:
            ended, output = worker_exit.finished, worker_exit.finished.output.strip()[-_TAIL:]
            raise MeasureError(
                f"{left[0].node_id} was collected but never started; pytest {ended.cause}",
                hint=f"{_TIMEOUT_KEY}\n{output}".strip() if ended.timed_out else output,
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
    if isinstance(event, BenchmarkStart):
        on_progress(Began(what=ids.get(event.node_id, event.node_id)))
    elif isinstance(event, BenchmarkEnd):
        on_progress(Advanced(what=ids.get(event.node_id, event.node_id)))


def _joined(run: WorkerRun, worker_exit: WorkerExit, ids: dict[str, str], timeout: float) -> WorkerRun:
    finished, lost, subject = dict(run.finished), dict(run.lost), run.subject
    begun: str | None = None
    for event in worker_exit.events:
        if isinstance(event, SubjectDescription):
            subject = event
        elif isinstance(event, AbsentBenchmarks):
            lost |= {ids[name]: _absent(name in event.changed) for name in event.node_ids if name in ids}
        elif isinstance(event, BenchmarkStart):
            begun = event.node_id
        elif isinstance(event, BenchmarkEnd) and event.node_id in ids:
            begun = None
            finished[ids[event.node_id]] = event
    if begun in ids:
        outcome = TestOutcome.TIMED_OUT if worker_exit.finished.timed_out else TestOutcome.CRASHED
        lost[ids[begun]] = LostBenchmark(outcome=outcome, detail=_last_words(worker_exit, timeout))
    loaded = joined([run.loaded, *(event for event in worker_exit.events if isinstance(event, LoadedProject))])
    codes = next((event for event in worker_exit.events if isinstance(event, CompiledSources)), run.codes)
    return WorkerRun(finished=finished, lost=lost, subject=subject, loaded=loaded, codes=codes)


def _absent(changed: bool) -> LostBenchmark:  # noqa: FBT001  what the event says
    if changed:
        return LostBenchmark(outcome=TestOutcome.INVALID, detail=CHANGING_ID)
    return LostBenchmark(outcome=TestOutcome.NOT_MEASURED, detail="pytest collected it once, and not again")


def silent_for(seconds: float) -> str:
    """Say why a benchmark was stopped, and what helps a slow one."""
    return f"no round, setup or teardown of it ended for {seconds:g} s, so it was stopped; {_TIMEOUT_KEY}"


def _last_words(worker_exit: WorkerExit, timeout: float) -> str:
    if worker_exit.finished.timed_out:
        return silent_for(timeout)
    for event in worker_exit.events:
        if isinstance(event, SessionAbort):
            return f"ended pytest: {event.why}"
    lines = worker_exit.finished.output.strip().splitlines()
    fatal = [line[line.index(_FATAL) :] for line in lines if _FATAL in line] or lines[-1:]
    return f"its process {worker_exit.finished.cause}" + "".join(f"; it printed: {line[:200]}" for line in fatal[:1])
