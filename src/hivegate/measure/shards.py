"""Dividing a suite among machines: equal times, and nearly the same parts after a small change of the suite. Pure."""

from __future__ import annotations

import hashlib
import math
import statistics
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_UNKNOWN = 1.0  # seconds, where no duration is known: all parts then have equally many benchmarks
_LONGEST = 31_557_600.0  # seconds: a year; more is no measurement


def divide(
    ids: Iterable[str], count: int, durations: Mapping[str, float], bonds: Sequence[frozenset[str]] = ()
) -> tuple[frozenset[str], ...]:
    """Divide benchmarks into `count` disjoint parts of about equal seconds; each of `bonds` stays in one part.

    The long ones choose first. Each has a part that it likes best, by the hash of its name, and takes the first in its
    own order that has room (rendezvous hashing with bounded loads), so that what is added or removed moves few others.
    What fits nowhere goes where the least is. A benchmark without a duration takes the median of the others.
    Takes O(n times count).
    """
    known = [seconds for seconds in durations.values() if 0 < seconds <= _LONGEST]
    usual = statistics.median(known) if known else _UNKNOWN
    groups = _joined(set(ids), bonds)
    costs = {name: math.fsum(_seconds(one, durations, usual) for one in group) for name, group in groups.items()}
    room = [math.fsum(costs.values()) / count] * count
    parts: list[set[str]] = [set() for _ in range(count)]
    for name in sorted(costs, key=lambda name: (-math.floor(math.log2(costs[name])), _rank(name, count))):
        liked = sorted(range(count), key=lambda part: _rank(name, part))
        part = next((part for part in liked if room[part] >= costs[name]), None)
        if part is None:
            part = max(liked, key=lambda part: room[part])
        room[part] -= costs[name]
        parts[part] |= groups[name]
    return tuple(map(frozenset, parts))


def digest(*words: str) -> str:
    """Tell lists of words apart by 128 bits."""
    made = hashlib.sha256()
    for word in words:
        made.update(f"{len(word)}:".encode() + word.encode("utf-8", "surrogatepass"))
    return made.hexdigest()[:32]


def _seconds(name: str, durations: Mapping[str, float], usual: float) -> float:
    seconds = durations.get(name, usual)
    return seconds if 0 < seconds <= _LONGEST else usual


def _rank(name: str, part: int) -> bytes:
    return hashlib.blake2b(f"{part}:{name}".encode("utf-8", "surrogatepass"), digest_size=8).digest()


def _joined(ids: set[str], bonds: Sequence[frozenset[str]]) -> dict[str, set[str]]:
    """Gather what bonds join, directly or through others, under the least name of each group."""
    group = {name: {name} for name in ids}
    for bond in bonds:
        bound = [group[name] for name in bond if name in group]
        if len(bound) > 1:
            whole = set().union(*bound)
            group |= dict.fromkeys(whole, whole)
    return {min(members): members for members in group.values()}
