"""The loops that the primitives' suite times where a scenario is many calls, and the readers' and writer's threads."""

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import reduce
from itertools import repeat
from pathlib import Path
from threading import Barrier

from hivemind.primitives import (
    CommutativeMerge,
    CommutativeProposal,
    PriorityScheduler,
    Snapshot,
    SnapshotCell,
    SnapshotFile,
)
from reference.primitives import HeapScheduler, LockingCell
from reference.primitives_input import Task

READS_PER_THREAD = 100
READS_PER_PROCESS = 200


def read(cell: SnapshotCell[int], count: int) -> Snapshot[int]:
    """Read the current snapshot `count` times and return the last."""
    for _ in repeat(None, count):
        snapshot = cell.current
    return snapshot


def read_locking(cell: LockingCell[int], count: int) -> Snapshot[int]:
    """Read a locking cell `count` times and return the last snapshot."""
    for _ in repeat(None, count):
        snapshot = cell.read()
    return snapshot


def write(cell: SnapshotCell[int], count: int) -> Snapshot[int]:
    """Stage and commit `count` times and return the last snapshot."""
    for value in range(count):
        snapshot = cell.commit(cell.stage(value))
    return snapshot


def contend(pool: ThreadPoolExecutor, cell: SnapshotCell[int], start: Barrier) -> bool:
    """Run one writer and `start.parties - 1` readers at once; return whether every reader saw whole, rising versions.

    The barrier holds every job until each has a thread of its own, so that all of them really exist together.
    """
    jobs: list[Callable[[SnapshotCell[int], Barrier], bool]] = [_write_rising]
    jobs += [_read_rising] * (start.parties - 1)
    futures = [pool.submit(job, cell, start) for job in jobs]
    return all(future.result() for future in futures)


def _write_rising(cell: SnapshotCell[int], start: Barrier) -> bool:
    start.wait()
    before = cell.current.version
    for _ in repeat(None, READS_PER_THREAD):
        cell.update(lambda value: value + 1)
    return cell.current.version == before + READS_PER_THREAD


def _read_rising(cell: SnapshotCell[int], start: Barrier) -> bool:
    start.wait()
    last = cell.current
    for _ in repeat(None, READS_PER_THREAD):
        snapshot = cell.current
        if snapshot.version < last.version or snapshot.value != snapshot.version:
            return False
        last = snapshot
    return True


def merge_in_turn(proposals: Sequence[CommutativeProposal]) -> CommutativeMerge:
    """Merge two or more proposals one after the other."""
    first, second, *others = proposals
    return reduce(CommutativeMerge.merge, others, first.merge(second))


def filled(tasks: Sequence[Task]) -> PriorityScheduler[str]:
    """Return a scheduler in which `tasks` wait."""
    scheduler = PriorityScheduler[str]()
    for task, priority in tasks:
        scheduler.enqueue(task, priority)
    return scheduler


def pass_through(scheduler: PriorityScheduler[str] | HeapScheduler[str], tasks: Sequence[Task]) -> str:
    """Enqueue all tasks, dequeue all tasks and return the last."""
    for task, priority in tasks:
        scheduler.enqueue(task, priority)
    for _ in tasks:
        last = scheduler.dequeue()
    return last


def versioned(version: int) -> bytes:
    """Return bytes that tell their version in every word, so that a mixture of two versions shows."""
    return version.to_bytes(8, "little") * 512


def contend_by_file(pool: ProcessPoolExecutor, file: SnapshotFile, folder: Path, readers: int) -> bool:
    """Publish while processes read; return whether every reader saw whole, rising versions."""
    futures = [pool.submit(_read_file, folder / "hive.snapshot") for _ in range(readers)]
    version = file.read().version
    while not all(future.done() for future in futures):
        version = file.publish(versioned(version + 1))
    return all(future.result() for future in futures)


def _read_file(path: Path) -> bool:
    file = SnapshotFile(path)
    last = 0
    for _ in repeat(None, READS_PER_PROCESS):
        snapshot = file.read()
        if snapshot.version < last or snapshot.data != versioned(snapshot.version):
            return False
        last = snapshot.version
    return True
