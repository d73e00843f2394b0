import os
import time
from collections.abc import Callable
from itertools import repeat
from threading import Event, Thread

import pytest

from hivemind.primitives import InvalidValueError, Snapshot, SnapshotCell, StaleSnapshotError


def test_a_new_cell_holds_version_0() -> None:
    """The first value is readable at once."""
    assert SnapshotCell("first").current == Snapshot(0, "first")


def test_staging_changes_nothing_for_readers() -> None:
    """Only a commit is visible, and it returns what readers then see."""
    cell = SnapshotCell("first")
    before = cell.current
    staged = cell.stage("second")
    assert cell.current is before
    committed = cell.commit(staged)
    assert committed is cell.current
    assert committed == Snapshot(1, "second")
    assert before == Snapshot(0, "first")


def test_a_commit_on_an_outdated_snapshot_is_refused() -> None:
    """The error names both versions, and the value that was first stays."""
    cell = SnapshotCell("first")
    late = cell.stage("late")
    cell.commit(cell.stage("early"))
    with pytest.raises(StaleSnapshotError, match="staged on version 0, but the current version is 1"):
        cell.commit(late)
    assert cell.current == Snapshot(1, "early")


def test_staging_on_the_snapshot_that_was_read_reveals_a_commit_in_between() -> None:
    """A value computed from an old snapshot cannot slip in because it was staged late."""
    cell = SnapshotCell(1)
    base = cell.current
    cell.commit(cell.stage(5))
    with pytest.raises(StaleSnapshotError):
        cell.commit(cell.stage(base.value + 1, base=base))
    assert cell.current.value == 5


def test_one_staged_value_commits_once() -> None:
    """A second commit of the same staged value is stale: versions count commits, not attempts."""
    cell = SnapshotCell("first")
    staged = cell.stage("second")
    cell.commit(staged)
    with pytest.raises(StaleSnapshotError):
        cell.commit(staged)
    assert cell.current.version == 1


def test_a_value_staged_on_another_cell_is_refused() -> None:
    """Equal content does not make two cells one."""
    with pytest.raises(InvalidValueError, match="another SnapshotCell"):
        SnapshotCell("same").commit(SnapshotCell("same").stage("new"))


def test_update_tries_again_when_another_writer_was_first() -> None:
    """The function sees the newer value on its second call."""
    cell = SnapshotCell(10)
    seen: list[int] = []

    def double(value: int) -> int:
        seen.append(value)
        if len(seen) == 1:
            other = Thread(target=lambda: cell.update(lambda _: 100))
            other.start()
            other.join()
        return value * 2

    assert cell.update(double) == Snapshot(2, 200)
    assert seen == [10, 100]


def test_update_passes_on_what_the_function_raises() -> None:
    """A failing function changes nothing and leaves no lock behind."""
    cell = SnapshotCell(1)
    with pytest.raises(ZeroDivisionError):
        cell.update(lambda value: value // 0)
    assert cell.update(lambda value: value + 1) == Snapshot(1, 2)


def test_update_passes_on_a_stale_commit_on_another_cell() -> None:
    """A stale commit inside the function, on some other cell, is not retried for ever."""
    other = SnapshotCell(0)
    late = other.stage(1)
    other.commit(other.stage(2))
    with pytest.raises(StaleSnapshotError):
        SnapshotCell(0).update(lambda _: other.commit(late).value)


def test_current_cannot_be_assigned() -> None:
    """Publishing goes through commit; the error says so."""
    cell = SnapshotCell("first")
    with pytest.raises(AttributeError, match=r"current is read-only; publish with commit"):
        cell.current = Snapshot(9, "forged")
    assert cell.current == Snapshot(0, "first")


@pytest.mark.parametrize(
    "commits",
    [
        lambda cell: cell.update(lambda value: value + 1),
        lambda cell: cell.commit(cell.stage(5)),
    ],
    ids=["update", "commit"],
)
def test_an_update_that_commits_to_its_own_cell_is_refused(commits: Callable[[SnapshotCell[int]], object]) -> None:
    """It would make itself too late for ever; another cell is free, and so is this one afterwards."""
    cell, other = SnapshotCell(1), SnapshotCell(0)
    with pytest.raises(InvalidValueError, match="commits to the same SnapshotCell"):
        cell.update(lambda value: (commits(cell), value)[1])
    assert cell.update(lambda value: value + other.update(lambda _: 10).value) == Snapshot(1, 11)


def test_a_base_of_another_cell_is_told_from_an_old_one() -> None:
    """A version that this cell never had cannot be outdated; what is no snapshot at all is refused when staged."""
    cell, other = SnapshotCell(1), SnapshotCell(2)
    with pytest.raises(InvalidValueError, match="version 0, which this SnapshotCell at version 0 did not publish"):
        cell.commit(cell.stage(3, base=other.current))
    with pytest.raises(InvalidValueError, match="base is a str; give a Snapshot"):
        cell.stage(3, base="version 1")  # type: ignore[arg-type]
    assert cell.current == Snapshot(0, 1)


def test_a_child_forked_while_a_thread_commits_can_commit() -> None:
    """Twenty forks beside a thread that does nothing but commit: each child commits and ends."""
    cell = SnapshotCell(0)
    enough = Event()

    def commit() -> None:
        while not enough.is_set():
            for _ in repeat(None, 100):
                cell.update(lambda value: value + 1)

    writer = Thread(target=commit)
    writer.start()
    try:
        ended = [_child_commits(cell) for _ in range(20)]
    finally:
        enough.set()
        writer.join()
    assert ended == [True] * 20


def _child_commits(cell: SnapshotCell[int]) -> bool:
    """Fork, have the child commit, and return whether it did within five seconds; a child that hangs is killed."""
    child = os.fork()
    if child == 0:
        before = cell.current.version
        os._exit(0 if cell.update(lambda value: value + 1).version == before + 1 else 1)
    until = time.monotonic() + 5
    while time.monotonic() < until:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return status == 0
        time.sleep(0.001)
    os.kill(child, 9)
    os.waitpid(child, 0)
    return False
