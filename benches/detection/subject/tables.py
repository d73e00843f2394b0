"""Turning rows into columns: many tuples, lists and dicts."""

from .doses import PIVOT

_ROWS = [(f"cell {number}", number * 7 % 11, number / 3) for number in range(12)]


def pivot() -> int:
    """Pivot so many tables."""
    total = 0
    for _ in range(PIVOT):
        total += len(_columns(_ROWS))
    return total


def _columns(rows: list[tuple[str, int, float]]) -> dict[int, list[dict[str, object]]]:
    columns: dict[int, list[dict[str, object]]] = {}
    for name, group, value in rows:
        columns.setdefault(group, []).append({"name": name, "value": [value, value * 2], "shown": (name, f"{value}")})
    return columns
