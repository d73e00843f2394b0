"""How the guides spell: tables in Markdown, and what was measured with its interval."""

from __future__ import annotations

from typing import TYPE_CHECKING

from guides.measured import dimension_of
from hivegate.model.quantity import interval, quantity

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hivegate.model.estimate import Estimate


def table(head: Sequence[str], rows: Iterable[Sequence[str]], *, right: int = 0) -> str:
    """Spell a Markdown table whose last `right` columns are numbers."""
    rule = ["---"] * (len(head) - right) + ["---:"] * right
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, rule, *rows))


def spell(found: Estimate | None, metric: str = "p50") -> str:
    """Spell an estimate with its interval."""
    if found is None:
        return ""
    dimension = dimension_of(metric)
    if found.low == found.high == found.value:
        return f"{quantity(found.value, dimension)}, exactly"
    return f"{quantity(found.value, dimension)} ({interval(found, dimension)})"
