"""What a change touches and no benchmark runs, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hivegate.report.escape import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hivegate.model.reach import UntestedFunction

_MOST = 8


def untested_line(function: UntestedFunction) -> str:
    """Name a function by its file and its lines."""
    name, file = printable(function.name), printable(function.file)
    return f"this change touches {name} ({file}:{function.first} to {function.last}), which no benchmark runs"


def untested_lines(functions: Sequence[UntestedFunction]) -> tuple[str, ...]:
    """Name the first of them, and how many there are."""
    more = len(functions) - _MOST
    lines = tuple(map(untested_line, functions[:_MOST]))
    return (*lines, f"and {more} functions more, which no benchmark runs") if more > 0 else lines
