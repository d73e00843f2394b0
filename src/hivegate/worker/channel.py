"""A channel to the coordinator: one JSON object a line, both ways, over an inherited socket."""

from __future__ import annotations

import json
import os
from typing import Any

_CHUNK = 65536


class Channel:
    """Speak over a file descriptor; has the ``write`` of a record, so that a plugin can report through it."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._buffer = b""
        self._owner = os.getpid()

    def write(self, event: str, **fields: Any) -> None:  # noqa: ANN401  any JSON value
        """Send one event; values that JSON does not know are sent as their text."""
        self._leave_if_copy()
        line = json.dumps({"event": event, **fields}, default=str) + "\n"
        data = memoryview(line.encode("utf-8", "backslashreplace"))
        while data:
            data = data[os.write(self._descriptor, data) :]

    def read(self) -> dict[str, Any]:
        """Wait for one command; raises `EOFError` when the coordinator is gone."""
        self._leave_if_copy()
        while b"\n" not in self._buffer:
            chunk = os.read(self._descriptor, _CHUNK)
            if not chunk:
                raise EOFError
            self._buffer += chunk
        line, _, self._buffer = self._buffer.partition(b"\n")
        found: dict[str, Any] = json.loads(line)
        return found

    def _leave_if_copy(self) -> None:
        # Code that forks itself and comes back would speak for this process a second time.
        if os.getpid() != self._owner:
            os._exit(70)
