"""The hunks of a file's difference: which lines they touch, and where an old line stands in the new file. Pure."""

from __future__ import annotations

import itertools
import re

import msgspec

_HEAD = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


class Hunk(msgspec.Struct, frozen=True, kw_only=True):
    """One hunk as git spells it.

    `added` are the lines of the new file that are new, and `gone` those that follow what is gone for nothing; `pairs`
    are the lines that stand in both, as (old, new), a line that took another's place for that one; `old_end` and
    `new_end` are the lines that follow it.
    """

    text: str
    old: int
    added: frozenset[int]
    gone: frozenset[int]
    pairs: dict[int, int]
    old_end: int
    new_end: int


def read_hunks(difference: str) -> tuple[Hunk, ...]:
    """Read the hunks of one file's difference."""
    lines = difference.removesuffix("\n").split("\n")
    starts = [index for index, line in enumerate(lines) if _HEAD.match(line)]
    return tuple(_hunk(lines[start:end]) for start, end in itertools.pairwise([*starts, len(lines)]))


def _hunk(lines: list[str]) -> Hunk:
    head = _HEAD.match(lines[0])
    if head is None:
        raise ValueError(lines[0])
    # A side of no lines is told by the line before it.
    old = int(head[1]) + (head[2] == "0")
    new = int(head[3]) + (head[4] == "0")
    first = old
    added: set[int] = set()
    gone: set[int] = set()
    pairs: dict[int, int] = {}
    replaced: list[int] = []
    for line in [*lines[1:], " "]:  # as if a line that stands in both came after the last
        if line.startswith("+"):
            added.add(new)
            if replaced:
                pairs[replaced.pop(0)] = new
            new += 1
        elif line.startswith("-"):
            replaced.append(old)
            old += 1
        elif not line.startswith("\\"):
            if replaced:
                gone.add(new)
                replaced.clear()
            pairs[old] = new
            old, new = old + 1, new + 1
    del pairs[old - 1]
    return Hunk(
        text="\n".join(lines),
        old=first,
        added=frozenset(added),
        gone=frozenset(gone),
        pairs=pairs,
        old_end=old - 1,
        new_end=new - 1,
    )


def touching(hunks: tuple[Hunk, ...], first: int, last: int) -> tuple[Hunk, ...]:
    """Choose the hunks that change lines from `first` to `last` of the new file, or take lines away between them."""
    return tuple(
        one
        for one in hunks
        if any(first <= line <= last for line in one.added) or any(first < line <= last + 1 for line in one.gone)
    )


def new_line(hunks: tuple[Hunk, ...], old: int) -> int | None:
    """Find where a line of the old file stands in the new one; None where it is gone. O(hunks)."""
    shift = 0
    for hunk in hunks:
        if old < hunk.old:
            break
        if old < hunk.old_end:
            return hunk.pairs.get(old)
        shift = hunk.new_end - hunk.old_end
    return old + shift
