"""Publish a snapshot's bytes to other processes through a memory-mapped file."""

import fcntl
import mmap
import os
import stat
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import BinaryIO, Final
from zlib import crc32

from hivemind.primitives.errors import InvalidValueError, SnapshotFileError

MAGIC: Final = b"HIVESNAP"
FORMAT: Final = 1
# Magic, format, reserved, version, length of the data, checksum of the data; then the checksum of all of these.
FIELDS: Final = struct.Struct("<8sHHQQI")
CHECKSUM: Final = struct.Struct("<I")
HEADER_BYTES: Final = FIELDS.size + CHECKSUM.size


@dataclass(frozen=True, slots=True, eq=False)
class FileSnapshot:
    """Hold one published version; `data` looks into the mapped file and copies nothing.

    It stays readable and unchanged for as long as it is held, whatever is published or deleted meanwhile.
    """

    version: int
    data: memoryview


# The descriptors of the locks that threads of this process hold or wait for.
_LOCKS: Final[set[int]] = set()


class SnapshotFile:
    """Publish bytes under a path so that other processes read the latest version whole and without copying.

    Every version is a file of its own: `publish` writes a sibling, `PATH.next`, and renames it over `PATH`, which the
    operating system does in one step. So a writer that is killed at any point, or finds the disk full, leaves the
    previous version readable, a reader never sees half a version, and what a reader maps is never written again.
    Two slots in one file, flipped last, were rejected: a reader slower than two commits would look at memory
    that is being overwritten. Filling the sibling through a memory map was rejected, too: a full disk then ends the
    process by a signal. A version has the permissions of the previous one.

    Writers in any number of processes and threads take turns by a lock on `PATH.lock`, which the system releases when a
    writer dies; versions rise by one per publication, from 1. A child forked meanwhile does not keep it. Readers take
    no lock, and threads may share one object. Checksums reveal a file that is damaged, truncated or another program's;
    a file that another program shortens in place *while* it is mapped is beyond help. What is published survives the
    death of every process, not a loss of power: nothing waits for the disk.

    Time: `publish` and the first read of a version O(bytes); further reads of that version O(1), one `stat`.
    """

    __slots__ = ("_held", "_path")

    def __init__(self, path: str | PathLike[str]) -> None:
        self._path = Path(path)
        # The identity of the file that was read last and its snapshot: one value, so that threads never mix two.
        self._held: tuple[tuple[int, int], FileSnapshot] | None = None

    def publish(self, data: bytes | bytearray | memoryview) -> int:
        """Write the file as its next version and return that version.

        Raise `InvalidValueError` where `data` is not bytes in one piece, and `SnapshotFileError` where the file that
        exists is no sound snapshot file, which is left as it is, or the system refuses to write.
        """
        try:
            payload = memoryview(data).cast("B")
        except TypeError as error:
            raise InvalidValueError(f"data cannot be published: {error}; give bytes, or a contiguous view") from None
        try:
            with self._alone():
                exists = self._path.exists()
                version = 1 + (self.read().version if exists else 0)
                successor = self._sibling("next")
                try:
                    _write(successor, version, payload, stat.S_IMODE(self._path.stat().st_mode) if exists else None)
                    successor.replace(self._path)
                except OSError:
                    with suppress(OSError):
                        successor.unlink()
                    raise
        except OSError as error:
            raise SnapshotFileError(
                f"{self._path}: cannot be published to: {error.strerror or error}; what was there stays as it is"
            ) from error
        return version

    def read(self) -> FileSnapshot:
        """Return the latest version.

        Raise `SnapshotFileError` where there is none, or where it is foreign, truncated, corrupted or unreadable.
        """
        try:
            # A mapped file keeps its inode, so no later version can have the identity of the one we hold.
            status = self._path.stat()
            held = self._held
            if held is not None and held[0] == (status.st_dev, status.st_ino):
                return held[1]
            with self._path.open("rb") as stream:
                opened = os.fstat(stream.fileno())
                snapshot = _load(stream, opened.st_size, self._path)
        except FileNotFoundError:
            raise SnapshotFileError(f"{self._path}: nothing was published here yet; call publish first") from None
        except OSError as error:
            raise SnapshotFileError(f"{self._path}: cannot be read: {error.strerror or error}") from error
        self._held = ((opened.st_dev, opened.st_ino), snapshot)
        return snapshot

    def _sibling(self, role: str) -> Path:
        return self._path.with_name(f"{self._path.name}.{role}")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        lock = os.open(self._sibling("lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        _LOCKS.add(lock)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            fcntl.flock(lock, fcntl.LOCK_UN)  # for all who share it: closing would leave it to a forked child
            _LOCKS.discard(lock)
            os.close(lock)


def _let_go() -> None:
    """Close, in the child of a fork, the locks of threads that it does not have; they hold them, not the child."""
    for lock in _LOCKS:
        os.close(lock)
    _LOCKS.clear()


os.register_at_fork(after_in_child=_let_go)


def _write(path: Path, version: int, payload: memoryview, mode: int | None) -> None:
    """Write a version as a new file, which nobody else may read before it has the mode that it shall have."""
    with suppress(FileNotFoundError):
        path.unlink()  # of a writer that was killed; it may have any mode, and be a link to anywhere
    fields = FIELDS.pack(MAGIC, FORMAT, 0, version, len(payload), crc32(payload))
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    with os.fdopen(os.open(path, flags, 0o666 if mode is None else 0o600), "wb") as stream:
        if mode is not None:
            os.fchmod(stream.fileno(), mode)
        stream.write(fields + CHECKSUM.pack(crc32(fields)))
        stream.write(payload)


def _load(stream: BinaryIO, size: int, path: Path) -> FileSnapshot:
    if size < HEADER_BYTES:
        raise SnapshotFileError(
            f"{path}: {size} bytes are too few for a snapshot file, whose header alone has {HEADER_BYTES}; "
            "it was truncated or is another kind of file: remove it and publish again"
        )
    memory = memoryview(mmap.mmap(stream.fileno(), size, access=mmap.ACCESS_READ))
    header, data = memory[:HEADER_BYTES], memory[HEADER_BYTES:]
    magic, layout, _, version, length, checksum = FIELDS.unpack(header[: FIELDS.size])
    if magic != MAGIC:
        raise SnapshotFileError(
            f"{path}: begins with {magic!r} instead of {MAGIC!r}: no snapshot file; choose another path"
        )
    if CHECKSUM.unpack(header[FIELDS.size :]) != (crc32(header[: FIELDS.size]),):
        raise SnapshotFileError(f"{path}: the header is corrupted: remove the file and publish again")
    if layout != FORMAT:
        raise SnapshotFileError(
            f"{path}: has format {layout}, this program reads format {FORMAT}: use the same release"
        )
    if len(data) != length:
        raise SnapshotFileError(
            f"{path}: holds {len(data)} bytes of data where its header promises {length}: it was truncated or "
            "appended to; remove it and publish again"
        )
    if crc32(data) != checksum:
        raise SnapshotFileError(f"{path}: version {version} is corrupted: remove the file and publish again")
    return FileSnapshot(version, data)
