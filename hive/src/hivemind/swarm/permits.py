"""The bound on how many stages run at once, shared by all runs of a coordinator."""

from __future__ import annotations

from collections import deque
from typing import Protocol

from hivemind.swarm.checks import check_count


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

    __slots__ = ("_waiting", "free", "limit")

    def __init__(self, limit: int) -> None:
        check_count(limit, where="max_concurrency")
        self.limit = limit
        self.free = limit
        self._waiting: deque[tuple[Starter, int]] = deque()

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
