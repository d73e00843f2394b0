"""Answers: what was measured, beside the target that asked."""

from __future__ import annotations

import msgspec

from hivegate.model.estimate import Estimate, NoEstimate, SizeValues
from hivegate.model.targets import Target

CALM = 0.9  # share of the processor; what had less of it was held up by others


class Interference(msgspec.Struct, frozen=True, kw_only=True):
    """Other work held the processor while a wall time was measured.

    `possible` is the estimate with its interval widened by all that the others may have added; `passes` counts the
    passes that others interrupted, and `quietest` is processor time over wall time of the pass they interrupted least.
    """

    possible: Estimate
    passes: int
    quietest: float


class Scaling(msgspec.Struct, frozen=True, kw_only=True):
    """How a time was taken to the speed of the reference machine.

    `speed` is that of this machine over the reference's, 0.5 where the loop took twice as long; `slope` says how much
    the benchmark slows down with the loop, in logarithms, and `error` is its standard error. `unlike` says what it
    takes beside processor time of one thread, which does not follow the loop: "" where nothing.
    """

    speed: float
    slope: float
    error: float
    unlike: str = ""


class PassLevel(msgspec.Struct, frozen=True, kw_only=True):
    """One of two levels that passes fall into: the typical value of so many of them."""

    value: float
    passes: int


class TargetEstimate(msgspec.Struct, frozen=True, kw_only=True):
    """What a run says about one target and one benchmark, or one group of sizes.

    `covers` are the ids of the measured benchmarks that the answer speaks of. `values` are what the estimate rests on,
    one a pass or process; `sizes` are what an exponent was fitted to.

    Where `found` is at the speed of the reference machine, `measured` is what it was here and `scaling` says how it was
    taken there; `unread` is the Python for which the reference has no reading, "" where nothing is amiss. `shares` are
    the shares of the processor that `values` had, where the limit has to hold in each of them, and `uncertainty` the
    factor by which scaling may be wrong. `levels` are those that passes fall into, where they are two.
    """

    target: Target
    benchmark: str
    found: Estimate | NoEstimate
    covers: tuple[str, ...] = ()
    node_id: str | None = None
    values: tuple[float, ...] = ()
    sizes: tuple[SizeValues, ...] = ()
    interference: Interference | None = None
    measured: Estimate | None = None
    scaling: Scaling | None = None
    unread: str = ""
    shares: tuple[float, ...] = ()
    uncertainty: float = 1.0
    levels: tuple[PassLevel, ...] = ()
