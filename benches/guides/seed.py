"""What the seed claimed: its lines that hold a number, and the claims that they make."""

from __future__ import annotations

import tomllib

import msgspec

from guides.measured import GUIDES

FILE = GUIDES / "seed.toml"


class Claim(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that the seed says with numbers; `kind` is how it is looked at.

    `shown` spells a ratio as the seed does: how much `less`, how many `times` as fast, how much `more` throughput.
    Of kind `part`, `benchmark` is a part of what was claimed to take `most` seconds: only too much of it tells.
    """

    id: str
    said: str
    numbers: tuple[str, ...]
    kind: str
    shown: str = ""
    below: str = ""
    above: str = ""
    benchmark: str = ""
    most: float = 0.0
    scenario: str = ""
    file: str = ""
    why: str = ""


class Line(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of the seed that holds a number; `labels` are numbers that claim nothing."""

    text: str
    claims: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()


class Seed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that was said before anything was measured."""

    claim: tuple[Claim, ...]
    contents: dict[str, tuple[str, ...]]
    line: tuple[Line, ...]


def load_seed() -> Seed:
    """Read the claims and the lines of the seed."""
    return msgspec.convert(tomllib.loads(FILE.read_text(encoding="utf-8")), Seed)
