"""Changes of what is read exactly, memory and instructions: the interval is the whole range of the readings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hivegate.model.change import Change

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hivegate.model.pairs import InstructionPair, MemoryPair


def memory_change(pair: MemoryPair, metric: str) -> Change | None:
    """Compare the readings of a metric, ``peak_memory`` or ``allocations``; None where nobody counted it."""
    if metric == "peak_memory":
        return _change(pair.base_peak, pair.head_peak, "memory")
    return _change(pair.base_allocations, pair.head_allocations, "memory")


def instruction_change(pair: InstructionPair) -> Change | None:
    """Compare the instructions of a call; None where nobody counted them."""
    return _change(pair.base, pair.head, "instructions")


def _change(base: Sequence[float], head: Sequence[float], clock: str) -> Change | None:
    if not base or not head or min(base) <= 0:
        return None
    return Change(
        ratio=sum(head) / sum(base) * len(base) / len(head),
        low=min(head) / max(base),
        high=max(head) / min(base),
        n=min(len(base), len(head)),
        clock=clock,
        base_value=sum(base) / len(base),
        head_value=sum(head) / len(head),
    )
