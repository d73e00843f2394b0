"""A change as a small picture: its interval between faster and slower, and where its budget ends."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

_CELLS = 25  # odd, so that no change has a cell of its own
_LINES = ("─", "●", "│", "┊")
_PLAIN = ("-", "o", "|", ":")
_LEAST_REACH = math.log(1.02)


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """Head over base, its interval, and the ratio that is allowed."""

    low: float
    ratio: float
    high: float
    limit: float


def reach_of(spans: Iterable[Span]) -> float:
    """Choose the log ratio at the end of a bar, so that all estimates and budgets of a table fit."""
    ends = [abs(math.log(end)) for one in spans for end in (one.ratio, one.limit) if 0 < end < math.inf]
    return max((1.25 * end for end in ends), default=_LEAST_REACH)


def bar(span: Span, reach: float, *, plain: bool) -> str:
    """Draw a span on the log scale; an interval that leaves the bar ends in an arrow."""
    line, point, zero, limit = _PLAIN if plain else _LINES
    first, last = _cell(span.low, reach), _cell(span.high, reach)
    cells = [" "] * _CELLS
    for place in range(max(0, first), min(_CELLS - 1, last) + 1):
        cells[place] = line
    cells[_CELLS // 2] = zero
    cells[_within(_cell(span.limit, reach))] = limit
    cells[_within(_cell(span.ratio, reach))] = point
    if first < 0:
        cells[0] = "<"
    if last >= _CELLS:
        cells[-1] = ">"
    return "".join(cells)


def _cell(ratio: float, reach: float) -> int:
    if ratio <= 0:
        return -1
    if math.isinf(ratio):
        return _CELLS
    half = _CELLS // 2
    return max(-1, min(_CELLS, half + round(math.log(ratio) / reach * half)))


def _within(cell: int) -> int:
    return max(0, min(_CELLS - 1, cell))
