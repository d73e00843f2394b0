"""Packs and hive configurations: the values that everything else works on."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

from hivemind.queen.errors import ConstraintError, PackError
from hivemind.queen.terms import check_name, check_text, spoken
from hivemind.queen.versions import constraint

if TYPE_CHECKING:
    from collections.abc import Iterable

DEFAULT_QUORUM = 0.5


class Resolution(StrEnum):
    """What becomes of a conflict.

    USE_FIRST keeps the earliest claimant's word and USE_SECOND the latest's (of two: the second's), MERGE keeps
    what all of them say, EXCLUDE keeps nothing.
    """

    USE_FIRST = "use_first"
    USE_SECOND = "use_second"
    MERGE = "merge"
    EXCLUDE = "exclude"


class Strategy(StrEnum):
    """How packs are composed.

    UNION keeps every term, INTERSECTION the terms that all packs share, PRIORITY puts packs of higher priority
    first and leans towards them, CUSTOM decides by the rule of a conflict's first claimant that has one.
    """

    UNION = "union"
    INTERSECTION = "intersection"
    PRIORITY = "priority"
    CUSTOM = "custom"


class Pack(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A vocabulary: its classes, and its properties with the types of their values.

    `properties` maps a name to its value types, an empty tuple meaning that nothing is known; `requires` maps
    the name of another pack to a version constraint. The mappings must not be changed. Raises PackError
    naming the pack for names that are no names and for constraints that nothing satisfies.
    """

    name: str
    version: str = "latest"
    namespace: str = ""
    priority: int = 0
    classes: frozenset[str] = frozenset()
    properties: dict[str, tuple[str, ...]] = {}
    requires: dict[str, str] = {}
    source: str = ""
    license: str = ""

    def __post_init__(self) -> None:
        """Check every name and bring the value types into one order."""
        try:
            check_name(self.name, "pack name")
            self._check()
        except ValueError as error:
            kind = ConstraintError if isinstance(error, ConstraintError) else PackError
            raise kind(f"pack {spoken(self.name)}: {error}") from error
        ordered = {name: tuple(sorted(set(types))) for name, types in self.properties.items()}
        msgspec.structs.force_setattr(self, "properties", ordered)

    def _check(self) -> None:
        constraint(self.version)
        if self.namespace:
            check_name(self.namespace, "namespace")
        for text, what in ((self.source, "source"), (self.license, "licence")):
            check_text(text, what)
        for name in self.classes:
            check_name(name, "class")
        for name, types in self.properties.items():
            check_name(name, "property")
            for value_type in types:
                check_name(value_type, f"value type of property {name}")
        for name, wanted in self.requires.items():
            check_name(name, "required pack")
            constraint(wanted)
            if name == self.name:
                raise ValueError("it requires itself; state its version instead")

    @property
    def terms(self) -> int:
        """Return the number of classes and properties."""
        return len(self.classes) + len(self.properties)


class HiveConfiguration(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A list of packs and how to compose them.

    `rules` maps a pack to the resolution of every conflict that it is the first claimant with a rule of (strategy
    custom only); `quorum` is the smallest share of the votes' weight that decides a topic, in (0, 1].
    """

    packs: tuple[Pack, ...]
    strategy: Strategy = Strategy.UNION
    rules: dict[str, Resolution] = {}
    quorum: float = DEFAULT_QUORUM

    def __post_init__(self) -> None:
        """Refuse what cannot be composed: no packs, rules that nothing would read, an impossible quorum."""
        if not self.packs:
            raise PackError("the configuration names no pack; list at least one under packs")
        if not 0 < self.quorum <= 1:
            raise PackError(f"quorum is {self.quorum}; it must be above 0 and at most 1")
        if self.rules and self.strategy is not Strategy.CUSTOM:
            raise PackError(f"rules need the strategy custom; the strategy is {self.strategy}")
        names = {pack.name for pack in self.packs}
        unknown = sorted(self.rules.keys() - names)
        if unknown:
            raise PackError(f"a rule names the pack {unknown[0]!a}; the packs are {_listed(names)}")

    def ordered(self) -> tuple[Pack, ...]:
        """Return the packs in the order in which they claim: as listed, or by falling priority."""
        if self.strategy is Strategy.PRIORITY:
            return tuple(sorted(self.packs, key=lambda pack: -pack.priority))
        return self.packs


def _listed(names: Iterable[str], limit: int = 10) -> str:
    ordered = sorted(names)
    return ", ".join(ordered[:limit]) + (", …" if len(ordered) > limit else "")
