"""Stages on executors: threads and processes, and what cancelling them means."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import pytest

from hivemind.packs import Pack
from hivemind.swarm import (
    Artifact,
    Change,
    Coordinator,
    Pipeline,
    PipelineFailedError,
    Stage,
    StageContext,
    State,
    default_pipeline,
    on_executor,
)


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    """Return one worker thread."""
    with ThreadPoolExecutor(1) as pool:
        yield pool


def test_a_stage_runs_on_the_executor_and_its_result_comes_back(threads: ThreadPoolExecutor) -> None:
    """Not on the thread of the event loop."""
    stage = Stage(name="a", run=on_executor(threads, lambda context: (context.data, threading.get_ident())))
    data, thread = asyncio.run(Coordinator().run(Pipeline([stage]), 7)).result("a", tuple)
    assert data == 7
    assert thread != threading.get_ident()


def test_an_error_on_the_executor_is_the_stages(threads: ThreadPoolExecutor) -> None:
    """It is named as if it had been raised in the event loop."""

    def fail(_: StageContext) -> None:
        raise ValueError("no")

    with pytest.raises(PipelineFailedError, match="'a' failed: ValueError: no"):
        asyncio.run(Coordinator().run(Pipeline([Stage(name="a", run=on_executor(threads, fail))])))


def test_cancelling_waits_for_a_call_that_runs_and_takes_back_one_that_waits(threads: ThreadPoolExecutor) -> None:
    """Afterwards nothing runs on: the first call has ended, the second never began."""
    entered, release = threading.Event(), threading.Event()
    calls = []

    def block(context: StageContext) -> None:
        calls.append(context.stage)
        entered.set()
        release.wait()
        calls.append("ended")

    stages = [Stage(name=name, run=on_executor(threads, block)) for name in ("first", "second")]

    async def scenario() -> None:
        execution = Coordinator().execution(Pipeline(stages))
        task = asyncio.ensure_future(execution.run())
        await asyncio.to_thread(entered.wait)
        task.cancel()
        for _ in range(5):
            await asyncio.sleep(0)
        task.cancel()  # once more, while it waits
        for _ in range(5):
            await asyncio.sleep(0)
        assert not task.done()
        release.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert {outcome.state for outcome in execution.report().outcomes} == {State.CANCELLED}

    asyncio.run(scenario())
    threads.shutdown(wait=True)
    assert calls == ["first", "ended"]


def test_a_call_that_outlasts_its_time_is_late(threads: ThreadPoolExecutor) -> None:
    """It cannot be interrupted, but it counts as timed out."""
    late = threading.Event()

    def block(context: StageContext) -> str:
        # Set by a timer that is armed after that of the time-out and is due later, so it comes second at any speed.
        loop = context.given(asyncio.BaseEventLoop)
        loop.call_soon_threadsafe(loop.call_later, 0.01, late.set)
        late.wait()
        return "done"

    async def scenario() -> None:
        pipeline = Pipeline([Stage(name="a", run=on_executor(threads, block), timeout=0.001)])
        await Coordinator().run(pipeline, asyncio.get_running_loop())

    with pytest.raises(PipelineFailedError, match="'a' timed out"):
        asyncio.run(scenario())


def test_the_default_pipeline_runs_in_a_worker_process() -> None:
    """Everything that its stages hand on can be pickled."""
    vocabulary = Pack(name="v", classes=frozenset("A"), properties={"p": ("xsd:integer",)})
    log = '{"event":"class_added","sequence":1,"name":"B","parent":"A"}'
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        report = asyncio.run(Coordinator().run(default_pipeline(pool), Change(vocabulary=vocabulary, log=log)))
    assert report.result("quality-assurance", Artifact).attributes["classes"] == 2
