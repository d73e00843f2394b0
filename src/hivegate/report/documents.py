"""Kept documents as a list for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hivegate.model.metric import Dimension
from hivegate.report.escape import printable
from hivegate.report.quantity import quantity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hivegate.model.document import Entry

_HEAD = ("key", "version", "created", "commit", "size", "type")
_SHORT = 12  # digits of a commit that tell it from all others


def render_entries(entries: Sequence[Entry]) -> str:
    """Spell one line a version, in the order given."""
    rows = [_HEAD, *map(_cells, entries)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _cells(entry: Entry) -> tuple[str, ...]:
    sha, mark, _ = (entry.commit or "-").partition("-dirty")
    return (
        printable(entry.key, 200),
        str(entry.version),
        printable(entry.created),
        printable(sha[:_SHORT] + mark),
        quantity(entry.size, Dimension.BYTES),
        printable(entry.media_type),
    )
