"""Changes: how much slower head is than base, and how sure that is."""

from __future__ import annotations

import enum
import math
from typing import Annotated

import msgspec

TIME = "time"  # the instrument of what a clock decides


class Clock(enum.Enum):
    """What a change of time was decided by."""

    CPU = "cpu"  # processor time
    OWN = "own"  # wall time less the time in which others had the core
    WALL = "wall"
    CALLS = "calls"  # wall time of single calls
    FILES = "files"  # what two result files hold, measured at different times
    TIMER = "timer"  # the suite's own


class Change(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Head over base from `n` pairs: 1.02 is two percent slower; unknown ends are infinite.

    `low` is the bound by which *slower* is decided and `high` that of *within*, each at its share of the error.
    `spread` is the standard deviation of the log of one pair. `instrument` names what was compared, and so what the
    values, of one call, are: seconds, bytes or counts, and `head_value` is always `base_value` times the ratio, so that
    nothing that is shown of a change contradicts the rest. `clock` is what decided where that is time, and None for
    exact readings. `ratios` are head over base in each pair by that clock; exact readings have none, for they are not
    paired. `base_values` are what a call took on base in each.
    """

    ratio: Annotated[float, msgspec.Meta(gt=0)]
    low: float = 0.0
    high: float = math.inf
    n: int
    spread: float | None = None
    instrument: str
    clock: Clock | None = None
    base_value: float
    head_value: float
    ratios: tuple[float, ...] = ()
    base_values: tuple[float, ...] = ()

    @property
    def exact(self) -> bool:
        """Whether it rests on readings instead of times."""
        return self.clock is None
