"""Keys that an object of JSON gives twice: readers of JSON keep one of the values, and none says which one counts."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    import msgspec

# Possessive, so that nothing is looked at twice; a text that is no key is swallowed, and found as nothing.
_TOKENS = re.compile(
    rb'[^"{}]*+(?:("(?:[^"\\]++|\\.)*+"(?=\s*+:)|[{}])|"(?:[^"\\]++|\\.)*+"|\Z)',
    re.DOTALL,
)


def repeated_keys(text: bytes | memoryview | msgspec.Raw, *, inside: bool = True) -> Iterator[str]:
    """Find the keys that an object gives again, in sound JSON; without `inside` only those of the outermost one."""
    above: list[list[bytes]] = []
    keys: list[bytes] = []
    for token in _TOKENS.findall(text):
        if len(token) > 1:
            keys.append(token)
        elif token == b"{":
            above.append(keys)
            keys = []
        elif token:
            if inside or len(above) == 1:
                yield from _repeated(keys)
            keys = above.pop()


def _repeated(keys: list[bytes]) -> Iterator[str]:
    if len(set(keys)) == len(keys) and b"\\" not in b"".join(keys):
        return
    seen: set[str] = set()
    for written in keys:
        key = json.loads(written.decode(errors="replace")).encode(errors="surrogatepass").decode(errors="replace")
        if key in seen:
            yield key
        seen.add(key)
