"""The result for a person at a terminal: verdict first, then what needs a hand, the rest folded."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from hivegate.model.verdict import GateResult, Outcome, Severity
from hivegate.report.escape import printable, shorten
from hivegate.report.span import bar, reach_of
from hivegate.report.view import Row, View, view

if TYPE_CHECKING:
    from collections.abc import Sequence

_STYLES = {
    Outcome.PASSED: "green",
    Outcome.FASTER: "green",
    Outcome.FAILED: "bold red",
    Outcome.SLOWER: "bold red",
    Outcome.NOT_JUDGED: "yellow",
    Outcome.MISSING: "bold magenta",
    Outcome.INVALID: "bold magenta",
    Outcome.WAIVED: "cyan",
    Outcome.NEW: "dim",
}
_INDENT = 2
_MOST_BLOCKS = 20  # more are no news; the JSON and -v have them all
_MOST_NAMES = 1000  # even unfolded, a terminal keeps no more
_COLUMNS = (("metric", 18), ("measured", 10), ("limit", 16), ("room", 6))  # and the most characters of each
_NARROWEST = 16
_BESIDE_NAME = 52  # columns of a table of changes before the name


def render_terminal(result: GateResult, *, width: int = 80, color: bool = False, verbose: bool = False) -> str:
    """Spell a result for a terminal of `width` columns; `verbose` unfolds what passed."""
    console = Console(
        file=io.StringIO(),
        width=width,
        force_terminal=color,
        no_color=not color,
        color_system="standard" if color else None,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
    _Page(console, result, view(result), verbose=verbose, plain=not color).print()
    text = console.file.getvalue()  # type: ignore[attr-defined]  # the StringIO from above
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


class _Page:
    def __init__(self, console: Console, result: GateResult, shown: View, *, verbose: bool, plain: bool) -> None:
        self._console = console
        self._result = result
        self._shown = shown
        self._verbose = verbose
        self._plain = plain

    def print(self) -> None:
        shown = self._shown
        self._line(Text.assemble((shown.headline, _STYLES[self._result.outcome]), "  ", shown.counts))
        self._line(Text("; ".join(part for part in (shown.method, printable(shown.machine)) if part), style="dim"))
        if self._result.partial:
            self._line(Text("partial: a selection left benchmarks out", style="yellow"))
        self._blocks(shown.broken)
        self._blocks(shown.unknown)
        self._waived(shown.waived)
        self._folded(shown)
        self._bottlenecks(shown.bottlenecks)
        self._changes(shown.changes)
        for note in shown.notes:
            self._console.print()
            self._line(Text(f"note: {printable(note, 400)}", style="dim"))

    def _line(self, text: Text) -> None:
        self._console.print(text)

    def _blocks(self, rows: Sequence[Row]) -> None:
        most = len(rows) if self._verbose else _MOST_BLOCKS
        for row in rows[:most]:
            self._console.print()
            self._block(row)
        if len(rows) > most:
            self._console.print()
            self._line(Text(f"and {len(rows) - most} more like these: -v unfolds them, --json lists them", style="dim"))

    def _block(self, row: Row) -> None:
        word = row.outcome.value.upper()
        if row.outcome is Outcome.FAILED and row.severity < Severity.BROKEN:
            word = "FAILED (only a warning)" if row.severity is Severity.WARNING else "FAILED (only a note)"
        title = shorten(printable(row.title), max(_NARROWEST, self._console.width - len(word) - 2))
        self._line(Text.assemble((word, _STYLES[row.outcome]), "  ", title))
        if title != printable(row.benchmark):
            self._detail(printable(row.benchmark))
        if row.value:
            self._detail(f"{printable(row.metric)}: {row.value} ({row.interval}; {row.basis})")
        if row.limit:
            metric = "" if row.value else f"{printable(row.metric)}, "
            missed = f", {row.beyond}" if row.beyond else ""
            self._detail(f"limit: {metric}{printable(row.limit)}{missed}")
        source = ", ".join(part for part in (row.tier, row.where) if part)
        self._detail(printable(f"{row.reason} ({source})" if source else row.reason, 2000))
        if row.advice:
            self._detail(f"-> {printable(row.advice, 2000)}", style="bold")

    def _detail(self, text: str, style: str = "") -> None:
        if max(map(cell_len, text.split(" "))) > self._console.width - _INDENT:
            # A name longer than the line is left to the terminal's own wrapping: so it can be copied in one piece.
            self._console.print(Text(" " * _INDENT + text, style=style), soft_wrap=True)
        else:
            self._console.print(Padding(Text(text, style=style), (0, 0, 0, _INDENT)))

    def _waived(self, rows: Sequence[Row]) -> None:
        if rows:
            self._console.print()
        for row in rows[: None if self._verbose else _MOST_BLOCKS]:
            self._line(Text.assemble(("WAIVED", _STYLES[row.outcome]), "  ", printable(row.title)))
            self._detail(f"{printable(row.metric)}: {row.value}, limit {printable(row.limit)}; {printable(row.reason)}")

    def _folded(self, shown: View) -> None:
        if shown.passed or shown.unnamed:
            self._console.print()
        if shown.passed:
            self._line(Text(f"{len(shown.passed)} within their limits", style="green"))
            if self._verbose and not shown.changes:
                self._table(shown.passed[:_MOST_NAMES])
        if shown.unnamed:
            self._line(Text(f"{len(shown.unnamed)} {shown.unnamed_as}", style="dim"))
            for row in shown.unnamed[:_MOST_NAMES] if self._verbose else ():
                self._detail(printable(row.benchmark), style="dim")

    def _bottlenecks(self, rows: Sequence[Row]) -> None:
        if rows:
            self._console.print()
            self._line(Text("Least room to the limit"))
            self._table(rows)

    def _changes(self, rows: Sequence[Row]) -> None:
        if not rows:
            return
        listed = rows[: _MOST_NAMES if self._verbose else _MOST_BLOCKS]
        reach = reach_of(row.span for row in rows if row.span is not None)
        table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
        table.add_column("change", justify="right", no_wrap=True)
        table.add_column("faster | slower", justify="center", no_wrap=True)
        table.add_column("", no_wrap=True)
        table.add_column("benchmark", no_wrap=True)
        room = max(_NARROWEST, self._console.width - _BESIDE_NAME)
        for row in listed:
            name = printable(row.benchmark) if row.brief == "mean" else f"{printable(row.benchmark)} {row.brief}"
            picture = Text("" if row.span is None else bar(row.span, reach, plain=self._plain))
            outcome = Text(row.outcome.value, style=_STYLES[row.outcome])
            table.add_row(Text(row.value), picture, outcome, Text(shorten(name, room)))
        self._console.print()
        self._console.print(Padding(table, (0, 0, 0, _INDENT)))
        if len(rows) > len(listed):
            self._line(Text(f"and {len(rows) - len(listed)} more: -v lists them", style="dim"))

    def _table(self, rows: Sequence[Row]) -> None:
        cells = [_cells(row) for row in rows]
        others = sum(
            max(cell_len(text) for text in (name, *column)) + 2
            for (name, _), column in zip(_COLUMNS, zip(*(one[1:] for one in cells), strict=True), strict=True)
        )
        room = max(_NARROWEST, self._console.width - _INDENT - others)
        table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
        table.add_column("benchmark", no_wrap=True)
        for name, _ in _COLUMNS:
            table.add_column(name, justify="left" if name in {"metric", "limit"} else "right", no_wrap=True)
        for name, *rest in cells:
            table.add_row(Text(shorten(name, room)), *(Text(text) for text in rest))
        self._console.print(Padding(table, (0, 0, 0, _INDENT)))


def _cells(row: Row) -> tuple[str, ...]:
    texts = (row.brief, row.value, row.limit, "" if row.margin is None else _room(row.margin))
    longest = (most for _, most in _COLUMNS)
    return (printable(row.benchmark), *(printable(text, most) for text, most in zip(texts, longest, strict=True)))


def _room(margin: float) -> str:
    if margin < 0.1:  # noqa: PLR2004  what one digit shows
        return "<0.1x"
    return f"{margin:.1f}x" if margin < 10 else f"{margin:.0f}x" if margin < 1e4 else ">9999x"  # noqa: PLR2004  same
