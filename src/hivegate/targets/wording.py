"""How errors quote what a file holds: short, in one line, and inert in a terminal or a log."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_SHOWN = 60  # characters of a file's own text that fit a line beside the rest
_PLAIN_KEY = re.compile(r"[A-Za-z_][\w-]{0,40}", re.ASCII)


def shown(text: str) -> str:
    """Quote text, cut where it is long; control and format characters come out as escapes."""
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}...")


def key_path(keys: Iterable[str | int]) -> str:
    """Join keys and indices: ``targets[3].max``."""
    path = ""
    for key in keys:
        if isinstance(key, int):
            path += f"[{key}]"
        else:
            path += f".{key}" if _PLAIN_KEY.fullmatch(key) else f".{shown(key)}"
    return path.removeprefix(".")
