"""Proposals that can be merged on the condition that no two touch one resource."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from hivemind.primitives.checks import require_kind, require_member, require_text
from hivemind.primitives.errors import ProposalConflictError
from hivemind.primitives.hints import Priority


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionalProposal:
    """Propose an action on one resource; two proposals conflict where they touch the same one."""

    id: str
    action: str
    resource: str
    priority: Priority

    def __post_init__(self) -> None:
        """Refuse blank texts and a priority that is none."""
        require_text(self.id, where="ConditionalProposal.id")
        require_text(self.action, where="ConditionalProposal.action")
        require_text(self.resource, where="ConditionalProposal.resource")
        require_member(self.priority, Priority, where="ConditionalProposal.priority")

    def conflicts_with(self, other: "ConditionalProposal") -> bool:
        """Return whether both touch the same resource."""
        return self.resource == other.resource

    def merge(self, other: "ConditionalProposal | ConditionalMerge") -> "ConditionalMerge":
        """Return both as one; see `ConditionalMerge.merge`."""
        return ConditionalMerge(by_resource={self.resource: self}, priority=self.priority).merge(other)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionalMerge:
    """Hold proposals on different resources, in order of arrival, at the highest of their priorities.

    `merge` is associative: both groupings give the same merge or both conflict. It also commutes under `==`, which
    ignores the order of arrival. `merge` and `aggregate_conditional` make merges, and keep `priority` the
    highest of those in `by_resource`.
    """

    by_resource: Mapping[str, ConditionalProposal]
    priority: Priority

    def __hash__(self) -> int:
        """Hash the resources, in agreement with `==`."""
        return hash(frozenset(self.by_resource))

    def merge(self, other: "ConditionalProposal | ConditionalMerge") -> "ConditionalMerge":
        """Return the union of both, in O(of both).

        Raise `ProposalConflictError`, naming the resources, where both touch one.
        """
        added = {other.resource: other} if isinstance(other, ConditionalProposal) else other.by_resource
        mine = self.by_resource
        if shared := [resource for resource in added if resource in mine]:  # by look-up, as in CommutativeMerge
            resources = tuple(sorted(shared))
            first, second = mine[resources[0]], added[resources[0]]
            raise ProposalConflictError(
                f"both sides touch {', '.join(resources)}: {first.id!r} wants {first.action!r} and {second.id!r} "
                f"wants {second.action!r}; let aggregate_conditional keep the first, or vote on them",
                resources=resources,
            )
        highest = other.priority if other.priority > self.priority else self.priority  # noqa: FURB136 - max takes four times as long
        return _made({**mine, **added}, highest)

    def describe(self) -> str:
        """Write one line for each proposal in order of arrival, in O(text)."""
        return "\n".join([f"{proposal.id}: {proposal.action} on {key}" for key, proposal in self.by_resource.items()])


_set_by_resource: Final = vars(ConditionalMerge)["by_resource"].__set__  # the slots' own setters, past the frozen class
_set_priority: Final = vars(ConditionalMerge)["priority"].__set__


def _made(by_resource: Mapping[str, ConditionalProposal], priority: Priority) -> ConditionalMerge:
    """Make a merge in half the time that its own `__init__` takes, which sets each slot through `object`."""
    merge = object.__new__(ConditionalMerge)
    _set_by_resource(merge, by_resource)
    _set_priority(merge, priority)
    return merge


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionalAggregate:
    """Hold what was merged, None where nothing was given, and what was rejected, in order of arrival."""

    merged: ConditionalMerge | None
    rejected: tuple[ConditionalProposal, ...]


def aggregate_conditional(proposals: Iterable[ConditionalProposal]) -> ConditionalAggregate:
    """Merge the first proposal for each resource and reject later ones for it, in O(n).

    Raise `InvalidValueError` where an item is no `ConditionalProposal`.
    """
    given = tuple(proposals)
    by_resource: dict[str, ConditionalProposal] = {}
    rejected: list[ConditionalProposal] = []
    highest = Priority.LOW
    left = iter(given)
    for proposal in left:
        if type(proposal) is not ConditionalProposal:
            require_kind(proposal, ConditionalProposal, given, where="proposals")
        resource = proposal.resource
        if resource in by_resource:
            rejected.append(proposal)
            continue
        by_resource[resource] = proposal
        if proposal.priority > highest:
            highest = proposal.priority
            if highest is Priority.CRITICAL:
                break
    for proposal in left:  # no priority is above the one that was met, as in aggregate_commutative
        if type(proposal) is not ConditionalProposal:
            require_kind(proposal, ConditionalProposal, given, where="proposals")
        resource = proposal.resource
        if resource in by_resource:
            rejected.append(proposal)
        else:
            by_resource[resource] = proposal
    merged = _made(by_resource, highest) if by_resource else None
    return ConditionalAggregate(merged=merged, rejected=tuple(rejected))
