"""The document of what to look at next: the targets with the least headroom, and where profiles saw the time go."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from hivegate.model.identity import matches
from hivegate.model.metric import Dimension
from hivegate.model.quantity import part, quantity
from hivegate.report.escape import markdown_code, markdown_text
from hivegate.report.view import Row, view

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hivegate.model.profile import Cause, Profile, Profiles
    from hivegate.model.verdict import GateResult

_MOST_TARGETS = 10
_MOST_CAUSES = 5


def render_optimizations(result: GateResult, profiles: Profiles | None) -> str:
    """Spell the targets nearest to their limits or beyond, with the causes that profiles of their benchmarks show.

    It tells what was measured and where the time went, and gives no advice that nobody measured.
    """
    return "\n".join(_lines(result, profiles)) + "\n"


def _lines(result: GateResult, profiles: Profiles | None) -> Iterable[str]:
    shown = view(result)
    rows = (*shown.broken, *shown.unknown, *shown.waived, *shown.passed)
    judged = sorted(((one.headroom, one) for one in rows if one.headroom is not None), key=lambda one: one[0])
    yield "# Where to optimise"
    yield ""
    yield f"The targets closest to their limit, {min(len(judged), _MOST_TARGETS)} of {len(judged)} that were measured."
    yield "Headroom is the limit divided by the measured value; below 1 the target is broken."
    if profiles is not None:
        yield "Profiles are the last ones made here, which may be of an earlier revision."
    for place, (headroom, row) in enumerate(judged[:_MOST_TARGETS], 1):
        yield ""
        yield f"## {place}. {markdown_text(row.title)}"
        yield ""
        yield from _target(row, headroom)
        yield ""
        yield from _profiles(row.benchmark, profiles)


def _target(row: Row, headroom: float) -> Iterable[str]:
    tier = f", tier {markdown_text(row.tier)}" if row.tier else ""
    where = f" ({markdown_text(row.where)})" if row.where else ""
    beyond = f", {markdown_text(row.beyond)}" if row.beyond else ""
    yield f"- benchmark: {markdown_code(row.benchmark)}"
    yield f"- {markdown_text(row.estimator)}: {_of(row)}"
    yield f"- limit: {markdown_text(row.limit)}{beyond}{tier}{where}"
    yield f"- headroom: {markdown_text(f'{headroom:.3g}')}, {markdown_text(row.outcome.value)}"


def _of(row: Row) -> str:
    rest = "; ".join(part for part in (row.interval, row.basis) if part)
    return markdown_text(f"{row.value} ({rest})" if rest else row.value, 400)


def _profiles(benchmark: str, profiles: Profiles | None) -> Iterable[str]:
    """Spell the profiles of a benchmark, or of all sizes that a target on complexity names."""
    made = [one for one in (profiles.profiles if profiles else ()) if matches(benchmark, one.benchmark)]
    if not made:
        command = f"hivegate profile {shlex.quote(benchmark)}"
        yield f"No profile of it was made here; {markdown_code(command, 400)} makes one."
    for number, one in enumerate(made):
        if number:
            yield ""
        yield from _profile(one)


def _profile(one: Profile) -> Iterable[str]:
    yield f"Profile of {markdown_code(one.benchmark)} by {markdown_text(one.kind)}:"
    if one.top:
        yield ""
        yield "| share | a call | function | place | source |"
        yield "|---:|---:|---|---|---|"
        for cause in one.top[:_MOST_CAUSES]:
            yield _cause(cause)
    if one.note:
        yield ""
        yield markdown_text(f"Note: {one.note}", 1000)


def _cause(cause: Cause) -> str:
    amounts = []
    if cause.seconds_per_call is not None:
        amounts.append(quantity(cause.seconds_per_call, Dimension.SECONDS))
    if cause.bytes_per_call is not None:
        amounts.append(quantity(cause.bytes_per_call, Dimension.BYTES))
    cells = (
        markdown_text(part(cause.share)),
        markdown_text(", ".join(amounts)),
        markdown_code(cause.function),
        markdown_code(f"{cause.file}:{cause.line}"),
        markdown_code(cause.source) if cause.source else "",
    )
    return f"| {' | '.join(cells)} |"
