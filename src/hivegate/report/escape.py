"""Untrusted text made inert, for the formats that give characters a meaning."""

from __future__ import annotations

import unicodedata

_LONGEST = 160
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})  # control, format (bidi among them), and what is no character
_MARKS = frozenset({"Mn", "Me"})
_MOST_MARKS = 2  # real scripts stack no more on one letter; more would run over the lines around


def printable(text: str, longest: int = _LONGEST) -> str:
    """Drop what moves the cursor or the direction, fold white space, cap the length: what a terminal may show."""
    kept: list[str] = []
    marks = 0
    for char in " ".join(text.split()):
        category = unicodedata.category(char)
        marks = marks + 1 if category in _MARKS else 0
        if category not in _UNSEEN and marks <= _MOST_MARKS:
            kept.append(char)
    return shorten("".join(kept).strip() or "?", longest) if text else ""


def shorten(text: str, longest: int) -> str:
    """Cut the middle out of what is too long: the beginning names the suite and the end the parameters."""
    if len(text) <= longest:
        return text
    head = (longest - 1) * 2 // 5
    tail = longest - 1 - head
    return f"{text[:head]}…{text[len(text) - tail :]}"


def markdown_text(text: str, longest: int = _LONGEST) -> str:
    """Spell text so that no Markdown and no HTML can begin in it, and no mention or reference on GitHub."""
    return "".join(_markdown_char(char) for char in printable(text, longest))


def markdown_code(text: str, longest: int = _LONGEST) -> str:
    """Spell a name as code; the tag, not backticks, because a name may hold backticks and GitHub links mentions."""
    return f"<code>{markdown_text(text, longest)}</code>"


def _markdown_char(char: str) -> str:
    if char.isalnum() or char in " ,()":
        return char
    # GitHub looks for @name and #1 after the entities are read; a space of no width keeps the sign from the name.
    return f"&#{ord(char)};" + ("&#8203;" if char in "@#" else "")
