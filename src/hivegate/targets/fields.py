"""Typed reads of one mapping: each field once, unknown ones refused with the likely meaning."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from hivegate.model.identity import closest
from hivegate.targets.units import QuantityError, parse_quantity

if TYPE_CHECKING:
    from hivegate.model.metric import Dimension
    from hivegate.targets.tree import Node

_LONGEST_TEXT = 1000  # characters


class Fields:
    """The fields of a mapping; making one refuses keys that are not in `allowed`."""

    def __init__(self, node: Node, allowed: tuple[str, ...]) -> None:
        if not isinstance(node.value, dict):
            raise node.refuse(f"is {_kind(node)}; a mapping is allowed, with the keys {', '.join(allowed)}")
        for key, value in node.value.items():
            if key not in allowed:
                near = closest(key, list(allowed))
                hint = f"did you mean {near}?" if near else f"allowed are {', '.join(allowed)}"
                raise value.refuse(f"the key {key} is not known", hint)
        self.node = node
        self._values: dict[str, Node] = node.value

    def __contains__(self, key: str) -> bool:
        """Tell whether the field is there."""
        return key in self._values

    def get(self, key: str) -> Node | None:
        """Look a field up as it stands."""
        return self._values.get(key)

    def need(self, key: str) -> Node:
        """Look a field up that must be there."""
        found = self._values.get(key)
        if found is None:
            raise self.node.refuse(f"the key {key} is missing")
        return found

    def text(self, key: str) -> str | None:
        """Read a text of a line or more."""
        node = self.get(key)
        return None if node is None else as_text(node)

    def one_of(self, key: str, choices: tuple[str, ...]) -> str | None:
        """Read one of a few words."""
        node = self.get(key)
        if node is None:
            return None
        text = as_text(node)
        if text not in choices:
            near = closest(text, list(choices))
            raise node.refuse(f"is {text!r}; allowed are {', '.join(choices)}", f"did you mean {near}?" if near else "")
        return text

    def quantity(self, key: str, dimension: Dimension) -> float | None:
        """Read a quantity in base units."""
        node = self.get(key)
        return None if node is None else as_quantity(node, dimension)

    def date(self, key: str) -> dt.date:
        """Read a date that must be there, written as 2027-03-01."""
        node = self.need(key)
        text = as_text(node)
        try:
            return dt.datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=dt.UTC).date()
        except ValueError as fault:
            raise node.refuse(f"is {text!r}, which is no date", "write year-month-day: 2027-03-01") from fault


def as_text(node: Node) -> str:
    """Read a scalar that is not empty."""
    if not isinstance(node.value, str):
        raise node.refuse(f"is {_kind(node)}; a text is allowed")
    if not node.value.strip() or len(node.value) > _LONGEST_TEXT:
        raise node.refuse(f"a text of 1 to {_LONGEST_TEXT} characters is allowed")
    return node.value


def as_quantity(node: Node, dimension: Dimension) -> float:
    """Read a quantity in base units."""
    text = as_text(node)
    try:
        return parse_quantity(text, dimension)
    except QuantityError as fault:
        shown = text if len(text) <= 60 else text[:60] + "..."  # noqa: PLR2004  what fits a line
        raise node.refuse(f"is {shown!r}; allowed is {fault.allowed}", fault.hint) from fault


def as_items(node: Node) -> list[Node]:
    """Read a list."""
    if not isinstance(node.value, list):
        raise node.refuse(f"is {_kind(node)}; a list is allowed")
    return node.value


def _kind(node: Node) -> str:
    if isinstance(node.value, str):
        return f"the text {node.value[:40]!r}"
    return "a list" if isinstance(node.value, list) else "a mapping"
