"""scalene's lines in base and head: which of them allocate more a call, beyond what its sampling makes up.

scalene notes an allocation whenever the memory in use has grown by a MiB. A line that allocates 3.4 MiB a call is noted
three times in some calls and four times in others, which is how far single calls can be off; one that allocates much
less than a MiB is noted in few calls, which make a count with the error of one. What changes by less than a part of a
MiB a call scalene cannot tell; memray can.
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import TYPE_CHECKING

from hivegate.model.profile import Increase
from hivegate.profile.increases import spelled
from hivegate.system.files import MEBIBYTE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hivegate.profile.scalene import Line, LineProfile
    from hivegate.profile.sources import Sources

_SURE = 3.0  # standard errors, at least
_WRONG = 0.01  # the chance that any line of an unchanged benchmark is named
_PARTLY = 0.25  # MiB squared: the most that the part beyond whole MiB makes a call vary
_SMALLEST = MEBIBYTE / 4
_MOST = 10
_SOURCE = 200


def line_increases(base: LineProfile, head: LineProfile, sources: Sources) -> tuple[Increase, ...]:
    """List the lines of head that surely allocate more a call than in base, in bytes, the most first."""
    before = _by_head_line(base, sources)
    after = {(file, line.lineno): line for file, lines in head.files.items() for line in lines if line.n_malloc_mb > 0}
    bar = max(_SURE, NormalDist().inv_cdf(1 - _WRONG / max(1, len(after))))
    found = [_increase(place, line, before.get(place, 0.0), base, head, sources) for place, line in after.items()]
    sure = (one for one in found if one.delta > max(_SMALLEST, bar * one.error))
    return tuple(sorted(sure, key=lambda one: (-one.delta, one.file, one.line))[:_MOST])


def _increase(
    place: tuple[str, int], line: Line, before: float, base: LineProfile, head: LineProfile, sources: Sources
) -> Increase:
    file, number = place
    return Increase(
        function=head.function_at(file, line),
        file=file,
        line=number,
        source=line.source[:_SOURCE],
        base=before * MEBIBYTE / base.looped.calls,
        head=line.n_malloc_mb * MEBIBYTE / head.looped.calls,
        error=math.hypot(_error(before, base.looped.calls), _error(line.n_malloc_mb, head.looped.calls)),
        hunks=spelled(sources.changes(file, number), number),
    )


def _by_head_line(base: LineProfile, sources: Sources) -> dict[tuple[str, int], float]:
    found: dict[tuple[str, int], float] = {}
    for place, mebibytes in _allocating(base):
        there = sources.in_head(*place)
        if there is not None:
            found[place[0], there] = found.get((place[0], there), 0.0) + mebibytes
    return found


def _allocating(profile: LineProfile) -> Iterator[tuple[tuple[str, int], float]]:
    for file, lines in profile.files.items():
        for line in lines:
            if line.n_malloc_mb > 0:
                yield (file, line.lineno), line.n_malloc_mb


def _error(mebibytes: float, calls: int) -> float:
    a_call = max(mebibytes, 1.0) / calls
    return math.sqrt(min(a_call, _PARTLY) / calls) * MEBIBYTE
