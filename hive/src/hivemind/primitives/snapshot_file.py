"""Publish a snapshot's bytes to other processes through a memory-mapped file."""

import fcntl
import mmap
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
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


class SnapshotFile:
    """Publish bytes under a path so that other processes read the latest version whole and without copying.

    Every version is a file of its own: `publish` fills a sibling, `PATH.next`, through a memory map and renames it
    over `PATH`, which the operating system does in one step. So a writer that is killed at any point leaves the
    previous version readable, a reader never sees half a version, and what a reader maps is never written again.
    Two slots in one file, flipped last, were rejected: a reader slower than two commits would look at memory
    that is being overwritten.

    Writers in any number of processes and threads take turns by a lock on `PATH.lock`, which the system releases when a
    writer dies; versions rise by one per publication, from 1. Readers take no lock. Checksums reveal a file that is
    damaged, truncated or foreign; a file that another program shortens in place *while* it is mapped is beyond
    help. What is published survives the death of every process, not a loss of power: nothing waits for the disk.

    Time: `publish` and the first read of a version O(bytes); further reads of that version O(1), one `stat`.
    """

    __slots__ = ("_identity", "_path", "_snapshot")

    def __init__(self, path: str | PathLike[str]) -> None:
        self._path = Path(path)
        self._identity: tuple[int, int] | None = None
        self._snapshot: FileSnapshot | None = None

    def publish(self, data: bytes | bytearray | memoryview) -> int:
        """Write the file as its next version and return that version.

        Raise `InvalidValueError` where `data` is not bytes in one piece, and `SnapshotFileError` where the file that
        exists is no sound snapshot file: it is left as it is.
        """
        try:
            payload = memoryview(data).cast("B")
        except TypeError as error:
            raise InvalidValueError(f"data cannot be published: {error}; give bytes, or a contiguous view") from None
        with self._alone():
            version = 1 + (self.read().version if self._path.exists() else 0)
            successor = self._sibling("next")
            with successor.open("w+b") as stream:
                _fill(stream, version, payload)
            successor.replace(self._path)
        return version

    def read(self) -> FileSnapshot:
        """Return the latest version.

        Raise `SnapshotFileError` where there is none, or where it is foreign, truncated or corrupted.
        """
        try:
            # A mapped file keeps its inode, so no later version can have the identity of the one we hold.
            status = self._path.stat()
            identity = (status.st_dev, status.st_ino)
            if self._snapshot is None or identity != self._identity:
                with self._path.open("rb") as stream:
                    opened = os.fstat(stream.fileno())
                    self._snapshot = _load(stream, opened.st_size, self._path)
                self._identity = (opened.st_dev, opened.st_ino)
        except FileNotFoundError:
            raise SnapshotFileError(f"{self._path}: nothing was published here yet; call publish first") from None
        return self._snapshot

    def _sibling(self, role: str) -> Path:
        return self._path.with_name(f"{self._path.name}.{role}")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with self._sibling("lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _fill(stream: BinaryIO, version: int, payload: memoryview) -> None:
    fields = FIELDS.pack(MAGIC, FORMAT, 0, version, len(payload), crc32(payload))
    stream.truncate(HEADER_BYTES + len(payload))
    with mmap.mmap(stream.fileno(), HEADER_BYTES + len(payload)) as memory:
        memory[HEADER_BYTES:] = payload
        memory[:HEADER_BYTES] = fields + CHECKSUM.pack(crc32(fields))


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
