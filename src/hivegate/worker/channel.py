"""How a worker reports: one JSON object a line, into a file, or to the coordinator that commands it."""

from __future__ import annotations

import json
import os
from typing import Any

_CHUNK = 65536


class Record:
    """Write events to a descriptor, each through at once: a crash loses only what was not measured."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def write(self, event: str, **fields: Any) -> None:  # noqa: ANN401  any JSON value
        """Write one event; values that JSON does not know are written as their text."""
        line = json.dumps({"event": event, **fields}, default=str) + "\n"
        data = memoryview(line.encode("utf-8", "backslashreplace"))
        while data:
            data = data[os.write(self._descriptor, data) :]


def open_record(path: str) -> Record:
    """Open a file to append events to; each is whole or absent."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_CLOEXEC", 0)
    return Record(os.open(path, flags, 0o600))


class Channel(Record):
    """A record that is answered: commands come back over the same inherited socket."""

    def __init__(self, descriptor: int) -> None:
        super().__init__(descriptor)
        self._buffer = b""
        self._owner = os.getpid()

    def write(self, event: str, **fields: Any) -> None:  # noqa: ANN401  any JSON value
        """Send one event."""
        self._leave_if_copy()
        super().write(event, **fields)

    def read(self) -> dict[str, Any]:
        """Wait for one command; raises `EOFError` when the coordinator is gone."""
        self._leave_if_copy()
        while b"\n" not in self._buffer:
            chunk = os.read(self._descriptor, _CHUNK)
            if not chunk:
                raise EOFError
            self._buffer += chunk
        line, _, self._buffer = self._buffer.partition(b"\n")
        command: dict[str, Any] = json.loads(line)
        return command

    def _leave_if_copy(self) -> None:
        # Code that forks itself and comes back would speak for this process a second time.
        if os.getpid() != self._owner:
            os._exit(70)
