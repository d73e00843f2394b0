"""What each instrument knows beside its numbers: what is too little, how to get it, what it cannot see."""

from __future__ import annotations

import pytest

from hivegate.instruments import INSTRUMENTS, METRICS, instrument_of, metric_named
from hivegate.instruments.base import Mode


def test_instructions_say_what_they_cannot_see() -> None:
    """Five benchmarks that waited all the same are named, and the others counted."""
    instructions = INSTRUMENTS["instructions"]
    assert instructions.blind_spots(()).endswith("time in the kernel are not among them")
    assert instructions.blind_spots(("a", "b")).endswith("; waited all the same: a, b")
    assert instructions.blind_spots(tuple("abcdefg")).endswith("; waited all the same: a, b, c, d, e and 2 more")
    assert all(not one.blind_spots(("a",)) for one in INSTRUMENTS.values() if one is not instructions)


@pytest.mark.parametrize(("metric", "bytes_"), [("peak_memory", 4096), ("allocations", 0), ("instructions", 0)])
def test_only_bytes_have_a_floor(metric: str, bytes_: float) -> None:
    """Every allocation counts, and every instruction; four kibibytes are nothing."""
    assert instrument_of(METRICS[metric]).floor(METRICS[metric]) == bytes_


def test_what_can_be_installed_is_named() -> None:
    """The peak needs nothing; times are always there."""
    remedies = {name: instrument_of(metric).remedy(metric) for name, metric in METRICS.items()}
    assert {name for name, remedy in remedies.items() if remedy} == {"allocations", "instructions"}
    assert "memray" in remedies["allocations"]
    assert "valgrind" in remedies["instructions"]


def test_what_pairs_can_compare() -> None:
    """Times of calls and of rounds whose mean they are, and all that is read exactly."""
    comparable = {name for name, metric in METRICS.items() if instrument_of(metric).compares(metric)}
    times = {"mean", "median", "p50", "p90", "p95", "p99"}
    assert comparable == times | {"peak_memory", "allocations", "instructions"}


def test_each_knows_who_takes_its_readings_and_what_more_of_them_bring() -> None:
    """A history is of no pass; more passes of time add nothing to it, nor to what has processes for itself."""
    assert {name: one.mode for name, one in INSTRUMENTS.items()} == {
        "time": Mode.TIME,
        "memory": Mode.MEMORY,
        "instructions": Mode.INSTRUCTIONS,
        "sizes": Mode.TIME,
        "history": None,
    }
    assert {name for name, one in INSTRUMENTS.items() if one.grows} == {"time", "sizes"}
    assert {name for name, one in INSTRUMENTS.items() if one.exact} == {"memory", "instructions"}
    assert instrument_of(metric_named("cache hits")).grows
