"""What can be known about a conflict: the facts that agents weigh."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hivemind.packs.pack import Pack, Resolution, Strategy
from hivemind.packs.versions import reaches_higher

if TYPE_CHECKING:
    from hivemind.queen.ballot import Brief
    from hivemind.queen.conflicts import Conflict

LITERAL_TYPES = frozenset(
    f"{prefix}{name}"
    for prefix, names in {
        "schema:": "Text Number Integer Float Boolean Date DateTime Time URL",
        "rdfs:": "Literal",
        "rdf:": "langString XMLLiteral",
        "": "string text integer number float decimal boolean date datetime time duration",
    }.items()
    for name in names.split()
)


class Evidence:
    """The facts about a brief's conflicts, each found when first asked for."""

    __slots__ = ("_overlaps", "leaning", "packs")

    def __init__(self, brief: Brief) -> None:
        self.packs = brief.packs
        self.leaning = Resolution.USE_FIRST if brief.strategy is Strategy.PRIORITY else Resolution.MERGE
        self._overlaps: dict[tuple[int, ...], float] = {}

    def newest(self, conflict: Conflict) -> Resolution:
        """Return whose constraint on the disputed pack reaches the higher version, the first's or the latest's."""
        first, last = self._ends(conflict)
        higher = reaches_higher(_constraint(first, conflict), _constraint(last, conflict))
        return Resolution.USE_SECOND if higher else Resolution.USE_FIRST

    def overlap(self, conflict: Conflict) -> float:
        """Return the share of the smaller pack's terms that the first and the latest claimant have in common."""
        ends = (conflict.claimants[0], conflict.claimants[-1])
        known = self._overlaps.get(ends)
        if known is None:
            known = self._overlaps[ends] = _overlap(self.packs[ends[0]], self.packs[ends[1]])
        return known

    def separable(self, conflict: Conflict) -> bool:
        """Tell whether every claimant has a namespace of its own, which keeps equal names apart."""
        namespaces = {self.packs[position].namespace for position in conflict.claimants}
        return "" not in namespaces and len(namespaces) == len(conflict.claimants)

    def mixes_literals(self, conflict: Conflict) -> bool:
        """Tell whether some claimants expect text or numbers where others expect things."""
        literals = things = False
        for position in conflict.claimants:
            for value_type in self.packs[position].properties[conflict.subject]:
                if is_literal(value_type):
                    literals = True
                else:
                    things = True
        return literals and things

    def narrower(self, conflict: Conflict) -> Resolution:
        """Return who allows fewer value types, the first claimant or the latest."""
        first, last = self._ends(conflict)
        fewer = len(last.properties[conflict.subject]) < len(first.properties[conflict.subject])
        return Resolution.USE_SECOND if fewer else Resolution.USE_FIRST

    def larger(self, conflict: Conflict) -> Resolution:
        """Return who has more terms, the first claimant or the latest."""
        first, last = self._ends(conflict)
        return Resolution.USE_SECOND if last.terms > first.terms else Resolution.USE_FIRST

    def _ends(self, conflict: Conflict) -> tuple[Pack, Pack]:
        return self.packs[conflict.claimants[0]], self.packs[conflict.claimants[-1]]


def _constraint(pack: Pack, conflict: Conflict) -> str:
    return pack.version if pack.name == conflict.subject else pack.requires[conflict.subject]


def is_literal(value_type: str) -> bool:
    """Tell whether a value type is text, a number or a date, and not a thing with properties."""
    return value_type.startswith("xsd:") or value_type in LITERAL_TYPES


def _overlap(first: Pack, second: Pack) -> float:
    smaller = min(first.terms, second.terms)
    common = len(first.classes & second.classes) + len(first.properties.keys() & second.properties.keys())
    return common / smaller if smaller else 0.0
