"""The evidence of the proofs of profiles, for a reader."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tests.proofs.profiles import Trial

_ASKED = {
    "slower": ("slowdown in one function", "the function and one of the new lines first in the list of time"),
    "hungrier": ("growing allocation on one line", "the line first in the list of memory"),
    "equal": ("equal revisions", "nothing listed, neither time nor memory nor peak"),
}


def render(trials: Sequence[Trial]) -> str:
    """Spell the evidence as Markdown."""
    return "\n".join(_lines(trials)) + "\n"


def _lines(trials: Sequence[Trial]) -> Iterable[str]:
    yield "# Do profiles name the guilty?"
    yield ""
    yield "Written by `nox -s proofs` from [profiles.json](profiles.json); do not edit. Each trial makes a git project"
    yield "of thirty functions in six files, times its two commits, runs `hivegate profile`, and looks at what comes"
    yield "first in its lists."
    yield ""
    yield "| what was put in | what is right | right | asked for |"
    yield "|---|---|---:|---:|"
    for kind, (what, right) in _ASKED.items():
        of_kind = [one for one in trials if one.kind == kind]
        yield f"| {what} | {right} | {sum(one.right for one in of_kind)} of {len(of_kind)} | 19 of 20 |"
    if trials:
        yield ""
        yield from _cost(trials)
        yield from _details(trials)


def _cost(trials: Sequence[Trial]) -> Iterable[str]:
    whole = [one for one in trials if one.kind == "equal"] or trials
    seconds = [one.seconds for one in whole]
    sizes = [one.mebibytes for one in whole]
    yield (
        f"All profilers on both revisions took {statistics.median(seconds):.0f} s in the median ({min(seconds):.0f} to "
        f"{max(seconds):.0f} s),"
    )
    yield f"and left {statistics.median(sizes):.1f} MiB, at most {max(sizes):.1f} MiB."
    yield ""


def _details(trials: Sequence[Trial]) -> Iterable[str]:
    yield "| trial | put in | guilty | first of py-spy | of scalene | of memray | right |"
    yield "|---|---:|---|---|---|---|---|"
    for one in sorted(trials, key=lambda trial: (list(_ASKED).index(trial.kind), trial.seed)):
        put = {"slower": f"{one.amount:+.0%}", "hungrier": f"+{one.amount:g} MiB"}.get(one.kind, "")
        firsts = " | ".join(listed[0] if listed else "nothing" for listed in (one.times, one.memory, one.peak))
        right = "yes" if one.right else "**no**"
        yield f"| {one.kind} {one.seed} | {put} | {one.guilty} | {firsts} | {right} |"
