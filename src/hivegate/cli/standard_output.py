"""Standard output that may go away or be full: what cannot be written there changes no verdict's exit status."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import select
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_WAIT = 60.0  # seconds for a reader that does not block us


class _Guarded(io.RawIOBase):
    """A file descriptor whose first fault is kept, and after which everything is dropped."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.fault: OSError | None = None

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._descriptor

    def isatty(self) -> bool:
        return os.isatty(self._descriptor)

    def write(self, data: Any, /) -> int:  # noqa: ANN401  any buffer
        size = len(data)
        if self.fault is None:
            try:
                return os.write(self._descriptor, data)
            except BlockingIOError:
                if select.select([], [self._descriptor], [], _WAIT)[1]:
                    return 0
                self.fault = OSError(errno.EAGAIN, "its reader does not read")
            except OSError as fault:
                self.fault = fault
        return size


class OutputState:
    """What became of standard output."""

    def __init__(self, raw: _Guarded | None) -> None:
        self._raw = raw

    @property
    def fault(self) -> OSError | None:
        """Why something could not be written; a reader that left, as `head` does, is no fault."""
        found = None if self._raw is None else self._raw.fault
        return None if found is None or found.errno == errno.EPIPE else found


@contextlib.contextmanager
def guarded_output() -> Iterator[OutputState]:
    """Guard standard output as long as the context lasts; one that is closed drops everything."""
    if sys.stdout is None:  # closed by whoever started us
        with Path(os.devnull).open("w", encoding="utf-8") as sys.stdout:
            yield OutputState(None)
        return
    stream = sys.stdout
    try:
        descriptor = stream.fileno()
    except (AttributeError, OSError, ValueError):
        yield OutputState(None)
        return
    stream.flush()
    raw = _Guarded(descriptor)
    guarded = io.TextIOWrapper(
        io.BufferedWriter(raw), encoding=stream.encoding, errors=stream.errors, line_buffering=raw.isatty()
    )
    sys.stdout = guarded
    try:
        yield OutputState(raw)
    finally:
        guarded.flush()
        sys.stdout = stream
        if raw.fault is not None:  # Python flushes at exit, where it would complain again
            os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor)
