"""JMH's sampled calls: how often each time was seen, by fork and iteration."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np

from hivegate.ingest.assemble import refuse_too_many
from hivegate.ingest.numbers import read_numbers
from hivegate.ingest.units import times_in
from hivegate.model.run import Doubles, Sample

if TYPE_CHECKING:
    from hivegate.ingest.document import Document
    from hivegate.ingest.units import Unit

# Kept of a fork at most, and of a whole file: a time seen a million times takes no more text than one seen once.
_MOST = 100_000
_MOST_IN_ALL = 4_000_000
_LARGEST_COUNT = 2**40
_AROUND = b"[] \t\r\n"
_OF_NUMBERS = b"0123456789.eE+- \t\r\n"


def read_calls(document: Document, raw: msgspec.Raw, at: str, unit: Unit, share: float) -> list[Sample]:
    """Make a pass of each fork: its single calls in the order of their times, every n-th where there are many.

    `share` is the part of the file that this benchmark may take of what is kept in all. Raises `ResultsError` where
    the unit is no time, or where a time or its count is none.
    """
    if unit.seconds is None:
        raise document.fault(f"{at}: counts calls in {unit.metric!r}, which is not a unit of time")
    forks = document.decode(raw, list[msgspec.Raw], at)
    refuse_too_many(document, len(forks), "passes")
    most = min(_MOST, int(_MOST_IN_ALL * share / max(1, len(forks))))
    return [
        Sample(pass_index=index, rounds=_fork(document, one, f"{at}[{index}]", unit.seconds, most))
        for index, one in enumerate(forks)
    ]


def _fork(document: Document, raw: msgspec.Raw, at: str, seconds: float, most: int) -> Doubles:
    pairs = np.frombuffer(_pairs(document, raw, at)).reshape(-1, 2)
    counts = pairs[:, 1]
    odd = counts[(counts < 1) | (counts > _LARGEST_COUNT) | (counts != np.floor(counts))]
    if len(odd):
        raise document.fault(f"{at}: contains the count {odd[0]:g}; expected a whole number from 1 to {_LARGEST_COUNT}")
    order = np.argsort(pairs[:, 0])
    seen = np.cumsum(counts[order])
    every = max(1.0, np.ceil(seen[-1] / max(1, most)))
    kept = np.diff((seen + every // 2) // every, prepend=0)  # the middle one of every n: quantiles stay where they are
    return times_in(document, at, seconds, Doubles(np.repeat(pairs[order, 0], kept.astype(np.int64))))


def _pairs(document: Document, raw: msgspec.Raw, at: str) -> Doubles:
    """Read ``[[[time, count], …], …]`` as the numbers alone: a pair of Python's would take twenty times its text."""
    numbers = bytes(raw).translate(None, _AROUND).strip(b",")
    while b",," in numbers:  # iterations without a call
        numbers = numbers.replace(b",,", b",")
    values = read_numbers(document, msgspec.Raw(b"[" + numbers + b"]"), at)
    pairs = bytes(raw).translate(None, _OF_NUMBERS).count(b"[,]")
    if not values or 2 * pairs != len(values):
        raise document.fault(f"{at}: expected pairs of a time and its count")
    return values
