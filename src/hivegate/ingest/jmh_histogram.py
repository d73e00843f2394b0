"""JMH's sampled calls: how often each time was seen, by fork and iteration."""

from __future__ import annotations

import re
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
_PAIRS = re.compile(rb"\[\s*(?:\[[^\[\],]++,[^\[\],]++\]\s*+,?\s*+)*+\]")
_BRACKETS = b"[] \t\r\n"


def read_calls(document: Document, raw: msgspec.Raw, at: str, unit: Unit, share: float) -> list[Sample]:
    """Make a pass of each fork: its single calls in the order of their times, every n-th where there are many.

    `share` is the part of the file that this benchmark may take of what is kept in all. Raises `ResultsError` where
    the unit is no time, or where a time or its count is none.
    """
    if unit.seconds is None:
        raise document.fault(f"{at}: counts calls in {unit.metric!r}, which is no time")
    forks = document.decode(raw, list[msgspec.Raw], at)
    refuse_too_many(document, len(forks), "passes")
    most = min(_MOST, int(_MOST_IN_ALL * share / max(1, len(forks))))
    return [
        Sample(pass_index=index, rounds=_fork(document, one, f"{at}[{index}]", unit.seconds, most))
        for index, one in enumerate(forks)
    ]


def _fork(document: Document, raw: msgspec.Raw, at: str, seconds: float, most: int) -> Doubles:
    values = Doubles()
    for index, iteration in enumerate(document.decode(raw, list[msgspec.Raw], at)):
        values.extend(_pairs(document, iteration, f"{at}[{index}]"))
    if not values:
        raise document.fault(f"{at}: holds no call")
    times, counts = np.frombuffer(times_in(document, at, seconds, values[0::2])), np.array(values[1::2])
    odd = counts[(counts < 1) | (counts > _LARGEST_COUNT) | (counts != np.floor(counts))]
    if len(odd):
        raise document.fault(f"{at}: holds the count {odd[0]:g}; a whole number from 1 to {_LARGEST_COUNT} is allowed")
    order = np.argsort(times)
    seen = np.cumsum(counts[order].astype(np.int64))
    every = max(1, -(-int(seen[-1]) // max(1, most)))
    kept = np.diff((seen + every // 2) // every, prepend=0)  # the middle one of every n: quantiles stay where they are
    return Doubles(np.repeat(times[order], kept))


def _pairs(document: Document, raw: msgspec.Raw, at: str) -> Doubles:
    """Read ``[[time, count], …]`` as the numbers alone: a pair of Python's would take twenty times its text."""
    text = bytes(raw)
    if _PAIRS.fullmatch(text) is None:
        raise document.fault(f"{at}: is no array of pairs of a time and its count")
    return read_numbers(document, msgspec.Raw(b"[" + text.translate(None, _BRACKETS) + b"]"), at)
