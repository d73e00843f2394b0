"""One run of the worker's profile loop under a profiler, judged by the loop's own record."""

from __future__ import annotations

import contextlib
import signal
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import msgspec

from hivegate.errors import MeasureError, ProfilerError
from hivegate.model.protocol import (
    BenchmarkEnd,
    BenchmarkProfile,
    BenchmarkStart,
    CollectionFailure,
    Event,
    FunctionTimes,
    LoadedProject,
    ProfileFailure,
    ProfilePlan,
    ProjectFacts,
    SessionEnd,
    StartFailure,
    TreePaths,
    WrongTreeModules,
    decode_event,
)
from hivegate.model.run import TestOutcome
from hivegate.system import files, process, worker

if TYPE_CHECKING:
    from hivegate.profile.plan import ProfileTask

_QUESTION = 60.0  # seconds
_TAIL = 600  # characters of a profiler's last words


class BenchmarkError(ProfilerError):
    """The benchmark itself did not run, so no profiler can see anything."""


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """Where benchmarks run, and how long a profile may take: `seconds` of calls, `patience` seconds around them.

    `other` is the tree of the other revision where there are two, which nothing may be loaded from; `facts` tell the
    project's own files.
    """

    project: Path
    python: str
    other: Path | None = None
    facts: ProjectFacts | None = None
    environment: Mapping[str, str] | None = None
    seconds: float = 4.0
    patience: float = 120.0


class LoopRun(msgspec.Struct, frozen=True, kw_only=True):
    """What the loop reports: seconds under the marker, the main thread's CPU seconds of them, and of the whole loop.

    `delay` are the seconds under the marker in which others had its core.
    `functions` and `stacks` are of profilers that watch from inside. `output` is the last that the processes printed,
    for the case that the profiler kept nothing. `unrelated_threads`, by the system's numbers, ran before it was called
    and did nothing meanwhile, or as much without it; `timer` names the suite's own clock, where it has one.
    """

    calls: int
    seconds: float
    cpu: float
    elapsed: float
    delay: float = 0.0
    unrelated_threads: tuple[int, ...] = ()
    timer: str = ""
    functions: tuple[FunctionTimes, ...] = ()
    stacks: tuple[tuple[tuple[tuple[str, str, int], ...], int], ...] = ()
    output: str = ""

    @property
    def seconds_per_call(self) -> float:
        """Compute the time of a call while it was watched, which costs something."""
        return self.seconds / self.calls

    @property
    def waits(self) -> bool:
        """Tell whether the main thread waited for more than a fifth of the time."""
        return self.cpu + self.delay < 0.8 * self.seconds


EventT = TypeVar("EventT", bound=Event)

# Makes the command of a profiler out of the command that starts a worker.
Launch: TypeAlias = Callable[[Sequence[str]], Sequence[str]]


def run_loop(task: ProfileTask, setting: Setting, *, launch: Launch, profiler: str = "") -> LoopRun:
    """Profile one benchmark for the setting's seconds.

    Raises `BenchmarkError` when the benchmark did not run and `ProfilerError` when the profiler kept it from running.
    """
    limit = setting.seconds + setting.patience
    with scratch_folder() as scratch:
        record = worker.record_path(scratch)
        plan = worker.write_plan(scratch, _plan(task, setting, profiler, record))
        finished = process.run(
            launch(worker.start_command(setting.python, plan)),
            cwd=setting.project,
            env=setting.environment,
            overdue=process.deadline(limit),
            polite=signal.SIGINT,  # py-spy writes what it has and ends its child; SIGTERM would leave the child alone
        )
        events = _read(record)
    if wrong := _last(events, WrongTreeModules):
        name, file = next(iter(wrong.files.items()))
        raise BenchmarkError(f"{name} was loaded from {file}, which is the other revision's")
    for loaded in (event for event in events if isinstance(event, LoadedProject) and event.elsewhere):
        name, file = next(iter(loaded.elsewhere.items()))
        raise BenchmarkError(f"{name} was loaded from {file}, which is not this tree's")
    if profile := _last(events, BenchmarkProfile):
        return LoopRun(
            calls=profile.calls,
            seconds=profile.seconds,
            cpu=profile.cpu,
            elapsed=profile.elapsed,
            delay=profile.delay,
            unrelated_threads=profile.unrelated_threads,
            timer=profile.timer,
            functions=profile.functions,
            stacks=profile.stacks,
            output=_tail(finished.output),
        )
    raise why_not(events, finished, limit)


def _read(record: Path) -> list[Event]:
    try:
        return worker.RecordReader(record, decode_event).new_events()
    except MeasureError as fault:  # a line was cut and another follows: what a full disk makes
        raise ProfilerError(f"the worker's record is damaged: {fault.message}", hint="Is the disk full?") from fault


def _plan(task: ProfileTask, setting: Setting, profiler: str, record: Path) -> ProfilePlan:
    trees = None if setting.other is None else TreePaths(own=str(setting.project), other=str(setting.other))
    return ProfilePlan(
        record=str(record),
        profiler=profiler,
        seconds=setting.seconds,
        paths=(task.path,),
        rootdir=task.rootdir,
        benchmarks={task.node_id: 0},
        trees=trees,
        project=setting.facts,
    )


def _last(events: Sequence[Event], kind: type[EventT]) -> EventT | None:
    return next((event for event in reversed(events) if isinstance(event, kind)), None)


def has_module(name: str, setting: Setting) -> bool:
    """Ask the subject's interpreter whether it can import a profiler."""
    asked = process.run(
        [setting.python, "-c", f"import importlib.util as u, sys; sys.exit(u.find_spec({name!r}) is None)"],
        cwd=setting.project,
        env=setting.environment,
        overdue=process.deadline(_QUESTION),
    )
    return asked.returncode == 0


def why_not(events: Sequence[Event], finished: process.Finished, limit: float) -> ProfilerError:
    """Find in the record and the end of the process why a benchmark was not profiled, and whose fault that is."""
    if failure := _last(events, StartFailure):
        return BenchmarkError(failure.why)
    if broken := _last(events, CollectionFailure):
        return BenchmarkError(f"its file cannot be collected: {_last_line(broken.detail)}")
    if end := _last(events, BenchmarkEnd):
        return _why_finished(end, _last(events, ProfileFailure))
    if finished.timed_out:
        return ProfilerError(f"was stopped after {limit:.0f} s without an end")
    if _last(events, SessionEnd) and not _last(events, BenchmarkStart):
        return BenchmarkError("pytest does not find it any more; was it renamed?")
    return ProfilerError(f"{finished.cause}: {_tail(finished.output) or 'it printed nothing'}")


def _why_finished(end: BenchmarkEnd, failure: ProfileFailure | None) -> BenchmarkError:
    if end.outcome is TestOutcome.MEASURED:
        return BenchmarkError("the test passed without calling its benchmark fixture")
    outcome, detail = end.outcome.value, end.detail
    if failure is not None and failure.calls:
        return BenchmarkError(
            f"it {outcome} after {failure.calls} calls: {detail}",
            hint="A profile repeats its calls. Make a fresh state for each of them: benchmark.pedantic(..., setup=...)",
        )
    return BenchmarkError(f"it {outcome}: {detail}")


def _tail(output: str) -> str:
    return " ".join(output.split())[-_TAIL:]


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else ""


@contextlib.contextmanager
def scratch_folder() -> Iterator[Path]:
    """Lend a folder that is gone afterwards; raises `ProfilerError` where the disk is full."""
    try:
        with files.scratch_folder() as folder:
            yield folder
    except OSError as fault:
        raise ProfilerError(
            f"{fault.strerror or fault}",
            where=str(fault.filename or tempfile.gettempdir()),
            hint="Set TMPDIR to another folder for temporary files.",
        ) from fault
