"""Where the time and the memory of broken benchmarks go, as lines of Markdown."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from hivegate.model.identity import matches
from hivegate.model.metric import Dimension
from hivegate.report.escape import markdown_code, markdown_text
from hivegate.report.quantity import quantity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hivegate.model.profile import Cause, Profile, Profiles
    from hivegate.report.view import Row

_MOST_BENCHMARKS = 10
_TOP = 3


def cause_lines(rows: Iterable[Row], profiles: Profiles | None) -> Iterable[str]:
    """Spell what is known of each benchmark's causes: what its verdict holds, else what profiles show of it.

    A name may stand for all its sizes, each with a profile of its own.
    """
    told: dict[str, list[str]] = {}
    for row in rows:
        if row.benchmark not in told and (lines := _known(row, profiles)):
            told[row.benchmark] = lines
    yield from itertools.chain.from_iterable(list(told.values())[:_MOST_BENCHMARKS])


def _known(row: Row, profiles: Profiles | None) -> list[str]:
    explained = (one.causes for one in (profiles.explained if profiles else ()) if one.benchmark == row.benchmark)
    if causes := row.causes or next(explained, ()):
        said = "; ".join(markdown_text(one, 300) for one in causes[:_TOP])
        return [f"- {markdown_code(row.benchmark)}: {said}"]
    made = profiles.profiles if profiles else ()
    return [_line(one) for one in made if one.top and matches(row.benchmark, one.benchmark)]


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
    return f"{markdown_text(f'{cause.share:.1%}')} in {markdown_code(cause.function)} at {place}{source}{amount}"
