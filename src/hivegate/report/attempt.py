"""What was tried, a line a benchmark: base and head of a call, by how much, and how sure that is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from hivegate.instruments import dimension_of_change
from hivegate.model.attempt import EQUAL, FEWEST_PAIRS
from hivegate.model.quantity import change_interval, percent, quantity, signed
from hivegate.report.escape import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hivegate.model.attempt import Attempt
    from hivegate.model.change import Change

_GOOD, _BAD = "bold green", "bold red"


def attempts_text(attempts: Sequence[Attempt]) -> Text:
    """Spell all that was tried, a line each, and once why none of it can be believed."""
    doubts = dict.fromkeys(doubt for attempt in attempts for doubt in attempt.doubts)
    lines = [_line(attempt) for attempt in attempts]
    return Text("\n").join([*lines, *(Text(f"not to be believed: {printable(doubt, 300)}", _BAD) for doubt in doubts)])


def _line(attempt: Attempt) -> Text:
    name, change, trouble = printable(attempt.benchmark), attempt.change, attempt.trouble
    if trouble is not None or change is None:
        sides = () if trouble is None else (("head", trouble.head), ("base", trouble.base))
        why = "; ".join(f"{side}: {printable(said, 300)}" for side, said in sides if said)
        return Text.assemble(f"{name}  ", ("not measured", _BAD), f": {why or 'nothing came of it'}")
    dimension = dimension_of_change(change, None)
    values = f"{quantity(change.base_value, dimension)} -> {quantity(change.head_value, dimension)}"
    style = "" if not attempt.is_sure or attempt.is_equal else _GOOD if change.ratio < 1 else _BAD
    return Text.assemble(f"{name}  {values}, ", (signed(change.ratio), style), _sureness(attempt, change))


def _sureness(attempt: Attempt, change: Change) -> str:
    if change.n < FEWEST_PAIRS:
        return " (so far)"
    said = f": no difference above {percent(EQUAL)}" if attempt.is_equal else "" if attempt.is_sure else ": not sure"
    return f" ({change_interval(change.low, change.high)}){said}"
