"""Order work by priority, first in first out within a priority, and let nothing wait for ever."""

from collections import deque
from collections.abc import Iterable
from itertools import cycle
from typing import Final, Generic, NoReturn, TypeVar

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

    `enqueue`, `dequeue` and `len` take O(1); `enqueue_all` and `drain` do the same for many tasks in half the time.
    One thread, or one event loop, uses a scheduler at a time.
    """

    # No counter of what waits: keeping one would cost each enqueue and dequeue more than adding up costs `len`.
    __slots__ = ("_lanes", "_patience", "_turns")

    def __init__(self, *, patience: int = DEFAULT_PATIENCE) -> None:
        require_count(patience, PATIENCE, where="patience")
        self._patience = patience
        self._lanes: tuple[deque[T], ...] = tuple(deque() for _ in Priority)  # by the value of the priority, from 0
        ordinary = self._lanes[::-1]
        fair = [(favoured, *ordinary) for favoured in self._lanes[:-1]]
        # The turns are laid out in advance, so that a dequeue does no arithmetic: `next` is its only bookkeeping.
        self._turns = cycle([turn for last in fair for turn in (*[ordinary] * (patience - 1), last)])

    def __len__(self) -> int:
        """Return the number of waiting tasks."""
        low, normal, high, critical = self._lanes
        return len(low) + len(normal) + len(high) + len(critical)

    def longest_wait(self, ahead: int = 0) -> int:
        """Return the dequeue, counted from 1, by which a task with `ahead` tasks before it in its lane is out."""
        return (ahead + 1) * (len(self._lanes) - 1) * self._patience

    def enqueue(self, task: T, priority: Priority) -> None:
        """Append `task` to the lane of `priority`; raise `InvalidValueError` where that is no `Priority`."""
        if type(priority) is not Priority:
            _refuse(priority)
        self._lanes[priority].append(task)

    def enqueue_all(self, tasks: Iterable[tuple[T, Priority]]) -> None:
        """Enqueue each task at its priority, in their order; all of them, or none where one has no `Priority`."""
        given = tuple(tasks)
        for _, priority in given:
            if type(priority) is not Priority:
                _refuse(priority)
        add = [lane.append for lane in self._lanes]
        for task, priority in given:
            add[priority](task)

    def dequeue(self) -> T:
        """Remove and return the task whose turn it is; raise `EmptySchedulerError` where none waits."""
        for lane in next(self._turns):
            if lane:
                return lane.popleft()
        raise EmptySchedulerError("nothing waits in this scheduler; ask len() before dequeue()")

    def drain(self) -> list[T]:
        """Remove and return all waiting tasks, in the order in which `dequeue` would have handed them out."""
        turns, taken = self._turns, []
        for _ in range(len(self)):
            for lane in next(turns):
                if lane:
                    taken.append(lane.popleft())
                    break
        return taken


def _refuse(priority: object) -> NoReturn:
    allowed = ", ".join(str(member.name) for member in Priority)
    raise InvalidValueError(f"priority is {priority!r}; give a Priority: {allowed}")
