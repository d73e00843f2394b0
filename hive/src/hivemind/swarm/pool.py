"""A swarm, which is a pipeline with its coordinator, and the pool that reuses swarms."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from hivemind.swarm.checks import check_count
from hivemind.swarm.coordinator import DEFAULT_CONCURRENCY, Coordinator
from hivemind.swarm.errors import PipelineError
from hivemind.swarm.pipeline import Pipeline

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from hivemind.swarm.outcome import Report
    from hivemind.swarm.stage import Stage


class Swarm:
    """A resolved pipeline and the coordinator that runs it, with what its adaptive time-outs have learned."""

    __slots__ = ("coordinator", "pipeline")

    def __init__(self, stages: Iterable[Stage], *, max_concurrency: int = DEFAULT_CONCURRENCY) -> None:
        self.pipeline = Pipeline(stages)
        self.coordinator = Coordinator(max_concurrency=max_concurrency)

    async def run(self, data: object = None) -> Report:
        """Run the pipeline on `data`; see `Coordinator.run`."""
        return await self.coordinator.run(self.pipeline, data)


class SwarmPool:
    """Lend swarms and take them back, so that resolving, checking and learning are done once a swarm.

    `build` makes one when none is idle; at most `keep` idle ones are kept. Memory and allocations grow with the
    swarms in use at once, not with the runs. For one event loop; not thread-safe. Time: O(1) beside `build`.
    """

    __slots__ = ("_build", "_idle", "built", "keep")

    def __init__(self, build: Callable[[], Swarm], *, keep: int = 256) -> None:
        check_count(keep, where="keep")
        self._build = build
        self._idle: dict[int, Swarm] = {}  # by id
        self.keep = keep
        self.built = 0

    def __len__(self) -> int:
        """Return how many swarms are idle."""
        return len(self._idle)

    @contextmanager
    def lease(self) -> Iterator[Swarm]:
        """Lend a swarm for the body of the `with` statement; nobody else has it meanwhile."""
        swarm = self.take()
        try:
            yield swarm
        finally:
            self.give_back(swarm)

    def take(self) -> Swarm:
        """Return an idle swarm, the one used last, or a new one; whoever takes it gives it back."""
        if self._idle:
            return self._idle.popitem()[1]
        self.built += 1
        return self._build()

    def give_back(self, swarm: Swarm) -> None:
        """Take a swarm back; raises PipelineError while its stages still run or if it is here already."""
        if swarm.coordinator.running:
            raise PipelineError("a swarm was given back while its stages run; await its runs first")
        if id(swarm) in self._idle:
            raise PipelineError("a swarm was given back twice; only its borrower may")
        if len(self._idle) < self.keep:
            self._idle[id(swarm)] = swarm
