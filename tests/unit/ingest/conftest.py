"""Result files to read: built from a sound one, one change at a time."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any, Protocol

import pytest

if TYPE_CHECKING:
    from pathlib import Path

_SOUND: dict[str, Any] = {
    "machine_info": {
        "node": "somewhere",
        "python_version": "3.13.1",
        "python_implementation": "CPython",
        "system": "Linux",
        "release": "6.1.0",
        "cpu": {"brand_raw": "A CPU", "count": 4},
    },
    "commit_info": {"id": "a" * 40, "branch": "main", "dirty": True, "time": None},
    "benchmarks": [
        {
            "group": None,
            "name": "test_one",
            "fullname": "benches/bench_queue.py::test_one",
            "params": None,
            "param": None,
            "extra_info": {},
            "options": {},
            "stats": {
                "min": 0.001,
                "max": 0.003,
                "mean": 0.002,
                "median": 0.002,
                "stddev": 0.0005,
                "rounds": 3,
                "ops": 500.0,
                "total": 0.006,
                "data": [0.001, 0.003, 0.002],
                "iterations": 7,
            },
        }
    ],
    "datetime": "2026-01-02T03:04:05+00:00",
    "version": "5.3.1",
}


class WriteResult(Protocol):
    """Write a result of pytest-benchmark, one benchmark for each dictionary of changes to a sound entry."""

    def __call__(self, *entries: dict[str, Any], top: dict[str, Any] | None = None) -> Path:
        """Write it. A change to `stats` is merged into the sound one, `...` removes a key."""
        ...


@pytest.fixture
def write_result(tmp_path: Path) -> WriteResult:
    """Write results of pytest-benchmark that differ from a sound one in what the test is about."""

    def write(*entries: dict[str, Any], top: dict[str, Any] | None = None) -> Path:
        document = copy.deepcopy(_SOUND)
        sound = document["benchmarks"][0]
        if entries:
            document["benchmarks"] = [
                _changed(sound, {**entry, "stats": _changed(sound["stats"], entry.get("stats", {}))})
                for entry in entries
            ]
        path = tmp_path / "result.json"
        path.write_text(json.dumps(_changed(document, top or {})), encoding="utf-8")
        return path

    return write


def _changed(sound: dict[str, Any], changes: Any) -> Any:  # noqa: ANN401  a test may put anything in its place
    if not isinstance(changes, dict):
        return changes
    return {key: value for key, value in {**sound, **changes}.items() if value is not ...}
