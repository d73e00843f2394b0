"""What a flow tells while it works, so that whoever watches can show progress."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import msgspec


class Started(msgspec.Struct, frozen=True, kw_only=True):
    """A stage begins; `steps` of work lie ahead, None where unknown, each a `unit`.

    `left` are the seconds that all that is left takes at most, this stage included; None where nobody knows.
    """

    stage: str
    steps: int | None = None
    unit: str = "benchmark"
    left: float | None = None


class Began(msgspec.Struct, frozen=True, kw_only=True):
    """A benchmark is being measured; `what` names it."""

    what: str


class Advanced(msgspec.Struct, frozen=True, kw_only=True):
    """One step of the current stage is done; `what` names it."""

    what: str


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """More measuring would not change what becomes of a benchmark; `text` says by how much, where that matters.

    `failed` unless fresh pairs or a waiver say otherwise.
    """

    what: str
    outcome: str
    text: str = ""
    failed: bool = False


class Noted(msgspec.Struct, frozen=True, kw_only=True):
    """Something happened that the reader of the log should know."""

    message: str


Event: TypeAlias = Started | Began | Advanced | Decided | Noted
ProgressCallback: TypeAlias = Callable[[Event], None]


def ignore_progress(event: Event) -> None:
    """Show nothing, where nobody watches."""
