"""Files: read with a limit, written whole or not at all."""

import contextlib
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from hivegate.errors import HivegateError

MEBIBYTE = 2**20

_SCRATCH = "hivegate-run-"
_YOUNG = 60.0  # seconds


def read_bytes(path: Path, *, limit: int, error: type[HivegateError]) -> bytes:
    """Read a regular file of at most `limit` bytes; raises `error` with the likely fix otherwise."""
    with _translated(path, error):
        if not path.exists():
            raise error("no such file", where=str(path), hint=_near(path))
        if not path.is_file():
            raise error("is not a regular file", where=str(path))
        size = path.stat().st_size
        if size > limit:
            raise error(
                f"has {size / MEBIBYTE:.0f} MiB; at most {limit / MEBIBYTE:.0f} MiB are read",
                where=str(path),
            )
        return path.read_bytes()


@contextlib.contextmanager
def scratch_folder() -> Iterator[Path]:
    """Give a temporary folder, which is removed on every way out; what killed processes left is removed first.

    Its lock is held as long as the process lives, also in another container that shares the folder for temporary files.
    """
    _sweep(Path(tempfile.gettempdir()))
    with tempfile.TemporaryDirectory(prefix=_SCRATCH, ignore_cleanup_errors=True) as name:
        lock = _locked(Path(name))
        try:
            yield Path(name)
        finally:
            if lock is not None:
                os.close(lock)


def _locked(folder: Path) -> int | None:
    """Lock a folder, without waiting; None where another process has it, or where folders have no locks."""
    if not hasattr(os, "O_DIRECTORY"):
        return None
    import fcntl  # noqa: PLC0415  there is none on Windows

    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def _sweep(temporary: Path) -> None:
    """Remove our folders that nobody holds; those of the last minute may be about to be locked."""
    for folder in temporary.glob(f"{_SCRATCH}*"):
        try:
            seen = folder.lstat()
            own = stat.S_ISDIR(seen.st_mode) and (not hasattr(os, "getuid") or seen.st_uid == os.getuid())
            lock = _locked(folder) if own and time.time() - seen.st_mtime > _YOUNG else None
        except OSError:  # it is gone
            continue
        if lock is not None:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(lock)


def write_atomic(path: Path, content: str | bytes, *, error: type[HivegateError], durable: bool = True) -> None:
    """Write a file so that a reader, a crash or a full disk never leaves half of it.

    Without `durable` a machine that loses its power may: for many files that can be made again, ten times as fast.
    """
    with _translated(path, error), _complete(path, content, durable=durable) as temporary:
        temporary.replace(path)


def create_atomic(path: Path, content: str | bytes, *, error: type[HivegateError]) -> None:
    """Write a new file in the same way; raises `error` where one is there, which stays as it is."""
    with _translated(path, error), _complete(path, content) as temporary:
        path.hardlink_to(temporary)


@contextlib.contextmanager
def _complete(path: Path, content: str | bytes, *, durable: bool = True) -> Iterator[Path]:
    """Give a finished file beside `path`, which is gone afterwards where it was not moved."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        temporary.chmod(0o644)
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def _translated(path: Path, error: type[HivegateError]) -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        raise error(fault.strerror or str(fault), where=str(path)) from fault


def _near(path: Path) -> str:
    folder = path.parent
    if not folder.is_dir():
        return f"the folder {folder} does not exist, either"
    names = sorted(one.name for one in folder.iterdir() if one.suffix == path.suffix)[:5]
    return f"{folder} contains {', '.join(names)}" if names else ""
