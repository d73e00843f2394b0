"""The result for a person at a terminal: verdict first, then what needs a hand, the rest folded."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from hivegate.model.verdict import GateResult, Outcome
from hivegate.report.alterations import TITLE
from hivegate.report.escape import printable, shorten, without_commands
from hivegate.report.headline import counts
from hivegate.report.tables import MILD, STYLES, changes_table, targets_table
from hivegate.report.view import Row, View, view

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

_INDENT = 2
_MOST_BLOCKS = 20  # more are no news; the JSON and -v have them all
_FEW = 20  # that passed: each is shown where nothing else is
_MOST_NAMES = 1000  # even unfolded, a terminal keeps no more
_NARROWEST = 16


def render_terminal(
    result: GateResult, *, width: int = 80, color: bool = False, verbose: bool = False, grouped: bool = False
) -> str:
    """Spell a result for a terminal of `width` columns.

    `verbose` unfolds what passed; `grouped` unfolds it between GitHub's marks of a group, which its log shows folded.
    """
    page = _Page(result, width=width, color=color, verbose=verbose, grouped=grouped)
    page.print()
    return page.text()


def render_verdict(result: GateResult, *, color: bool = False) -> str:
    """Spell a result in one line: the verdict, what it counts, and base where there is one."""
    console = _console(width=10_000, color=color)
    against = "" if result.base is None else f", against {printable(result.base)}"
    partial = " (partial)" if result.partial else ""
    console.print(_headline(result, f"{counts(result)}{against}{partial}"))
    return _taken(console)


def _console(*, width: int, color: bool) -> Console:
    return Console(
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


def _taken(console: Console) -> str:
    """Take what was printed; no name in it can be a command to the service whose log it ends in."""
    file = console.file
    assert isinstance(file, io.StringIO)  # noqa: S101  tells the type of the file from above
    text = without_commands(file.getvalue())
    file.seek(0)
    file.truncate()
    return "".join(f"{line.rstrip()}\n" for line in text.splitlines())


def _headline(result: GateResult, rest: str) -> Text:
    return Text.assemble((result.outcome.value.upper(), STYLES[result.outcome]), "  ", rest)


class _Page:
    def __init__(self, result: GateResult, *, width: int, color: bool, verbose: bool, grouped: bool) -> None:
        self._console = _console(width=width, color=color)
        self._result = result
        self._shown = view(result)
        self._verbose = verbose
        self._grouped = grouped
        self._plain = not color
        self._parts: list[str] = []

    def text(self) -> str:
        """Return all that was printed."""
        return "".join([*self._parts, _taken(self._console)])

    def _command(self, command: str) -> None:
        self._parts += [_taken(self._console), f"{command}\n"]

    def print(self) -> None:
        shown = self._shown
        self._line(_headline(self._result, shown.counts))
        self._line(
            Text("; ".join(part for part in (printable(shown.method), printable(shown.machine)) if part), style="dim")
        )
        if self._result.partial:
            self._line(Text("partial: a selection left benchmarks out", style="yellow"))
        self._blocks(shown.broken)
        self._blocks(shown.review)
        self._alterations(shown.alterations)
        self._blocks(shown.unknown)
        self._waived(shown.waived)
        self._faster([row for row in shown.changes if row.outcome is Outcome.FASTER])
        self._folded(shown)
        self._closest(shown)
        self._changes(shown.changes)
        for note in shown.notes:
            self._console.print()
            self._line(Text(f"note: {printable(note, 400)}", style="dim"))

    def _alterations(self, lines: Sequence[str]) -> None:
        if not lines:
            return
        self._console.print()
        self._line(Text(TITLE, style="yellow"))
        most = len(lines) if self._verbose else _MOST_BLOCKS
        for line in lines[:most]:
            self._detail(printable(line, 400))
        if len(lines) > most:
            self._detail(f"and {len(lines) - most} more: -v lists them")

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
        self._title(row)
        if row.value:
            self._detail(f"{printable(row.estimator)}: {row.value} ({row.interval}; {row.basis})")
        if row.limit:
            metric = "" if row.value else f"{printable(row.estimator)}, "
            missed = f", {row.beyond}" if row.beyond else ""
            self._detail(f"limit: {metric}{printable(row.limit)}{missed}")
        source = ", ".join(part for part in (row.tier, row.where) if part)
        self._detail(printable(f"{row.reason} ({source})" if source else row.reason, 2000))
        for cause in row.causes:
            self._detail(printable(cause, 300))
        if row.advice:
            self._detail(f"-> {printable(row.advice, 2000)}", style="bold")

    def _title(self, row: Row) -> None:
        """Print the outcome and the name, which stays in one piece for whoever copies it."""
        word = row.label.upper()
        style = MILD if row.label != row.outcome.value else STYLES[row.outcome]
        name = printable(row.benchmark)
        if row.title != row.benchmark:
            room = max(_NARROWEST, self._console.width - len(word) - 2)
            title = shorten(printable(row.title), room)
            self._line(Text.assemble((word, style), "  ", title))
            self._detail(name)
        elif len(word) + 2 + cell_len(name) <= self._console.width:
            self._line(Text.assemble((word, style), "  ", name))
        else:
            self._line(Text(word, style=style))
            self._detail(name)

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
            self._line(Text.assemble(("WAIVED", STYLES[row.outcome]), "  ", printable(row.title)))
            self._detail(
                f"{printable(row.estimator)}: {row.value}, limit {printable(row.limit)}; {printable(row.reason)}"
            )

    def _faster(self, rows: Sequence[Row]) -> None:
        """Say what became faster by how much, and how sure that is: it is what a change was made for."""
        if rows:
            self._console.print()
        for row in rows[: None if self._verbose else _MOST_BLOCKS]:
            self._title(row)
            self._detail(f"{row.base} -> {row.head} a call, {row.value} ({row.interval})", style=STYLES[row.outcome])

    def _folded(self, shown: View) -> None:
        passed = [row for row in shown.passed if row.outcome is not Outcome.FASTER]
        if passed or shown.unnamed or shown.unchanged:
            self._console.print()
        if passed:
            within = f"{len(passed)} within their {'budgets' if shown.changes else 'limits'}"
            if self._grouped:
                self._group(within, passed[:_MOST_NAMES])
            else:
                self._line(Text(within, style="green"))
                if self._verbose and not shown.changes:
                    self._table(targets_table(passed[:_MOST_NAMES], self._headroom()))
        if shown.unchanged:
            self._line(Text(f"{len(shown.unchanged)} unchanged: the change cannot reach them", style="dim"))
            for row in shown.unchanged[:_MOST_NAMES] if self._verbose else ():
                self._detail(printable(f"{row.benchmark}: {row.reason}"), style="dim")
        if shown.unnamed:
            self._line(Text(f"{len(shown.unnamed)} {shown.unnamed_as}", style="dim"))
            for row in shown.unnamed[:_MOST_NAMES] if self._verbose else ():
                self._detail(printable(row.benchmark), style="dim")

    def _group(self, title: str, rows: Sequence[Row]) -> None:
        self._command(f"::group::{title}")
        if any(row.span is not None for row in rows):
            self._table(changes_table(rows, self._headroom(), plain=self._plain))
        else:
            self._table(targets_table(rows, self._headroom()))
        self._command("::endgroup::")

    def _closest(self, shown: View) -> None:
        """Show what breaks next; where all is well and they are few, each with what it takes."""
        passed = [row for row in shown.passed if row.headroom is not None and row.span is None]
        few = len(passed) <= _FEW and not (shown.broken or shown.review or shown.unknown)
        listed_above = self._verbose or self._grouped
        rows = sorted(passed, key=lambda row: row.headroom or 0.0) if few and not listed_above else shown.closest
        if rows:
            self._console.print()
            self._line(Text("Closest to their limit"))
            self._table(targets_table(rows, self._headroom()))

    def _changes(self, rows: Sequence[Row]) -> None:
        wanted = [row for row in rows if row.outcome is not Outcome.PASSED] if self._grouped else rows
        listed = wanted[: _MOST_NAMES if self._verbose or self._grouped else _MOST_BLOCKS]
        if listed:
            self._console.print()
            self._table(changes_table(listed, self._headroom(), plain=self._plain))
        if len(wanted) > len(listed):
            self._line(Text(f"and {len(wanted) - len(listed)} more: -v lists them", style="dim"))

    def _table(self, table: Table) -> None:
        self._console.print(Padding(table, (0, 0, 0, _INDENT)))

    def _headroom(self) -> int:
        return self._console.width - _INDENT
