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

_DEFINITION = re.compile(r"\s*(?:async def|def|class)\b")


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
            if (
                increase.hunks
                and not increase.through
                and (found := _first(increase.hunks[0], increase.line)) is not None
            ):
                line, difference = found
                return ChangedLine(file=increase.file, line=line, function=increase.function, difference=difference)
    return None


def _first(hunk: str, grown: int) -> tuple[int, tuple[str, ...]] | None:
    """Find the first line that a hunk adds, or what follows the first that it takes away; and its changed lines.

    A hunk may hold what was changed around, too: lines of the function that holds the one that grew are meant.
    """
    head, *lines = hunk.split("\n")
    at = _HEAD.match(head)
    if at is None:
        return None
    new, changed = int(at[1]), []
    for line in lines:
        if line[:1] in {"+", "-"}:
            changed.append((new, line))
        elif _DEFINITION.match(line[1:]):
            if new > grown:
                break
            changed.clear()
        new += not line.startswith(("-", "\\"))
    if not changed:
        return None
    first = next((place for place, line in changed if line.startswith("+")), changed[0][0])
    return first, tuple(line for _, line in changed)
