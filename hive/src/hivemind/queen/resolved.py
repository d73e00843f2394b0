"""Compose packs as decided: who owns which term, with which types, under which version and namespace."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from hivemind.packs.pack import Pack, Resolution, Strategy
from hivemind.packs.versions import intersection
from hivemind.queen.conflicts import Conflict, ConflictKind, shared_terms, stated_constraints
from hivemind.queen.errors import CompositionError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from hivemind.queen.voting import Decision


class ResolvedPack(msgspec.Struct, frozen=True, kw_only=True):
    """A pack as it takes part: the version constraint that holds, and the namespaces that are its own."""

    name: str
    version: str
    namespaces: tuple[str, ...]


class Resolved(msgspec.Struct, frozen=True, kw_only=True):
    """The composed vocabulary: the owners of each class and property, and each property's value types."""

    packs: tuple[ResolvedPack, ...]
    classes: dict[str, tuple[str, ...]]
    properties: dict[str, tuple[str, ...]]
    types: dict[str, tuple[str, ...]]


def compose(packs: Sequence[Pack], decisions: Iterable[Decision[Conflict]], strategy: Strategy) -> Resolved:
    """Return the packs composed as decided; linear in their terms.

    Raises CompositionError naming the packs where a decision cannot be carried out.
    """
    decided = Decided(packs, decisions)
    active = decided.active
    names = dict.fromkeys(packs[position].name for position in active)
    classes = _owners([(packs[position].name, packs[position].classes) for position in active])
    properties = _owners([(packs[position].name, packs[position].properties.keys()) for position in active])
    if strategy is Strategy.INTERSECTION:
        classes = {name: owners for name, owners in classes.items() if len(owners) == len(names)}
        properties = {name: owners for name, owners in properties.items() if len(owners) == len(names)}
    types = _types([packs[position] for position in active], properties)
    _settle_classes(decided, classes)
    _settle_properties(decided, properties, types, common=strategy is Strategy.INTERSECTION)
    return Resolved(packs=_resolved_packs(decided, names), classes=classes, properties=properties, types=types)


class Decided:
    """Decisions, looked up by what they are about, and the positions of the packs that still take part."""

    __slots__ = ("_by_kind", "_left_out", "active", "packs")

    def __init__(self, packs: Sequence[Pack], decisions: Iterable[Decision[Conflict]]) -> None:
        self.packs = packs
        self._by_kind: dict[ConflictKind, dict[str, Decision[Conflict]]] = {kind: {} for kind in ConflictKind}
        for decision in decisions:
            self._by_kind[decision.topic.kind][decision.topic.subject] = decision
        names = {name for name, decision in self.on(ConflictKind.VERSION_MISMATCH) if _excludes(decision)}
        self._left_out = frozenset(position for position, pack in enumerate(packs) if pack.name in names)
        self.active = [position for position in range(len(packs)) if position not in self._left_out]

    def on(self, kind: ConflictKind) -> Iterable[tuple[str, Decision[Conflict]]]:
        """Return the decisions of a kind with their subjects."""
        return self._by_kind[kind].items()

    def kept(self, decision: Decision[Conflict]) -> tuple[int, ...]:
        """Return the positions of the claimants whose word holds, among those that still take part."""
        claimants = decision.topic.claimants
        if self._left_out:
            claimants = tuple(position for position in claimants if position not in self._left_out)
        if decision.choice is Resolution.MERGE:
            return claimants
        if decision.choice is Resolution.USE_FIRST:
            return claimants[:1]
        return claimants[-1:] if decision.choice is Resolution.USE_SECOND else ()


def _excludes(decision: Decision[Conflict]) -> bool:
    return decision.choice is Resolution.EXCLUDE


def _owners(vocabularies: Sequence[tuple[str, Collection[str]]]) -> dict[str, tuple[str, ...]]:
    """Only terms that several vocabularies hold are visited one by one."""
    owners: dict[str, tuple[str, ...]] = {}
    for name, terms in vocabularies:
        owners.update(dict.fromkeys(terms, (name,)))
    shared = shared_terms(terms for _, terms in vocabularies)
    claims: dict[str, dict[str, None]] = {term: {} for term in shared}
    for name, terms in vocabularies:
        for term in shared.intersection(terms):
            claims[term][name] = None
    for term, names in claims.items():
        owners[term] = tuple(names)
    return owners


def _types(packs: Sequence[Pack], properties: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Return each property's types where the packs agree: those of the first pack that knows any."""
    types: dict[str, tuple[str, ...]] = {}
    for pack in reversed(packs):
        if () in pack.properties.values():
            types.update(item for item in pack.properties.items() if item[1] or item[0] not in types)
        else:
            types.update(pack.properties)
    if len(types) > len(properties):
        return {name: types[name] for name in properties}
    return types


def _settle_classes(decided: Decided, classes: dict[str, tuple[str, ...]]) -> None:
    for name, decision in decided.on(ConflictKind.CLASS_COLLISION):
        if name not in classes or decision.choice is Resolution.MERGE:
            continue
        kept = _names(decided, decision)
        if kept:
            classes[name] = kept
        elif _excludes(decision):
            del classes[name]


def _settle_properties(
    decided: Decided,
    properties: dict[str, tuple[str, ...]],
    types: dict[str, tuple[str, ...]],
    *,
    common: bool,
) -> None:
    for name, decision in decided.on(ConflictKind.PROPERTY_TYPE_MISMATCH):
        if name not in properties:
            continue
        claimed = [decided.packs[position].properties[name] for position in decided.kept(decision)]
        kept_types = _combined(claimed, common=common)
        if claimed and kept_types:
            types[name] = kept_types
            if decision.choice is not Resolution.MERGE:
                properties[name] = _names(decided, decision)
        elif claimed or _excludes(decision):
            del properties[name], types[name]


def _combined(claimed: Sequence[tuple[str, ...]], *, common: bool) -> tuple[str, ...]:
    """Return the value types that several claims amount to: all that are named, or those common to all."""
    if len(claimed) == 1:
        return claimed[0]
    named = map(set, claimed)
    return tuple(sorted(set.intersection(*named) if common and claimed else set().union(*named)))


def _names(decided: Decided, decision: Decision[Conflict]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(decided.packs[position].name for position in decided.kept(decision)))


def _resolved_packs(decided: Decided, names: Iterable[str]) -> tuple[ResolvedPack, ...]:
    versions = _versions(decided)
    namespaces = _namespaces(decided)
    for position in decided.active:
        pack = decided.packs[position]
        missing = sorted(name for name in pack.requires if name not in versions)
        if missing:
            raise CompositionError(f"pack {pack.name} requires {missing[0]}, which was excluded; exclude both")
    return tuple(ResolvedPack(name=name, version=versions[name], namespaces=tuple(namespaces[name])) for name in names)


def _versions(decided: Decided) -> dict[str, str]:
    """Return the constraint that holds for each pack: what all say, or what was decided and all others say."""
    taking_part = [decided.packs[position] for position in decided.active]
    stated = stated_constraints(taking_part)
    versions: dict[str, str] = {}
    for name in dict.fromkeys(pack.name for pack in taking_part):
        claims = [(decided.active[index], text) for index, text in stated[name]]
        merged = intersection(tuple(text for _, text in claims))
        versions[name] = _decided_version(decided, name, claims) if merged is None else merged
    return versions


def _decided_version(decided: Decided, name: str, claims: Sequence[tuple[int, str]]) -> str:
    decision = dict(decided.on(ConflictKind.VERSION_MISMATCH))[name]
    kept = set(decided.kept(decision))
    overruled = set(decision.topic.claimants) - kept
    candidates = (
        tuple(text for position, text in claims if position not in overruled),
        tuple(text for position, text in claims if position in kept),
    )
    for texts in candidates:
        merged = intersection(texts)
        if merged is not None:
            return merged
    stated = ", ".join(f"{decided.packs[position].name} states {text}" for position, text in claims)
    raise CompositionError(
        f"no version of {name} satisfies what was decided ({decision.choice}): {stated}; "
        "versions cannot be merged, choose use_first, use_second or exclude"
    )


def _namespaces(decided: Decided) -> dict[str, dict[str, None]]:
    """Return the namespaces that each pack keeps, in order."""
    lost: set[int] = set()
    for _, decision in decided.on(ConflictKind.NAMESPACE_CONFLICT):
        lost.update(set(decision.topic.claimants) - set(decided.kept(decision)))
    kept: dict[str, dict[str, None]] = {}
    for position in decided.active:
        pack = decided.packs[position]
        namespaces = kept.setdefault(pack.name, {})
        if pack.namespace and position not in lost:
            namespaces[pack.namespace] = None
    return kept
