"""Stage two: extend the graph by the new events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hivemind.swarm.stages.events import extend
from hivemind.swarm.stages.monitoring import EVENT_MONITORING, Change

if TYPE_CHECKING:
    from hivemind.packs import Pack
    from hivemind.swarm.stage import StageContext

GRAPH_EXTENSION = "graph-extension"


def extend_graph(context: StageContext) -> Pack:
    """Return the vocabulary with the monitored events applied."""
    return extend(context.given(Change).vocabulary, context.result(EVENT_MONITORING, tuple))
