"""The result for a person at a terminal: verdict first, then what needs a hand, the rest folded."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from hivegate.model.verdict import GateResult, Outcome, Severity
from hivegate.report.escape import printable
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
    _Page(console, result, view(result), verbose=verbose).print()
    text = console.file.getvalue()  # type: ignore[attr-defined]  # the StringIO from above
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


class _Page:
    def __init__(self, console: Console, result: GateResult, shown: View, *, verbose: bool) -> None:
        self._console = console
        self._result = result
        self._shown = shown
        self._verbose = verbose

    def print(self) -> None:
        shown = self._shown
        style = _STYLES[self._result.outcome]
        self._line(Text.assemble((shown.headline, style), "  ", shown.counts))
        self._line(Text(f"{shown.method}; {printable(shown.machine)}", style="dim"))
        if self._result.partial:
            self._line(Text("partial: a selection left benchmarks out", style="yellow"))
        self._block(shown.broken)
        self._block(shown.unknown)
        self._passed(shown.passed)
        self._unnamed(shown.unnamed)
        self._bottlenecks(shown.bottlenecks)
        for note in shown.notes:
            self._line(Text(f"\nnote: {printable(note, 400)}", style="dim"))

    def _line(self, text: Text) -> None:
        self._console.print(text)

    def _block(self, rows: Sequence[Row]) -> None:
        for row in rows:
            self._console.print()
            self._row(row)

    def _row(self, row: Row) -> None:
        word = row.outcome.value.upper()
        if row.outcome is Outcome.FAILED and row.severity < Severity.BROKEN:
            word = "FAILED (only a warning)"
        self._line(Text.assemble((word, _STYLES[row.outcome]), "  ", printable(row.title)))
        if row.title != row.benchmark:
            self._detail(Text(printable(row.benchmark)))
        if row.value:
            measured = f"{row.metric}: {row.value} ({row.interval}; {row.basis})"
            self._detail(Text(printable(measured)))
        elif row.metric:
            self._detail(Text(printable(row.metric)))
        if row.limit:
            self._detail(Text(f"limit: {printable(row.limit)}"))
        self._detail(Text(printable(row.reason, 2000)))
        if row.advice:
            self._detail(Text(f"-> {printable(row.advice, 2000)}", style="bold"))

    def _detail(self, text: Text) -> None:
        self._console.print(Padding(text, (0, 0, 0, _INDENT)))

    def _passed(self, rows: Sequence[Row]) -> None:
        if not rows:
            return
        self._console.print()
        self._line(Text(f"{len(rows)} within their limits", style="green"))
        if self._verbose:
            self._table(rows)

    def _unnamed(self, rows: Sequence[Row]) -> None:
        if rows:
            self._line(Text(f"{len(rows)} measured without a target", style="dim"))
            if self._verbose:
                for row in rows:
                    self._detail(Text(printable(row.benchmark), style="dim"))

    def _bottlenecks(self, rows: Sequence[Row]) -> None:
        if rows and not self._verbose:
            self._console.print()
            self._line(Text("Least room to spare"))
            self._table(rows)

    def _table(self, rows: Sequence[Row]) -> None:
        table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="dim")
        table.add_column("benchmark", overflow="fold", ratio=1)
        table.add_column("metric", overflow="fold", max_width=22)
        table.add_column("measured", justify="right", no_wrap=True)
        table.add_column("limit", overflow="fold", max_width=14)
        table.add_column("room", justify="right", no_wrap=True)
        for row in rows:
            table.add_row(
                Text(printable(row.benchmark)),
                Text(printable(row.metric)),
                row.value,
                Text(printable(row.limit)),
                "" if row.margin is None else _room(row.margin),
            )
        self._console.print(Padding(table, (0, 0, 0, _INDENT)))


def _room(margin: float) -> str:
    return f"{margin:.1f}x" if margin < 10 else f"{margin:.0f}x"  # noqa: PLR2004  two digits say enough
