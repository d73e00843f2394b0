"""Units as other tools spell them, and values in them as parts of a sample.

A time becomes rounds in seconds. A number of calls in a time becomes a throughput, which is better when higher and is
never turned into a time. Everything else becomes a custom metric that is named after its unit, so that a tool which
changes its unit leaves the old metric missing, where a bare number would pass or fail by a factor of thousand.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

import msgspec

from hivegate.ingest.numbers import first_wrong
from hivegate.instruments import METRICS
from hivegate.model.run import Doubles, Sample

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hivegate.ingest.document import Document

_SECONDS = {
    factor: names.split()
    for factor, names in (
        (1e-9, "ns nsec nanosecond nanoseconds"),
        (1e-6, "us µs \u03bcs usec microsecond microseconds"),
        (1e-3, "ms msec millisecond milliseconds"),
        (1.0, "s sec second seconds"),
        (60.0, "min minute minutes"),
        (3600.0, "h hr hour hours"),
        (86400.0, "day days"),
    )
}
_TIMES = {name: factor for factor, names in _SECONDS.items() for name in names}
_SINGULAR = ("op", "iter", "iteration", "call", "run", "req", "request")
_CALLS = frozenset(name + plural for name in _SINGULAR for plural in ("", "s"))
_NAMEABLE = re.compile(r"[A-Za-z_][\w .:/-]{0,79}")  # as targets.yaml can name a custom metric
_UNNAMED = "value"

FINITE = "expected a finite number"


class Unit(msgspec.Struct, frozen=True, kw_only=True):
    """What a unit measures: `seconds` or `per_second` is its factor, and both are None for a custom metric."""

    metric: str
    seconds: float | None = None
    per_second: float | None = None

    @property
    def better(self) -> dict[str, str]:
        """Return which direction is better, if the unit determines it: a custom rate is better when higher."""
        if self.seconds is not None or self.per_second is not None:
            return {}
        return {self.metric: "higher"} if self.metric.rpartition("/")[2] in _TIMES else {}


def read_unit(text: str) -> Unit:
    """Understand a unit such as ``ns``, ``us/op``, ``iter/sec`` or ``B/op``; never fails."""
    unit = text.strip()
    above, slash, below = unit.partition("/")
    if above in _TIMES and (not slash or below in _CALLS):
        return Unit(metric=unit, seconds=_TIMES[above])
    if above in _CALLS and below in _TIMES:
        return Unit(metric=unit, per_second=1 / _TIMES[below])
    return custom_unit(unit)


def custom_unit(text: str) -> Unit:
    """Make the unit of a custom metric; what targets.yaml could not name is called ``value``."""
    name = text.strip()
    nameable = _NAMEABLE.fullmatch(name) is not None and name.lower() not in METRICS
    return Unit(metric=name if nameable else _UNNAMED)


def sample_in(
    document: Document, at: str, unit: Unit, values: Sequence[float], *, calls: int = 1, pass_index: int = 0
) -> Sample:
    """Make the sample of one pass from its values, of which each is the mean of `calls` calls.

    Raises `ResultsError`, with the index, for a time that is not above 0 and for what is not finite.
    """
    if unit.seconds is not None:
        return Sample(pass_index=pass_index, rounds=times_in(document, at, unit.seconds, values), calls=calls)
    for index, value in enumerate(values):
        if not math.isfinite(value) or (unit.per_second is not None and value < 0):
            raise document.fault(f"{at}[{index}]: is {value!r}; {FINITE}{', of at least 0' if unit.per_second else ''}")
    mean = math.fsum(value / len(values) for value in values)
    if unit.per_second is not None:
        return Sample(pass_index=pass_index, throughput=mean * unit.per_second)
    return Sample(pass_index=pass_index, metrics={unit.metric: mean})


def metric_in(document: Document, at: str, unit: Unit, values: Sequence[float]) -> dict[str, float]:
    """Make a custom metric of its values in one pass; one that is not finite is not measured, and so dropped."""
    for value in values:
        if not math.isfinite(value):
            document.drop(f"{at}: is {value!r}; {FINITE}")
            return {}
    return {unit.metric: math.fsum(value / len(values) for value in values)}


def time_in(document: Document, at: str, seconds: float, value: float) -> float:
    """Convert a time to seconds; raises `ResultsError` where it is none."""
    time = value * seconds
    if not 0 < time < math.inf:
        raise document.fault(f"{at}: is {value!r}; expected a finite number above 0")
    return time


def times_in(document: Document, at: str, seconds: float, values: Sequence[float]) -> Doubles:
    """Convert times to seconds; raises `ResultsError` for the first that is none."""
    times = Doubles(values if seconds == 1 else (value * seconds for value in values))
    wrong = first_wrong(times)
    if wrong is not None:
        raise document.fault(f"{at}[{wrong}]: is {values[wrong]!r}; expected a finite number above 0")
    return times
