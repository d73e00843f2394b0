"""Tables for a terminal of any width: what does not fit is left out by columns, never broken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from hivegate.model.verdict import Outcome
from hivegate.report.escape import printable, shorten
from hivegate.report.span import CELLS, bar, near_reach

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hivegate.report.view import Row

STYLES = {
    Outcome.PASSED: "green",
    Outcome.FASTER: "green",
    Outcome.FAILED: "bold red",
    Outcome.SLOWER: "bold red",
    Outcome.INCONCLUSIVE: "yellow",
    Outcome.CRASHED: "bold red",
    Outcome.MISSING: "bold magenta",
    Outcome.INVALID: "bold magenta",
    Outcome.WAIVED: "cyan",
    Outcome.REVIEW: "yellow",
    Outcome.NEW: "dim",
    Outcome.UNCHANGED: "dim",
}
MILD = "yellow"  # what fails without breaking the gate
_GAP = 2
_NAME = 24  # columns that a name needs; with less, other columns give way
_NAME_BESIDE_BAR = 18
_LEAST_NAME = 12
_SHORT_BAR = 15  # as wide as its head
_LONGEST = {"metric": 18, "measured": 10, "limit": 16, "headroom": 6}
_GIVING_WAY = ("limit", "metric", "headroom")


def changes_table(rows: Sequence[Row], width: int, *, plain: bool) -> Table:
    """Draw changes with their intervals as bars on one scale; a narrow terminal gets short bars or none."""
    changes = [one.value for one in rows]
    outcomes = [one.outcome.value for one in rows]
    fixed = _widest("change", changes) + _widest("", outcomes)
    cells = next((one for one in (CELLS, _SHORT_BAR) if width - fixed - one - _GAP >= _NAME_BESIDE_BAR), 0)
    table = _table()
    table.add_column("change", justify="right", no_wrap=True)
    if cells:
        table.add_column("faster | slower".center(cells), no_wrap=True)  # Rich would strip bars to centre them
    table.add_column("", no_wrap=True)
    table.add_column("benchmark", no_wrap=True)
    room = width - fixed - (cells + _GAP if cells else 0)
    reach = near_reach([one.span for one in rows if one.span is not None])
    for row in rows:
        style = STYLES[row.outcome]
        name = printable(row.benchmark if row.of == "of rounds" else f"{row.benchmark} {row.brief}")
        drawn = "" if row.span is None or not cells else bar(row.span, reach, plain=plain, cells=cells)
        picture = (Text(drawn, style=style),) if cells else ()
        table.add_row(Text(row.value), *picture, Text(row.outcome.value, style=style), _name(name, room))
    return table


def targets_table(rows: Sequence[Row], width: int) -> Table:
    """Draw targets with what was measured; a narrow terminal gets fewer columns."""
    columns = {
        "metric": [printable(one.brief, _LONGEST["metric"]) for one in rows],
        "measured": [printable(one.value, _LONGEST["measured"]) for one in rows],
        "limit": [printable(one.limit, _LONGEST["limit"]) for one in rows],
        "headroom": ["" if one.headroom is None else _headroom(one.headroom) for one in rows],
    }
    widths = {name: _widest(name, cells) for name, cells in columns.items()}
    for name in _GIVING_WAY:
        if width - sum(widths.values()) < _NAME:
            del columns[name], widths[name]
    table = _table()
    table.add_column("benchmark", no_wrap=True)
    for name in columns:
        table.add_column(name, justify="left" if name in {"metric", "limit"} else "right", no_wrap=True)
    room = width - sum(widths.values())
    for row, *cells in zip(rows, *columns.values(), strict=True):
        table.add_row(_name(printable(row.benchmark), room), *map(Text, cells))
    return table


def _table() -> Table:
    return Table(box=None, padding=(0, _GAP, 0, 0), pad_edge=False, header_style="dim")


def _widest(name: str, cells: Sequence[str]) -> int:
    return max(map(cell_len, (name, *cells))) + _GAP


def _name(name: str, room: int) -> Text:
    """Cut a name to the columns that are left for it; some scripts take two a character."""
    room = max(_LEAST_NAME, room)
    longest = room
    while cell_len(cut := shorten(name, longest)) > room:
        longest -= 1
    return Text(cut)


def _headroom(headroom: float) -> str:
    if headroom < 0.1:  # noqa: PLR2004  what one digit shows
        return "<0.1x"
    return f"{headroom:.1f}x" if headroom < 10 else f"{headroom:.0f}x" if headroom < 1e4 else ">9999x"  # noqa: PLR2004  same
