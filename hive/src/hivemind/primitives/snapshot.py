"""One value shared by many readers and writers, read without a lock."""

import os
from collections.abc import Callable
from threading import Lock, get_ident
from typing import ClassVar, Final, Generic, NamedTuple, NoReturn, TypeVar

from hivemind.primitives.errors import InvalidValueError, StaleSnapshotError

T = TypeVar("T")

# Which thread is inside the function that it gave to `update` of which cell, by their ids.
_UPDATING: Final[set[tuple[int, int]]] = set()


class Snapshot(NamedTuple, Generic[T]):
    """Hold one committed value and its version; both were published together and never change."""

    version: int
    value: T


class Staged(NamedTuple, Generic[T]):
    """Hold a value that waits to replace the snapshot it was made from."""

    cell: "SnapshotCell[T]"
    base: Snapshot[T]
    value: T


class SnapshotCell(Generic[T]):
    """Hold the current snapshot of a value; reading `current` never blocks and never sees half a change.

    A read is one load of one reference to an immutable `Snapshot`, and a commit is one store of a snapshot that
    is complete before the store. That is safe under the GIL: the load of a `__slots__` member and the increase of its
    reference count are one bytecode, and no other thread runs in the middle of a bytecode.

    Read `current` once and use what it returned: two reads may be two versions. Writers compare and swap under a
    lock that readers never take: a commit made on an outdated snapshot raises `StaleSnapshotError`, so concurrent
    writers lose no update. Versions start at 0 and rise by one per commit. The value itself must not be changed in
    place by anybody. Time: O(1) for every operation but the function that `update` is given.

    A process that is forked while a thread commits has the snapshot from before that commit or the one after, and can
    commit itself.
    """

    __slots__ = ("__weakref__", "current")

    current: Snapshot[T]
    # One lock for all cells: it is held for an instant, and a forked child, in which whoever held it does not run,
    # can be given another.
    _lock: ClassVar[Lock] = Lock()

    def __init__(self, value: T) -> None:
        object.__setattr__(self, "current", Snapshot(0, value))

    def __setattr__(self, name: str, value: object) -> NoReturn:
        """Refuse assignment: publishing goes through `commit`, which counts versions."""
        raise AttributeError(f"SnapshotCell.{name} is read-only; publish with commit(stage(value)) or update(fn)")

    def stage(self, value: T, *, base: Snapshot[T] | None = None) -> Staged[T]:
        """Prepare `value` to replace `base`, by default the snapshot current now; readers see no change.

        Pass the snapshot that `value` was computed from as `base`; a commit made between that read and this call
        is then noticed. Raise `InvalidValueError` where `base` is no snapshot.
        """
        if base is None:
            base = self.current
        elif not isinstance(base, Snapshot):
            raise InvalidValueError(f"base is a {type(base).__name__}; give a Snapshot that `current` returned")
        return _new(Staged, (self, base, value))

    def commit(self, staged: Staged[T]) -> Snapshot[T]:
        """Publish a staged value and return its snapshot.

        Raise `StaleSnapshotError` where the snapshot it was staged on is no longer the current one, and
        `InvalidValueError` where it was staged on another cell, or its base is another cell's.
        """
        cell, base, value = staged
        if cell is not self:
            raise InvalidValueError("this value was staged on another SnapshotCell; commit it there")
        if _UPDATING and (get_ident(), id(self)) in _UPDATING:
            _refuse_own()
        snapshot = _new(Snapshot, (base.version + 1, value))
        with self._lock:
            current = self.current
            if base is current:
                _publish(self, snapshot)
                return snapshot
        if base.version >= current.version:
            raise InvalidValueError(
                f"the base is version {base.version}, which this SnapshotCell at version {current.version} did not "
                "publish; stage on a snapshot that its own current returned"
            )
        raise StaleSnapshotError(
            f"staged on version {base.version}, but the current version is {current.version}: "
            "read current, compute again and stage on that, or let update(fn) do so"
        )

    def update(self, fn: Callable[[T], T]) -> Snapshot[T]:
        """Replace the value with `fn(value)` and return the new snapshot, however many writers compete.

        `fn` is called again on the new value whenever another writer was first, so it must have no side effects.
        Some writer succeeds in every round: competing writers never block each other for good. Raise
        `InvalidValueError` where `fn` itself commits to this cell: it would always be too late with its own value.
        """
        inside = (get_ident(), id(self))
        if inside in _UPDATING:
            _refuse_own()
        while True:
            base = self.current
            _UPDATING.add(inside)
            try:
                value = fn(base.value)
            finally:
                _UPDATING.discard(inside)
            try:
                return self.commit(Staged(self, base, value))
            except StaleSnapshotError:
                continue


_new: Final = tuple.__new__  # makes a named tuple without the function in Python that its class calls
_publish: Final = vars(SnapshotCell)["current"].__set__  # the slot's own setter, past __setattr__


def _refuse_own() -> NoReturn:
    raise InvalidValueError(
        "the function given to update() commits to the same SnapshotCell; return the new value and commit nothing"
    )


def _start_anew() -> None:
    """Forget, in the child of a fork, what threads were doing that it does not have."""
    SnapshotCell._lock = Lock()  # noqa: SLF001 -- this module's own
    _UPDATING.intersection_update({inside for inside in _UPDATING if inside[0] == get_ident()})


os.register_at_fork(after_in_child=_start_anew)
