"""Typed reads of one mapping: each field once, unknown ones refused with the likely meaning."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from typing import TYPE_CHECKING

from hivegate.model.identity import closest
from hivegate.targets.units import QuantityError, parse_quantity
from hivegate.targets.wording import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hivegate.targets.tree import Node
    from hivegate.targets.units import Grammar

LONGEST_TEXT = 1000  # characters
DATE = "[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
WHOLE_NUMBER = r"[1-9][0-9]{0,4}(?:\.0*)?"  # YAML writers spell a whole float as 4.0
_EXAMPLES = {
    "schema": "schema: 1",
    "benchmark": "benchmark: suite/name[10]; * and ? are wildcards",
    "budget": "budget: 2 %",
    "reason": "reason: Validates artifacts now",
    "owner": 'owner: "@performance-team"',
    "expires": "expires: 2027-03-01",
}


class Fields:
    """The fields of a mapping; making one refuses keys that are not in `allowed`.

    `former` gives keys their present name by the one that they had, which is still read.
    """

    def __init__(self, node: Node, allowed: tuple[str, ...], former: Mapping[str, str] | None = None) -> None:
        if not isinstance(node.value, dict):
            raise node.refuse(f"is {_kind(node)}; expected a mapping", f"allowed keys: {', '.join(allowed)}")
        self._values: dict[str, Node] = {}
        for written, value in node.value.items():
            key = (former or {}).get(written, written)
            if key not in allowed:
                near = closest(key, list(allowed))
                hint = f"did you mean {near}?" if near else f"allowed keys: {', '.join(allowed)}"
                raise value.refuse_key("unknown key", hint)
            if key in self._values:
                raise value.refuse_key(f"repeats {key} under its former name", f"move its entries to {key}")
            self._values[key] = value
        self.node = node

    def __contains__(self, key: str) -> bool:
        """Return whether the field is there."""
        return key in self._values

    def get(self, key: str) -> Node | None:
        """Look a field up as it stands."""
        return self._values.get(key)

    def need(self, key: str) -> Node:
        """Look a field up that must be there."""
        found = self._values.get(key)
        if found is None:
            raise self.node.refuse(f"missing key {key!r}", f"add {_EXAMPLES.get(key, f'{key}:')}")
        return found

    def text(self, key: str) -> str | None:
        """Read a text of a line or more."""
        node = self.get(key)
        return None if node is None else as_text(node)

    def one_of(self, key: str, choices: tuple[str, ...], former: Mapping[str, str] | None = None) -> str | None:
        """Read one of a few words; `former` gives a word its present name, as for keys."""
        node = self.get(key)
        if node is None:
            return None
        written = as_text(node)
        text = (former or {}).get(written, written)
        if text not in choices:
            near = closest(text.lower(), list(choices))
            hint = f"did you mean {near}?" if near else f"for example {key}: {choices[0]}"
            raise node.refuse(f"is {shown(text)}; expected {' or '.join(choices)}", hint)
        return text

    def quantity(self, key: str, grammar: Grammar) -> float | None:
        """Read a quantity in base units."""
        node = self.get(key)
        return None if node is None else as_quantity(node, grammar)

    def whole_number(self, key: str) -> int | None:
        """Read a whole number of at least 1."""
        node = self.get(key)
        if node is None:
            return None
        text = as_text(node)
        if not re.fullmatch(WHOLE_NUMBER, text):
            raise node.refuse(f"is {shown(text)}; expected a whole number from 1 to 99999", f"for example {key}: 4")
        return int(float(text))

    def date(self, key: str) -> dt.date:
        """Read a date that must be there, written as 2027-03-01."""
        node = self.need(key)
        text = as_text(node)
        if not re.fullmatch(DATE, text):
            raise node.refuse(f"is {shown(text)}; expected a date", "write year-month-day: 2027-03-01")
        year, month, day = (int(part) for part in text.split("-"))
        if year < dt.MINYEAR or day > calendar.monthrange(year, month)[1]:
            last = f"{calendar.monthrange(year or 1, month)[1]:02}"
            hint = f"did you mean {text[:-2]}{last}?" if year else "write year-month-day: 2027-03-01"
            raise node.refuse(f"is {text}, which is not a date of the calendar", hint)
        return dt.date(year, month, day)


def as_text(node: Node) -> str:
    """Read a scalar that is not empty."""
    if not isinstance(node.value, str):
        raise node.refuse(f"is {_kind(node)}; expected text", "write it on the same line, after the colon")
    if not node.value.strip():
        raise node.refuse("is empty; expected text", "write one, or delete the key")
    if len(node.value) > LONGEST_TEXT:
        raise node.refuse(f"has {len(node.value):,} characters; at most {LONGEST_TEXT:,} are allowed", "shorten it")
    return node.value


def as_quantity(node: Node, grammar: Grammar) -> float:
    """Read a quantity in base units."""
    if not isinstance(node.value, str) or not node.value.strip():
        as_text(node)
    text = str(node.value)
    try:
        return parse_quantity(text, grammar)
    except QuantityError as fault:
        raise node.refuse(f"is {shown(text)}; expected {fault.allowed}", fault.hint) from fault


def as_items(node: Node) -> list[Node]:
    """Read a list."""
    if not isinstance(node.value, list):
        raise node.refuse(f"is {_kind(node)}; expected a list", "begin each entry with a dash and a space: - ")
    return node.value


def _kind(node: Node) -> str:
    if isinstance(node.value, str):
        return f"the text {shown(node.value)}"
    return "a list" if isinstance(node.value, list) else "a mapping"
