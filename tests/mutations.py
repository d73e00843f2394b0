"""Files that are broken the way that transports, stopped tools and other versions of tools break them."""

from __future__ import annotations

import json
import math
import random
from typing import Any

TOKENS = (
    b"NaN",
    b"-Infinity",
    b"-1",
    b"0",
    b"1e999",
    b"9" * 5000,
    b"null",
    b"true",
    b'"',
    b"\\",
    b'"\\ud800"',
    b"\\udc80",
    b"{",
    b"}",
    b"[" * 1500,
    b"[[]]",
    b",",
    b":",
    b"\x00",
    b"\xff",
    b"\xc3",
    b"\n",
    b" " * 300,
    b'"stats"',
    b'"data": [1],',
    b'"schema": 2,',
)
VALUES: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    10**400,
    math.nan,
    math.inf,
    "",
    "NaN",
    "\ud800",
    "x" * 2000,
    [],
    [[]],
    [None],
    {},
    {"": {}},
    {"value": 1, "better": "up"},
)


def mutate_bytes(content: bytes, chance: random.Random) -> bytes:
    """Cut, repeat, overwrite or insert somewhere, as broken transports and stopped tools do."""
    start = chance.randrange(len(content) + 1)
    end = min(len(content), start + chance.choice((1, 5, 40, 400, 4000)))
    return chance.choice(
        (
            lambda: content[:start],
            lambda: content[:start] + content[end:],
            lambda: content[:end] + content[start:],
            lambda: content[:start] + chance.choice(TOKENS) + content[start:],
            lambda: content[:start] + chance.choice(TOKENS) + content[end:],
            lambda: content[:start] + chance.randbytes(end - start) + content[end:],
        )
    )()


def mutate_values(content: bytes, chance: random.Random) -> bytes:
    """Put an odd value somewhere into the document, or take a key away, as other versions of tools do."""
    document = json.loads(content)
    if not isinstance(document, dict | list) or not document:
        return content
    inner: Any = document
    while True:
        keys = list(inner) if isinstance(inner, dict) else list(range(len(inner)))
        key = chance.choice(keys)
        if not isinstance(inner[key], dict | list) or not inner[key] or chance.random() < 0.15:
            break
        inner = inner[key]
    if chance.random() < 0.2:
        del inner[key]
    else:
        inner[key] = chance.choice(VALUES)
    return json.dumps(document).encode()


def mutated(content: bytes, seed: int) -> bytes:
    """Mutate a file once or a few times, the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311  a test that can be repeated needs a seed
    if chance.random() < 0.5:
        content = mutate_values(content, chance)
    for _ in range(chance.choice((0, 1, 1, 2, 5))):
        content = mutate_bytes(content, chance)
    return content


def mutate_lines(content: bytes, chance: random.Random) -> bytes:
    """Drop, repeat, swap or change lines and their words, for what is text and not JSON."""
    lines = content.split(b"\n")
    one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    words = lines[one].split(b" ")
    words[chance.randrange(len(words))] = chance.choice(TOKENS)
    return b"\n".join(
        chance.choice(
            (
                lambda: lines[:one] + lines[one + 1 :],
                lambda: [*lines[:one], lines[other], *lines[one:]],
                lambda: lines[:one] + [lines[other]] * 3 + lines[one + 1 :],
                lambda: [*lines[:one], b" ".join(words), *lines[one + 1 :]],
                lambda: lines + lines[one:],
            )
        )()
    )
