"""Whose a temporary folder or file is: its process holds a lock on it, which ends with the process, however it ends.

A process number would not do: it is given again, and another container that shares the folder has its own.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path


@contextlib.contextmanager
def held(make: Callable[[], Path]) -> Iterator[Path]:
    """Make a new folder or file and hold it; made again where somebody swept it before it was held."""
    while True:
        path = make()
        try:
            lock = _lock(path)
        except BlockingIOError:  # somebody is sweeping it
            continue
        except FileNotFoundError:  # somebody has
            continue
        except OSError:  # there are no locks here, so nobody sweeps either
            lock = None
        break
    try:
        yield path
    finally:
        if lock is not None:
            os.close(lock)


def sweep(paths: Iterable[Path], remove: Callable[[Path], None] | None = None) -> None:
    """Remove what nobody holds of folders and files that this user made; what cannot be removed is left."""
    for path in paths:
        try:
            seen = path.lstat()
            plain = stat.S_ISDIR(seen.st_mode) or stat.S_ISREG(seen.st_mode)
            own = not hasattr(os, "getuid") or seen.st_uid == os.getuid()
            lock = _lock(path) if plain and own else None
        except OSError:  # it is held, or gone
            continue
        if lock is None:
            continue
        try:
            (remove or _remove)(path)
        finally:
            os.close(lock)


def _lock(path: Path) -> int:
    """Lock what lies at a path without waiting; raises `OSError` where it is locked, gone, or cannot be locked."""
    try:
        import fcntl  # noqa: PLC0415  there is none on Windows
    except ImportError as fault:
        raise OSError from fault
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        gone = not os.path.samestat(os.fstat(descriptor), path.lstat())
    except BaseException:
        os.close(descriptor)
        raise
    if gone:
        os.close(descriptor)
        raise FileNotFoundError(path)
    return descriptor


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            path.unlink()
