"""One attempt at a stage, within its time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from hivemind.swarm.errors import StageTimeoutError
from hivemind.swarm.timeouts import AdaptiveTimeout

if TYPE_CHECKING:
    from hivemind.swarm.stage import Stage, StageContext


async def perform(stage: Stage, context: StageContext) -> object:
    """Run a stage and return its result; raises what it raises, and StageTimeoutError if its time ran out."""
    value = stage.run(context)
    if not hasattr(value, "__await__"):
        return value
    timeout = stage.timeout
    if timeout is None:
        return await value
    budget = timeout.seconds if isinstance(timeout, AdaptiveTimeout) else timeout
    limit = asyncio.timeout(budget)
    try:
        async with limit:
            result = await value
    except Exception as error:
        if limit.expired():
            raise StageTimeoutError(stage=stage.name, budget=budget) from error
        raise
    if limit.expired():  # a stage that swallows its cancellation is late all the same
        raise StageTimeoutError(stage=stage.name, budget=budget)
    return result
