"""Numbers, read straight into eight bytes each, and times in seconds among them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, cast

import msgspec

from hivegate.errors import ResultsError
from hivegate.model.run import Doubles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hivegate.ingest.document import Document

ALLOWED = "expected a finite number of seconds above 0"

_CLOCK = "the clock is too coarse or was set back; measure with time.perf_counter and longer rounds"
_PIECE = 2**20
_NUMBERS = msgspec.json.Decoder(list[float])


def read_times(document: Document, raw: msgspec.Raw, at: str) -> Doubles:
    """Read an array of times; raises `ResultsError` with the index of the first that is none."""
    try:
        times = read_numbers(document, raw, at)
    except ResultsError as fault:
        marked = _without_mark(raw)
        if marked is None:
            raise document.fault(f"{fault.message}; {ALLOWED}", _CLOCK) from fault
        times = marked
    wrong = first_wrong(times)
    if wrong is not None:
        raise document.fault(f"{at}[{wrong}]: is {times[wrong]!r}; {ALLOWED}", _CLOCK)
    return times


def read_numbers(document: Document, raw: msgspec.Raw, at: str) -> Doubles:
    """Read an array of numbers; raises `ResultsError` with the index of the first that is none.

    A list of Python's floats takes 32 bytes a number, more than the text: an array is decoded a mebibyte at a time.
    """
    numbers = _decode_pieces(raw)
    return Doubles(document.decode(raw, list[float], at)) if numbers is None else numbers


def first_wrong(times: Sequence[float]) -> int | None:
    """Find the first number that is not a time: not finite, or not above 0."""
    if not times or (min(times) > 0 and math.isfinite(sum(times))):
        return None
    return next((index for index, time in enumerate(times) if not 0 < time < math.inf), None)


def _without_mark(raw: msgspec.Raw) -> Doubles | None:
    # Who shortens a file by hand leaves a text behind the rounds that says so: bencher's sample ends in "... omitted".
    try:
        *times, mark = msgspec.json.decode(raw, type=list[float | str])
    except (msgspec.DecodeError, ValueError):
        return None
    if isinstance(mark, str) and mark.startswith("...") and not any(isinstance(time, str) for time in times):
        return Doubles(cast("list[float]", times))
    return None


def _decode_pieces(raw: msgspec.Raw) -> Doubles | None:
    # Where elements are numbers every comma lies between two of them. Elsewhere a piece fails to decode, and the
    # whole array is decoded instead for an error with its exact index.
    array = memoryview(raw)
    times = Doubles()
    start = 0
    try:
        if len(array) <= _PIECE:
            return Doubles(_NUMBERS.decode(raw))
        while start + _PIECE < len(array):
            piece = bytes(array[start : start + _PIECE])
            end = piece.rfind(b",")
            if end < 0:
                return None
            times.fromlist(_NUMBERS.decode(b"".join((b"[" if start else b"", piece[:end], b"]"))))
            start += end + 1
        times.fromlist(_NUMBERS.decode(b"[" + bytes(array[start:])))
    except msgspec.DecodeError:
        return None
    return times
