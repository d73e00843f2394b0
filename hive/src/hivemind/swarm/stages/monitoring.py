"""Stage one: read the change events and keep those that the vocabulary has not seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from hivemind.packs import Pack
from hivemind.swarm.stages.events import AnyEvent, new_events, read_events

if TYPE_CHECKING:
    from hivemind.swarm.stage import StageContext

EVENT_MONITORING = "event-monitoring"


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What the default pipeline runs on: a vocabulary and the log of changes to it, one JSON object a line."""

    vocabulary: Pack
    log: str = ""


def monitor(context: StageContext) -> tuple[AnyEvent, ...]:
    """Return the events that are new to the vocabulary, in order."""
    change = context.given(Change)
    return new_events(read_events(change.log), change.vocabulary.sequence)
