"""Stages that compute or block, run on any `concurrent.futures.Executor`: threads, processes, a cluster."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from concurrent.futures import Executor

    from hivemind.swarm.stage import StageContext

R = TypeVar("R")


def on_executor(executor: Executor, function: Callable[[StageContext], R]) -> Callable[[StageContext], Awaitable[R]]:
    """Return a stage function that runs `function` on `executor`.

    For processes, the function, the context and the result must be picklable. A call that waits for a worker is
    taken back when the stage is cancelled or out of time. One that runs cannot be interrupted, by any executor;
    it is waited for, so that nothing runs on unseen, and the stage still counts as cancelled or late.
    """

    async def run(context: StageContext) -> R:
        future = executor.submit(function, context)
        wrapped = asyncio.wrap_future(future)
        try:
            # Shielded: cancelling the wrapper would let go of a call that is running.
            return await asyncio.shield(wrapped)
        except asyncio.CancelledError:
            if not future.cancel():
                await _until_done(wrapped)
            raise

    return run


async def _until_done(future: asyncio.Future[R]) -> None:
    while not future.done():
        try:
            await asyncio.wait([future])
        except asyncio.CancelledError:
            continue  # whoever cancels again still has to wait: the call goes on whatever we do
    if not future.cancelled():
        future.exception()  # looked at, so that the loop does not report it as never retrieved
