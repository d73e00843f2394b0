"""The page of the rivals, and that the loop in C gives what the hive gives."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import pytest

from rivals.page import render
from rivals.record import Record, compiled_floor
from rivals.rows import rows

RECORD = Path(__file__).parents[2] / "docs" / "performance" / "rivals.json"


def test_the_page_says_what_the_record_holds() -> None:
    """Nobody writes a figure into it by hand."""
    record = msgspec.json.decode(RECORD.read_bytes(), type=Record)
    assert RECORD.with_name("RIVALS.md").read_text(encoding="utf-8") == render(record)
    assert all(len(times) == record.turns for row in record.rows for times in row.times.values())


def test_the_floor_does_the_same_work(tmp_path: Path) -> None:
    """In every row the output is equal: what differs is only how long it takes."""
    if shutil.which("gcc") is None:
        pytest.skip("gcc is not installed")
    for row in rows(compiled_floor(tmp_path)):
        ours, floor = row.outputs()
        assert ours == floor, row.name
