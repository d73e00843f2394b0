"""Changes: how much slower head is than base, and how sure that is."""

from __future__ import annotations

import math
from typing import Annotated

import msgspec


class Change(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Head over base from `n` pairs: 1.02 is two percent slower; unknown ends are infinite.

    `low` is the bound by which *slower* is decided and `high` that of *within*, each at its share of the error.
    `spread` is the standard deviation of the log of one pair; `clock` says what decided: processor time (``cpu``),
    ``wall`` time, or ``memory`` and ``instructions``, whose readings are exact. The values are of one call: seconds,
    bytes, or counts. `ratios` are head over base in each pair by that clock; exact readings have none, for they are not
    paired.
    """

    ratio: Annotated[float, msgspec.Meta(gt=0)]
    low: float = 0.0
    high: float = math.inf
    n: int
    spread: float | None = None
    clock: str
    base_value: float
    head_value: float
    ratios: tuple[float, ...] = ()

    @property
    def exact(self) -> bool:
        """Whether it rests on readings instead of times."""
        return self.clock in {"memory", "instructions"}
