"""Input for the primitives' suite: the same in every run and every process, from one fixed seed."""

from collections.abc import Sequence
from itertools import product
from random import Random
from typing import TypeVar

from hivemind.primitives import (
    CommutativeProposal,
    ConditionalProposal,
    LatencyTier,
    Priority,
    ResourceCost,
    SchedulingHint,
)

SEED = 20_240_611

CommutativeRow = tuple[str, str, Priority]
ConditionalRow = tuple[str, str, str, Priority]
Row = TypeVar("Row", bound=tuple[object, ...])
HintRow = tuple[Priority, LatencyTier, ResourceCost]
Task = tuple[str, Priority]


def seeded() -> Random:
    """Return a generator in its initial state."""
    return Random(SEED)  # noqa: S311 - reproducible input, nothing secret


def commutative_rows(size: int) -> list[CommutativeRow]:
    """Return what `size` proposals of eight agents say, in no order."""
    random = seeded()
    rows = [(f"agent-{n % 8}/{n}", f"extend class {n}", random.choice(list(Priority))) for n in range(size)]
    random.shuffle(rows)
    return rows


def build_commutative(rows: Sequence[CommutativeRow]) -> list[CommutativeProposal]:
    """Build, and thereby validate, one proposal from each row."""
    return [CommutativeProposal(id=name, action=action, priority=rank) for name, action, rank in rows]


def spread_rows(size: int) -> list[ConditionalRow]:
    """Return proposals on as many resources as there are proposals, so that chance makes a third of them clash."""
    return _conditional_rows(size, resources=size)


def crowded_rows(size: int) -> list[ConditionalRow]:
    """Return proposals of which ten on average want each resource, and three or more of the smallest size."""
    return _conditional_rows(size, resources=max(3, size // 10))


def _conditional_rows(size: int, *, resources: int) -> list[ConditionalRow]:
    random = seeded()
    ranks = list(Priority)
    return [
        (f"p{n}", f"write {n}", f"resource-{random.randrange(resources)}", random.choice(ranks)) for n in range(size)
    ]


def build_conditional(rows: Sequence[ConditionalRow]) -> list[ConditionalProposal]:
    """Build, and thereby validate, one proposal from each row."""
    return [
        ConditionalProposal(id=name, action=action, resource=resource, priority=rank)
        for name, action, resource, rank in rows
    ]


def unhashed(rows: Sequence[Row]) -> list[Row]:
    """Return equal rows of which no text was ever hashed, as what comes from elsewhere."""
    return [tuple([each.encode().decode() if isinstance(each, str) else each for each in row]) for row in rows]  # type: ignore[misc]


def prepare_tasks(size: int) -> list[Task]:
    """Return tasks with priorities drawn evenly."""
    random = seeded()
    ranks = list(Priority)
    return [(f"task-{n}", random.choice(ranks)) for n in range(size)]


def hint_rows(size: int) -> list[HintRow]:
    """Return hints drawn evenly from all that exist."""
    random = seeded()
    every = list(product(Priority, LatencyTier, ResourceCost))
    return [random.choice(every) for _ in range(size)]


def build_hints(rows: Sequence[HintRow]) -> list[SchedulingHint]:
    """Build, and thereby validate, one hint from each row."""
    return [SchedulingHint(priority=rank, latency_tier=tier, resource_cost=cost) for rank, tier, cost in rows]
