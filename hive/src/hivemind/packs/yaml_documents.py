"""Parse YAML strictly: no anchors and aliases, no tags that make objects, no key given twice."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING

import yaml

from hivemind.packs.errors import PackError
from hivemind.packs.terms import spoken

if TYPE_CHECKING:
    from yaml.nodes import MappingNode

_Fast: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _StrictLoader(_Fast):  # type: ignore[misc,valid-type]  # the C loader where PyYAML has it
    """The safe loader, which also refuses a mapping that has a key twice."""

    def construct_mapping(self, node: MappingNode, deep: bool = False) -> dict[Hashable, object]:  # noqa: FBT001, FBT002 -- PyYAML's signature
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        seen: set[Hashable] = set()
        for key, (key_node, _) in zip(keys, node.value, strict=True):
            if isinstance(key, Hashable) and key in seen:
                raise PackError(f"has the key {spoken(key)} twice{_where(key_node)}")
            if isinstance(key, Hashable):
                seen.add(key)
        mapping: dict[Hashable, object] = super().construct_mapping(node, deep=deep)
        return mapping


def parse_yaml(text: str) -> object:
    """Return the data of a YAML text; raises PackError."""
    try:
        for event in yaml.parse(text, Loader=_Fast):
            # An alias lets a small file grow without bound when it is walked.
            if isinstance(event, yaml.AliasEvent):
                raise PackError(f"has an alias{_where(event)}; write the value out")
        return yaml.load(text, Loader=_StrictLoader)  # noqa: S506 -- a subclass of the safe loader
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        if isinstance(error, PackError):
            raise
        raise PackError(f"is not readable YAML: {spoken(error)}") from error


def _where(part: yaml.Event | yaml.Node) -> str:
    mark = part.start_mark
    return f" at line {mark.line + 1}" if mark else ""
