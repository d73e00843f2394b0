"""Results as GitHub Markdown: the summary of a workflow's step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hivegate.model.verdict import GateResult, Outcome
from hivegate.report.alterations import TITLE
from hivegate.report.causes import cause_lines
from hivegate.report.comment import foot
from hivegate.report.escape import markdown_code, markdown_name, markdown_text
from hivegate.report.headline import counts, method
from hivegate.report.marks import MARKS, mark_of
from hivegate.report.sections import Section, fitted
from hivegate.report.view import Row, View, view

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hivegate.report.bundle import Bundle

_TARGETS = ("| | benchmark | metric | measured | limit |", "|---|---|---|---|---|")
_CHANGES = ("| | benchmark | metric | change | budget | of a call |", "|---|---|---|---|---|---|")
_REASONS = ("| | benchmark | metric | why |", "|---|---|---|---|")
_ADVISED = ("| | benchmark | metric | why | what to do |", "|---|---|---|---|---|")
_SHORT = 60  # characters of a base in a title
_SHORT_CELL = 30  # characters of a line in a cell


_MOST = 900_000  # bytes: GitHub drops a summary of more than 1 MiB altogether
_UNFOLDED = 25


def render_summary(bundle: Bundle) -> str:
    """Spell results for a step summary: the verdict first, the worst rows unfolded, the rest folded; at most 900 KB."""
    pages = [(one, view(one)) for one in bundle.results]
    parts = [_sections(result, shown) for result, shown in pages]
    # What is broken in any result comes before what is unknown in another.
    sections = [section for same in zip(*parts, strict=True) for section in same]
    sections.insert(len(pages), _causes(bundle, [row for _, shown in pages for row in shown.broken]))
    end = list(foot(bundle, "Results, profiles and the whole report"))
    return fitted(list(_head(bundle)), sections, end, most=_MOST)


def _head(bundle: Bundle) -> Iterable[str]:
    yield f"## {MARKS[bundle.outcome]} hivegate: {bundle.outcome.value.upper()}"
    yield ""
    for one in bundle.results:
        said = markdown_text(f"{counts(one)}; {method(one)}", 400)
        yield said if len(bundle.results) == 1 else f"- {MARKS[one.outcome]} {one.outcome.value.upper()}: {said}"
    if bundle.partial:
        yield ""
        yield "**Partial**: a selection left benchmarks out, so this is not a verdict on the whole suite."


def _sections(result: GateResult, shown: View) -> tuple[Section, ...]:
    """Arrange a result; every result has the same sections, some of them empty."""
    base = markdown_text(result.base or "", _SHORT)
    compared = result.base is not None
    faster = [row for row in shown.passed if row.outcome is Outcome.FASTER]
    within = [row for row in shown.passed if row.outcome is not Outcome.FASTER]
    notes = tuple(f"> {markdown_text(note, 400)}<br>" for note in shown.notes if note)  # a <br> alone begins raw HTML
    return (
        _rows(shown.broken, f"Slower than {base}" if compared else "Beyond their limits", _UNFOLDED),
        _reasons(
            shown.review,
            "For review: this passes only by rules or benchmark files that the change brings along",
            _UNFOLDED,
        ),
        _alterations(shown.alterations, _UNFOLDED),
        _since(shown.broken, _UNFOLDED),
        _reasons(shown.unknown, f"Inconclusive against {base}" if compared else "Inconclusive", _UNFOLDED),
        _reasons(shown.waived, "Waived", _UNFOLDED),
        Section(rows=notes, unfolded=len(notes)),
        _folded(faster, f"{len(faster)} faster than {base}"),
        _folded(within, f"{len(within)} within their {'budgets' if compared else 'limits'}"),
        _folded(shown.closest, "Closest to their limit"),
        _reasons(shown.unchanged, "", 0, f"{len(shown.unchanged)} unchanged: the change cannot reach them"),
        _unnamed(shown),
    )


def _rows(rows: Sequence[Row], title: str, unfolded: int) -> Section:
    return Section(
        title=title,
        header=_header(rows),
        rows=tuple(map(_row, rows)),
        unfolded=unfolded,
        folded_as=f"{len(rows) - unfolded} more",
    )


def _since(rows: Sequence[Row], unfolded: int) -> Section:
    """Tell of broken rows what the history knows."""
    told = [row for row in rows if row.since]
    lines = tuple(
        f"- {markdown_code(row.benchmark)} {markdown_text(row.brief)}: {markdown_text(row.since, 400)}" for row in told
    )
    return Section(title="Since when", rows=lines, unfolded=unfolded, folded_as=f"{len(lines) - unfolded} more")


def _alterations(lines: Sequence[str], unfolded: int) -> Section:
    rows = tuple(f"- {markdown_text(line, 400)}" for line in lines)
    return Section(title=TITLE, rows=rows, unfolded=unfolded, folded_as=f"{len(rows) - unfolded} more")


def _folded(rows: Sequence[Row], title: str) -> Section:
    return Section(header=_header(rows), rows=tuple(map(_row, rows)), folded_as=title)


def _reasons(rows: Sequence[Row], title: str, unfolded: int, folded_as: str = "") -> Section:
    advised = any(row.advice for row in rows)
    return Section(
        title=title,
        header=_ADVISED if advised else _REASONS,
        rows=tuple(_reason(row, advised=advised) for row in rows),
        unfolded=unfolded,
        folded_as=folded_as or f"{len(rows) - unfolded} more",
    )


def _reason(row: Row, *, advised: bool) -> str:
    texts = (row.reason, row.advice) if advised else (row.reason,)
    cells = (mark_of(row), _name(row), _lines(row.brief, row.of), *(markdown_text(one, 400) for one in texts))
    return f"| {' | '.join(cells)} |"


def _unnamed(shown: View) -> Section:
    names = tuple(f"- {markdown_code(row.benchmark)}" for row in shown.unnamed)
    return Section(rows=names, folded_as=f"{len(names)} {shown.unnamed_as}")


def _causes(bundle: Bundle, broken: Sequence[Row]) -> Section:
    lines = tuple(cause_lines(broken, bundle.profiles))
    return Section(title="Where the time and the memory go", rows=lines, unfolded=len(lines))


def _header(rows: Sequence[Row]) -> tuple[str, ...]:
    return _CHANGES if any(row.span is not None for row in rows) else _TARGETS


def _row(row: Row) -> str:
    # A table of GitHub is about 800 pixels wide: what belongs together shares a cell, and no number is broken.
    limit = (row.limit, *row.beyond.split(", "))
    basis = () if row.span is None else (_lines(*reversed(row.basis.replace("->", "→").split("; "))),)
    cells = (_lines(row.brief, row.of), _lines(row.value, row.interval), _lines(*limit), *basis)
    return f"| {mark_of(row)} | {_name(row)} | {' | '.join(cells)} |"


def _lines(*parts: str) -> str:
    return "<br>".join(_unbroken(part) for part in parts if part)


def _unbroken(text: str) -> str:
    """Keep a short text on one line."""
    spelled = markdown_text(text)
    return spelled.replace(" ", "&#160;") if len(text) <= _SHORT_CELL else spelled


def _name(row: Row) -> str:
    title = [markdown_text(row.title)] if row.title != row.benchmark else []
    partner = [markdown_text(row.metric)] if row.span is None and row.metric != row.brief else []
    return "<br>".join([*title, markdown_name(row.benchmark), *partner])
