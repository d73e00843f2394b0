"""Untrusted text made inert, for the formats that give characters a meaning."""

from __future__ import annotations

import unicodedata

_LONGEST = 160


def printable(text: str, longest: int = _LONGEST) -> str:
    """Drop control and format characters, fold white space, cap the length: what a terminal may show."""
    folded = " ".join(text.split())
    kept = "".join(char for char in folded if unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Cn"})
    return kept if len(kept) <= longest else kept[: longest - 1] + "…"


def markdown_text(text: str, longest: int = _LONGEST) -> str:
    """Spell text so that no Markdown and no HTML can begin in it."""
    return "".join(char if char.isalnum() or char in " ,()" else f"&#{ord(char)};" for char in printable(text, longest))


def markdown_code(text: str, longest: int = _LONGEST) -> str:
    """Spell a name as code; the tag, not backticks, because a name may hold backticks and GitHub links mentions."""
    return f"<code>{markdown_text(text, longest)}</code>"
