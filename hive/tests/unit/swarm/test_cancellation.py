"""Cancellation at every await: whatever the moment, nothing runs on and every stage has its outcome."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from hivemind.swarm import Coordinator, Execution, Pipeline, PipelineFailedError, Retry, Stage, StageContext, State
from hivemind.swarm.testing import DeadlockError, ManualLoop, cancelled_everywhere


class Ledger:
    """Counts which stages are inside their work."""

    def __init__(self) -> None:
        self.inside: set[str] = set()

    async def work(self, context: StageContext) -> str:
        """Be inside for a while, and clean up."""
        self.inside.add(context.stage)
        try:
            await asyncio.sleep(1)
            await asyncio.sleep(0)
            if context.stage.startswith("bad"):
                raise ValueError(context.stage)
            if context.stage.startswith("slow"):
                await asyncio.sleep(50)
        finally:
            try:
                await asyncio.sleep(0.5)  # clean-up that awaits, and may itself be where the cancellation falls
            finally:
                self.inside.discard(context.stage)
        return context.stage


def pipeline(ledger: Ledger) -> Pipeline:
    """Return stages that succeed, fail, are late, retry and wait."""
    retry = Retry(attempts=2, delay=1)
    return Pipeline(
        [
            Stage(name="a", run=ledger.work),
            Stage(name="b", run=ledger.work, after=("a",), timeout=30),
            Stage(name="bad", run=ledger.work, after=("a",), retry=retry),
            Stage(name="slow", run=ledger.work, timeout=5, retry=retry),
            Stage(name="needs bad", run=ledger.work, after=("bad",)),
            Stage(name="end", run=ledger.work, after=("b",)),
        ]
    )


@pytest.mark.parametrize("permits", [1, 2, 10])
@pytest.mark.parametrize("seed", [None, 1, 2, 3])
def test_nothing_runs_on_wherever_the_cancellation_falls(permits: int, seed: int | None) -> None:
    """Cancelled after every single callback of the run: tasks, timers, permits and the work itself have all ended."""
    ledger = Ledger()
    coordinator = Coordinator(max_concurrency=permits)
    resolved = pipeline(ledger)
    executions: list[Execution] = []

    def make() -> Coroutine[Any, Any, object]:
        executions.append(coordinator.execution(resolved))
        return executions[-1].run()

    cancelled = 0
    for walked in cancelled_everywhere(make, seed=seed):
        assert ledger.inside == set()
        assert coordinator.running == 0
        assert asyncio.all_tasks(walked.loop) == set()
        assert walked.loop.idle
        report = executions[-1].report()
        if walked.task.cancelled():
            cancelled += 1
            # Before the first step nothing of the run exists, not even its stages.
            assert len(report.outcomes) == (len(resolved) if walked.steps else 0)
            assert walked.steps == 0 or report.having(State.CANCELLED) or not report.succeeded
    assert cancelled > 50
    assert isinstance(walked.task.exception(), PipelineFailedError)


def test_a_second_cancellation_reaches_the_clean_up_and_the_run_still_waits() -> None:
    """Clean-up that takes long is interrupted by cancelling again; the run ends when the stage has."""

    async def work(_: StageContext) -> None:
        try:
            await asyncio.sleep(100)
        finally:
            await asyncio.sleep(100)

    loop = ManualLoop()
    task = loop.create_task(Coordinator().run(Pipeline([Stage(name="a", run=work)])))
    loop.advance(1)
    task.cancel()
    loop.advance(10)
    assert not task.done()
    task.cancel()
    loop.finish(task)
    assert task.cancelled()
    assert loop.time() == 11


def test_a_stage_that_fails_while_it_is_cancelled_is_not_tried_again() -> None:
    """Its error is kept as its outcome, the run ends at once."""

    async def work(_: StageContext) -> None:
        try:
            await asyncio.sleep(100)
        except asyncio.CancelledError:
            raise ValueError("clean-up failed") from None

    loop, retry = ManualLoop(), Retry(attempts=5, delay=10)
    execution = Coordinator().execution(Pipeline([Stage(name="a", run=work, retry=retry)]))
    task = loop.create_task(execution.run())
    loop.advance(1)
    task.cancel()
    loop.finish(task)
    assert task.cancelled()
    assert loop.time() == 1
    assert (execution.report()["a"].state, execution.report()["a"].attempts) == (State.FAILED, 1)


def test_permits_pass_on_to_another_run_when_one_is_cancelled() -> None:
    """What a cancelled run had waiting does not block its neighbour."""

    async def work(_: StageContext) -> None:
        await asyncio.sleep(1)

    async def scenario() -> float:
        coordinator = Coordinator(max_concurrency=1)
        many = Pipeline([Stage(name=f"{number}", run=work) for number in range(50)])
        first = asyncio.ensure_future(coordinator.run(many))
        await asyncio.sleep(0.5)
        second = asyncio.ensure_future(coordinator.run(Pipeline([Stage(name="x", run=work)])))
        await asyncio.sleep(0)
        first.cancel()
        await second
        return asyncio.get_running_loop().time()

    assert ManualLoop().run_until_complete(scenario()) == 1.5


def test_a_stage_that_waits_for_ever_is_a_deadlock_and_not_a_hang() -> None:
    """The manual loop says so instead of waiting."""

    async def work(_: StageContext) -> None:
        await asyncio.get_running_loop().create_future()

    with pytest.raises(DeadlockError, match="nothing is ready and no timer is set"):
        ManualLoop().run_until_complete(Coordinator().run(Pipeline([Stage(name="a", run=work)])))
