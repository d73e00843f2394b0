"""Where the time and the memory of broken benchmarks go, as lines of Markdown."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from hivegate.model.identity import matches
from hivegate.model.metric import Dimension
from hivegate.model.quantity import part, quantity
from hivegate.report.escape import markdown_code, markdown_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from hivegate.model.profile import Cause, Profile, Profiles
    from hivegate.report.view import Row

_MOST_BENCHMARKS = 10
_TOP = 3


def cause_lines(rows: Iterable[Row], profiles: Profiles | None) -> Iterable[str]:
    """Spell what is known of each verdict's causes: what it holds itself, else what profiles show of its benchmark.

    Verdicts on one benchmark share a line where they share their causes. A name may stand for all its sizes, each with
    a profile of its own.
    """
    explained = {entry.key: entry.causes for entry in profiles.explained} if profiles else {}
    metrics: dict[str, dict[tuple[str, ...], list[str]]] = {}
    for row in rows:
        causes = row.causes or explained.get(row.key, ())
        metrics.setdefault(row.benchmark, {}).setdefault(causes[:_TOP], []).append(row.brief)
    shown = ((benchmark, list(_known(benchmark, causes, profiles))) for benchmark, causes in metrics.items())
    for lines in itertools.islice((lines for _, lines in shown if lines), _MOST_BENCHMARKS):
        yield from lines


def _known(
    benchmark: str, metrics: Mapping[tuple[str, ...], Sequence[str]], profiles: Profiles | None
) -> Iterable[str]:
    for causes, briefs in metrics.items():
        if causes:
            what = markdown_text(", ".join(dict.fromkeys(briefs)))
            yield f"- {markdown_code(benchmark)} {what}: {'; '.join(markdown_text(cause, 300) for cause in causes)}"
    if profiles is not None and not any(metrics):
        yield from (_line(one) for one in profiles.profiles if one.top and matches(benchmark, one.benchmark))


def _line(profile: Profile) -> str:
    causes = "; ".join(_cause(one) for one in profile.top[:_TOP])
    return f"- {markdown_code(profile.benchmark)} ({markdown_text(profile.kind)}): {causes}"


def _cause(cause: Cause) -> str:
    amounts = []
    if cause.seconds_per_call is not None:
        amounts.append(quantity(cause.seconds_per_call, Dimension.SECONDS))
    if cause.bytes_per_call is not None:
        amounts.append(quantity(cause.bytes_per_call, Dimension.BYTES))
    amount = markdown_text(f", {' and '.join(amounts)} a call") if amounts else ""
    place = markdown_code(f"{cause.file}:{cause.line}")
    source = f" {markdown_code(cause.source, 80)}" if cause.source else ""
    return f"{markdown_text(part(cause.share))} in {markdown_code(cause.function)} at {place}{source}{amount}"
