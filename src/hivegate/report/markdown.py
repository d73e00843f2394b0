"""The result as GitHub Markdown, for step summaries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hivegate.model.verdict import GateResult, Outcome, Severity
from hivegate.report.escape import markdown_code, markdown_text
from hivegate.report.view import Row, View, view

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_MARKS = {
    Outcome.PASSED: "✅",
    Outcome.FASTER: "✅",
    Outcome.FAILED: "❌",
    Outcome.SLOWER: "❌",
    Outcome.NOT_JUDGED: "❔",
    Outcome.MISSING: "🚫",
    Outcome.INVALID: "🚫",
    Outcome.WAIVED: "📝",
    Outcome.NEW: "🆕",
}
_MOST_BYTES = 200_000  # a table; GitHub drops a step summary of more than 1 MiB altogether


def render_markdown(result: GateResult) -> str:
    """Spell a result: verdict first, then what needs a person, the rest folded."""
    shown = view(result)
    return "\n".join([*_head(result, shown), *_body(shown), *_foot(shown)]) + "\n"


def _head(result: GateResult, shown: View) -> Iterable[str]:
    yield f"## {_MARKS.get(result.outcome, '')} hivegate: {shown.headline}"
    yield ""
    yield f"{markdown_text(shown.counts)}."
    if result.partial:
        yield ""
        yield "**Partial**: a selection left benchmarks out, so this is no verdict on the whole suite."


def _body(shown: View) -> Iterable[str]:
    if shown.broken:
        yield from ("", "### Beyond their limits", "")
        yield from _table(shown.broken)
    if shown.unknown:
        yield from ("", "### Not judged", "")
        yield from _reasons(shown.unknown)
    if shown.waived:
        yield from ("", "### Waived", "")
        yield from _reasons(shown.waived)
    if shown.passed:
        yield from ("", f"<details><summary>{len(shown.passed)} within their limits</summary>", "")
        yield from _table(shown.passed)
        yield from ("", "</details>")
    if shown.unnamed:
        yield from ("", f"{len(shown.unnamed)} {shown.unnamed_as}.")
    if shown.bottlenecks:
        yield from ("", "<details><summary>Least room to the limit</summary>", "")
        yield from _table(shown.bottlenecks)
        yield from ("", "</details>")


def _foot(shown: View) -> Iterable[str]:
    for note in shown.notes:
        yield from ("", f"> {markdown_text(note, 400)}")
    yield from ("", f"<sub>{markdown_text(shown.method)} · {markdown_text(shown.machine)}</sub>")


def _table(rows: Sequence[Row]) -> Iterable[str]:
    yield "| | benchmark | metric | limit | measured | interval |"
    yield "|---|---|---|---|---|---|"
    yield from _fitting([_table_row(row) for row in rows])


def _table_row(row: Row) -> str:
    limit = f"{row.limit}, {row.beyond}" if row.beyond else row.limit
    cells = (row.metric, limit, row.value, row.interval)
    return f"| {_mark(row)} | {_name(row)} | {' | '.join(markdown_text(cell) for cell in cells)} |"


def _reasons(rows: Sequence[Row]) -> Iterable[str]:
    yield "| | benchmark | metric | why | what to do |"
    yield "|---|---|---|---|---|"
    yield from _fitting([_reason_row(row) for row in rows])


def _reason_row(row: Row) -> str:
    cells = (markdown_text(row.metric), markdown_text(row.reason, 400), markdown_text(row.advice, 400))
    return f"| {_mark(row)} | {_name(row)} | {' | '.join(cells)} |"


def _fitting(lines: Sequence[str]) -> Iterable[str]:
    used = 0
    for number, line in enumerate(lines):
        used += len(line.encode()) + 1
        if used > _MOST_BYTES:
            yield from ("", f"and {len(lines) - number} more in the JSON result")
            return
        yield line


def _mark(row: Row) -> str:
    return "⚠️" if row.outcome is Outcome.FAILED and row.severity < Severity.BROKEN else _MARKS[row.outcome]


def _name(row: Row) -> str:
    name = markdown_code(row.benchmark)
    return name if row.title == row.benchmark else f"{markdown_text(row.title)}<br>{name}"
