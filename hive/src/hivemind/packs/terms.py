"""What a name may be: bounded, told apart by eye, and free of characters that could forge a line or a key."""

from __future__ import annotations

import re
from unicodedata import category

from hivemind.primitives import fault_of

MAX_LENGTH = 512

_FORBIDDEN = re.compile('[\x00-\x20\x7f-\xa0\\\\"<>]')
# Controls, formats (of direction, of width), lone surrogates, line and paragraph ends.
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def check_name(name: str, what: str) -> None:
    """Refuse a name that is empty, too long, or could be taken for another: invisible letters, two spellings.

    Raises ValueError whose message shows the name escaped, so that printing it is safe.
    """
    if not name:
        raise ValueError(f"{what} is empty; give it a name")
    if len(name) > MAX_LENGTH:
        raise ValueError(f"{what} {name[:40]!a}… has {len(name)} characters; at most {MAX_LENGTH} are allowed")
    found = _FORBIDDEN.search(name)
    if found:
        raise ValueError(
            f"{what} {name!a} holds {found.group()!a} at position {found.start()}; blanks, control "
            "characters, quotes, backslashes and angle brackets are not allowed in names"
        )
    if fault := fault_of(name):
        raise ValueError(f"{what} {name!a} {fault}")


def check_text(text: str, what: str) -> None:
    """Refuse free text (a source, a licence, a reasoning) that holds control characters or is too long."""
    if len(text) > MAX_LENGTH:
        raise ValueError(f"{what} has {len(text)} characters; at most {MAX_LENGTH} are allowed")
    if text.isprintable():
        return
    unsafe = next((letter for letter in text if category(letter) in _UNSAFE), "")
    if unsafe:
        raise ValueError(f"{what} {text!a} holds the control character {unsafe!a}; remove it")


def spoken(value: object, limit: int = 160) -> str:
    """Return untrusted text, or what any value says of itself, escaped and shortened to fit an error message."""
    try:
        shown = ascii(str(value))
    except Exception:  # noqa: BLE001 -- a foreign __str__ may raise anything; the error being reported matters more
        shown = f"<{type(value).__name__}>"
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"
