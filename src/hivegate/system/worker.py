"""The worker seen from outside: where it is, how it is started, what it wrote."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable

# By path: the worker belongs to the measured process and is never imported here.
_WORKER = Path(__file__).resolve().parents[1] / "worker"
_START = _WORKER / "start.py"

EventT = TypeVar("EventT")


def start_command(python: str, plan: Path) -> list[str]:
    """Make the command that starts a worker under the subject's interpreter."""
    return [python, str(_START), str(plan)]


def noise_command(python: str, pairs: int, *, fork: bool) -> list[str]:
    """Make the command that measures an interpreter's noise in pairs of the same work."""
    return [python, "-I", str(_WORKER / "noise.py"), str(pairs), "fork" if fork else "start"]


def reference_command(python: str, seconds: float) -> list[str]:
    """Make the command that times the reference loop for so many seconds."""
    return [python, "-I", str(_WORKER / "reference_loop.py"), str(seconds)]


def write_plan(folder: Path, plan: msgspec.Struct) -> Path:
    """Write a plan into a folder; returns its path."""
    path = folder / "plan.json"
    path.write_bytes(msgspec.json.encode(plan))
    return path


def record_path(folder: Path) -> Path:
    """Name the record of a worker whose plan lies in a folder."""
    return folder / "record.jsonl"


class RecordReader(Generic[EventT]):
    """Read the events of a record as they come, each line by `decode`; a line without its end is not there yet."""

    def __init__(self, path: Path, decode: Callable[[bytes], EventT]) -> None:
        self._path = path
        self._decode = decode
        self._position = 0

    def new_events(self) -> list[EventT]:
        """Read what was written since the last call."""
        if not self._path.exists():
            return []
        with self._path.open("rb") as file:
            file.seek(self._position)
            data = file.read()
        whole = data[: data.rfind(b"\n") + 1]
        self._position += len(whole)
        return [self._decode(line) for line in whole.splitlines()]
