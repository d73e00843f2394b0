"""A diagnosis: what a machine can measure, and how small a slowdown a budget sees there."""

from __future__ import annotations

import enum

import msgspec

DIAGNOSIS_SCHEMA = 1


class State(enum.Enum):
    """How a finding stands: it serves, it limits what can be seen or done, or it is absent."""

    GOOD = "good"
    LIMITED = "limited"
    ABSENT = "absent"


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was looked at, what was found, and what would improve it; "" where nothing need be done."""

    name: str
    state: State
    found: str
    remedy: str = ""


class Noise(msgspec.Struct, frozen=True, kw_only=True):
    """What pairs of the same work differed by here; relative numbers.

    `spread` is the standard deviation of the log of a pair, `visible` the smallest slowdown that `budget` calls slower,
    and `least_budget` the smallest one within which unchanged code is found, each in 95 of 100 comparisons; `busy` is
    the share of the time in which others had the core.
    """

    manner: str
    pairs: int
    spread: float
    budget: float
    visible: float
    least_budget: float
    busy: float


class Diagnosis(msgspec.Struct, frozen=True, kw_only=True):
    """All findings; `noise` is None where it could not be measured, with the reason in `trouble`."""

    schema: int = DIAGNOSIS_SCHEMA
    system: str
    support: str
    findings: tuple[Finding, ...]
    noise: Noise | None = None
    trouble: str = ""
