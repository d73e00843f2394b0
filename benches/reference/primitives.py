"""Textbook counterparts of `hivemind.primitives`."""

from collections.abc import Sequence
from heapq import heappop, heappush
from itertools import combinations, count
from threading import Lock
from typing import Generic, TypeVar

from hivemind.primitives import (
    CommutativeMerge,
    CommutativeProposal,
    ConditionalAggregate,
    ConditionalMerge,
    ConditionalProposal,
    Conflicts,
    Priority,
    ProposalConflictError,
    SchedulingHint,
    Snapshot,
)

T = TypeVar("T")


class LockingCell(Generic[T]):
    """Guard a value with one lock that readers and writers both take."""

    def __init__(self, value: T) -> None:
        self._lock = Lock()
        self._snapshot = Snapshot(0, value)

    def read(self) -> Snapshot[T]:
        """Return the current snapshot under the lock."""
        with self._lock:
            return self._snapshot

    def write(self, value: T) -> Snapshot[T]:
        """Replace the value under the lock and return its snapshot."""
        with self._lock:
            self._snapshot = Snapshot(self._snapshot.version + 1, value)
            return self._snapshot


class HeapScheduler(Generic[T]):
    """Keep tasks in a heap by priority, first in first out within one; nothing bounds the wait of the lowest."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, T]] = []
        self._arrivals = count()

    def enqueue(self, task: T, priority: Priority) -> None:
        """Add a task in O(log n)."""
        heappush(self._heap, (-priority, next(self._arrivals), task))

    def dequeue(self) -> T:
        """Remove and return the most urgent task in O(log n)."""
        return heappop(self._heap)[2]


def aggregate_commutative_stepwise(proposals: Sequence[CommutativeProposal]) -> CommutativeMerge:
    """Fold `merge` over the proposals, copying what was merged so far at each step."""
    first, *others = proposals
    merged = first.merge(first)
    for proposal in others:
        merged = merged.merge(proposal)
    return merged


def aggregate_conditional_stepwise(proposals: Sequence[ConditionalProposal]) -> ConditionalAggregate:
    """Fold `merge` over the proposals and reject what does not merge."""
    merged: ConditionalMerge | None = None
    rejected: list[ConditionalProposal] = []
    for proposal in proposals:
        if merged is None:
            merged = ConditionalMerge(by_resource={proposal.resource: proposal}, priority=proposal.priority)
            continue
        try:
            merged = merged.merge(proposal)
        except ProposalConflictError:
            rejected.append(proposal)
    return ConditionalAggregate(merged=merged, rejected=tuple(rejected))


def find_conflicts_pairwise(proposals: Sequence[ConditionalProposal]) -> Conflicts:
    """Compare every two proposals, O(n²), and gather those that conflict by resource, in order of arrival."""
    pairs = 0
    groups: dict[str, list[ConditionalProposal]] = {}
    for first, second in combinations(proposals, 2):
        if first.resource == second.resource:
            pairs += 1
            group = groups.setdefault(first.resource, [first])
            # The pairs of a group's first member come before all its others, in order of arrival.
            if group[0] is first:
                group.append(second)
    return Conflicts(groups={resource: tuple(group) for resource, group in groups.items()}, pairs=pairs)


def order_of_hint(hint: SchedulingHint) -> tuple[int, int, int]:
    """Return the key that says the order outright: higher priority, hotter tier, lower cost."""
    return -hint.priority, hint.latency_tier, hint.resource_cost
