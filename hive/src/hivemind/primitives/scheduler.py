"""Order work by priority, first in first out within a priority, and let nothing wait for ever."""

from collections import deque
from itertools import cycle
from typing import Final, Generic, TypeVar

from hivemind.primitives.checks import require_count
from hivemind.primitives.errors import EmptySchedulerError, InvalidValueError
from hivemind.primitives.hints import Priority

T = TypeVar("T")

DEFAULT_PATIENCE: Final = 16
# From 2, for CRITICAL needs ordinary turns between the fair ones; the end bounds the table of turns.
PATIENCE: Final = range(2, 1025)


class PriorityScheduler(Generic[T]):
    """Hand out the most urgent task first, with a bound after which no waiting task starves.

    Each priority has a lane, first in first out. A dequeue takes from the highest lane that is not empty, except
    that every `patience`-th dequeue is a fair turn: it prefers one of the three lower lanes, LOW, NORMAL and HIGH
    by rotation, and takes from the highest lane only if that one is empty.

    The bound: a task with `ahead` tasks before it in its own lane is handed out by the `longest_wait(ahead)`-th
    dequeue after it was enqueued at the latest, `(ahead + 1) * 3 * patience`, whatever is enqueued meanwhile.
    *Proof.* Any `3 * patience` dequeues in a row hold one fair turn for each lower lane, which shortens that lane
    if it is not empty, and `3 * (patience - 1)` ordinary turns, each of which shortens CRITICAL if it is not empty.
    The bound is exact: under a flood of CRITICAL tasks, a lower lane moves on its own fair turns only.

    `enqueue`, `dequeue` and `len` take O(1). One thread, or one event loop, uses a scheduler at a time.
    """

    __slots__ = ("_lanes", "_patience", "_turns", "_waiting")

    def __init__(self, *, patience: int = DEFAULT_PATIENCE) -> None:
        require_count(patience, PATIENCE, where="patience")
        self._patience = patience
        self._waiting = 0
        self._lanes: dict[Priority, deque[T]] = {priority: deque() for priority in Priority}
        ordinary = tuple(self._lanes[priority] for priority in sorted(Priority, reverse=True))
        fair = [(favoured, *ordinary) for favoured in reversed(ordinary[1:])]
        # The turns are laid out in advance, so that a dequeue does no arithmetic: `next` is its only bookkeeping.
        self._turns = cycle([turn for last in fair for turn in (*[ordinary] * (patience - 1), last)])

    def __len__(self) -> int:
        """Return the number of waiting tasks."""
        return self._waiting

    def longest_wait(self, ahead: int = 0) -> int:
        """Return the dequeue, counted from 1, by which a task with `ahead` tasks before it in its lane is out."""
        return (ahead + 1) * (len(self._lanes) - 1) * self._patience

    def enqueue(self, task: T, priority: Priority) -> None:
        """Append `task` to the lane of `priority`; raise `InvalidValueError` where that is no `Priority`."""
        try:
            lane = self._lanes[priority]
        except (KeyError, TypeError):
            allowed = ", ".join(str(member.name) for member in Priority)
            raise InvalidValueError(f"priority is {priority!r}; give a Priority: {allowed}") from None
        lane.append(task)
        self._waiting += 1

    def dequeue(self) -> T:
        """Remove and return the task whose turn it is; raise `EmptySchedulerError` where none waits."""
        for lane in next(self._turns):
            if lane:
                self._waiting -= 1
                return lane.popleft()
        raise EmptySchedulerError("nothing waits in this scheduler; ask len() before dequeue()")
