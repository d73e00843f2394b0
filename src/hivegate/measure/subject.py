"""The subject: the project and the interpreter that are measured, which need not be hivegate's own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from hivegate.errors import MeasureError
from hivegate.measure.overlay import holds_code
from hivegate.model.protocol import Event, Plan, ProjectFacts, SessionPlan, StartFailure, decode_event
from hivegate.system import process, worker
from hivegate.system.files import scratch_folder
from hivegate.system.leftovers import ending_leftovers

if TYPE_CHECKING:
    from collections.abc import Callable

# Variables that make every Python process of a test run trace itself.
_TRACERS = ("COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG", "COV_CORE_SOURCE", "COV_CORE_CONFIG", "PYTHONPROFILE")

# By what is written into these files a step of GitHub Actions sets variables, paths and outputs of the next ones; with
# the tokens it reaches caches, artifacts and the repository.
_RUNNERS = (
    *("GITHUB_ENV", "GITHUB_PATH", "GITHUB_OUTPUT", "GITHUB_STATE", "GITHUB_STEP_SUMMARY", "GITHUB_TOKEN", "GH_TOKEN"),
    *("ACTIONS_RUNTIME_TOKEN", "ACTIONS_RUNTIME_URL", "ACTIONS_RESULTS_URL", "ACTIONS_CACHE_URL"),
    *("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_URL"),
)

# Numeric libraries start a thread a core otherwise, at import or at the first call.
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1")


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """What is measured: `paths` are given to pytest, `roots` are where benchmark ids begin (posix, from `project`).

    `launcher` stands before the interpreter in a worker's command, and `variables` are added to its environment.
    `distribution` is the project's name, "" where nobody knows it; `separate` where the interpreter's environment is of
    this side of a comparison alone, so that an installed copy of the project is what is measured. `released` where
    `distribution` is a package that is installed there instead of the project, which the suite at hand measures.
    `exclude` are selectors of benchmarks that are left out of the suite.
    """

    project: Path
    python: str
    paths: tuple[str, ...]
    roots: tuple[str, ...]
    launcher: tuple[str, ...] = ()
    variables: dict[str, str] = {}
    distribution: str = ""
    separate: bool = False
    released: bool = False
    exclude: tuple[str, ...] = ()

    @property
    def facts(self) -> ProjectFacts:
        """What tells the project's own files in a process."""
        folders = (path.partition("::")[0] for path in self.paths)
        suite = (path for path in folders if (self.project / path).is_dir())
        return ProjectFacts(
            # Of a release nothing lies in the project: all that counts is in the environment.
            root=str(Path(self.python).parents[1] if self.released else self.project),
            distribution=self.distribution,
            suite=tuple(path for path in suite if not holds_code(self.project / path, self.project)),
            separate=self.separate,
        )

    def environment(self) -> dict[str, str]:
        """Make the environment of a measured process: the caller's, without tracers and what is a runner's own."""
        hidden = (*_TRACERS, *_RUNNERS)
        return {name: value for name, value in os.environ.items() if name not in hidden} | self.variables


class WorkerExit(msgspec.Struct, frozen=True, kw_only=True):
    """How a worker ended, and the events of its record."""

    finished: process.Finished
    events: tuple[Event, ...]


def run_worker(
    subject: Subject,
    plan: Plan,
    *,
    patience: float,
    on_event: Callable[[Event], None] = lambda _: None,
) -> WorkerExit:
    """Run one worker to its end; one that writes no event for `patience` seconds is stopped.

    Raises `MeasureError` when the worker could not begin: no pytest-benchmark, no such interpreter. Also for an event
    that is not of the protocol.
    """
    # One tree in two environments holds the suite alone.
    alone = isinstance(plan, SessionPlan) and plan.trees is not None and plan.trees.own == plan.trees.other
    if isinstance(plan, SessionPlan) and (subject.released or not alone):
        plan = msgspec.structs.replace(plan, project=subject.facts)
    with scratch_folder() as folder, ending_leftovers():
        record = worker.record_path(folder)
        plan_path = worker.write_plan(folder, msgspec.structs.replace(plan, record=str(record)))
        reader = worker.RecordReader(record, decode_event)
        events: list[Event] = []
        overdue = process.deadline(patience)

        def look() -> None:
            nonlocal overdue
            fresh = reader.new_events()
            if fresh:
                overdue = process.deadline(patience)
            for event in fresh:
                events.append(event)
                on_event(event)

        finished = process.run(
            [*subject.launcher, *worker.start_command(subject.python, plan_path)],
            cwd=subject.project,
            env=subject.environment(),
            overdue=lambda: overdue(),  # noqa: PLW0108  `overdue` is replaced at every event
            on_tick=look,
        )
        look()
    _refuse_unable(events, finished)
    return WorkerExit(finished=finished, events=tuple(events))


def _refuse_unable(events: list[Event], finished: process.Finished) -> None:
    for event in events:
        if isinstance(event, StartFailure):
            raise MeasureError(event.why, hint=event.hint)
    if not events:
        raise MeasureError(
            f"the benchmark process {finished.cause} before it started",
            hint=finished.output.strip()[-2000:] or "it printed no output",
        )
