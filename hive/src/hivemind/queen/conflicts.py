"""Find what packs disagree on, by hashing: linear in the number of terms, no pair of packs is visited."""

from __future__ import annotations

from enum import StrEnum
from itertools import combinations
from typing import TYPE_CHECKING

import msgspec

from hivemind.packs import Resolution
from hivemind.packs.versions import disjoint, intersection

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from hivemind.packs.pack import Pack


class ConflictKind(StrEnum):
    """What packs can disagree on."""

    VERSION_MISMATCH = "version_mismatch"
    NAMESPACE_CONFLICT = "namespace_conflict"
    CLASS_COLLISION = "class_collision"
    PROPERTY_TYPE_MISMATCH = "property_type_mismatch"


RESOLUTIONS: tuple[Resolution, ...] = tuple(Resolution)


class Conflict(msgspec.Struct, frozen=True):
    """A topic that packs disagree on; `claimants` are their positions, rising."""

    kind: ConflictKind
    subject: str
    claimants: tuple[int, ...]

    @property
    def options(self) -> tuple[Resolution, ...]:
        """Return what can become of it."""
        return RESOLUTIONS

    def names(self, packs: Sequence[Pack]) -> tuple[str, ...]:
        """Return the claimants' names, in their order."""
        return tuple(packs[position].name for position in self.claimants)


def find_conflicts(packs: Sequence[Pack]) -> tuple[Conflict, ...]:
    """Return every conflict between packs, ordered by kind and subject.

    Linear in the number of terms. Packs of one name are parts of one vocabulary: their classes do not collide.
    A property without known types agrees with any.
    """
    return (
        *_version_mismatches(packs),
        *_namespace_conflicts(packs),
        *_class_collisions(packs),
        *_property_mismatches(packs),
    )


def stated_constraints(packs: Sequence[Pack]) -> dict[str, list[tuple[int, str]]]:
    """Return, for each pack named anywhere, who states which version constraint on it."""
    stated: dict[str, list[tuple[int, str]]] = {}
    for position, pack in enumerate(packs):
        stated.setdefault(pack.name, []).append((position, pack.version))
        for name, wanted in pack.requires.items():
            stated.setdefault(name, []).append((position, wanted))
    return stated


def _version_mismatches(packs: Sequence[Pack]) -> Iterator[Conflict]:
    """Only the distinct constraints on a pack already in conflict are compared pair by pair."""
    stated = stated_constraints(packs)
    for name in sorted(name for name, claims in stated.items() if len(claims) > 1):
        claims = stated[name]
        texts = tuple(dict.fromkeys(text for _, text in claims))
        if len(texts) > 1 and intersection(texts) is None:
            # Unions of ranges can overlap two by two and still have nothing in common: then all of them clash.
            clashing = {text for pair in combinations(texts, 2) if disjoint(*pair) for text in pair} or set(texts)
            claimants = tuple(position for position, text in claims if text in clashing)
            yield Conflict(ConflictKind.VERSION_MISMATCH, name, claimants)


def _namespace_conflicts(packs: Sequence[Pack]) -> Iterator[Conflict]:
    by_namespace: dict[str, list[int]] = {}
    by_name: dict[str, list[int]] = {}
    for position, pack in enumerate(packs):
        if pack.namespace:
            by_namespace.setdefault(pack.namespace, []).append(position)
            by_name.setdefault(pack.name, []).append(position)
    shared = [
        (namespace, claimants)
        for namespace, claimants in by_namespace.items()
        if len(claimants) > 1 and len({packs[position].name for position in claimants}) > 1
    ]
    split = [
        (name, claimants)
        for name, claimants in by_name.items()
        if len(claimants) > 1 and len({packs[position].namespace for position in claimants}) > 1
    ]
    for subject, claimants in sorted(shared + split):
        yield Conflict(ConflictKind.NAMESPACE_CONFLICT, subject, tuple(claimants))


def _class_collisions(packs: Sequence[Pack]) -> Iterator[Conflict]:
    claims = _claims_of(shared_terms(pack.classes for pack in packs), (pack.classes for pack in packs))
    names = [pack.name for pack in packs]
    distinct = len(set(names)) == len(names)
    for subject in sorted(claims):
        claimants = claims[subject]
        if distinct or len({names[position] for position in claimants}) > 1:
            yield Conflict(ConflictKind.CLASS_COLLISION, subject, tuple(claimants))


def _property_mismatches(packs: Sequence[Pack]) -> Iterator[Conflict]:
    shared = shared_terms(pack.properties.keys() for pack in packs)
    claims = _claims_of(shared, (pack.properties.keys() for pack in packs))
    for subject in sorted(claims):
        stated = [(position, packs[position].properties[subject]) for position in claims[subject]]
        typed = [(position, types) for position, types in stated if types]
        if any(types != typed[0][1] for _, types in typed):
            claimants = tuple(position for position, _ in typed)
            yield Conflict(ConflictKind.PROPERTY_TYPE_MISMATCH, subject, claimants)


def shared_terms(vocabularies: Iterable[Iterable[str]]) -> set[str]:
    """Return the terms that occur in more than one vocabulary; linear in all terms, in the set type's own loops."""
    seen: set[str] = set()
    shared: set[str] = set()
    for terms in vocabularies:
        shared.update(seen.intersection(terms))
        seen.update(terms)
    return shared


def _claims_of(shared: set[str], vocabularies: Iterable[Iterable[str]]) -> dict[str, list[int]]:
    """Return the positions of the vocabularies that hold each shared term, rising."""
    claims: dict[str, list[int]] = {term: [] for term in shared}
    for position, terms in enumerate(vocabularies):
        for term in shared.intersection(terms):
            claims[term].append(position)
    return claims
