"""Changes of what is read exactly: the interval is the whole range of the readings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hivegate.model.change import Change

if TYPE_CHECKING:
    from collections.abc import Sequence


def exact_change(base: Sequence[float], head: Sequence[float], *, instrument: str) -> Change | None:
    """Compare the readings of two sides, one a process; None where a side has none, or one that is not above zero."""
    if not base or not head or min(base) <= 0:
        return None
    return Change(
        ratio=sum(head) / sum(base) * len(base) / len(head),
        low=min(head) / max(base),
        high=max(head) / min(base),
        n=min(len(base), len(head)),
        instrument=instrument,
        base_value=sum(base) / len(base),
        head_value=sum(head) / len(head),
    )
