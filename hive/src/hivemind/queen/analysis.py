"""Look at a configuration before anyone votes: is it complete, how large is it, what is in conflict."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from hivemind.packs.pack import HiveConfiguration, Pack
from hivemind.packs.terms import spoken
from hivemind.queen.conflicts import Conflict, ConflictKind, find_conflicts
from hivemind.queen.errors import CompositionError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Detector = Callable[[Sequence[Pack]], tuple[Conflict, ...]]


class Analysis(msgspec.Struct, frozen=True, kw_only=True):
    """What a configuration holds: its packs in claiming order, what it counts, and what is in conflict."""

    packs: tuple[Pack, ...]
    conflicts: tuple[Conflict, ...]
    classes: int
    properties: int
    distinct_terms: int

    def count(self, kind: ConflictKind) -> int:
        """Return the number of conflicts of a kind."""
        return sum(conflict.kind is kind for conflict in self.conflicts)


def analyse(configuration: HiveConfiguration, detector: Detector = find_conflicts) -> Analysis:
    """Return what a configuration holds; linear in its terms with the standard detector.

    Raises CompositionError naming the pack whose requirement is not in the configuration.
    """
    packs = configuration.ordered()
    names = {pack.name for pack in packs}
    for pack in packs:
        missing = sorted(pack.requires.keys() - names)
        if missing:
            raise CompositionError(
                f"pack {pack.name} requires {missing[0]} {spoken(pack.requires[missing[0]])}, which is not in the "
                f"configuration; add the pack {missing[0]}, or remove the requirement"
            )
    return Analysis(
        packs=packs,
        conflicts=detector(packs),
        classes=sum(len(pack.classes) for pack in packs),
        properties=sum(len(pack.properties) for pack in packs),
        distinct_terms=len(set().union(*(pack.classes for pack in packs), *(pack.properties for pack in packs))),
    )
