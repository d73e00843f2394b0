"""The comment on a pull request: what matters in a screen, each thing a link, and all else behind one of them."""

from __future__ import annotations

import datetime as dt
import json
import math
from typing import TYPE_CHECKING
from urllib.parse import quote

from hivegate.model.targets import RuleKind
from hivegate.model.verdict import Outcome, Severity
from hivegate.report.alterations import TITLE
from hivegate.report.annotations import repository_file
from hivegate.report.changed_line import changed_line
from hivegate.report.escape import markdown_code, markdown_name, markdown_text, preformatted, printable
from hivegate.report.headline import counts, machine
from hivegate.report.marks import MARKS, mark_of
from hivegate.report.view import Row, View, view

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hivegate.model.verdict import GateResult, Verdict
    from hivegate.report.bundle import Bundle

MARKER = "<!-- hivegate:v1 -->"  # by this first line the comment of an earlier run is found again

_MOST_ROWS = 5  # of one result
_MOST_LINES = 6  # of a difference
_MOST_WAIVERS = 5
_ACCEPTED_FOR = dt.timedelta(days=30)
_REASON = 160
_LINE = 100
_CHANGES = ("| | benchmark | base | head | change |", "|---|---|---:|---:|---|")
_TARGETS = ("| | benchmark | measured | limit | missed by |", "|---|---|---:|---|---|")


def render_comment(bundle: Bundle) -> str:
    """Spell results as a comment that begins with `MARKER`, of about ten lines whatever the size of the suite."""
    end = foot(bundle, "The whole report, with results and profiles")
    return "\n".join([*_head(bundle), *_tables(bundle), *_cause(bundle), *_waivers(bundle), *end]) + "\n"


def render_no_result(url: str) -> str:
    """Render the comment on a run that left nothing; `url` is the run's page."""
    return _comment_without_result("The run left no result: nothing was measured, so nothing passed.", url)


def render_refused_result(url: str) -> str:
    """Render the comment on a run whose result was refused, without a word of it."""
    return _comment_without_result("The result of this run was refused: it is not what a whole gate leaves.", url)


def _comment_without_result(sentence: str, url: str) -> str:
    return f"{MARKER}\n## 🚫 hivegate: INCONCLUSIVE\n\n{sentence}\n\n[The run]({url})\n"


def with_contradiction(text: str, *, passed: bool, url: str, conclusion: str) -> str:
    """Put a warning at the top of a comment whose results do not agree with how the run ended."""
    claim = "all passed" if passed else "not all passed"
    warning = f"> [!WARNING]\n> By these results {claim}, yet [the run]({url}) ended as {conclusion}.\n"
    return text.replace(f"{MARKER}\n", f"{MARKER}\n{warning}\n", 1)


def _head(bundle: Bundle) -> Iterable[str]:
    yield MARKER
    yield f"## {MARKS[bundle.outcome]} hivegate: {bundle.outcome.value.upper()}"
    yield ""
    for one in bundle.results:
        against = "" if one.base is None else f"; against {one.base}"
        said = markdown_text(f"{counts(one)}{against}", 400)
        yield said if len(bundle.results) == 1 else f"- {MARKS[one.outcome]} {one.outcome.value.upper()}: {said}"
    altered = sum(len(one.alterations) for one in bundle.results)
    if altered:
        yield ""
        yield f"👀 {TITLE}: {altered} thing{'s' * (altered != 1)}, in the summary of the run."
    if bundle.partial:
        yield ""
        yield "**Partial**: a selection left benchmarks out, so this is not a verdict on the whole suite."


def _tables(bundle: Bundle) -> Iterable[str]:
    for result in bundle.results:
        rows = _that_matter(view(result))
        if rows:
            yield ""
            yield from _CHANGES if result.base is not None else _TARGETS
            yield from (_row(row, result, bundle) for row in rows[:_MOST_ROWS])
        if len(rows) > _MOST_ROWS:
            yield ""
            yield f"and {len(rows) - _MOST_ROWS} more, in the whole report"


def _that_matter(shown: View) -> list[Row]:
    """Choose what makes it red or needs a person, then what became faster."""
    heavy = [row for row in (*shown.broken, *shown.review, *shown.unknown) if row.severity >= Severity.UNKNOWN]
    review = [row for row in shown.review if row.severity < Severity.UNKNOWN]
    mild = [row for row in shown.broken if row.severity < Severity.UNKNOWN]
    faster = [row for row in shown.changes if row.outcome is Outcome.FASTER]
    return [*heavy, *review, *mild, *faster]


def _row(row: Row, result: GateResult, bundle: Bundle) -> str:
    verdict = next(one for one in result.verdicts if one.key == row.key)
    name = _linked(markdown_name(row.benchmark), bundle, *_definition(verdict, bundle))
    name = f"{markdown_text(row.title)}<br>{name}" if row.title != row.benchmark else name
    entry = repository_file(row.where, bundle.prefix)
    stated = entry if entry[1] is not None else ("", None)  # a default stands in no file
    limit = _linked(markdown_text(row.limit.removesuffix(" slower")), bundle, *stated)
    told = markdown_text(row.reason, _REASON)
    if row.span is not None:
        change = f"**{markdown_text(row.value)}**"
        if row.outcome is not Outcome.FASTER:
            change = f"{change}, {limit} allowed" if row.outcome is Outcome.SLOWER else f"{change}: {told}"
        cells = (markdown_text(row.base), markdown_text(row.head), change)
    elif row.value:
        beyond = row.beyond.partition(",")[0].removeprefix("missed by ")
        cells = (f"**{markdown_text(row.value)}**", limit, markdown_text(beyond) if beyond else told)
    else:
        cells = ("", "" if result.base is not None else limit, told)
    return f"| {mark_of(row)} | {name} | {' | '.join(cells)} |"


def _cause(bundle: Bundle) -> Iterable[str]:
    """Name the cause of the worst that has one, with the change of this pull request that made it."""
    worst = [row for result in bundle.results for row in view(result).broken]
    explained = {} if bundle.profiles is None else {entry.key: entry.causes for entry in bundle.profiles.explained}
    row = next((row for row in worst if row.causes or explained.get(row.key)), None)
    if row is None:
        return
    cause = (row.causes or explained[row.key])[0]
    changed = changed_line(row.key, bundle.profiles)
    yield ""
    yield f"**Cause** of {markdown_code(row.benchmark)}: {markdown_text(cause, 300)}"
    if changed is not None:
        where = f"{changed.function} {changed.file}:{changed.line}"
        place = repository_file(f"{changed.file}:{changed.line}", bundle.prefix)
        yield ""
        yield f"Changed in {_linked(markdown_code(where), bundle, *place)}{_flames(row.benchmark, bundle)}:"
        yield ""
        yield preformatted("diff", [line[:_LINE] for line in changed.difference[:_MOST_LINES]])


def _flames(benchmark: str, bundle: Bundle) -> str:
    """Link where the flame difference of a benchmark is kept, if one was drawn."""
    profiles = () if bundle.profiles is None else bundle.profiles.profiles
    drawn = any(one.benchmark == benchmark and "difference" in one.files for one in profiles)
    return f" ([flame difference](<{bundle.artifacts}>))" if drawn and bundle.artifacts is not None else ""


def _waivers(bundle: Bundle) -> Iterable[str]:
    """Offer what accepts it, ready to be pasted into targets.yaml; who accepts, and why, is theirs to write."""
    entries = [
        entry
        for result in bundle.results
        for verdict in result.verdicts
        if verdict.severity is Severity.BROKEN and (entry := waiver_text(verdict, result.created or ""))
    ]
    if entries:
        yield ""
        yield "<details><summary>Accept it: paste this into targets.yaml</summary>"
        yield ""
        yield preformatted("yaml", ["waivers:", *entries[:_MOST_WAIVERS]])
        yield ""
        yield "</details>"


def waiver_text(verdict: Verdict, created: str) -> str:
    """Write a waiver of a broken verdict as an entry of targets.yaml, for thirty days; "" where none can be written."""
    share = _excess(verdict)
    try:
        expires = (dt.datetime.fromisoformat(created) + _ACCEPTED_FOR).date()
    except (ValueError, OverflowError):
        return ""
    if share is None or printable(verdict.benchmark, 10_000) != verdict.benchmark or "*" in verdict.benchmark:
        return ""
    kind = "" if verdict.kind is RuleKind.BUDGET else "kind: target, "
    accepted = math.ceil(share * 105)  # of what was measured, and a little more
    return (
        f"  - {{benchmark: {json.dumps(verdict.benchmark, ensure_ascii=False)}, {kind}limit: {accepted} %, "
        f'reason: WHY, owner: "@YOU", expires: {expires}}}'
    )


def _excess(verdict: Verdict) -> float | None:
    """Compute by what share a verdict lies beyond no change, or beyond its limit, at most."""
    limit, change, estimate = verdict.limit, verdict.change, verdict.estimate
    if change is not None:
        share = change.ratio - 1
    elif estimate is not None and limit is not None and limit.maximum:
        share = estimate.high / limit.maximum - 1
    else:
        return None
    return share if 0 < share < 1e6 else None  # noqa: PLR2004  beyond, nobody measured it


def foot(bundle: Bundle, link: str) -> Iterable[str]:
    """Write where all of it is kept, under the words of `link`, and what was measured on which machine."""
    if bundle.artifacts is not None:
        yield ""
        yield f"[{link}](<{bundle.artifacts}>)"
    told = dict.fromkeys(part for one in bundle.results for part in (_commit_of(one), machine(one)) if part)
    if told:
        yield ""
        yield f"<sub>{' · '.join(markdown_text(part) for part in told)}</sub>"


def _commit_of(result: GateResult) -> str:
    """Name the commit that was measured."""
    if result.commit is None:
        return ""
    return f"commit {result.commit.sha[:10]}{' and uncommitted changes' if result.commit.dirty else ''}"


def _definition(verdict: Verdict, bundle: Bundle) -> tuple[str, int | None]:
    """Find where a benchmark is defined: file and line, the file alone, or nothing."""
    place = bundle.places.get(verdict.node_id or "")
    if place is not None:
        return place.file, place.line
    path = (verdict.node_id or "").partition("::")[0]
    return repository_file(path if path.endswith(".py") else "", bundle.prefix)


def _linked(text: str, bundle: Bundle, file: str, line: int | None) -> str:
    if not file or not text or bundle.source_at is None:
        return text
    anchor = "" if line is None else f"#L{line}"
    return f"[{text}](<{bundle.source_at}/{quote(file, errors='replace')}{anchor}>)"
