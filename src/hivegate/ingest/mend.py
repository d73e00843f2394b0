"""What Python's json module writes and strict JSON does not know: bare NaN and Infinity, halves of surrogate pairs."""

from __future__ import annotations

import re

_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"|NaN|-Infinity|Infinity', re.DOTALL)
_ESCAPE = re.compile(rb"\\u[dD][89abAB]..\\u[dD][c-fC-F]..|\\u[dD][89a-fA-F]..|\\.", re.DOTALL)
_HALF = re.compile(rb"\\u[dD][89a-fA-F]..", re.DOTALL)


def mendable(text: bytes) -> bool:
    """Tell whether the text holds anything that `mend` replaces."""
    return b"NaN" in text or b"Infinity" in text or _HALF.search(text) is not None


def mend(text: bytes) -> bytes:
    """Quote bare NaN and Infinity, so that a reader of numbers refuses them by name; replace half surrogate pairs."""
    return _TOKEN.sub(_mend_token, text)


def _mend_token(match: re.Match[bytes]) -> bytes:
    token = match[0]
    if not token.startswith(b'"'):
        return b'"' + token + b'"'
    return _ESCAPE.sub(_mend_escape, token) if b"\\u" in token else token


def _mend_escape(match: re.Match[bytes]) -> bytes:
    return rb"\ufffd" if _HALF.fullmatch(match[0]) else match[0]
