"""The record: one JSON object a line, written through at once, so that a crash loses only what was not measured."""

from __future__ import annotations

import json
import os
from typing import Any


class Record:
    """Append events to a file; each is whole or absent."""

    def __init__(self, path: str) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_CLOEXEC", 0)
        self._descriptor = os.open(path, flags, 0o600)

    def write(self, event: str, **fields: Any) -> None:  # noqa: ANN401  any JSON value
        """Write one event; values that JSON does not know are written as their text."""
        line = json.dumps({"event": event, **fields}, default=str) + "\n"
        data = memoryview(line.encode("utf-8", "backslashreplace"))
        while data:
            data = data[os.write(self._descriptor, data) :]
