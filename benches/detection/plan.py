"""What a trial is about: which benchmark is slower by how much, and how much is allowed."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

DOSES = (0, 1, 2, 3, 5, 10)  # percent
# How many of two hundred draws: what the targets are about comes most.
_CHANCES = {
    (1, 0): 92, (1, 1): 1, (1, 2): 36, (1, 3): 27, (1, 5): 1, (1, 10): 1,
    (2, 0): 1, (2, 1): 1, (2, 2): 1, (2, 3): 37, (2, 5): 1, (2, 10): 1,
}  # fmt: skip


class Share(NamedTuple):
    """One benchmark's part of a trial, in percent: the slowdown that it allows, and the one that head has."""

    budget: int
    dose: int


def draw(trial: int, names: Iterable[str]) -> dict[str, Share]:
    """Draw the share of each benchmark; the same for the same trial."""
    chance = random.Random(f"share {trial}")  # noqa: S311  a simulation
    return {name: Share(*chance.choices(list(_CHANCES), list(_CHANCES.values()))[0]) for name in names}
