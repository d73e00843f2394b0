"""How a worker reports: one JSON object a line, into a file, or to the coordinator that commands it."""

from __future__ import annotations

import contextlib
import json
import operator
import os
from typing import Any

from .clocks import kept as time

_CHUNK = 65536
_SILENCE = 1_000_000_000  # ns
_SURROGATE = "\\ud"


class Record:
    """Write events to a descriptor, each through at once: a crash loses only what was not measured."""

    def __init__(self, descriptor: int, folder: str | None = None) -> None:
        self.folder = folder  # hivegate's own, which it removes: for the worker's files
        self._descriptor = descriptor
        self._written = 0

    def write(self, event: str, **fields: Any) -> None:  # noqa: ANN401  any JSON value
        """Write one event; values that JSON does not know are written as their number, or their text."""
        try:
            line = json.dumps({"event": event, **fields}, default=plain)
        except (TypeError, ValueError, RecursionError):  # keys that are no texts, or a container that holds itself
            line = json.dumps({"event": event, **{key: _whole(value) for key, value in fields.items()}}, default=plain)
        if _SURROGATE in line:
            line = json.dumps(_readable(json.loads(line)))
        self._written = time.perf_counter_ns()
        data = memoryview(f"{line}\n".encode())
        while data:
            data = data[os.write(self._descriptor, data) :]

    def sign_of_life(self, node_id: str) -> None:
        """Report, at most once a second, that a call of a benchmark ended: a slow one is not taken for a hang."""
        if time.perf_counter_ns() - self._written > _SILENCE:
            self.write("alive", node_id=node_id)


def plain(value: Any) -> Any:  # noqa: ANN401  whatever JSON does not know
    """Turn a number of another library into one that JSON knows, and anything else into its text."""
    for convert in (operator.index, _float):
        with contextlib.suppress(Exception):  # a foreign type may raise anything
            return convert(value)
    try:
        return str(value)
    except Exception as fault:  # noqa: BLE001  the same
        return f"<{type(value).__name__} whose text raises {type(fault).__name__}>"


def _float(value: Any) -> float:  # noqa: ANN401  the same
    return float(value.__float__())  # what has none, such as a text, is no number


def _whole(value: Any) -> Any:  # noqa: ANN401  the same
    """Make a value that JSON holds: of a dict with odd keys their texts, of all else that does not fit its text."""
    if isinstance(value, dict):
        return {str(key): _whole(entry) for key, entry in value.items()}
    try:
        json.dumps(value, default=plain)
    except (TypeError, ValueError, RecursionError):
        return plain(value)
    return value


def _readable(value: Any) -> Any:  # noqa: ANN401  any JSON value
    """Write half of a surrogate pair, as undecodable names have, as an escape that anybody can encode."""
    if isinstance(value, str):
        return readable(value)
    if isinstance(value, list):
        return [_readable(entry) for entry in value]
    return {readable(key): _readable(entry) for key, entry in value.items()} if isinstance(value, dict) else value


def readable(text: str) -> str:
    """Write half of a surrogate pair as an escape."""
    return text.encode("utf-8", "backslashreplace").decode()


def open_record(path: str) -> Record:
    """Open a file to append events to; each is whole or absent."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_CLOEXEC", 0)
    return Record(os.open(path, flags, 0o600), os.path.dirname(path))  # noqa: PTH120  the plan has texts


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
