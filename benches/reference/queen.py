"""Textbook counterparts of `hivemind.queen`."""

import asyncio
from collections.abc import Sequence
from itertools import combinations

from hivemind.packs.versions import constraint, disjoint
from hivemind.queen import (
    Brief,
    Conflict,
    ConflictKind,
    Decision,
    HiveConfiguration,
    Opinion,
    Pack,
    Resolution,
    Resolved,
    ResolvedPack,
    Role,
    Voter,
    roles_for,
)
from hivemind.queen.evidence import Evidence
from hivemind.queen.opinions import JUDGES
from hivemind.queen.voting import tally

Topic = tuple[ConflictKind, str]


def find_conflicts_pairwise(packs: Sequence[Pack]) -> tuple[Conflict, ...]:
    """Compare every pack with every other, and gather the pairs that disagree on one subject.

    Quadratic in the packs; the terms of a pair are compared by the set type's own intersection.
    """
    found: dict[Topic, set[int]] = {}
    for (first, one), (second, other) in combinations(enumerate(packs), 2):
        for topic in _disagreements(one, other):
            found.setdefault(topic, set()).update((first, second))
    order = list(ConflictKind)
    return tuple(
        Conflict(kind, subject, tuple(sorted(found[kind, subject])))
        for kind, subject in sorted(found, key=lambda topic: (order.index(topic[0]), topic[1]))
    )


def _disagreements(one: Pack, other: Pack) -> list[Topic]:
    """Return what two packs disagree on."""
    mine, theirs = _constraints(one), _constraints(other)
    topics = [
        (ConflictKind.VERSION_MISMATCH, name)
        for name in mine.keys() & theirs.keys()
        if disjoint(mine[name], theirs[name])
    ]
    if one.namespace and other.namespace:
        if one.namespace == other.namespace and one.name != other.name:
            topics.append((ConflictKind.NAMESPACE_CONFLICT, one.namespace))
        if one.namespace != other.namespace and one.name == other.name:
            topics.append((ConflictKind.NAMESPACE_CONFLICT, one.name))
    if one.name != other.name:
        topics.extend((ConflictKind.CLASS_COLLISION, name) for name in one.classes & other.classes)
    for name in one.properties.keys() & other.properties.keys():
        types, others = one.properties[name], other.properties[name]
        if types and others and types != others:
            topics.append((ConflictKind.PROPERTY_TYPE_MISMATCH, name))
    return topics


def _constraints(pack: Pack) -> dict[str, str]:
    return {pack.name: pack.version, **pack.requires}


class TextbookQueen:
    """Compare packs pair by pair, ask each agent in a task of its own, and place terms one by one.

    Its agents think as the standard ones do; what differs is how the work is organised.
    """

    async def orchestrate(self, configuration: HiveConfiguration) -> tuple[tuple[Decision[Conflict], ...], Resolved]:
        """Return what was decided on each conflict, and the packs composed accordingly (strategy union)."""
        packs = configuration.packs
        conflicts = find_conflicts_pairwise(packs)
        evidence = Evidence(Brief(packs=packs, topics=conflicts))
        roles = roles_for(len(packs))
        ballots = await asyncio.gather(*(self._ask(role, conflicts, evidence) for role in roles))
        voters = tuple(Voter(name=role.value, role=role, weight=1.0) for role in roles)
        decisions = [
            self._decide(conflict, voters, opinions, configuration.quorum)
            for conflict, *opinions in zip(conflicts, *ballots, strict=True)
        ]
        return tuple(decisions), compose_term_by_term(packs, decisions)

    async def _ask(self, role: Role, conflicts: Sequence[Conflict], evidence: Evidence) -> list[Opinion]:
        return [JUDGES[role](conflict, evidence) for conflict in conflicts]

    def _decide(
        self, conflict: Conflict, voters: tuple[Voter, ...], opinions: list[Opinion], quorum: float
    ) -> Decision[Conflict]:
        counted = tally(voters, opinions, conflict.options)
        return Decision(
            topic=conflict,
            choice=counted.choice if min(counted.agreement, counted.turnout) >= quorum else None,
            agreement=counted.agreement,
            turnout=counted.turnout,
            voters=voters,
            opinions=tuple(opinions),
        )


def compose_term_by_term(packs: Sequence[Pack], decisions: Sequence[Decision[Conflict]]) -> Resolved:
    """Place each term of each pack, then carry out each decision (strategy union)."""
    decided = {(decision.topic.kind, decision.topic.subject): decision for decision in decisions}
    classes: dict[str, list[str]] = {}
    properties: dict[str, list[str]] = {}
    types: dict[str, tuple[str, ...]] = {}
    stated: dict[str, list[tuple[int, str]]] = {}
    for position, pack in enumerate(packs):
        for name, text in _constraints(pack).items():
            stated.setdefault(name, []).append((position, text))
        for name in pack.classes:
            classes.setdefault(name, []).append(pack.name)
        for name, value_types in pack.properties.items():
            properties.setdefault(name, []).append(pack.name)
            types[name] = types.get(name) or value_types
    for (kind, name), decision in decided.items():
        kept = _kept(decision)
        if kind is ConflictKind.CLASS_COLLISION:
            classes[name] = [packs[position].name for position in kept]
        elif kind is ConflictKind.PROPERTY_TYPE_MISMATCH:
            if decision.choice is not Resolution.MERGE:
                properties[name] = [packs[position].name for position in kept]
            types[name] = tuple(sorted({each for position in kept for each in packs[position].properties[name]}))
    return Resolved(
        packs=tuple(_resolved_pack(position, packs, stated, decided) for position in range(len(packs))),
        classes={name: tuple(owners) for name, owners in classes.items()},
        properties={name: tuple(owners) for name, owners in properties.items()},
        types=types,
    )


def _kept(decision: Decision[Conflict]) -> tuple[int, ...]:
    claimants = decision.topic.claimants
    if decision.choice is Resolution.MERGE:
        return claimants
    return claimants[:1] if decision.choice is Resolution.USE_FIRST else claimants[-1:]


def _resolved_pack(
    position: int,
    packs: Sequence[Pack],
    stated: dict[str, list[tuple[int, str]]],
    decided: dict[Topic, Decision[Conflict]],
) -> ResolvedPack:
    """Return a pack's part: the version that all who name it state, or that was decided, and its namespace."""
    pack = packs[position]
    claims = stated[pack.name]
    version = decided.get((ConflictKind.VERSION_MISMATCH, pack.name))
    if version is not None:
        overruled = set(version.topic.claimants) - set(_kept(version))
        claims = [(place, text) for place, text in claims if place not in overruled]
    merged = constraint(claims[0][1])
    for _, text in claims[1:]:
        merged = merged.intersect(constraint(text))
    namespace = decided.get((ConflictKind.NAMESPACE_CONFLICT, pack.namespace))
    keeps = namespace is None or position in _kept(namespace)
    return ResolvedPack(
        name=pack.name, version=str(merged), namespaces=(pack.namespace,) if keeps and pack.namespace else ()
    )
