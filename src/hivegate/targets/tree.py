"""YAML as a tree that remembers where everything stands.

Built from parser events, not by a loader: no type is guessed, so ``100 ms``, ``1e3`` and ``2027-03-01`` stay what was
written; a duplicate key, an alias (and with it every bomb), deep nesting and sheer number are refused where they stand.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import msgspec
import yaml

from hivegate.errors import TargetsError
from hivegate.targets.syntax import syntax_error
from hivegate.targets.wording import key_path, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

_DEEPEST = 12  # targets.yaml needs four levels
_MOST = 100_000  # values; ten thousand targets have eight each, and each takes a few hundred bytes
_LONGEST_KEY = 1000  # characters
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """One value with its place; `value` is text, a list of nodes, or nodes by key.

    `key` is what leads to it from its parent: the node of a mapping's key, or the index in a list. The path is
    spelled only when an error asks, because a large file has a hundred thousand of these.
    """

    value: str | list[Node] | dict[str, Node]
    file: str
    line: int
    column: int
    parent: Node | None = None
    key: Node | int | None = None

    @property
    def place(self) -> str:
        """Format the place as editors understand it."""
        return f"{self.file}:{self.line}:{self.column}"

    @property
    def path(self) -> str:
        """Return the keys that lead here: ``targets[3].max``."""
        keys: list[str | int] = []
        node: Node | None = self
        while node is not None and node.key is not None:
            keys.append(node.key if isinstance(node.key, int) else str(node.key.value))
            node = node.parent
        return key_path(reversed(keys))

    def refuse(self, found: str, hint: str) -> TargetsError:
        """Make the error that names this place and key path."""
        path = self.path
        return TargetsError(f"{path}: {found}" if path else found, where=self.place, hint=hint)

    def refuse_key(self, found: str, hint: str) -> TargetsError:
        """Make the error that names the key path of this value and the place of its key."""
        at = self.key if isinstance(self.key, Node) else self
        return TargetsError(f"{self.path}: {found}", where=at.place, hint=hint)


def parse_tree(text: str, file: str) -> Node:
    """Read one YAML document; raises `TargetsError` for everything else."""
    try:
        return _TreeBuilder(yaml.parse(text, Loader=_LOADER), file).document()
    except (yaml.YAMLError, UnicodeEncodeError) as fault:
        raise syntax_error(fault, text, file) from fault


class _TreeBuilder:
    def __init__(self, events: Iterator[yaml.Event], file: str) -> None:
        self._events = events
        self._file = file
        self._count = 0

    def document(self) -> Node:
        next(self._events)  # stream start
        event = next(self._events)
        if isinstance(event, yaml.StreamEndEvent):
            raise self._empty()
        event = next(self._events)
        if _is_null(event):
            raise self._empty()
        root = self._node(event, None, None, 0)
        next(self._events)  # document end
        event = next(self._events)
        if not isinstance(event, yaml.StreamEndEvent):
            raise self._at(event).refuse(
                "contains a second YAML document; only one is allowed", "delete it, and the --- before it"
            )
        return root

    def _empty(self) -> TargetsError:
        return TargetsError("is empty", where=f"{self._file}:1:1", hint="start with: schema: 1")

    def _node(self, event: yaml.Event, parent: Node | None, key: Node | int | None, depth: int) -> Node:
        value: str | list[Node] | dict[str, Node]
        value = {} if isinstance(event, yaml.MappingStartEvent) else []
        if isinstance(event, yaml.ScalarEvent):
            value = event.value
        node = self._at(event, value, parent, key)
        _refuse_features(event, node)
        self._count += 1
        if depth > _DEEPEST:
            raise node.refuse(f"is nested more than {_DEEPEST} levels deep", "targets.yaml needs four levels")
        if self._count > _MOST:
            raise node.refuse(f"is one of more than {_MOST:,} values", "split it into several files")
        if isinstance(value, list):
            self._fill_list(value, node, depth)
        elif isinstance(value, dict):
            self._fill_mapping(value, node, depth)
        return node

    def _at(
        self,
        event: yaml.Event,
        value: str | list[Node] | dict[str, Node] = "",
        parent: Node | None = None,
        key: Node | int | None = None,
    ) -> Node:
        mark = event.start_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        return Node(value=value, file=self._file, line=line, column=column, parent=parent, key=key)

    def _fill_list(self, items: list[Node], node: Node, depth: int) -> None:
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._node(event, node, len(items), depth + 1))

    def _fill_mapping(self, pairs: dict[str, Node], node: Node, depth: int) -> None:
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._key(event, node)
            name = str(key.value)
            if name in pairs:
                first = pairs[name].key
                line = first.line if isinstance(first, Node) else 0
                twin = Node(value="", file=key.file, line=key.line, column=key.column, parent=node, key=key)
                raise twin.refuse(f"duplicate key, first in line {line}", "delete one of them")
            pairs[name] = self._node(next(self._events), node, key, depth + 1)

    def _key(self, event: yaml.Event, mapping: Node) -> Node:
        at = self._at(event, parent=mapping.parent, key=mapping.key)
        if not isinstance(event, yaml.ScalarEvent):
            raise at.refuse("a key is not plain text", "quote it if it is meant as text")
        _refuse_features(event, at, "a key ")
        if len(event.value) > _LONGEST_KEY:
            raise at.refuse(
                f"has the key {shown(event.value)}, which is too long", "docs/reference/targets.md lists the keys"
            )
        return self._at(event, sys.intern(event.value))


def _is_null(event: yaml.Event) -> bool:
    if not isinstance(event, yaml.ScalarEvent):
        return False
    return not event.style and event.value in _NULLS  # libyaml has "" for the plain style, the reader in Python None


def _refuse_features(event: yaml.Event, node: Node, subject: str = "") -> None:
    """Refuse what YAML offers beyond mappings, lists and text."""
    anchor = getattr(event, "anchor", None)
    if anchor is not None:
        mark = "*" if isinstance(event, yaml.AliasEvent) else "&"
        raise node.refuse(
            f"{subject}has the YAML {'alias' if mark == '*' else 'anchor'} {shown(mark + anchor)}; none is allowed",
            f'write the value out, or quote it if it is meant as text: "{mark}..."',
        )
    tag = getattr(event, "tag", None)
    if tag is not None and tag != "!":
        raise node.refuse(f"{subject}has the YAML tag {shown(tag)}; none is allowed", "delete the tag")
    if _is_null(event):
        raise node.refuse(f"{subject}has no value", "add one, or delete the key")
