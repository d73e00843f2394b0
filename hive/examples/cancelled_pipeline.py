"""Run a pipeline, cancel it in the middle, and read what became of each stage."""

import asyncio

from hivemind.swarm import Coordinator, Pipeline, Stage, StageContext, State

reached = asyncio.Event()


async def listen(context: StageContext) -> str:
    """Wait for what never comes."""
    reached.set()
    await asyncio.Event().wait()
    return "heard"


stages = [
    Stage(name="read", run=lambda context: len(context.given(str))),
    Stage(name="listen", run=listen, after=("read",)),
    Stage(name="tell", run=lambda context: context.result("listen", str), after=("listen",)),
]


async def main() -> None:
    """Begin, cancel, and look."""
    execution = Coordinator().execution(Pipeline(stages), "a text")
    running = asyncio.create_task(execution.run())
    await reached.wait()
    running.cancel()
    await asyncio.wait({running})
    states = {outcome.stage: outcome.state for outcome in execution.report().outcomes}
    print(states)
    assert running.cancelled()
    assert states["read"] is State.SUCCEEDED
    assert states["listen"] is State.CANCELLED
    assert states["tell"] is not State.SUCCEEDED


asyncio.run(main())
