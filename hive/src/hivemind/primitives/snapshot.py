"""One value shared by many readers and writers, read without a lock."""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Generic, NoReturn, TypeVar

from hivemind.primitives.errors import InvalidValueError, StaleSnapshotError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Snapshot(Generic[T]):
    """Hold one committed value and its version; both were published together and never change."""

    version: int
    value: T


@dataclass(frozen=True, slots=True)
class Staged(Generic[T]):
    """Hold a value that waits to replace the snapshot it was made from."""

    cell: "SnapshotCell[T]"
    base: Snapshot[T]
    value: T


class SnapshotCell(Generic[T]):
    """Hold the current snapshot of a value; reading `current` never blocks and never sees half a change.

    A read is one load of one reference to an immutable `Snapshot`, and a commit is one store of a snapshot that
    is complete before the store. What makes that safe:

    - With the GIL, the load of a `__slots__` member and the increase of its reference count are one bytecode, and
      no other thread runs in the middle of a bytecode.
    - On free-threaded builds (PEP 703), CPython stores a slot with release semantics and loads it with an attempt
      to increase the reference count that is given up and repeated under the object's own lock if the slot changed
      meanwhile; a reader therefore holds the old snapshot or the new one, complete.

    Read `current` once and use what it returned: two reads may be two versions. Writers compare and swap under a
    lock that readers never take: a commit made on an outdated snapshot raises `StaleSnapshotError`, so concurrent
    writers lose no update. Versions start at 0 and rise by one per commit. The value itself must not be changed in
    place by anybody. Time: O(1) for every operation but the function that `update` is given.
    """

    __slots__ = ("__weakref__", "_lock", "current")

    current: Snapshot[T]
    _lock: Lock

    def __init__(self, value: T) -> None:
        object.__setattr__(self, "_lock", Lock())
        object.__setattr__(self, "current", Snapshot(0, value))

    def __setattr__(self, name: str, value: object) -> NoReturn:
        """Refuse assignment: publishing goes through `commit`, which counts versions."""
        raise AttributeError(f"SnapshotCell.{name} is read-only; publish with commit(stage(value)) or update(fn)")

    def stage(self, value: T, *, base: Snapshot[T] | None = None) -> Staged[T]:
        """Prepare `value` to replace `base`, by default the snapshot current now; readers see no change.

        Pass the snapshot that `value` was computed from as `base`; a commit made between that read and this call
        is then noticed.
        """
        return Staged(self, self.current if base is None else base, value)

    def commit(self, staged: Staged[T]) -> Snapshot[T]:
        """Publish a staged value and return its snapshot.

        Raise `StaleSnapshotError` where the snapshot it was staged on is no longer the current one, and
        `InvalidValueError` where it was staged on another cell.
        """
        if staged.cell is not self:
            raise InvalidValueError("this value was staged on another SnapshotCell; commit it there")
        base = staged.base
        with self._lock:
            current = self.current
            if base is not current:
                raise StaleSnapshotError(
                    f"staged on version {base.version}, but the current version is {current.version}: "
                    "read current, compute again and stage on that, or let update(fn) do so"
                )
            snapshot = Snapshot(current.version + 1, staged.value)
            object.__setattr__(self, "current", snapshot)
        return snapshot

    def update(self, fn: Callable[[T], T]) -> Snapshot[T]:
        """Replace the value with `fn(value)` and return the new snapshot, however many writers compete.

        `fn` is called again on the new value whenever another writer was first, so it must have no side effects.
        Some writer succeeds in every round: competing writers never block each other for good.
        """
        while True:
            base = self.current
            try:
                return self.commit(self.stage(fn(base.value), base=base))
            except StaleSnapshotError:
                if self.current is base:  # fn raised it about some other cell: not ours to retry
                    raise
