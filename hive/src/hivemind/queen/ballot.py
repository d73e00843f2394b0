"""What agents are asked and what they answer."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeAlias

import msgspec

from hivemind.packs.pack import Pack, Strategy
from hivemind.packs.terms import check_text, spoken
from hivemind.queen.conflicts import Conflict
from hivemind.queen.errors import BallotError
from hivemind.queen.topic import Topic


class Role(StrEnum):
    """What an agent looks at."""

    ANALYZER = "analyzer"
    VERSION_RESOLVER = "version_resolver"
    CONFLICT_DETECTOR = "conflict_detector"
    VALIDATOR = "validator"
    OPTIMIZER = "optimizer"
    PERFORMANCE_MANAGER = "performance_manager"


AnyTopic: TypeAlias = Conflict | Topic


class Brief(msgspec.Struct, frozen=True, kw_only=True):
    """What agents are asked: the topics, and where these are conflicts the packs in claiming order and the strategy."""

    topics: tuple[AnyTopic, ...]
    packs: tuple[Pack, ...] = ()
    strategy: Strategy = Strategy.UNION


class Opinion(msgspec.Struct, frozen=True):
    """An agent's word on one topic: which option, how sure it is (0 to 1, 0 being an abstention), and why."""

    choice: str
    confidence: float
    reasoning: str


def checked_ballot(answer: object, brief: Brief) -> tuple[Opinion, ...]:
    """Return an agent's answer as a ballot: one opinion for each topic, each for one of the topic's own options.

    Raises BallotError saying what is wrong with it.
    """
    expected = len(brief.topics)
    if not isinstance(answer, list | tuple):
        raise BallotError(
            f"returned {spoken(type(answer).__name__)}; allowed is a list or tuple of {expected} opinions"
        )
    if len(answer) != expected:
        raise BallotError(f"returned {len(answer)} opinions on {expected} topics; each needs exactly one")
    # Agents give the same few opinions again and again: each object is checked once for the same options.
    checked: dict[tuple[int, int], Opinion] = {}
    ballot = []
    for opinion, topic in zip(answer, brief.topics, strict=True):
        options = topic.options
        key = (id(opinion), id(options))
        if key not in checked:
            checked[key] = _checked(opinion, options)
        ballot.append(checked[key])
    return tuple(ballot)


def _checked(opinion: object, options: tuple[str, ...]) -> Opinion:
    """Return the opinion with the option itself, where what came is another text that is equal."""
    if not isinstance(opinion, Opinion):
        raise BallotError(f"returned {spoken(repr(opinion))} for an opinion; allowed is an Opinion")
    if opinion.choice not in options:  # also where it is no text at all
        raise BallotError(f"chose {spoken(repr(opinion.choice))}; allowed are {', '.join(options)}")
    sure = opinion.confidence
    if type(sure) not in (int, float) or not 0 <= sure <= 1:
        raise BallotError(f"gave the confidence {spoken(repr(sure))}; allowed is a number from 0 to 1")
    if not isinstance(opinion.reasoning, str):
        raise BallotError(f"gave the reasoning {spoken(repr(opinion.reasoning))}; allowed is text")
    try:
        check_text(opinion.reasoning, "its reasoning")
    except ValueError as error:
        raise BallotError(f"gave a reasoning that cannot be shown: {error}") from error
    own = options[options.index(opinion.choice)]
    return opinion if own is opinion.choice else msgspec.structs.replace(opinion, choice=own)
