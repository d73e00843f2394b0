"""The bound on how many stages run at once, shared by all runs of a coordinator."""

from __future__ import annotations

from collections import deque
from contextvars import ContextVar
from typing import TYPE_CHECKING, Protocol

from hivemind.swarm.checks import check_count
from hivemind.swarm.errors import PipelineError

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

# Whose permits the stage that runs here holds, and those that it itself runs in.
_HELD: ContextVar[tuple[Permits, ...]] = ContextVar("_HELD", default=())


class Starter(Protocol):
    """What can start one of its stages."""

    def start(self, position: int) -> bool:
        """Start a stage; return False if it is no longer wanted, and then no permit is taken."""


class Permits:
    """Start what was submitted, first come first served, at most `limit` at a time.

    Not a semaphore on purpose: a stage that waits here is an entry in a queue, not a suspended task, so waiting costs
    neither memory of a task nor a turn of the event loop. For one event loop at a time; not thread-safe. Time: O(1)
    for both operations.
    """

    __slots__ = ("_loop", "_waiting", "free", "limit")

    def __init__(self, limit: int) -> None:
        check_count(limit, where="max_concurrency")
        self.limit = limit
        self._loop: AbstractEventLoop | None = None
        self._forget()

    def _forget(self) -> None:
        self.free = self.limit
        self._waiting: deque[tuple[Starter, int]] = deque()

    def enter(self, loop: AbstractEventLoop) -> None:
        """Have a run begin on an event loop.

        What ran on a loop that was closed will never end, and is forgotten. Raises PipelineError where a run could only
        wait for itself: inside a stage that holds one of these permits, and beside stages of another loop.
        """
        if self in _HELD.get():
            raise PipelineError(
                "a stage runs a pipeline on the coordinator that runs the stage, and would wait for its own permit; "
                "give it another Coordinator"
            )
        if loop is not self._loop:
            if self._loop is not None and self._loop.is_closed():
                self._forget()
            if self.free < self.limit:
                raise PipelineError(
                    "stages of this coordinator run on another event loop; use one coordinator for each loop"
                )
            self._loop = loop

    def hold(self) -> None:
        """Note in the context of the stage's task that it holds a permit."""
        _HELD.set((*_HELD.get(), self))

    def submit(self, starter: Starter, position: int) -> None:
        """Start a stage now if a permit is free, else as soon as one is."""
        self._waiting.append((starter, position))
        self._grant()

    def release(self) -> None:
        """Give a permit back, which starts the next that waits."""
        self.free += 1
        self._grant()

    def _grant(self) -> None:
        waiting = self._waiting
        while self.free and waiting:
            starter, position = waiting.popleft()
            self.free -= 1  # before the start, which may run a stage at once under an eager task factory
            if not starter.start(position):
                self.free += 1
