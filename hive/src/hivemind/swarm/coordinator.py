"""Runs pipelines on asyncio, any number at once, under one bound of concurrency."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hivemind.swarm.execution import Execution
from hivemind.swarm.permits import Permits

if TYPE_CHECKING:
    from hivemind.swarm.outcome import Report
    from hivemind.swarm.pipeline import Pipeline

DEFAULT_CONCURRENCY = 64


class Coordinator:
    """Run pipelines with at most `max_concurrency` stages running at once, over all runs together.

    A stage starts as soon as its own dependencies are done and a permit is free, first come first served. A stage
    that itself runs a pipeline needs another coordinator for that, for it holds a permit while it waits; a run on its
    own is refused. For one event loop at a time: what is left on a loop that was closed is forgotten, and a run beside
    stages on another loop is refused. Raises PipelineError for these, and for a limit below 1.
    """

    __slots__ = ("_permits",)

    def __init__(self, *, max_concurrency: int = DEFAULT_CONCURRENCY) -> None:
        self._permits = Permits(max_concurrency)

    @property
    def max_concurrency(self) -> int:
        """Return how many stages may run at once."""
        return self._permits.limit

    @property
    def running(self) -> int:
        """Return how many stages run now."""
        return self._permits.limit - self._permits.free

    def execution(self, pipeline: Pipeline, data: object = None) -> Execution:
        """Return a run of the pipeline that has not begun; its `report()` can be read while it runs and after."""
        return Execution(pipeline, data, self._permits)

    async def run(self, pipeline: Pipeline, data: object = None) -> Report:
        """Run a pipeline on `data` and return its report.

        Raises PipelineFailedError, naming the stages and holding the report, if a stage failed or ran out of time;
        what did not depend on it has run to its end. Cancelled, it leaves nothing running.
        """
        return await self.execution(pipeline, data).run()
