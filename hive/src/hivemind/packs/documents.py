"""Parse JSON, TOML and YAML into plain data, strictly: a key given twice is an error in each of them."""

from __future__ import annotations

import json
import tomllib
from typing import NoReturn

from hivemind.packs.errors import PackError
from hivemind.packs.terms import spoken


def parse_json(text: str) -> object:
    """Return the data of a JSON text; raises PackError."""
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except PackError:
        raise
    except (ValueError, RecursionError) as error:
        raise PackError(f"is not readable JSON: {spoken(error)}") from error


def parse_toml(text: str) -> object:
    """Return the data of a TOML text; raises PackError."""
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise PackError(f"is not readable TOML: {spoken(error)}") from error


def parse_yaml(text: str) -> object:
    """Return the data of a YAML text; raises PackError."""
    # Loaded by whoever has YAML to read: the import costs more than a composition.
    from hivemind.packs import yaml_documents  # noqa: PLC0415

    return yaml_documents.parse_yaml(text)


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    mapping = dict(pairs)
    if len(mapping) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise PackError(f"has the key {spoken(key)} twice")
            seen.add(key)
    return mapping


def _no_constant(name: str) -> NoReturn:
    raise PackError(f"holds {name}, which is no JSON number")
