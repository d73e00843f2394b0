"""Looking for patterns in text: the engine of re."""

import re

from .doses import SCAN

_TEXT = "from bee@hive.example to queen@hive.example, cc: drone-7@other.example; nothing else is here. " * 2
_ADDRESS = re.compile(r"([\w-]+)@([\w.]+)")


def scan() -> int:
    """Scan so many texts for addresses."""
    total = 0
    for _ in range(SCAN):
        total += len(_ADDRESS.findall(_TEXT))
    return total
