"""Measuring for another process: one at a time on a machine, and not longer than whom it is for."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from hivegate.errors import MeasureError

if TYPE_CHECKING:
    from collections.abc import Iterator

_LOOK = 0.5  # seconds between looks at the parent
_LOCK = "hivegate-measuring.lock"


def end_with_parent(parent: int) -> None:
    """Interrupt this process, as Ctrl-C would, once `parent` is not its parent any more; a killed one tells nobody."""
    leaving = threading.Event()

    def on_progress() -> None:
        while os.getppid() == parent:
            leaving.wait(_LOOK)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=on_progress, name="watches the parent", daemon=True).start()


@contextlib.contextmanager
def alone_on_machine() -> Iterator[None]:
    """Wait until no other process of this machine is in here, of whatever user; a process that dies leaves it."""
    path = Path(tempfile.gettempdir(), _LOCK)
    try:
        try:  # first without making it: in a shared folder systems forbid that for a file of another user
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
        except FileNotFoundError:
            descriptor = os.open(path, os.O_RDONLY | os.O_CREAT | os.O_NOFOLLOW, 0o644)
    except OSError as fault:
        raise MeasureError(
            f"cannot be locked: {fault.strerror}", where=str(path), hint="remove it, or set TMPDIR to another folder"
        ) from fault
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
