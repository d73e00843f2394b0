"""Answers: what was measured, beside the target that asked."""

from __future__ import annotations

import msgspec

from hivegate.model.estimate import Estimate, NoEstimate
from hivegate.model.targets import Target


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a run says about one target and one benchmark, or one group of sizes.

    `calm` is processor time over wall time where the machine disturbed the measurement, else None.
    """

    target: Target
    benchmark: str
    found: Estimate | NoEstimate
    node_id: str | None = None
    calm: float | None = None
