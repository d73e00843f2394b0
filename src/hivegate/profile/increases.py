"""From functions that grew to places in the code: the line that grew most, and the change that touches it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from hivegate.model.profile import Increase
from hivegate.profile.difference import Shift, certainty, shifts
from hivegate.profile.flame import Flame, merged

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hivegate.profile.flame import Frame, Stack
    from hivegate.profile.hunks import Hunk
    from hivegate.profile.sources import Sources

_MOST = 10
_MOST_HUNKS = 3
_LONGEST = 4000  # characters of a hunk that travel
_SOURCE = 200  # characters of a line that travel


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """Two flames of one benchmark, the functions that moved between them, and the places that grew.

    What moves in a picture by less than `sure` errors of its samples may be chance; 0 where nothing was sampled.
    """

    base: Flame
    head: Flame
    moved: tuple[Shift, ...]
    increases: tuple[Increase, ...]
    sure: float = 0.0


def sampled_difference(base: Sequence[Flame], head: Sequence[Flame], sources: Sources, *, unsure: float) -> Difference:
    """Compare the recordings of two revisions, and find the places in the code; see `shifts` for `unsure`."""
    moved = shifts(base, head, unsure=unsure)
    before, after = merged(base), merged(head)
    return Difference(
        base=before,
        head=after,
        moved=moved,
        increases=increases(moved, before, after, sources),
        sure=certainty(base, head),
    )


def increases(moved: Iterable[Shift], base: Flame, head: Flame, sources: Sources) -> tuple[Increase, ...]:
    """List the places that take more in head than in base, the most first; at most ten."""
    growing = sorted((one for one in moved if one.delta > 0), key=lambda one: -one.delta)
    return tuple(_increase(one, base, head, sources) for one in growing[:_MOST])


def _increase(shift: Shift, base: Flame, head: Flame, sources: Sources) -> Increase:
    line = _line_that_grew(shift, base, head, sources)
    hunks = sources.changes(shift.file, line)
    through = ""
    if not hunks:
        through, hunks = _changed_caller(shift, head, sources)
    return Increase(
        function=shift.function,
        file=shift.file,
        before=shift.before,
        line=line,
        source=sources.line(shift.file, line)[:_SOURCE],
        base=shift.base,
        head=shift.head,
        error=shift.error,
        hunks=spelled(hunks, line if not through else 0),
        through=through,
    )


def spelled(hunks: Iterable[Hunk], line: int) -> tuple[str, ...]:
    """Format the hunks, the one that added a line first."""
    ordered = sorted(hunks, key=lambda one: line not in one.added)
    return tuple(one.text[:_LONGEST] for one in ordered[:_MOST_HUNKS])


def _line_that_grew(shift: Shift, base: Flame, head: Flame, sources: Sources) -> int:
    times: Counter[int] = Counter()
    for line, count in _own_lines(head, shift).items():
        times[line] += count * head.per_sample  # type: ignore[assignment]  # typeshed counts with integers only
    for line, count in _own_lines(base, shift).items():
        there = sources.in_head(shift.file, line)
        if there is not None:
            times[there] -= count * base.per_sample  # type: ignore[assignment]  # the same
    return max(times, key=lambda line: (times[line], -line), default=0)


def _own_lines(flame: Flame, shift: Shift) -> Counter[int]:
    lines: Counter[int] = Counter()
    for stack, count in flame.stacks.items():
        if _is_of(stack[-1], shift):
            lines[stack[-1].line] += count
    return lines


def _is_of(frame: Frame, shift: Shift) -> bool:
    return (frame.name, frame.file) == (shift.function, shift.file)


def _changed_caller(shift: Shift, head: Flame, sources: Sources) -> tuple[str, tuple[Hunk, ...]]:
    """Find, on the way to what grew, the nearest function that git says has changed."""
    callers: Counter[Frame] = Counter()
    for stack, count in head.stacks.items():
        if _is_of(stack[-1], shift):
            caller = next((one for one in _upwards(stack) if sources.changes(one.file, one.line)), None)
            if caller is not None:
                callers[caller] += count
    if not callers:
        return "", ()
    ((caller, _),) = callers.most_common(1)
    return f"{caller.name} {caller.file}:{caller.line}", sources.changes(caller.file, caller.line)


def _upwards(stack: Stack) -> Iterable[Frame]:
    return (one for one in reversed(stack[1:-1]) if one.file)
