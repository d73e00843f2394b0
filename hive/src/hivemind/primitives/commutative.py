"""Proposals that never conflict: any number of them, in any order, come to the same merge."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from hivemind.primitives.checks import require_kind, require_member, require_text
from hivemind.primitives.errors import InvalidValueError
from hivemind.primitives.hints import Priority


@dataclass(frozen=True, slots=True, kw_only=True)
class CommutativeProposal:
    """Propose an action that can be merged with every other, for it only adds.

    `id` names the proposal: two proposals with one id must be equal.
    """

    id: str
    action: str
    priority: Priority

    def __post_init__(self) -> None:
        """Refuse blank texts and a priority that is none."""
        require_text(self.id, where="CommutativeProposal.id")
        require_text(self.action, where="CommutativeProposal.action")
        require_member(self.priority, Priority, where="CommutativeProposal.priority")

    def merge(self, other: "CommutativeProposal | CommutativeMerge") -> "CommutativeMerge":
        """Return both as one; see `CommutativeMerge.merge`."""
        return CommutativeMerge(by_id={self.id: self}, priority=self.priority).merge(other)


@dataclass(frozen=True, slots=True, kw_only=True)
class CommutativeMerge:
    """Hold what a set of commutative proposals comes to: all of them, at the highest of their priorities.

    Merges form a semilattice: `merge` is associative, commutative and idempotent under `==`, so the order in
    which proposals arrive cannot change the outcome. `by_id` iterates in order of arrival, which `==` ignores;
    `describe` writes the order-free canonical text. `merge` and `aggregate_commutative` make merges, and keep
    `priority` the highest of those in `by_id`.
    """

    by_id: Mapping[str, CommutativeProposal]
    priority: Priority

    def __hash__(self) -> int:
        """Hash the ids, in agreement with `==`."""
        return hash(frozenset(self.by_id))

    def merge(self, other: "CommutativeProposal | CommutativeMerge") -> "CommutativeMerge":
        """Return the union of both, in O(of both), most of it one copy.

        Raise `InvalidValueError` where one id names two different proposals.
        """
        added = {other.id: other} if isinstance(other, CommutativeProposal) else other.by_id
        mine = self.by_id
        for key, proposal in added.items():  # by look-up: most merges add little to much
            if key in mine:
                _require_same(mine[key], proposal)
        highest = other.priority if other.priority > self.priority else self.priority  # noqa: FURB136 - max takes four times as long
        return _made({**mine, **added}, highest)

    def describe(self) -> str:
        """Write one line for each proposal, ordered by id: equal merges give equal text. Time: O(n log n)."""
        return "\n".join([f"{key}: {self.by_id[key].action}" for key in sorted(self.by_id)])


_set_by_id: Final = vars(CommutativeMerge)["by_id"].__set__  # the slots' own setters, past the frozen class
_set_priority: Final = vars(CommutativeMerge)["priority"].__set__


def _made(by_id: Mapping[str, CommutativeProposal], priority: Priority) -> CommutativeMerge:
    """Make a merge in half the time that its own `__init__` takes, which sets each slot through `object`."""
    merge = object.__new__(CommutativeMerge)
    _set_by_id(merge, by_id)
    _set_priority(merge, priority)
    return merge


def aggregate_commutative(proposals: Iterable[CommutativeProposal]) -> CommutativeMerge:
    """Merge any number of proposals, at least one, in O(n).

    A proposal that is given twice counts once. Raise `InvalidValueError` where there is none, where an item is no
    `CommutativeProposal`, and where one id names two different proposals.
    """
    given = tuple(proposals)
    if not given:
        raise InvalidValueError("there is nothing to aggregate; give at least one CommutativeProposal")
    by_id: dict[str, CommutativeProposal] = {}
    highest = Priority.LOW
    left = iter(given)
    for proposal in left:
        # The exact type first, for it is the cheapest question that has an answer for every proposal.
        if type(proposal) is not CommutativeProposal:
            require_kind(proposal, CommutativeProposal, given, where="proposals")
        by_id[proposal.id] = proposal
        if proposal.priority > highest:
            highest = proposal.priority
            if highest is Priority.CRITICAL:
                break
    for proposal in left:  # no priority is above the one that was met, so none is compared any more
        if type(proposal) is not CommutativeProposal:
            require_kind(proposal, CommutativeProposal, given, where="proposals")
        by_id[proposal.id] = proposal
    if len(by_id) != len(given):
        for proposal in given:
            _require_same(by_id[proposal.id], proposal)
    return _made(by_id, highest)


def _require_same(first: CommutativeProposal, second: CommutativeProposal) -> None:
    if first != second:
        raise InvalidValueError(
            f"the id {first.id!r} names two different proposals, {first.action!r} and {second.action!r}, "
            "or two priorities; give each proposal its own id"
        )
