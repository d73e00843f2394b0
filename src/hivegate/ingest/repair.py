"""What Python's json module writes and strict JSON does not know: bare NaN and Infinity, halves of surrogate pairs."""

from __future__ import annotations

import re

# Possessive, and with strings swallowed whole: one match runs from constant to constant at the speed of C.
_CONSTANT = re.compile(rb'(?:[^"NI\-]++|"(?:[^"\\]++|\\.)*+"|-(?!I))*+(NaN|-?Infinity)', re.DOTALL)
_ESCAPE = re.compile(rb"\\u[dD][89abAB]..\\u[dD][c-fC-F]..|(\\u[dD][89a-fA-F]..)|\\.", re.DOTALL)
_HALF = re.compile(rb"\\u[dD][89a-fA-F]..", re.DOTALL)

# A million takes a second; a file of nothing but NaN is left for the reader to refuse.
_MOST = 1_000_000


def needs_repair(text: bytes) -> bool:
    """Return whether the text may hold anything that `repair` replaces."""
    return b"NaN" in text or b"Infinity" in text or _HALF.search(text) is not None


def repair(text: bytes) -> bytes:
    """Quote bare NaN and Infinity, so that a reader of numbers refuses them by name; replace half surrogate pairs.

    Lines stay where they are. Memory: one copy of the text.
    """
    if _HALF.search(text) is not None:
        text = _ESCAPE.sub(_whole, text)
    view = memoryview(text)
    repaired = bytearray()
    end = 0
    for _ in range(_MOST):
        match = _CONSTANT.match(text, end)
        if match is None:
            break
        repaired += view[end : match.start(1)]
        repaired += b'"' + match[1] + b'"'
        end = match.end()
    repaired += view[end:]
    return bytes(repaired)


def _whole(match: re.Match[bytes]) -> bytes:
    return match[0] if match[1] is None else rb"\ufffd"
