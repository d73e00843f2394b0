"""One run of a pipeline: which stage may start, what became of each, and that nothing is left running."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from hivemind.swarm.attempt import perform
from hivemind.swarm.errors import PipelineError, PipelineFailedError, StageTimeoutError, describe
from hivemind.swarm.outcome import Outcome, Report, State
from hivemind.swarm.stage import StageContext
from hivemind.swarm.timeouts import AdaptiveTimeout

if TYPE_CHECKING:
    from hivemind.swarm.permits import Permits
    from hivemind.swarm.pipeline import Pipeline


class Execution:
    """Run a pipeline once.

    Every stage is one task an attempt, started by the completion of the last of its dependencies; nothing polls and
    nothing waits in a task. Use from one event loop; a second `run` raises PipelineError.
    """

    __slots__ = (
        "_attempts",
        "_began",
        "_data",
        "_fatal",
        "_left",
        "_loop",
        "_outcomes",
        "_pauses",
        "_permits",
        "_pipeline",
        "_stopping",
        "_tasks",
        "_waiter",
        "_waits",
    )

    _loop: asyncio.AbstractEventLoop

    def __init__(self, pipeline: Pipeline, data: object, permits: Permits) -> None:
        size = len(pipeline)
        self._pipeline = pipeline
        self._data = data
        self._permits = permits
        self._waits = list(pipeline.waits)
        self._outcomes: list[Outcome | None] = [None] * size
        self._attempts = [0] * size
        self._began: list[float | None] = [None] * size
        self._left = size
        self._tasks: dict[int, asyncio.Task[object]] = {}
        self._pauses: dict[int, asyncio.TimerHandle] = {}
        self._waiter: asyncio.Future[None] | None = None
        self._fatal: BaseException | None = None
        self._stopping = False

    async def run(self) -> Report:
        """Run every stage and return the report; raises PipelineFailedError that holds it if a stage failed.

        Cancelled, it cancels what runs, waits until that has ended, and raises CancelledError; cancelled again
        meanwhile, it passes that on, so that it also interrupts clean-up.
        """
        if self._waiter is not None:
            raise PipelineError("this execution was run already; make another from the coordinator")
        self._loop = asyncio.get_running_loop()
        self._permits.enter(self._loop)
        self._waiter = self._loop.create_future()
        for position, waits in enumerate(self._pipeline.waits):
            if not waits:
                self._permits.submit(self, position)
        cancelled: asyncio.CancelledError | None = None
        while self._left:
            try:
                await self._waiter
            except asyncio.CancelledError as error:
                cancelled = error
                self._stop()
                self._waiter = self._loop.create_future()
        if self._fatal is not None:
            raise self._fatal
        if cancelled is not None:
            raise cancelled
        report = self.report()
        if not report.succeeded:
            cause = next((outcome.error for outcome in report.faults if outcome.error), None)
            raise PipelineFailedError(report) from cause
        return report

    def report(self) -> Report:
        """Return the outcomes so far; a finished or cancelled run has one of every stage."""
        return Report(tuple(outcome for outcome in self._outcomes if outcome is not None))

    def start(self, position: int) -> bool:
        """Start a stage's next attempt; only the permits call this."""
        if self._outcomes[position] is not None:
            return False
        self._attempts[position] += 1
        task = self._loop.create_task(self._attempt(position), name=self._pipeline.labels[position])
        self._tasks[position] = task
        task.add_done_callback(partial(self._ended, position))
        return True

    async def _attempt(self, position: int) -> object:
        self._permits.hold()
        self._began[position] = self._loop.time()
        stage = self._pipeline.stages[position]
        context = StageContext(
            stage=stage.name, data=self._data, results=self._results(position), attempt=self._attempts[position]
        )
        return await perform(stage, context)

    def _results(self, position: int) -> dict[str, object]:
        positions, outcomes = self._pipeline.positions, self._outcomes
        results = {}
        for name in self._pipeline.dependencies[position]:
            outcome = outcomes[positions[name]]
            if outcome is not None:
                results[name] = outcome.value
        return results

    def _ended(self, position: int, task: asyncio.Task[object]) -> None:
        # A callback of the task and not code inside it: a task cancelled before its first step never runs any.
        del self._tasks[position]
        if task.cancelled():
            if self._stopping or task.cancelling():
                self._lost(position, State.CANCELLED, "its task was cancelled")
            else:
                self._lost(position, State.FAILED, "it raised CancelledError although nobody cancelled it")
        else:
            error = task.exception()
            if error is None:
                self._succeeded(position, task.result())
            else:
                self._faulted(position, error)
        self._permits.release()

    def _succeeded(self, position: int, value: object) -> None:
        stage = self._pipeline.stages[position]
        seconds = self._seconds(position)
        if isinstance(stage.timeout, AdaptiveTimeout):
            stage.timeout.completed(seconds)
        self._settle(
            position,
            Outcome(
                stage=stage.name,
                state=State.SUCCEEDED,
                value=value,
                attempts=self._attempts[position],
                seconds=seconds,
            ),
        )
        for dependant in self._pipeline.dependants[position]:
            self._waits[dependant] -= 1
            if not self._waits[dependant]:
                self._permits.submit(self, dependant)

    def _faulted(self, position: int, error: BaseException) -> None:
        stage = self._pipeline.stages[position]
        late = error if isinstance(error, StageTimeoutError) and error.stage == stage.name else None
        if late is not None and isinstance(stage.timeout, AdaptiveTimeout):
            stage.timeout.expired()
        attempt = self._attempts[position]
        if not self._stopping and stage.retry.again(attempt, error):
            wait = stage.retry.wait(attempt)
            self._pauses[position] = self._loop.call_later(wait, self._resume, position)
            return
        if late is not None:
            self._lost(position, State.TIMED_OUT, f"it took longer than its {late.budget:g} s", error)
        else:
            self._lost(position, State.FAILED, describe(error), error)
        if not isinstance(error, Exception):  # SystemExit and its like end the run, not only the stage
            self._fatal = error
            self._stop()

    def _resume(self, position: int) -> None:
        del self._pauses[position]
        self._permits.submit(self, position)

    def _lost(self, position: int, state: State, reason: str, error: BaseException | None = None) -> None:
        stage = self._pipeline.stages[position]
        self._settle(
            position,
            Outcome(
                stage=stage.name,
                state=state,
                reason=reason,
                error=error,
                attempts=self._attempts[position],
                seconds=self._seconds(position),
            ),
        )
        why = f"it needs {stage.name!a}, which {state}"
        ahead = [position]
        while ahead:
            # What is settled was skipped with all that needs it, so each stage is come to once for each that it needs,
            # however many failed.
            for dependant in self._pipeline.dependants[ahead.pop()]:
                if self._outcomes[dependant] is None:
                    name = self._pipeline.stages[dependant].name
                    self._settle(dependant, Outcome(stage=name, state=State.SKIPPED, reason=why))
                    ahead.append(dependant)

    def _seconds(self, position: int) -> float:
        began = self._began[position]
        return 0.0 if began is None else self._loop.time() - began  # a task cancelled before its first step has none

    def _settle(self, position: int, outcome: Outcome) -> None:
        self._outcomes[position] = outcome
        self._left -= 1
        if not self._left and self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _stop(self) -> None:
        self._stopping = True
        for pause in self._pauses.values():
            pause.cancel()
        self._pauses.clear()
        for position, outcome in enumerate(self._outcomes):
            if outcome is None and position not in self._tasks:
                self._settle(
                    position,
                    Outcome(
                        stage=self._pipeline.stages[position].name,
                        state=State.CANCELLED,
                        reason="the run was cancelled",
                        attempts=self._attempts[position],
                    ),
                )
        for task in tuple(self._tasks.values()):
            task.cancel()
