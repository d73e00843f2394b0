"""The line that a change touched where a benchmark takes more than in base: usually the one to blame. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from hivegate.model.identity import matches
from hivegate.report.top_causes import nearest_first

if TYPE_CHECKING:
    from hivegate.model.profile import Profiles
    from hivegate.model.verdict import VerdictKey

_HEAD = re.compile(r"@@ -\d{1,9}(?:,\d{1,9})? \+(\d{1,9})(?:,\d{1,9})? @@")


class ChangedLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of head's file, the function that it is in, and the lines that git takes away and adds there."""

    file: str
    line: int
    function: str
    difference: tuple[str, ...]


def changed_line(key: VerdictKey, profiles: Profiles | None) -> ChangedLine | None:
    """Find the change in the function that grew most; None where no profile tells, or only a caller has changed."""
    made = profiles.profiles if profiles is not None else ()
    named = [one for one in made if matches(key.benchmark, one.benchmark)]
    for profile in nearest_first(key.metric, named):
        for increase in profile.increases[:1]:
            if increase.hunks and not increase.through and (found := _first(increase.hunks[0])) is not None:
                line, difference = found
                return ChangedLine(file=increase.file, line=line, function=increase.function, difference=difference)
    return None


def _first(hunk: str) -> tuple[int, tuple[str, ...]] | None:
    """Find the first line that a hunk adds, or what follows the first that it takes away; and its changed lines."""
    head, *lines = hunk.split("\n")
    at = _HEAD.match(head)
    changed = tuple(line for line in lines if line[:1] in {"+", "-"})
    if at is None or not changed:
        return None
    added = next((place for place, line in enumerate(lines) if line.startswith("+")), None)
    first = next(place for place, line in enumerate(lines) if line[:1] in {"+", "-"}) if added is None else added
    return int(at[1]) + sum(not line.startswith(("-", "\\")) for line in lines[:first]), changed
