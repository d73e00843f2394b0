"""Metrics: their names, what they are measured in, and which direction is better."""

from __future__ import annotations

import enum

import msgspec

ROUNDS = "rounds"
SINGLE_CALLS = "single calls"


class Dimension(enum.Enum):
    """What a number is measured in; units are spelled only by readers and reports."""

    SECONDS = "seconds"
    BYTES = "bytes"
    RATE = "per second"
    RATIO = "ratio"
    COUNT = "count"
    NUMBER = "number"


class Metric(msgspec.Struct, frozen=True, kw_only=True):
    """One metric as targets, the history and reports name it; how it is measured is its instrument's to say.

    `readings` names what its values are of: `ROUNDS`, `SINGLE_CALLS`, or what an instrument calls its own; `quantile`
    is only of percentiles. The history keeps series by all of these fields.
    """

    name: str
    dimension: Dimension
    readings: str = msgspec.field(name="source")
    higher_is_better: bool = False
    quantile: float | None = None
