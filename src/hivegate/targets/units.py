"""Quantities as people write them: ``100 ms``, ``10 MB``, ``2 %``, ``100 op/s``."""

from __future__ import annotations

import math
import re

from hivegate.model.metric import Dimension

_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0}
_BYTES = {
    "B": 1.0,
    "kB": 1e3,
    "KB": 1e3,
    "MB": 1e6,
    "GB": 1e9,
    "KiB": 2.0**10,
    "MiB": 2.0**20,
    "GiB": 2.0**30,
}
_RATE = {"op/s": 1.0, "ops/s": 1.0, "/s": 1.0, "kop/s": 1e3, "Mop/s": 1e6, "op/min": 1 / 60}
_RATIO = {"%": 0.01}

# The factor of each unit; "" where a bare number is a value of the dimension.
UNITS: dict[Dimension, dict[str, float]] = {
    Dimension.SECONDS: _SECONDS,
    Dimension.BYTES: _BYTES,
    Dimension.RATE: _RATE,
    Dimension.RATIO: {**_RATIO, "": 1.0},
    Dimension.COUNT: {"": 1.0},
    Dimension.NUMBER: {"": 1.0},
}
_WHAT = {
    Dimension.SECONDS: "a time",
    Dimension.BYTES: "an amount of memory",
    Dimension.RATE: "a rate",
    Dimension.RATIO: "a ratio",
    Dimension.COUNT: "a count",
    Dimension.NUMBER: "a number",
}
_QUANTITY = re.compile(r"(?P<number>[+-]?(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?)\s*(?P<unit>\D{0,8})")
_LONGEST = 40  # characters; a number of a million digits is not a limit


class QuantityError(ValueError):
    """A quantity that cannot be read: what is allowed, and what was likely meant."""

    def __init__(self, allowed: str, hint: str = "") -> None:
        super().__init__(allowed)
        self.allowed = allowed
        self.hint = hint


def parse_quantity(text: str, dimension: Dimension) -> float:
    """Read a quantity in base units; raises `QuantityError`."""
    units = UNITS[dimension]
    allowed = describe(dimension)
    found = _QUANTITY.fullmatch(text.strip()) if len(text) <= _LONGEST else None
    if found is None:
        raise QuantityError(allowed)
    unit = found["unit"].strip()
    if unit not in units:
        raise QuantityError(allowed, _guess(found["number"], unit, units))
    value = float(found["number"].replace("_", "")) * units[unit]
    if not math.isfinite(value):
        raise QuantityError(allowed)
    return value


def describe(dimension: Dimension) -> str:
    """Say what may be written for a dimension."""
    units = [unit for unit in UNITS[dimension] if unit and unit != "μs"]
    if not units:
        return f"{_WHAT[dimension]} without a unit"
    bare = " or without a unit" if "" in UNITS[dimension] else ""
    return f"{_WHAT[dimension]} in {', '.join(units)}{bare}"


def _guess(number: str, unit: str, units: dict[str, float]) -> str:
    if not unit:
        likely = "ms" if "ms" in units else "MB" if "MB" in units else "op/s"
        return f"a limit without a unit says nothing; did you mean {number} {likely}?"
    same = [one for one in units if one and one.lower() == unit.lower()]
    return f"did you mean {number} {same[0]}?" if same else ""
