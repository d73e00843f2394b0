"""Find which proposals conflict by looking at each once."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hivemind.primitives.checks import require_kind
from hivemind.primitives.conditional import ConditionalProposal


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflicts:
    """Hold the proposals that conflict, by the resource they share, and the number of conflicting pairs.

    `groups` holds two proposals or more for each resource, both in order of arrival; a resource that one proposal
    alone touches is left out.
    """

    groups: Mapping[str, tuple[ConditionalProposal, ...]]
    pairs: int


def find_conflicts(proposals: Iterable[ConditionalProposal]) -> Conflicts:
    """Group the proposals that touch one resource, in O(n): no pair is ever visited.

    A proposal touches one resource, so conflict is an equivalence: each group of k holds exactly k(k - 1)/2
    conflicting pairs, and there are none between groups. Raise `InvalidValueError` where an item is no
    `ConditionalProposal`.
    """
    given = tuple(proposals)
    touching: defaultdict[str, list[ConditionalProposal]] = defaultdict(list)
    for proposal in given:
        if type(proposal) is not ConditionalProposal:
            require_kind(proposal, ConditionalProposal, given, where="proposals")
        touching[proposal.resource].append(proposal)
    groups = {resource: tuple(group) for resource, group in touching.items() if len(group) > 1}
    return Conflicts(groups=groups, pairs=sum([len(group) * (len(group) - 1) // 2 for group in groups.values()]))
