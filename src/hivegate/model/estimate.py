"""Estimates: numbers that know how sure they are."""

import math

import msgspec

from hivegate.model.reason import ReasonCode


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """A value with its interval, from `n` independent passes; unknown ends are infinite.

    `assumed` is the relative spread that was assumed because one value has no spread of its own.
    """

    value: float
    low: float = -math.inf
    high: float = math.inf
    n: int
    assumed: float | None = None


class SizeValues(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured at one size of the input, one value a pass."""

    size: float
    values: tuple[float, ...]


class NoEstimate(msgspec.Struct, frozen=True, kw_only=True):
    """Why there is no number, as a code and in words: `missing` where nothing was measured, else it cannot answer.

    `needs_more` where it may answer once more is known.
    """

    code: ReasonCode = ReasonCode.OTHER
    reason: str
    missing: bool = False
    needs_more: bool = False
    hint: str = ""
