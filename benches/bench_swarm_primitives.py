"""Measure the primitives of the hive; each scenario beside its textbook partner and beside its construction."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import reduce
from itertools import product, repeat
from operator import attrgetter
from random import Random
from threading import Barrier

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from hivegate.hive.primitives import (
    CommutativeMerge,
    CommutativeProposal,
    ConditionalProposal,
    LatencyTier,
    Priority,
    PriorityScheduler,
    ResourceCost,
    SchedulingHint,
    Snapshot,
    SnapshotCell,
    aggregate_commutative,
    aggregate_conditional,
    find_conflicts,
)
from reference.primitives import (
    HeapScheduler,
    LockingCell,
    aggregate_commutative_stepwise,
    aggregate_conditional_stepwise,
    find_conflicts_pairwise,
)

SEED = 20_240_611
SINGLE_CALLS = 20_000  # rounds of one call each, so that a p99 is one of single calls and not of means
READS_PER_THREAD = 100

reads = pytest.mark.parametrize("size", [1, 10, 50, 100, 500, 1000])
writes = pytest.mark.parametrize("size", [10, 50, 100, 200])
proposals = pytest.mark.parametrize("size", [10, 50, 100, 500])
conditional_proposals = pytest.mark.parametrize("size", [10, 50, 100, 200])
tasks = pytest.mark.parametrize("size", [10, 50, 100, 500, 1000])
depths = pytest.mark.parametrize("size", [100, 500, 1000, 5000])
merges = pytest.mark.parametrize("size", [2, 5, 10, 20])
hints = pytest.mark.parametrize("size", [100, 500, 1000, 5000])


def declare(benchmark: BenchmarkFixture, *, size: int, operations: int) -> None:
    benchmark.extra_info.update(size=size, operations=operations)


def seeded() -> Random:
    return Random(SEED)  # noqa: S311 - the same input in every run, nothing secret


# --- snapshots ---


def read(cell: SnapshotCell[str], count: int) -> Snapshot[str]:
    for _ in repeat(None, count):
        snapshot = cell.current
    return snapshot


def read_once(cell: SnapshotCell[str]) -> Snapshot[str]:
    return cell.current


@reads
def test_snapshot_reads(benchmark: BenchmarkFixture, size: int) -> None:
    cell = SnapshotCell("first")
    declare(benchmark, size=size, operations=size)
    if size == 1:
        got = benchmark.pedantic(read_once, (cell,), rounds=SINGLE_CALLS, warmup_rounds=100)
    else:
        got = benchmark(read, cell, size)
    assert got is cell.current


def read_locking(cell: LockingCell[str], count: int) -> Snapshot[str]:
    for _ in repeat(None, count):
        snapshot = cell.read()
    return snapshot


@reads
def test_snapshot_reads_locking(benchmark: BenchmarkFixture, size: int) -> None:
    cell = LockingCell("first")
    declare(benchmark, size=size, operations=size)
    assert benchmark(read_locking, cell, size) == Snapshot(0, "first")


def read_rising(cell: SnapshotCell[int], start: Barrier) -> bool:
    start.wait()
    last = cell.current
    for _ in repeat(None, READS_PER_THREAD):
        snapshot = cell.current
        if snapshot.version < last.version or snapshot.value != snapshot.version:
            return False
        last = snapshot
    return True


def write_rising(cell: SnapshotCell[int], start: Barrier) -> bool:
    start.wait()
    return all(cell.update(lambda value: value + 1) for _ in repeat(None, READS_PER_THREAD))


def contend(pool: ThreadPoolExecutor, cell: SnapshotCell[int], start: Barrier) -> bool:
    jobs: list[Callable[[SnapshotCell[int], Barrier], bool]] = [write_rising]
    jobs += [read_rising] * (start.parties - 1)
    futures = [pool.submit(job, cell, start) for job in jobs]
    return all(future.result() for future in futures)


@reads
def test_snapshot_reads_contended(benchmark: BenchmarkFixture, size: int) -> None:
    cell = SnapshotCell(0)
    declare(benchmark, size=size, operations=size * READS_PER_THREAD)
    benchmark.extra_info["parallelism"] = size + 1
    # The barrier holds every job until all have a thread of their own, so that all of them really run at once.
    start = Barrier(size + 1)
    with ThreadPoolExecutor(size + 1) as pool:
        assert benchmark.pedantic(contend, (pool, cell, start), rounds=20, warmup_rounds=1)
    assert cell.current.version == cell.current.value > 0


def write(cell: SnapshotCell[int], count: int) -> Snapshot[int]:
    for value in range(count):
        snapshot = cell.commit(cell.stage(value))
    return snapshot


@writes
def test_snapshot_writes(benchmark: BenchmarkFixture, size: int) -> None:
    cell = SnapshotCell(0)
    declare(benchmark, size=size, operations=size)
    assert benchmark(write, cell, size) is cell.current
    assert cell.current.version % size == 0


@writes
def test_snapshot_writes_construct(benchmark: BenchmarkFixture, size: int) -> None:
    declare(benchmark, size=size, operations=size)
    assert benchmark(lambda: write(SnapshotCell(0), size)) == Snapshot(size, size - 1)


def test_snapshot_commit(benchmark: BenchmarkFixture) -> None:
    cell = SnapshotCell(0)
    declare(benchmark, size=1, operations=1)
    benchmark.pedantic(lambda: cell.commit(cell.stage(0)), rounds=SINGLE_CALLS, warmup_rounds=100)
    assert cell.current.version == SINGLE_CALLS + 100


# --- proposals ---

CommutativeRow = tuple[str, str, Priority]
ConditionalRow = tuple[str, str, str, Priority]


def commutative_rows(size: int) -> list[CommutativeRow]:
    random = seeded()
    rows = [(f"agent-{n % 8}/{n}", f"extend class {n}", random.choice(list(Priority))) for n in range(size)]
    random.shuffle(rows)
    return rows


def build_commutative(rows: Sequence[CommutativeRow]) -> list[CommutativeProposal]:
    return [CommutativeProposal(id=key, action=action, priority=rank) for key, action, rank in rows]


@proposals
def test_commutative_aggregation(benchmark: BenchmarkFixture, size: int) -> None:
    given = build_commutative(commutative_rows(size))
    declare(benchmark, size=size, operations=size)
    assert benchmark(aggregate_commutative, given) == aggregate_commutative_stepwise(given)


@proposals
def test_commutative_aggregation_text(benchmark: BenchmarkFixture, size: int) -> None:
    given = build_commutative(commutative_rows(size))
    declare(benchmark, size=size, operations=size)
    text = benchmark(lambda: aggregate_commutative(given).describe())
    assert sorted(text.splitlines()) == sorted(f"{proposal.id}: {proposal.action}" for proposal in given)


@proposals
def test_commutative_aggregation_stepwise(benchmark: BenchmarkFixture, size: int) -> None:
    given = build_commutative(commutative_rows(size))
    declare(benchmark, size=size, operations=size)
    assert len(benchmark(aggregate_commutative_stepwise, given).by_id) == size


@proposals
def test_commutative_aggregation_construct(benchmark: BenchmarkFixture, size: int) -> None:
    rows = commutative_rows(size)
    declare(benchmark, size=size, operations=size)
    assert len(benchmark(lambda: aggregate_commutative(build_commutative(rows))).by_id) == size


def conditional_rows(size: int, resources: int) -> list[ConditionalRow]:
    random = seeded()
    return [
        (f"p{n}", f"write {n}", f"resource-{random.randrange(resources)}", random.choice(list(Priority)))
        for n in range(size)
    ]


def build_conditional(rows: Sequence[ConditionalRow]) -> list[ConditionalProposal]:
    return [
        ConditionalProposal(id=key, action=action, resource=resource, priority=rank)
        for key, action, resource, rank in rows
    ]


@conditional_proposals
def test_conditional_aggregation(benchmark: BenchmarkFixture, size: int) -> None:
    given = build_conditional(conditional_rows(size, resources=size))
    declare(benchmark, size=size, operations=size)
    assert benchmark(aggregate_conditional, given) == aggregate_conditional_stepwise(given)


@conditional_proposals
def test_conditional_aggregation_text(benchmark: BenchmarkFixture, size: int) -> None:
    given = build_conditional(conditional_rows(size, resources=size))
    declare(benchmark, size=size, operations=size)
    merged = aggregate_conditional(given).merged
    assert merged is not None
    text = benchmark(lambda: (found := aggregate_conditional(given).merged) and found.describe())
    assert len(text.splitlines()) == len(merged.by_resource)


@conditional_proposals
def test_conditional_aggregation_stepwise(benchmark: BenchmarkFixture, size: int) -> None:
    given = build_conditional(conditional_rows(size, resources=size))
    declare(benchmark, size=size, operations=size)
    assert benchmark(aggregate_conditional_stepwise, given).merged is not None


@conditional_proposals
def test_conditional_aggregation_construct(benchmark: BenchmarkFixture, size: int) -> None:
    rows = conditional_rows(size, resources=size)
    declare(benchmark, size=size, operations=size)
    assert benchmark(lambda: aggregate_conditional(build_conditional(rows))).merged is not None


@proposals
def test_conflict_detection(benchmark: BenchmarkFixture, size: int) -> None:
    given = build_conditional(conditional_rows(size, resources=max(3, size // 10)))
    declare(benchmark, size=size, operations=size)
    assert benchmark(find_conflicts, given) == find_conflicts_pairwise(given)


@proposals
def test_conflict_detection_pairwise(benchmark: BenchmarkFixture, size: int) -> None:
    given = build_conditional(conditional_rows(size, resources=max(3, size // 10)))
    declare(benchmark, size=size, operations=size)
    assert benchmark(find_conflicts_pairwise, given).pairs == find_conflicts(given).pairs


@proposals
def test_conflict_detection_construct(benchmark: BenchmarkFixture, size: int) -> None:
    rows = conditional_rows(size, resources=max(3, size // 10))
    declare(benchmark, size=size, operations=size)
    assert benchmark(lambda: find_conflicts(build_conditional(rows))).pairs > 0


def merge_all(given: Sequence[CommutativeProposal]) -> CommutativeMerge:
    first, second, *others = given
    return reduce(CommutativeMerge.merge, others, first.merge(second))


@merges
def test_proposal_merging(benchmark: BenchmarkFixture, size: int) -> None:
    given = build_commutative(commutative_rows(size))
    declare(benchmark, size=size, operations=size - 1)
    assert benchmark(merge_all, given) == aggregate_commutative(given)


@merges
def test_proposal_merging_construct(benchmark: BenchmarkFixture, size: int) -> None:
    rows = commutative_rows(size)
    declare(benchmark, size=size, operations=size - 1)
    assert len(benchmark(lambda: merge_all(build_commutative(rows))).by_id) == size


# --- scheduling ---

Task = tuple[str, Priority]


def prepare_tasks(size: int) -> list[Task]:
    random = seeded()
    return [(f"task-{n}", random.choice(list(Priority))) for n in range(size)]


def pass_through(scheduler: PriorityScheduler[str] | HeapScheduler[str], given: Sequence[Task]) -> str:
    for task, priority in given:
        scheduler.enqueue(task, priority)
    for _ in given:
        last = scheduler.dequeue()
    return last


@tasks
def test_priority_scheduling(benchmark: BenchmarkFixture, size: int) -> None:
    scheduler = PriorityScheduler[str]()
    given = prepare_tasks(size)
    declare(benchmark, size=size, operations=2 * size)
    assert benchmark(pass_through, scheduler, given) in dict(given)
    assert len(scheduler) == 0


@tasks
def test_priority_scheduling_heap(benchmark: BenchmarkFixture, size: int) -> None:
    scheduler = HeapScheduler[str]()
    given = prepare_tasks(size)
    declare(benchmark, size=size, operations=2 * size)
    assert benchmark(pass_through, scheduler, given) in dict(given)


@tasks
def test_priority_scheduling_construct(benchmark: BenchmarkFixture, size: int) -> None:
    given = prepare_tasks(size)
    declare(benchmark, size=size, operations=2 * size)
    assert benchmark(lambda: pass_through(PriorityScheduler(), given)) in dict(given)


def test_scheduler_enqueue(benchmark: BenchmarkFixture) -> None:
    scheduler = PriorityScheduler[str]()
    declare(benchmark, size=1, operations=1)
    benchmark.pedantic(scheduler.enqueue, ("task", Priority.NORMAL), rounds=SINGLE_CALLS, warmup_rounds=100)
    assert len(scheduler) == SINGLE_CALLS + 100


def test_scheduler_dequeue(benchmark: BenchmarkFixture) -> None:
    scheduler = PriorityScheduler[str]()
    for task, priority in prepare_tasks(SINGLE_CALLS + 100):
        scheduler.enqueue(task, priority)
    declare(benchmark, size=1, operations=1)
    benchmark.pedantic(scheduler.dequeue, rounds=SINGLE_CALLS, warmup_rounds=100)
    assert len(scheduler) == 0


@depths
def test_scheduler_queue_depth(benchmark: BenchmarkFixture, size: int) -> None:
    scheduler = PriorityScheduler[str]()
    for task, priority in prepare_tasks(size):
        scheduler.enqueue(task, priority)
    declare(benchmark, size=size, operations=1)
    assert benchmark(len, scheduler) == size


HintRow = tuple[Priority, LatencyTier, ResourceCost]


def hint_rows(size: int) -> list[HintRow]:
    random = seeded()
    ranks = list(product(Priority, LatencyTier, ResourceCost))
    return [random.choice(ranks) for _ in range(size)]


def sort_hints(given: Sequence[SchedulingHint]) -> list[SchedulingHint]:
    return sorted(given, key=attrgetter("sort_key"))


def build_hints(rows: Sequence[HintRow]) -> list[SchedulingHint]:
    return [SchedulingHint(priority=rank, latency_tier=tier, resource_cost=cost) for rank, tier, cost in rows]


def in_order(hint: SchedulingHint) -> tuple[int, int, int]:
    return -hint.priority, hint.latency_tier, hint.resource_cost


@hints
def test_scheduling_hint_sorting(benchmark: BenchmarkFixture, size: int) -> None:
    given = build_hints(hint_rows(size))
    declare(benchmark, size=size, operations=size)
    assert benchmark(sort_hints, given) == sorted(given, key=in_order)


@hints
def test_scheduling_hint_sorting_construct(benchmark: BenchmarkFixture, size: int) -> None:
    rows = hint_rows(size)
    declare(benchmark, size=size, operations=size)
    assert benchmark(lambda: sort_hints(build_hints(rows)))[0].priority is Priority.CRITICAL
