"""Runs as lines of JSON: what a store holds, for another store or another program."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from hivegate.decode import decode_json
from hivegate.errors import ResultsError
from hivegate.model.record import RECORD_SCHEMA, Record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SUFFIX = ".jsonl"


class _Head(msgspec.Struct):
    """The first thing that a reader asks of a line."""

    schema: int


def recognises(path: Path) -> bool:
    """Return whether a file is an export, by its name."""
    return path.suffix == SUFFIX


def render_record(record: Record) -> bytes:
    """Format one run as a line."""
    return msgspec.json.encode({"schema": RECORD_SCHEMA} | msgspec.to_builtins(record)) + b"\n"


def parse_records(data: bytes, *, where: str) -> Iterator[Record]:
    """Read lines that `render_record` wrote; raises `ResultsError` with the line for anything else."""
    for number, line in enumerate(data.splitlines(), 1):
        if not line.strip():
            continue
        place = f"{where}:{number}"
        head = decode_json(line, _Head, where=place, error=ResultsError)
        if not 1 <= head.schema <= RECORD_SCHEMA:
            raise ResultsError(
                f"schema: is {head.schema}; this hivegate supports schema {RECORD_SCHEMA}",
                where=place,
                hint="update hivegate, or export them with this version",
            )
        yield decode_json(line, Record, where=place, error=ResultsError)
