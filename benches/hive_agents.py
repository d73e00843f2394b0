"""Agents of the suite's own: one that waits as for a remote answer, one that computes."""

import asyncio
from collections.abc import Sequence
from difflib import SequenceMatcher

import msgspec

from hivemind.queen import Brief, Conflict, ConflictKind, Opinion, Pack, Resolution, Role, Topic

ALIKE = 0.8
COMPARED = 16


class WaitingAgent(msgspec.Struct, frozen=True, kw_only=True):
    """An agent whose opinion comes from elsewhere after some seconds, and costs no computing here."""

    name: str
    seconds: float
    role: Role = Role.ANALYZER
    weight: float = 1.0

    async def vote(self, brief: Brief) -> list[Opinion]:
        """Wait, then merge everything."""
        await asyncio.sleep(self.seconds)
        return [Opinion(Resolution.MERGE, 1.0, "said elsewhere") for _ in brief.topics]


class SpellingAgent(msgspec.Struct, frozen=True, kw_only=True):
    """An agent that compares the spelling of the first claimants' terms, which is costly and pure Python."""

    name: str
    role: Role = Role.ANALYZER
    weight: float = 1.0

    def vote(self, brief: Brief) -> list[Opinion]:
        """Merge where the packs spell many terms alike."""
        return [self._opinion(topic, brief.packs) for topic in brief.topics]

    def _opinion(self, topic: Conflict | Topic, packs: Sequence[Pack]) -> Opinion:
        if not isinstance(topic, Conflict) or topic.kind is ConflictKind.VERSION_MISMATCH:
            return Opinion(Resolution.USE_FIRST, 1.0, "spelling says nothing about this")
        first, second = (sorted(packs[position].properties)[:COMPARED] for position in topic.claimants[:2])
        alike = sum(SequenceMatcher(None, one, other).ratio() >= ALIKE for one in first for other in second)
        if alike >= len(first):
            return Opinion(Resolution.MERGE, 1.0, "the packs spell their properties alike")
        return Opinion(Resolution.USE_FIRST, 1.0, "the packs spell their properties differently")
