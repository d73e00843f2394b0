"""Answers: what was measured, beside the target that asked."""

from __future__ import annotations

import msgspec

from hivegate.model.estimate import Estimate, NoEstimate, SizeValues
from hivegate.model.targets import Target


class Interference(msgspec.Struct, frozen=True, kw_only=True):
    """Other work held the processor while a wall time was measured.

    `possible` is the estimate with its interval widened by all that the others may have added; `passes` counts the
    passes that others interrupted, and `quietest` is processor time over wall time of the pass they interrupted least.
    """

    possible: Estimate
    passes: int
    quietest: float


class TargetEstimate(msgspec.Struct, frozen=True, kw_only=True):
    """What a run says about one target and one benchmark, or one group of sizes.

    `covers` are the ids of the measured benchmarks that the answer speaks of. `values` are what the estimate rests on,
    one a pass or process; `sizes` are what an exponent was fitted to.
    """

    target: Target
    benchmark: str
    found: Estimate | NoEstimate
    covers: tuple[str, ...] = ()
    node_id: str | None = None
    values: tuple[float, ...] = ()
    sizes: tuple[SizeValues, ...] = ()
    interference: Interference | None = None
