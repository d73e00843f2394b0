"""What agents are asked and what they answer."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from hivemind.packs.pack import Pack, Resolution, Strategy
from hivemind.packs.terms import check_text, spoken
from hivemind.queen.conflicts import Conflict
from hivemind.queen.errors import BallotError


class Role(StrEnum):
    """What an agent looks at."""

    ANALYZER = "analyzer"
    VERSION_RESOLVER = "version_resolver"
    CONFLICT_DETECTOR = "conflict_detector"
    VALIDATOR = "validator"
    OPTIMIZER = "optimizer"
    PERFORMANCE_MANAGER = "performance_manager"


class Brief(msgspec.Struct, frozen=True, kw_only=True):
    """What agents are asked: the packs in claiming order, their conflicts, and the strategy."""

    packs: tuple[Pack, ...]
    conflicts: tuple[Conflict, ...]
    strategy: Strategy = Strategy.UNION


class Opinion(msgspec.Struct, frozen=True):
    """An agent's word on one topic: what to do, how sure it is (0 to 1), and why."""

    choice: Resolution
    confidence: float
    reasoning: str


def checked_ballot(answer: object, brief: Brief) -> tuple[Opinion, ...]:
    """Return an agent's answer as a ballot: one opinion for each conflict.

    Raises BallotError saying what is wrong with it.
    """
    expected = len(brief.conflicts)
    if isinstance(answer, list | tuple):
        if len(answer) != expected:
            raise BallotError(f"returned {len(answer)} opinions on {expected} conflicts; each needs exactly one")
        # Agents give the same few opinions again and again: each object is checked once.
        for opinion in {id(opinion): opinion for opinion in answer}.values():
            _check_opinion(opinion)
        return tuple(answer)
    raise BallotError(f"returned {spoken(type(answer).__name__)}; allowed is a list or tuple of {expected} opinions")


def _check_opinion(opinion: object) -> None:
    if not isinstance(opinion, Opinion):
        raise BallotError(f"returned {spoken(repr(opinion))} for an opinion; allowed is an Opinion")
    if not isinstance(opinion.choice, Resolution):
        raise BallotError(f"chose {spoken(repr(opinion.choice))}; allowed are {', '.join(Resolution)}")
    sure = opinion.confidence
    if type(sure) not in (int, float) or not 0 <= sure <= 1:
        raise BallotError(f"gave the confidence {spoken(repr(sure))}; allowed is a number from 0 to 1")
    if not isinstance(opinion.reasoning, str):
        raise BallotError(f"gave the reasoning {spoken(repr(opinion.reasoning))}; allowed is text")
    try:
        check_text(opinion.reasoning, "its reasoning")
    except ValueError as error:
        raise BallotError(f"gave a reasoning that cannot be shown: {error}") from error
