"""A change as a small picture: its interval between faster and slower, and where its budget ends."""

from __future__ import annotations

import math
import statistics
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

CELLS = 25  # odd, so that no change has a cell of its own
_LINES = ("─", "●", "│", "┊")
_PLAIN = ("-", "o", "|", ":")
_LEAST_REACH = math.log(1.02)
_BUDGETS = 6  # budgets from the middle to the end of a bar: less hides what is slower, more hides the budget


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """Head over base, its interval, and the ratio that is allowed."""

    low: float
    ratio: float
    high: float
    limit: float


def reach_of(spans: Iterable[Span]) -> float:
    """Choose the log ratio at the end of a bar, so that all estimates and budgets of a table fit."""
    ends = [abs(math.log(end)) for one in spans for end in (one.ratio, one.limit) if 0 < end < math.inf]
    return max((1.25 * end for end in ends), default=0.0) or _LEAST_REACH


def near_reach(spans: Sequence[Span]) -> float:
    """Choose the log ratio at the end of a short bar: few cells must tell the usual budget from no change.

    What changed by far more leaves the bar; beside its number that is no loss.
    """
    budgets = [math.log(one.limit) for one in spans if 1 < one.limit < math.inf]
    return min(reach_of(spans), _BUDGETS * statistics.median(budgets)) if budgets else reach_of(spans)


def bar(span: Span, reach: float, *, plain: bool, cells: int = CELLS) -> str:
    """Draw a span on the log scale in an odd number of cells; what leaves the bar ends in an arrow."""
    line, point, zero, limit = _PLAIN if plain else _LINES
    first, last, middle = (_cell(ratio, reach, cells) for ratio in (span.low, span.high, span.ratio))
    drawn = [" "] * cells
    for place in range(max(0, first), min(cells - 1, last) + 1):
        drawn[place] = line
    drawn[cells // 2] = zero
    for place, sign in ((_cell(span.limit, reach, cells), limit), (middle, point)):
        if 0 <= place < cells:
            drawn[place] = sign
    if min(first, middle) < 0:
        drawn[0] = "<"
    if max(last, middle) >= cells:
        drawn[-1] = ">"
    return "".join(drawn)


def _cell(ratio: float, reach: float, cells: int) -> int:
    if ratio <= 0:
        return -1
    if math.isinf(ratio):
        return cells
    half = cells // 2
    return max(-1, min(cells, half + round(math.log(ratio) / reach * half)))
