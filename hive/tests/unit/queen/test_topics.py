"""A vote on any topic: options of the caller's own, weighed and checked like conflicts."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from hivemind.primitives import InvalidValueError
from hivemind.queen import AgentError, HiveQueen, Opinion, Role, Topic, UnresolvedError, isolated, standard_team

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hivemind.queen import Agent, Brief, Decision

LUNCH = Topic(question="What is for lunch?", options=("soup", "salad", "bread"))


class Diner:
    """An agent that always wants the same."""

    role = Role.ANALYZER

    def __init__(self, name: str, choice: str, sure: float = 1.0, weight: float = 1.0) -> None:
        self.name, self.weight = name, weight
        self._opinion = Opinion(choice, sure, "hungry")

    def vote(self, brief: Brief) -> list[Opinion]:
        """Say it."""
        return [self._opinion for _ in brief.topics]


def vote(agents: Sequence[Agent] | None, *topics: Topic, quorum: float = 0.5) -> tuple[Decision[Topic], ...]:
    """Have agents vote."""
    return asyncio.run(HiveQueen(agents=agents).vote(topics, quorum=quorum))


def test_weight_and_confidence_decide_between_options_of_any_kind() -> None:
    """The heaviest choice wins, with its share of all; a tie goes to the earlier option."""
    (decision,) = vote([Diner("a", "soup"), Diner("b", "bread", weight=3)], LUNCH)
    assert (decision.choice, decision.agreement, decision.support()) == ("bread", 0.75, {"bread": 3.0, "soup": 1.0})
    assert vote([Diner("a", "salad"), Diner("b", "soup")], LUNCH)[0].choice == "soup"
    assert vote(None) == ()


def test_a_quorum_is_of_the_team_and_the_error_says_how_many_voted() -> None:
    """One of six who are sure of nothing does not decide lunch."""
    agents = [Diner("a", "soup", 0.001), *(Diner(name, "bread", 0) for name in "bcdef")]
    with pytest.raises(UnresolvedError, match=r"What is for lunch\?: agreement 100.0%, turnout 16.7%; a soup"):
        vote(agents, LUNCH, quorum=1.0)


def test_standard_agents_go_by_the_evidence() -> None:
    """The most evidence, or the first option where none tells them apart; in worker processes, too."""
    proven = Topic(question="Which index?", options=("hash", "tree"), evidence=(0.2, 0.9))
    assert [decision.choice for decision in vote(None, proven, LUNCH)] == ["tree", "soup"]

    async def apart() -> Sequence[Decision[Topic]]:
        async with isolated(standard_team((Role.ANALYZER,)).agents) as team:
            return await HiveQueen(agents=team).vote([proven])

    assert asyncio.run(apart())[0].choice == "tree"


def test_a_choice_that_is_no_option_is_refused() -> None:
    """The error names the agent, what it chose, and the options."""
    with pytest.raises(AgentError, match=r"'a' chose .*pizza.*; allowed are soup, salad, bread"):
        vote([Diner("a", "pizza")], LUNCH)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"options": ("one",)}, "give two options or more"),
        ({"options": ("one", "one")}, "all different"),
        ({"options": ("one", " ")}, "an option is ' '"),
        ({"options": ("one", "o\u200bne")}, "does not show"),
        ({"question": ""}, "the question is ''"),
        ({"evidence": (1.0,)}, "1 numbers are given as evidence for 2 options"),
        ({"evidence": (1.0, float("nan"))}, "a finite number"),
    ],
)
def test_a_topic_that_cannot_be_voted_on_is_refused(fields: dict[str, object], told: str) -> None:
    """When it is made."""
    with pytest.raises(InvalidValueError, match=told):
        Topic(**({"question": "Which?", "options": ("a", "b")} | fields))  # type: ignore[arg-type]  # rubbish


@pytest.mark.parametrize("quorum", [0, 1.01, float("nan")])
def test_a_quorum_that_is_none_is_refused(quorum: float) -> None:
    """Before anyone is asked."""
    with pytest.raises(InvalidValueError, match="quorum is"):
        vote(None, LUNCH, quorum=quorum)
