"""The part of the table that tells what users get: default priority, and nobody or other people's work beside."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

from detection import pooling
from detection.company import BUSY, NOBODY
from detection.targets import STRICT, WIDE, Target

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from detection.evidence import Judged
    from detection.pooling import One

_ENOUGH = 60  # verdicts of a cell
_NONE = 1e-9
_NAMED = {NOBODY: "calm: nothing else is run", BUSY: "a busy process on each core, and two that come and go"}
# Least shares of +2 and +3 % found, most inconclusive of equal code, most seconds of a verdict on equal and slower.
_ASKED = {NOBODY: (0.95, 0.99, 0.02, 2.5, 4.0), BUSY: (0.80, 0.95, 0.05, 5.0, 7.0)}


def shared_lines(evidence: Sequence[Judged]) -> Iterator[str]:
    """Spell what was asked for and measured in each company, then each kind of code."""
    for company, named in _NAMED.items():
        judged = [one for one in evidence if one.company == company]
        if judged:
            yield from _of_company(judged, named, _ASKED[company])


def _of_company(judged: Sequence[Judged], named: str, asked: tuple[float, float, float, float, float]) -> Iterator[str]:
    loads, dates = [one.load for one in judged], sorted(one.when[:10] for one in judged)
    commits = ", ".join(dict.fromkeys(one.version.split()[-1] for one in judged))
    found = pooling.verdicts(judged)
    strict, wide = (pooling.of(found, rule=rule) for rule in (STRICT, WIDE))
    equal, slower = pooling.of(strict, dose=0), [one for one in strict if one.said.dose > 1]
    two, three, most_open, equal_seconds, slower_seconds = asked
    yield f"**{named[0].upper()}{named[1:]}.** {len(judged)} trials of commit {commits}, {dates[0]} to {dates[-1]},"
    yield f"default priority; the load was {statistics.median(loads):.1f} in the median when a trial began,"
    yield f"{min(loads):.1f} to {max(loads):.1f}, on two cores.\n"
    yield "| | asked for | measured | reached |"
    yield "|---|---:|---:|---|"
    powers = (("budget 1 %", strict, 2, two), ("budget 1 %", strict, 3, three), ("budget 2 %", wide, 3, two))
    promises = [
        Target(f"{budget}: +{dose} % found", pooling.slower(pooling.of(rule, dose=dose)), least, True, _ENOUGH)  # noqa: FBT003  a field
        for budget, rule, dose, least in powers
    ]
    promises += [
        Target("budget 1 %: equal called slower", pooling.slower(equal), _NONE, needed=_ENOUGH),
        Target("budget 1 %: equal inconclusive", pooling.called(equal, "inconclusive"), most_open, needed=_ENOUGH),
        Target("budget 1 %: +2 % and more called passed", pooling.called(slower, "passed", "faster"), _NONE),
    ]
    for one in promises:
        bound = "none" if one.bound == _NONE else f"{'≥' if one.at_least else '<'} {100 * one.bound:g} %"
        yield f"| {one.what} | {bound} | {one.measured} | {one.reached} |"
    for what, cases, most in (("equal", equal, equal_seconds), ("slower", slower, slower_seconds)):
        seconds = pooling.median_seconds(cases)
        reached = "yes" if seconds <= most else "**no**"
        yield f"| median seconds of a verdict, {what} | ≤ {most:g} | {seconds:.1f} | {reached} |"
    yield ""
    yield from _kinds(strict)


def _kinds(strict: Sequence[One]) -> Iterator[str]:
    heads = ("kind, budget 1 %", "equal called slower", "equal inconclusive", "+2 % found", "+3 % found")
    yield f"| {' | '.join(heads)} | pair spread | seconds |"
    yield "|---|---|---|---|---|---:|---:|"
    for kind in sorted({one.said.kind for one in strict}):
        own = pooling.of(strict, kind=kind)
        equal, two, three = (pooling.of(own, dose=dose) for dose in (0, 2, 3))
        cells = (pooling.slower(equal), pooling.called(equal, "inconclusive"), *map(pooling.slower, (two, three)))
        spread = 100 * pooling.median_spread(own)
        yield f"| {kind} | {' | '.join(map(str, cells))} | {spread:.2f} % | {pooling.median_seconds(own):.1f} |"
    yield ""
