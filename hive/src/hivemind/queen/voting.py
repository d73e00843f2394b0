"""Weigh votes: weighted quorum, deterministic tie-break, agreement kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

import msgspec

from hivemind.queen.ballot import AnyTopic, Opinion, Role
from hivemind.queen.conflicts import Conflict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from hivemind.packs.pack import Pack, Resolution

T = TypeVar("T", bound=AnyTopic)


class Voter(msgspec.Struct, frozen=True, kw_only=True):
    """Whose vote it is and how much it counts."""

    name: str
    role: Role
    weight: float


class Decision(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """What was decided on one topic.

    `choice` is None where the quorum was missed; `agreement` is the winning share of the votes' weight, 0 to 1, and
    `turnout` the share of the team's weight that voted at all: confidence 0 is an abstention. `rule` names the pack
    whose rule decided, and then nobody voted.
    """

    topic: T
    choice: str | None
    agreement: float
    turnout: float = 1.0
    voters: tuple[Voter, ...] = ()
    opinions: tuple[Opinion, ...] = ()
    rule: str = ""

    def votes(self) -> tuple[tuple[Voter, Opinion], ...]:
        """Return each voter with its opinion, in the team's order."""
        return tuple(zip(self.voters, self.opinions, strict=True))

    def support(self) -> dict[str, float]:
        """Return the weight behind each choice that anyone made, strongest first."""
        support = _support(self.voters, self.opinions)
        return dict(sorted(support.items(), key=lambda item: (-item[1], self.topic.options.index(item[0]))))


def decide(
    topics: Sequence[T],
    voters: tuple[Voter, ...],
    ballots: Sequence[Sequence[Opinion]],
    quorum: float,
) -> tuple[Decision[T], ...]:
    """Return the decision on each topic from the voters' ballots.

    A vote weighs its agent's weight times its confidence. The option with the most weight wins, at a tie the
    earlier. Nothing is decided where the agreement or the turnout is below
    the quorum: a few who vote alike cannot decide for a team that abstains. Linear in the votes.
    """
    # Agents give few different opinions, as shared objects: topics with the same ones are tallied once.
    tallies: dict[tuple[int, ...], Tally] = {}
    decisions = []
    for topic, opinions in zip(topics, zip(*ballots, strict=True), strict=True):
        options = topic.options
        key = (id(options), *map(id, opinions))
        counted = tallies.get(key)
        if counted is None:
            counted = tallies[key] = tally(voters, opinions, options)
        decisions.append(
            Decision(
                topic=topic,
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

    choice: str | None
    agreement: float
    turnout: float


def tally(voters: tuple[Voter, ...], opinions: Sequence[Opinion], options: tuple[str, ...]) -> Tally:
    """Return what votes on one topic come to."""
    support = _support(voters, opinions)
    total = sum(support.values())
    if not total:
        return Tally(None, 0.0, 0.0)
    # Rounded, so that equal shares tie although their sums were rounded differently.
    shares = [(-round(weight / total, 9), options.index(choice), choice) for choice, weight in support.items()]
    share, _, choice = min(shares)
    abstained = sum([voter.weight for voter, opinion in zip(voters, opinions, strict=True) if not opinion.confidence])
    turnout = 1.0 if not abstained else 1 - round(abstained / sum([voter.weight for voter in voters]), 9)
    return Tally(choice, -share, turnout)


def _support(voters: Sequence[Voter], opinions: Sequence[Opinion]) -> dict[str, float]:
    """Sum in the team's order, so that equal input rounds equally."""
    support: dict[str, float] = {}
    for voter, opinion in zip(voters, opinions, strict=True):
        support[opinion.choice] = support.get(opinion.choice, 0.0) + voter.weight * opinion.confidence
    return support


def described(decision: Decision[T], packs: Sequence[Pack]) -> str:
    """Return a topic in one line: what it is about, whose it is, and how the votes fell."""
    topic = decision.topic
    votes = "; ".join(
        f"{voter.name} {opinion.choice} ({voter.weight:g} x {opinion.confidence:g})"
        for voter, opinion in decision.votes()
    )
    missed = f", turnout {decision.turnout:.1%}" if decision.turnout < 1 else ""
    if isinstance(topic, Conflict):
        claimants = ", ".join(dict.fromkeys(topic.names(packs)))
        about = f"{topic.kind} {topic.subject} of {claimants}"
    else:
        about = topic.question
    return f"{about}: agreement {decision.agreement:.1%}{missed}; {votes}"


def decided_by_rule(
    conflicts: Iterable[Conflict], packs: Sequence[Pack], rules: Mapping[str, Resolution]
) -> dict[Conflict, Decision[Conflict]]:
    """Return the conflicts that a rule decides: that of the first claimant that has one."""
    decided = {}
    for conflict in conflicts:
        rule = next((name for name in conflict.names(packs) if name in rules), None)
        if rule is not None:
            decided[conflict] = Decision(topic=conflict, choice=rules[rule], agreement=1.0, rule=rule)
    return decided
