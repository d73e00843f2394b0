"""Votes are weighed: quorum, ties, agreement."""

from __future__ import annotations

import pytest

from hivemind.queen import Conflict, ConflictKind, Opinion, Pack, Resolution, Role, Voter
from hivemind.queen.voting import decide, decided_by_rule, described, tally

TOPIC = Conflict(ConflictKind.CLASS_COLLISION, "Person", (0, 1))


def voters(*weights: float) -> tuple[Voter, ...]:
    """Return voters of these weights."""
    return tuple(Voter(name=f"v{number}", role=Role.ANALYZER, weight=weight) for number, weight in enumerate(weights))


def opinions(*choices: Resolution, sure: float = 1.0) -> list[Opinion]:
    """Return equally sure opinions."""
    return [Opinion(choice, sure, "because") for choice in choices]


def test_weight_times_confidence_decides() -> None:
    """Two light voters lose against a heavy one; an unsure heavy one loses."""
    said = opinions(Resolution.MERGE, Resolution.MERGE, Resolution.EXCLUDE)
    assert tally(voters(1, 1, 3), said, TOPIC.options) == (Resolution.EXCLUDE, 0.6, 1.0)
    said[2] = Opinion(Resolution.EXCLUDE, 0.5, "perhaps")
    assert tally(voters(1, 1, 3), said, TOPIC.options)[0] is Resolution.MERGE


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1)])
def test_a_tie_goes_to_the_earlier_resolution(order: tuple[int, ...]) -> None:
    """Whoever speaks first."""
    choices = list(Resolution)
    said = opinions(*(choices[place] for place in order))
    assert tally(voters(1, 1, 1, 1), said, TOPIC.options) == (Resolution.USE_FIRST, 0.25, 1.0)


def test_a_tie_is_not_broken_by_rounding() -> None:
    """0.1 + 0.2 is as much as 0.3."""
    said = [
        Opinion(Resolution.MERGE, 0.1, ""),
        Opinion(Resolution.MERGE, 0.2, ""),
        Opinion(Resolution.USE_FIRST, 0.3, ""),
    ]
    assert tally(voters(1, 1, 1), said, TOPIC.options) == (Resolution.USE_FIRST, 0.5, 1.0)


def test_nothing_is_decided_when_no_vote_weighs_anything() -> None:
    """Confidence 0 is an abstention."""
    (decision,) = decide([TOPIC], voters(1), [opinions(Resolution.MERGE, sure=0)], quorum=0.01)
    assert (decision.choice, decision.agreement) == (None, 0.0)


@pytest.mark.parametrize(("quorum", "choice"), [(0.6, Resolution.MERGE), (0.61, None)])
def test_below_the_quorum_nothing_is_decided(quorum: float, choice: Resolution | None) -> None:
    """The quorum itself is enough; the agreement is kept either way."""
    ballots = [[each] for each in opinions(Resolution.MERGE, Resolution.MERGE, Resolution.EXCLUDE)]
    (decision,) = decide([TOPIC], voters(1, 2, 2), ballots, quorum)
    assert (decision.choice, decision.agreement) == (choice, 0.6)
    assert decision.support() == {Resolution.MERGE: 3.0, Resolution.EXCLUDE: 2.0}


@pytest.mark.parametrize(
    ("abstaining", "quorum", "choice"), [(5, 1.0, None), (3, 0.5, Resolution.MERGE), (4, 0.5, None)]
)
def test_one_vote_does_not_decide_for_a_team_that_abstains(
    abstaining: int, quorum: float, choice: Resolution | None
) -> None:
    """A quorum is also of those who vote, by weight, however sure they are; the described topic says how many did."""
    said = [
        *opinions(*[Resolution.EXCLUDE] * abstaining, sure=0),
        *opinions(*[Resolution.MERGE] * (6 - abstaining), sure=0.001),
    ]
    (decision,) = decide([TOPIC], voters(*[1] * 6), [[each] for each in said], quorum)
    assert (decision.choice, decision.agreement) == (choice, 1.0)
    assert decision.turnout == pytest.approx(1 - abstaining / 6)
    assert f"turnout {decision.turnout:.1%}" in described(decision, [Pack(name="a"), Pack(name="b")])


def test_equal_opinions_on_different_topics_are_tallied_alike() -> None:
    """The shared tally does not leak between topics that were judged differently."""
    other = Conflict(ConflictKind.CLASS_COLLISION, "Place", (0, 1))
    merge, exclude = opinions(Resolution.MERGE, Resolution.EXCLUDE)
    decided = decide([TOPIC, other, TOPIC], voters(1), [[merge, exclude, merge]], 0.5)
    assert [decision.choice for decision in decided] == [Resolution.MERGE, Resolution.EXCLUDE, Resolution.MERGE]


def test_the_rule_of_the_first_claimant_that_has_one_decides() -> None:
    """Claimants without a rule are passed over."""
    packs = [Pack(name="a"), Pack(name="b"), Pack(name="c")]
    topic = Conflict(ConflictKind.CLASS_COLLISION, "Person", (0, 1, 2))
    rules = {"c": Resolution.MERGE, "b": Resolution.EXCLUDE}
    decided = decided_by_rule([topic], packs, rules)
    assert (decided[topic].choice, decided[topic].rule) == (Resolution.EXCLUDE, "b")
    assert decided_by_rule([TOPIC], packs, {"c": Resolution.MERGE}) == {}


def test_a_topic_is_described_with_packs_and_votes() -> None:
    """A person can see who voted for what, and how heavily."""
    (decision,) = decide([TOPIC], voters(2), [opinions(Resolution.MERGE, sure=0.5)], 0.5)
    line = described(decision, [Pack(name="foaf"), Pack(name="schema")])
    assert line == "class_collision Person of foaf, schema: agreement 100.0%; v0 merge (2 x 0.5)"
