"""Weigh votes: weighted quorum, deterministic tie-break, agreement kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from hivemind.packs.pack import Pack, Resolution
from hivemind.queen.ballot import Opinion, Role
from hivemind.queen.conflicts import Conflict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_TIE_BREAK = {choice: rank for rank, choice in enumerate(Resolution)}


class Voter(msgspec.Struct, frozen=True, kw_only=True):
    """Whose vote it is and how much it counts."""

    name: str
    role: Role
    weight: float


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What was decided on one conflict.

    `choice` is None where the quorum was missed; `agreement` is the winning share of the votes' weight, 0 to 1, and
    `turnout` the share of the team's weight that voted at all: confidence 0 is an abstention. `rule` names the pack
    whose rule decided, and then nobody voted.
    """

    conflict: Conflict
    choice: Resolution | None
    agreement: float
    turnout: float = 1.0
    voters: tuple[Voter, ...] = ()
    opinions: tuple[Opinion, ...] = ()
    rule: str = ""

    def votes(self) -> tuple[tuple[Voter, Opinion], ...]:
        """Return each voter with its opinion, in the team's order."""
        return tuple(zip(self.voters, self.opinions, strict=True))

    def support(self) -> dict[Resolution, float]:
        """Return the weight behind each choice that anyone made, strongest first."""
        support = _support(self.voters, self.opinions)
        return dict(sorted(support.items(), key=lambda item: (-item[1], _TIE_BREAK[item[0]])))


def decide(
    conflicts: Sequence[Conflict],
    voters: tuple[Voter, ...],
    ballots: Sequence[Sequence[Opinion]],
    quorum: float,
) -> tuple[Decision, ...]:
    """Return the decision on each conflict from the voters' ballots.

    A vote weighs its agent's weight times its confidence. The choice with the most weight wins, at a tie the
    earlier of use_first, use_second, merge, exclude. Nothing is decided where the agreement or the turnout is below
    the quorum: a few who vote alike cannot decide for a team that abstains. Linear in the votes.
    """
    # Agents give few different opinions, as shared objects: topics with the same ones are tallied once.
    tallies: dict[tuple[int, ...], Tally] = {}
    decisions = []
    for conflict, opinions in zip(conflicts, zip(*ballots, strict=True), strict=True):
        key = tuple(map(id, opinions))
        counted = tallies.get(key)
        if counted is None:
            counted = tallies[key] = tally(voters, opinions)
        decisions.append(
            Decision(
                conflict=conflict,
                choice=counted.choice if min(counted.agreement, counted.turnout) >= quorum else None,
                agreement=counted.agreement,
                turnout=counted.turnout,
                voters=voters,
                opinions=opinions,
            )
        )
    return tuple(decisions)


class Tally(NamedTuple):
    """The strongest choice, None if no vote weighs anything; its share of all votes; and how much of the team voted."""

    choice: Resolution | None
    agreement: float
    turnout: float


def tally(voters: tuple[Voter, ...], opinions: Sequence[Opinion]) -> Tally:
    """Return what votes on one topic come to."""
    support = _support(voters, opinions)
    total = sum(support.values())
    if not total:
        return Tally(None, 0.0, 0.0)
    # Rounded, so that equal shares tie although their sums were rounded differently.
    shares = [(-round(weight / total, 9), _TIE_BREAK[choice], choice) for choice, weight in support.items()]
    share, _, choice = min(shares)
    abstained = sum([voter.weight for voter, opinion in zip(voters, opinions, strict=True) if not opinion.confidence])
    turnout = 1.0 if not abstained else 1 - round(abstained / sum([voter.weight for voter in voters]), 9)
    return Tally(choice, -share, turnout)


def _support(voters: Sequence[Voter], opinions: Sequence[Opinion]) -> dict[Resolution, float]:
    """Sum in the team's order, so that equal input rounds equally."""
    support: dict[Resolution, float] = {}
    for voter, opinion in zip(voters, opinions, strict=True):
        support[opinion.choice] = support.get(opinion.choice, 0.0) + voter.weight * opinion.confidence
    return support


def described(decision: Decision, packs: Sequence[Pack]) -> str:
    """Return a topic in one line: what it is about, whose it is, and how the votes fell."""
    conflict = decision.conflict
    votes = "; ".join(
        f"{voter.name} {opinion.choice} ({voter.weight:g} x {opinion.confidence:g})"
        for voter, opinion in decision.votes()
    )
    claimants = ", ".join(dict.fromkeys(conflict.names(packs)))
    missed = f", turnout {decision.turnout:.1%}" if decision.turnout < 1 else ""
    return f"{conflict.kind} {conflict.subject} of {claimants}: agreement {decision.agreement:.1%}{missed}; {votes}"


def decided_by_rule(
    conflicts: Iterable[Conflict], packs: Sequence[Pack], rules: Mapping[str, Resolution]
) -> dict[Conflict, Decision]:
    """Return the conflicts that a rule decides: that of the first claimant that has one."""
    decided = {}
    for conflict in conflicts:
        rule = next((name for name in conflict.names(packs) if name in rules), None)
        if rule is not None:
            decided[conflict] = Decision(conflict=conflict, choice=rules[rule], agreement=1.0, rule=rule)
    return decided
