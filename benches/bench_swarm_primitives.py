"""Measure the hive's primitives: nine scenarios, each beside its textbook partner and its construction.

`..._construct` also builds what the call is given, `..._text` also writes the result as text, `..._first_seen` gets
what no call was given before.
"""

import itertools
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from operator import attrgetter
from pathlib import Path
from threading import Barrier

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from hivemind import primitives as hive
from reference import primitives as textbook
from reference import primitives_input as make
from reference import primitives_work as work
from reference.measuring import SINGLE_CALLS, declare, single_calls

READERS = pytest.mark.parametrize("size", [1, 10, 50, 100, 500, 1000])
COMMITS = pytest.mark.parametrize("size", [10, 50, 100, 200])
PROPOSALS = pytest.mark.parametrize("size", [10, 50, 100, 500])
TASKS = pytest.mark.parametrize("size", [10, 50, 100, 500, 1000])
DEPTHS = pytest.mark.parametrize("size", [100, 500, 1000, 5000])
MERGED = pytest.mark.parametrize("size", [2, 5, 10, 20])
FIRST_SEEN = 300  # rounds, for which the input is made outside what is timed
MANY = 100  # threads, from which on a call takes long enough for few rounds


@READERS
def test_snapshot_reads(benchmark: BenchmarkFixture, size: int) -> None:
    """Read the current snapshot, as one thread does."""
    cell = hive.SnapshotCell(7)
    declare(benchmark, size=size, operations=size)
    got = benchmark(work.read, cell, size) if size > 1 else single_calls(benchmark, lambda: cell.current)
    assert got is cell.current


@READERS
def test_snapshot_reads_locking(benchmark: BenchmarkFixture, size: int) -> None:
    """Read a cell that locks and returns."""
    cell = textbook.LockingCell(7)
    declare(benchmark, size=size, operations=size)
    got = benchmark(work.read_locking, cell, size) if size > 1 else single_calls(benchmark, cell.read)
    assert got == hive.Snapshot(0, 7)


@READERS
def test_snapshot_reads_contended(benchmark: BenchmarkFixture, size: int) -> None:
    """Let that many reader threads read while another thread commits."""
    cell = hive.SnapshotCell(0)
    declare(benchmark, size=size, operations=size * work.READS_PER_THREAD, parallelism=size + 1)
    start = Barrier(size + 1)
    with ThreadPoolExecutor(size + 1) as pool:
        work.contend(pool, cell, start)  # starts the threads, which are no part of the scenario
        assert single_calls(benchmark, lambda: work.contend(pool, cell, start), rounds=20 if size <= MANY else 3)
    assert cell.current.version == cell.current.value


@pytest.mark.parametrize("size", [1, 2, 4])
def test_snapshot_reads_processes(benchmark: BenchmarkFixture, tmp_path: Path, size: int) -> None:
    """Let that many reader processes read a snapshot file while this one publishes."""
    file = hive.SnapshotFile(tmp_path / "hive.snapshot")
    file.publish(work.versioned(1))
    declare(benchmark, size=size, operations=size * work.READS_PER_PROCESS, parallelism=size + 1)
    with ProcessPoolExecutor(size, mp_context=get_context("spawn")) as pool:
        work.contend_by_file(pool, file, tmp_path, size)  # starts the processes, which are no part of the scenario
        assert single_calls(benchmark, lambda: work.contend_by_file(pool, file, tmp_path, size), rounds=5)


@COMMITS
def test_snapshot_writes(benchmark: BenchmarkFixture, size: int) -> None:
    """Stage and commit on a cell that exists."""
    cell = hive.SnapshotCell(0)
    declare(benchmark, size=size, operations=size)
    assert benchmark(work.write, cell, size) is cell.current


@COMMITS
def test_snapshot_writes_construct(benchmark: BenchmarkFixture, size: int) -> None:
    """Build a cell, then stage and commit."""
    declare(benchmark, size=size, operations=size)
    assert benchmark(lambda: work.write(hive.SnapshotCell(0), size)) == hive.Snapshot(size, size - 1)


def test_snapshot_commit(benchmark: BenchmarkFixture) -> None:
    """Stage and commit once a round."""
    cell = hive.SnapshotCell(0)
    declare(benchmark, size=1, operations=1)
    assert single_calls(benchmark, lambda: cell.commit(cell.stage(0))) is cell.current


@PROPOSALS
def test_commutative_aggregation(benchmark: BenchmarkFixture, size: int) -> None:
    """Aggregate proposals that never conflict."""
    given = make.build_commutative(make.commutative_rows(size))
    declare(benchmark, size=size, operations=size)
    assert benchmark(hive.aggregate_commutative, given) == textbook.aggregate_commutative_stepwise(given)


@PROPOSALS
def test_commutative_aggregation_first_seen(benchmark: BenchmarkFixture, size: int) -> None:
    """Aggregate proposals that were just made, as real ones are: no text was ever hashed before."""
    rows = make.commutative_rows(size)
    declare(benchmark, size=size, operations=size)
    merged = single_calls(
        benchmark,
        hive.aggregate_commutative,
        rounds=FIRST_SEEN,
        arguments=lambda: (make.build_commutative(make.unhashed(rows)),),
    )
    assert merged == textbook.aggregate_commutative_stepwise(make.build_commutative(rows))


@PROPOSALS
def test_commutative_aggregation_text(benchmark: BenchmarkFixture, size: int) -> None:
    """Aggregate and write the canonical text."""
    given = make.build_commutative(make.commutative_rows(size))
    declare(benchmark, size=size, operations=size)
    text = benchmark(lambda: hive.aggregate_commutative(given).describe())
    assert text == textbook.aggregate_commutative_stepwise(given).describe()


@PROPOSALS
def test_commutative_aggregation_stepwise(benchmark: BenchmarkFixture, size: int) -> None:
    """Fold the same proposals one by one."""
    given = make.build_commutative(make.commutative_rows(size))
    declare(benchmark, size=size, operations=size)
    assert benchmark(textbook.aggregate_commutative_stepwise, given) == hive.aggregate_commutative(given)


@PROPOSALS
def test_commutative_aggregation_construct(benchmark: BenchmarkFixture, size: int) -> None:
    """Build the proposals and aggregate them."""
    rows = make.commutative_rows(size)
    declare(benchmark, size=size, operations=size)
    assert len(benchmark(lambda: hive.aggregate_commutative(make.build_commutative(rows))).by_id) == size


@COMMITS
def test_conditional_aggregation(benchmark: BenchmarkFixture, size: int) -> None:
    """Aggregate proposals of which a third clash with an earlier one."""
    given = make.build_conditional(make.spread_rows(size))
    declare(benchmark, size=size, operations=size)
    assert benchmark(hive.aggregate_conditional, given) == textbook.aggregate_conditional_stepwise(given)


@COMMITS
def test_conditional_aggregation_text(benchmark: BenchmarkFixture, size: int) -> None:
    """Aggregate and write the merged proposals as text."""
    given = make.build_conditional(make.spread_rows(size))
    declare(benchmark, size=size, operations=size)
    text = benchmark(lambda: (merged := hive.aggregate_conditional(given).merged) and merged.describe())
    assert len(text.splitlines()) == len({proposal.resource for proposal in given})


@COMMITS
def test_conditional_aggregation_stepwise(benchmark: BenchmarkFixture, size: int) -> None:
    """Fold the same proposals one by one."""
    given = make.build_conditional(make.spread_rows(size))
    declare(benchmark, size=size, operations=size)
    assert benchmark(textbook.aggregate_conditional_stepwise, given) == hive.aggregate_conditional(given)


@COMMITS
def test_conditional_aggregation_construct(benchmark: BenchmarkFixture, size: int) -> None:
    """Build the proposals and aggregate them."""
    rows = make.spread_rows(size)
    declare(benchmark, size=size, operations=size)
    assert benchmark(lambda: hive.aggregate_conditional(make.build_conditional(rows))).merged is not None


@PROPOSALS
def test_conflict_detection(benchmark: BenchmarkFixture, size: int) -> None:
    """Find the conflicts by hashing on the resource."""
    given = make.build_conditional(make.crowded_rows(size))
    declare(benchmark, size=size, operations=size)
    assert benchmark(hive.find_conflicts, given) == textbook.find_conflicts_pairwise(given)


@PROPOSALS
def test_conflict_detection_first_seen(benchmark: BenchmarkFixture, size: int) -> None:
    """Find the conflicts of proposals that were just made: no text was ever hashed before."""
    rows = make.crowded_rows(size)
    declare(benchmark, size=size, operations=size)
    found = single_calls(
        benchmark,
        hive.find_conflicts,
        rounds=FIRST_SEEN,
        arguments=lambda: (make.build_conditional(make.unhashed(rows)),),
    )
    assert found == textbook.find_conflicts_pairwise(make.build_conditional(rows))


@PROPOSALS
def test_conflict_detection_pairwise(benchmark: BenchmarkFixture, size: int) -> None:
    """Find the same conflicts by comparing every two proposals."""
    given = make.build_conditional(make.crowded_rows(size))
    declare(benchmark, size=size, operations=size)
    assert benchmark(textbook.find_conflicts_pairwise, given) == hive.find_conflicts(given)


@PROPOSALS
def test_conflict_detection_construct(benchmark: BenchmarkFixture, size: int) -> None:
    """Build the proposals and find their conflicts."""
    rows = make.crowded_rows(size)
    declare(benchmark, size=size, operations=size)
    assert benchmark(lambda: hive.find_conflicts(make.build_conditional(rows))).pairs > 0


@MERGED
def test_proposal_merging(benchmark: BenchmarkFixture, size: int) -> None:
    """Merge proposals one after the other."""
    given = make.build_commutative(make.commutative_rows(size))
    declare(benchmark, size=size, operations=size - 1)
    assert benchmark(work.merge_in_turn, given) == hive.aggregate_commutative(given)


@MERGED
def test_proposal_merging_construct(benchmark: BenchmarkFixture, size: int) -> None:
    """Build the proposals and merge them one after the other."""
    rows = make.commutative_rows(size)
    declare(benchmark, size=size, operations=size - 1)
    assert len(benchmark(lambda: work.merge_in_turn(make.build_commutative(rows))).by_id) == size


@TASKS
def test_priority_scheduling(benchmark: BenchmarkFixture, size: int) -> None:
    """Enqueue and dequeue prepared tasks, leaving the scheduler as it was."""
    scheduler = hive.PriorityScheduler[str]()
    tasks = make.prepare_tasks(size)
    declare(benchmark, size=size, operations=2 * size)
    assert benchmark(work.pass_through, scheduler, tasks) in dict(tasks)
    assert len(scheduler) == 0


@TASKS
def test_priority_scheduling_batch(benchmark: BenchmarkFixture, size: int) -> None:
    """Enqueue the same tasks in one call and drain them in another."""
    scheduler = hive.PriorityScheduler[str]()
    tasks = make.prepare_tasks(size)
    declare(benchmark, size=size, operations=2 * size)

    def pass_through() -> list[str]:
        scheduler.enqueue_all(tasks)
        return scheduler.drain()

    assert sorted(benchmark(pass_through)) == sorted(dict(tasks))


@TASKS
def test_priority_scheduling_heap(benchmark: BenchmarkFixture, size: int) -> None:
    """Enqueue and dequeue the same tasks through a heap."""
    tasks = make.prepare_tasks(size)
    declare(benchmark, size=size, operations=2 * size)
    last = benchmark(work.pass_through, textbook.HeapScheduler[str](), tasks)
    assert dict(tasks)[last] == min(priority for _, priority in tasks)


@TASKS
def test_priority_scheduling_construct(benchmark: BenchmarkFixture, size: int) -> None:
    """Build the scheduler, then enqueue and dequeue."""
    tasks = make.prepare_tasks(size)
    declare(benchmark, size=size, operations=2 * size)
    assert benchmark(lambda: work.pass_through(hive.PriorityScheduler(), tasks)) in dict(tasks)


def test_scheduler_enqueue(benchmark: BenchmarkFixture) -> None:
    """Enqueue one task a round."""
    scheduler = hive.PriorityScheduler[str]()
    tasks = itertools.cycle(make.prepare_tasks(SINGLE_CALLS))
    declare(benchmark, size=1, operations=1)
    single_calls(benchmark, scheduler.enqueue, arguments=lambda: next(tasks))
    assert len(scheduler) > 0


def test_scheduler_dequeue(benchmark: BenchmarkFixture) -> None:
    """Dequeue one task a round."""
    tasks = make.prepare_tasks(SINGLE_CALLS)
    scheduler = work.filled(tasks)
    declare(benchmark, size=1, operations=1)

    def refill() -> tuple[()]:  # who measures may call more often than there are tasks
        if len(scheduler) == 0:
            for task in tasks:
                scheduler.enqueue(*task)
        return ()

    assert single_calls(benchmark, scheduler.dequeue, arguments=refill).startswith("task-")


@DEPTHS
def test_scheduler_queue_depth(benchmark: BenchmarkFixture, size: int) -> None:
    """Ask how many tasks wait."""
    scheduler = work.filled(make.prepare_tasks(size))
    declare(benchmark, size=size, operations=1)
    assert benchmark(len, scheduler) == size


@DEPTHS
def test_scheduling_hint_sorting(benchmark: BenchmarkFixture, size: int) -> None:
    """Sort hints by their key."""
    given = make.build_hints(make.hint_rows(size))
    declare(benchmark, size=size, operations=size)
    assert benchmark(sorted, given, key=attrgetter("sort_key")) == sorted(given, key=textbook.order_of_hint)


@DEPTHS
def test_scheduling_hint_keys(benchmark: BenchmarkFixture, size: int) -> None:
    """Make hints, which checks them and calculates their sort keys."""
    rows = make.hint_rows(size)
    declare(benchmark, size=size, operations=size)
    got = benchmark(make.build_hints, rows)
    assert sorted(hint.sort_key for hint in got) == [
        hint.sort_key for hint in sorted(make.build_hints(rows), key=textbook.order_of_hint)
    ]


@DEPTHS
def test_scheduling_hint_sorting_construct(benchmark: BenchmarkFixture, size: int) -> None:
    """Build the hints, which computes their keys, and sort them."""
    rows = make.hint_rows(size)
    declare(benchmark, size=size, operations=size)
    got = benchmark(lambda: sorted(make.build_hints(rows), key=attrgetter("sort_key")))
    assert len(got) == size
