"""What writers of JSON write and strict JSON does not know: other numbers, halves of surrogate pairs.

NaN and Infinity are from Python's json module; nan, -nan(ind) and inf from C's printf.
"""

from __future__ import annotations

import re

# Possessive, and with strings swallowed whole: one match runs from one to the next at the speed of C.
_NUMBER = re.compile(
    rb'(?:[^"\w.+\-]++|"(?:[^"\\]++|\\.)*+"|(?:true|false|null|-?(?:0|[1-9]\d*+)(?:\.\d++)?+(?:[eE][+\-]?\d++)?+)(?![^\s,:\]}]))*+'
    rb"((?:[\d.+\-]|nan|inf)[^\s\",:\[\]{}\\]*+|none)",
    re.DOTALL | re.IGNORECASE,
)
_ESCAPE = re.compile(rb"\\u[dD][89abAB]..\\u[dD][c-fC-F]..|(\\u[dD][89a-fA-F]..)|\\.", re.DOTALL)
_HALF = re.compile(rb"\\u[dD][89a-fA-F]..", re.DOTALL)

# A million takes a second; a file of nothing else is left for the reader to refuse.
_MOST = 1_000_000


def repair(text: bytes) -> bytes:
    """Quote what is a number in no JSON, so that readers refuse it by name; replace half surrogate pairs.

    Lines stay where they are. Memory: one copy of the text.
    """
    if _HALF.search(text) is not None:
        text = _ESCAPE.sub(_whole, text)
    view = memoryview(text)
    repaired = bytearray()
    end = 0
    for _ in range(_MOST):
        match = _NUMBER.match(text, end)
        if match is None:
            break
        repaired += view[end : match.start(1)]
        repaired += b'"' + match[1] + b'"'
        end = match.end()
    repaired += view[end:]
    return bytes(repaired)


def _whole(match: re.Match[bytes]) -> bytes:
    return match[0] if match[1] is None else rb"\ufffd"
