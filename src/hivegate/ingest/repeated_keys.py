"""Keys that an object of JSON gives twice: readers of JSON keep one of the values, and none says which one counts."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    import msgspec

# Possessive, and texts that are no keys swallowed with all else: one match runs to the next key or brace.
_NEXT = re.compile(
    rb'(?:[^"{}]++|"(?:[^"\\]++|\\.)*+"(?!\s*+:))*+(?:"((?:[^"\\]++|\\.)*+)"|([{}]))',
    re.DOTALL,
)


def repeated_keys(text: bytes | memoryview | msgspec.Raw, *, inside: bool = True) -> Iterator[str]:
    """Find the keys that an object gives again, in sound JSON; without `inside` only those of the outermost one."""
    match = _NEXT.match(text)
    above: list[set[bytes]] = []
    keys: set[bytes] = set()
    while match is not None:
        key, brace = match.groups()
        if brace == b"{":
            above.append(keys)
            keys = set()
        elif brace:
            keys = above.pop()
        elif inside or len(above) == 1:
            if b"\\" in key:
                key = json.loads(b'"%b"' % key).encode(errors="surrogatepass")
            if key in keys:
                yield key.decode(errors="replace")
            keys.add(key)
        match = _NEXT.match(text, match.end())
