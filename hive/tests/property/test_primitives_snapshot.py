"""The laws of the snapshot cell, under real threads."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hivemind.primitives import Snapshot, SnapshotCell, StaleSnapshotError

WRITERS = 8


@pytest.fixture(autouse=True, scope="module")
def _frequent_switches() -> Iterator[None]:
    """Make the interpreter switch threads a thousand times as often, so that races show."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(5e-6)
    yield
    sys.setswitchinterval(interval)


@settings(max_examples=15, deadline=None)
@given(updates=st.lists(st.integers(1, 60), min_size=WRITERS, max_size=WRITERS))
def test_eight_writers_lose_no_update(updates: list[int]) -> None:
    """The value counts every update of every thread, and so does the version."""
    cell = SnapshotCell(0)
    start = Barrier(WRITERS)

    def work(count: int) -> list[int]:
        start.wait()
        return [cell.update(lambda value: value + 1).version for _ in range(count)]

    with ThreadPoolExecutor(WRITERS) as pool:
        versions = [version for batch in pool.map(work, updates) for version in batch]
    assert cell.current == Snapshot(sum(updates), sum(updates))
    assert sorted(versions) == list(range(1, sum(updates) + 1))


@settings(max_examples=15, deadline=None)
@given(attempts=st.integers(1, 60))
def test_every_commit_that_is_not_refused_is_in_the_history(attempts: int) -> None:
    """With stage and commit by hand, accepted commits number the versions and refused ones leave no trace."""
    cell: SnapshotCell[tuple[int, ...]] = SnapshotCell(())
    start = Barrier(WRITERS)

    def work(writer: int) -> int:
        start.wait()
        accepted = 0
        for _ in range(attempts):
            base = cell.current
            try:
                cell.commit(cell.stage((*base.value, writer), base=base))
            except StaleSnapshotError:
                continue
            accepted += 1
        return accepted

    with ThreadPoolExecutor(WRITERS) as pool:
        accepted = list(pool.map(work, range(WRITERS)))
    history = cell.current.value
    assert [history.count(writer) for writer in range(WRITERS)] == accepted
    assert cell.current.version == len(history) > 0


@settings(max_examples=15, deadline=None)
@given(commits=st.integers(1, 300), readers=st.integers(1, 4))
def test_no_reader_sees_a_torn_or_an_older_snapshot(commits: int, readers: int) -> None:
    """Version and value always belong together, and versions never fall."""
    cell = SnapshotCell((0, 0))
    start = Barrier(readers + 1)

    def write() -> None:
        start.wait()
        for _ in range(commits):
            cell.update(lambda pair: (pair[0] + 1, pair[1] - 1))

    def read() -> bool:
        start.wait()
        last = 0
        while last < commits:
            snapshot = cell.current
            if snapshot.value != (snapshot.version, -snapshot.version) or snapshot.version < last:
                return False
            last = snapshot.version
        return True

    with ThreadPoolExecutor(readers + 1) as pool:
        outcomes = [pool.submit(read) for _ in range(readers)]
        pool.submit(write).result()
        assert all(outcome.result() for outcome in outcomes)
