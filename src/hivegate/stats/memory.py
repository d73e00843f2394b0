"""Changes of memory: readings are exact, so the interval is their whole range."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hivegate.model.change import Change

if TYPE_CHECKING:
    from hivegate.model.pairs import MemoryPair


def memory_change(pair: MemoryPair, metric: str) -> Change | None:
    """Compare the readings of a metric, ``peak_memory`` or ``allocations``; None where nobody counted it."""
    peak = metric == "peak_memory"
    base, head = (pair.base_peak, pair.head_peak) if peak else (pair.base_allocations, pair.head_allocations)
    if not base or not head or min(base) <= 0:
        return None
    return Change(
        ratio=sum(head) / sum(base) * len(base) / len(head),
        low=min(head) / max(base),
        high=max(head) / min(base),
        n=min(len(base), len(head)),
        clock="memory",
        base_value=sum(base) / len(base),
        head_value=sum(head) / len(head),
    )
