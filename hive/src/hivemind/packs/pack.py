"""Packs and hive configurations: the values that everything else works on."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

from hivemind.packs.errors import ConstraintError, PackError
from hivemind.packs.terms import check_name, check_text, spoken
from hivemind.packs.versions import constraint

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

    `properties` maps a name to its value types, an empty tuple meaning that nothing is known. `parents` maps a class to
    the one it specialises, `domains` a property to the classes that have it; without any, everything may have it.
    `requires` maps the name of another pack to a version constraint; `sequence` is the number of the last change event
    that went into the pack. The mappings must not be changed. Raises PackError naming the pack for names that are no
    names, for what is said of a term that is not there, and for constraints that nothing satisfies.
    """

    name: str
    version: str = "latest"
    namespace: str = ""
    priority: int = 0
    classes: frozenset[str] = frozenset()
    properties: dict[str, tuple[str, ...]] = {}
    parents: dict[str, str] = {}
    domains: dict[str, tuple[str, ...]] = {}
    requires: dict[str, str] = {}
    sequence: int = 0
    source: str = ""
    license: str = ""

    def __post_init__(self) -> None:
        """Check every name and bring value types and domains into one order, so that equal packs are equal."""
        try:
            check_name(self.name, "pack name")
            self._check()
        except ValueError as error:
            kind = ConstraintError if isinstance(error, ConstraintError) else PackError
            raise kind(f"pack {spoken(self.name)}: {error}") from error
        msgspec.structs.force_setattr(self, "properties", _ordered(self.properties))
        if self.domains:
            known = {name: classes for name, classes in _ordered(self.domains).items() if classes}
            msgspec.structs.force_setattr(self, "domains", known)
        if "" in self.parents.values():
            known_parents = {name: parent for name, parent in self.parents.items() if parent}
            msgspec.structs.force_setattr(self, "parents", known_parents)

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
        self._check_graph()
        for name, wanted in self.requires.items():
            check_name(name, "required pack")
            constraint(wanted)
            if name == self.name:
                raise ValueError("it requires itself; state its version instead")

    def _check_graph(self) -> None:
        for said, terms, what in ((self.parents, self.classes, "parent"), (self.domains, self.properties, "domain")):
            for name in said:
                if name not in terms:
                    raise ValueError(f"a {what} of {spoken(name)} is given, which is not there; add it or leave it out")
        for name, parent in self.parents.items():
            if parent:
                check_name(parent, f"parent of class {name}")
        for name, classes in self.domains.items():
            for each in classes:
                check_name(each, f"domain of property {name}")
        if self.sequence < 0:
            raise ValueError(f"the sequence is {self.sequence}; it counts change events, from 0")

    def by_class(self) -> dict[str, dict[str, tuple[str, ...]]]:
        """Return each class's properties with their types, sorted by name; under "" those that everything may have.

        Time: linear in the terms and their domains, beside the sorting.
        """
        found: dict[str, dict[str, tuple[str, ...]]] = {name: {} for name in ("", *sorted(self.classes))}
        for name, types in sorted(self.properties.items()):
            for domain in self.domains.get(name, ("",)):
                if domain in found:
                    found[domain][name] = types
        return found

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


def _ordered(listed: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(sorted(set(each))) for name, each in listed.items()}


def _listed(names: Iterable[str], limit: int = 10) -> str:
    ordered = sorted(names)
    return ", ".join(ordered[:limit]) + (", …" if len(ordered) > limit else "")
