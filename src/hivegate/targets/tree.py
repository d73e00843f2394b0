"""YAML as a tree that remembers where everything stands.

Built from parser events, not by a loader: no type is guessed, so ``100 ms``, ``1e3`` and ``2027-03-01`` stay what was
written; a duplicate key, an alias (and with it every bomb) and deep nesting are refused where they stand.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import yaml

from hivegate.errors import TargetsError

if TYPE_CHECKING:
    from collections.abc import Iterator

_DEEPEST = 12  # targets.yaml needs four levels
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One value with its place; `value` is text, a list of nodes, or nodes by key."""

    value: str | list[Node] | dict[str, Node]
    file: str
    line: int
    column: int
    path: str

    @property
    def place(self) -> str:
        """Spell the place as editors understand it."""
        return f"{self.file}:{self.line}:{self.column}"

    def refuse(self, found: str, hint: str = "") -> TargetsError:
        """Make the error that names this place and key path."""
        return TargetsError(f"{self.path}: {found}" if self.path else found, where=self.place, hint=hint)


def parse_tree(text: str, file: str) -> Node:
    """Read one YAML document; raises `TargetsError` for everything else."""
    try:
        events = yaml.parse(text, Loader=_LOADER)
        return _TreeBuilder(events, file).document()
    except yaml.MarkedYAMLError as fault:
        mark = fault.problem_mark or fault.context_mark
        where = f"{file}:{mark.line + 1}:{mark.column + 1}" if mark else file
        raise TargetsError(f"is not YAML: {fault.problem or fault.context}", where=where) from fault
    except yaml.YAMLError as fault:
        raise TargetsError(f"is not YAML: {str(fault).splitlines()[0]}", where=file) from fault


class _TreeBuilder:
    def __init__(self, events: Iterator[yaml.Event], file: str) -> None:
        self._events = events
        self._file = file

    def document(self) -> Node:
        next(self._events)  # stream start
        event = next(self._events)
        if not isinstance(event, yaml.DocumentStartEvent):
            raise TargetsError("is empty", where=self._file, hint="start with: schema: 1")
        root = self._node(next(self._events), "", 0)
        next(self._events)  # document end
        if not isinstance(next(self._events), yaml.StreamEndEvent):
            raise TargetsError("holds a second document (---); one is allowed", where=self._file)
        return root

    def _node(self, event: yaml.Event, path: str, depth: int) -> Node:
        at = self._at(event, path)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise at.refuse("anchors (&) and aliases (*) are not allowed", 'write it out; quote a selector: "*"')
        if getattr(event, "tag", None) and not isinstance(event, yaml.ScalarEvent):
            raise at.refuse(f"the tag {event.tag} is not allowed")  # type: ignore[attr-defined]
        if depth > _DEEPEST:
            raise at.refuse(f"is nested more than {_DEEPEST} levels deep")
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, at)
        if isinstance(event, yaml.SequenceStartEvent):
            return dataclasses.replace(at, value=self._items(path, depth))
        return dataclasses.replace(at, value=self._pairs(path, depth))

    def _at(self, event: yaml.Event, path: str) -> Node:
        mark = event.start_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        return Node(value="", file=self._file, line=line, column=column, path=path)

    @staticmethod
    def _scalar(event: yaml.ScalarEvent, at: Node) -> Node:
        if event.tag and not event.tag.endswith(":str"):
            raise at.refuse(f"the tag {event.tag} is not allowed")
        if event.style is None and event.value in {"", "~", "null"}:
            raise at.refuse("has no value", "give it one, or delete the key")
        return dataclasses.replace(at, value=event.value)

    def _items(self, path: str, depth: int) -> list[Node]:
        items: list[Node] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._node(event, f"{path}[{len(items)}]", depth + 1))
        return items

    def _pairs(self, path: str, depth: int) -> dict[str, Node]:
        pairs: dict[str, Node] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = event.value if isinstance(event, yaml.ScalarEvent) else None
            if key is None:
                raise self._at(event, path).refuse("a key must be plain text")
            inner = f"{path}.{key}" if path else key
            value = self._node(next(self._events), inner, depth + 1)
            if key in pairs:
                raise self._at(event, inner).refuse(
                    f"the key {key} is there twice, first in line {pairs[key].line}", "delete one of them"
                )
            pairs[key] = value
        return pairs
