"""The worker seen from outside: where it is, how it is started, what it wrote."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

# By path: the worker belongs to the measured process and is never imported here.
_WORKER = Path(__file__).resolve().parents[1] / "worker"
_START = _WORKER / "start.py"


def start_command(python: str, plan: Path) -> list[str]:
    """Spell the command that starts a worker under the subject's interpreter."""
    return [python, str(_START), str(plan)]


def noise_command(python: str, pairs: int, *, fork: bool) -> list[str]:
    """Spell the command that measures an interpreter's noise in pairs of the same work."""
    return [python, "-I", str(_WORKER / "noise.py"), str(pairs), "fork" if fork else "start"]


def write_plan(folder: Path, **plan: Any) -> tuple[Path, Path]:  # noqa: ANN401  JSON values
    """Write a plan into a folder; returns the plan's path and that of the record it names."""
    record = folder / "record.jsonl"
    path = folder / "plan.json"
    path.write_text(json.dumps({**plan, "record": str(record)}), encoding="utf-8")
    return path, record


class RecordReader:
    """Read the events of a record as they come; a last line without its end is not there yet."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._position = 0

    def new_events(self) -> list[dict[str, Any]]:
        """Read what was written since the last call."""
        if not self._path.exists():
            return []
        with self._path.open("rb") as file:
            file.seek(self._position)
            data = file.read()
        whole = data[: data.rfind(b"\n") + 1]
        self._position += len(whole)
        return [json.loads(line) for line in whole.splitlines()]


def read_record(path: Path) -> list[dict[str, Any]]:
    """Read all events of a record."""
    return RecordReader(path).new_events()
