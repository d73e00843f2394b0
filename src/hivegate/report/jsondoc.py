"""The result as JSON: the document of design.md, for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from hivegate.model.verdict import GateResult


def render_json(result: GateResult) -> str:
    """Spell a result as indented JSON with outcomes in lower case; infinite ends of an interval become null."""
    raw = msgspec.json.encode(result)
    return msgspec.json.format(raw, indent=2).decode() + "\n"
