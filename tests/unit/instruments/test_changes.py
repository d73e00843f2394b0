"""Changes of what is read exactly: memory and instructions."""

from __future__ import annotations

import pytest

from hivegate.instruments import METRICS, dimension_of_change, instrument_of
from hivegate.model.change import Change, Clock
from hivegate.model.metric import Dimension
from hivegate.model.pairs import InstructionPair, MemoryPair, PairTrouble


def changed(pair: InstructionPair | MemoryPair, metric: str) -> Change | None:
    """Have the metric's instrument compare a pair."""
    return instrument_of(METRICS[metric]).change(pair, METRICS[metric])


def test_equal_readings_have_an_interval_without_width() -> None:
    """Three percent more instructions are three percent, and sure."""
    change = changed(InstructionPair(base=(1000.0, 1000.0), head=(1030.0, 1030.0)), "instructions")
    assert change is not None
    assert change.low == change.high == pytest.approx(change.ratio) == pytest.approx(1.03)
    assert (change.n, change.instrument, change.exact) == (2, "instructions", True)


def test_unequal_readings_are_the_ends_of_the_interval() -> None:
    """The least of one side is held against the most of the other, both ways."""
    change = changed(InstructionPair(base=(1000.0, 1010.0), head=(1030.0, 1020.0)), "instructions")
    assert change is not None
    assert (change.low, change.high) == (1020 / 1010, 1030 / 1000)
    assert change.low < change.ratio < change.high


@pytest.mark.parametrize(
    "pair",
    [InstructionPair(), InstructionPair(trouble=PairTrouble(base="failed")), InstructionPair(base=(0.0,), head=(1.0,))],
)
def test_what_nobody_counted_has_no_change(pair: InstructionPair) -> None:
    """No reading, and none that could be divided by."""
    assert changed(pair, "instructions") is None


def test_memory_is_exact_where_readings_are_equal() -> None:
    """Equal readings have no interval; unequal ones are both ends of it; each side's own are read."""
    same = changed(MemoryPair(base_peak=(1000, 1000), head_peak=(1100, 1100)), "peak_memory")
    assert same is not None
    assert (same.low, same.ratio, same.high) == (1.1, 1.1, 1.1)
    assert (same.base_value, same.head_value, same.instrument) == (1000, 1100, "memory")
    wide = changed(MemoryPair(base_peak=(1000, 1250), head_peak=(1000, 1500)), "peak_memory")
    assert wide is not None
    assert (wide.low, wide.high) == (0.8, 1.5)


def test_allocations_are_compared_apart_from_the_peak() -> None:
    """Without memray there are none, whatever the peak was."""
    counted = MemoryPair(base_peak=(1000, 1000), head_peak=(1000, 1000), base_allocations=(4,), head_allocations=(5,))
    change = changed(counted, "allocations")
    assert change is not None
    assert (change.ratio, change.base_value) == (1.25, 4)
    assert changed(MemoryPair(base_peak=(1000,), head_peak=(1000,)), "allocations") is None
    assert changed(MemoryPair(base_peak=(0, 0), head_peak=(5, 5)), "peak_memory") is None


def test_the_values_of_a_change_have_the_unit_of_what_was_compared() -> None:
    """Bytes and counts where readings are exact; seconds where a clock decided, whatever metric was asked for."""
    exact = Change(ratio=1.0, n=2, instrument="memory", base_value=1.0, head_value=1.0)
    timed = Change(ratio=1.0, n=2, instrument="time", clock=Clock.WALL, base_value=1.0, head_value=1.0)
    assert dimension_of_change(exact, "peak_memory") is Dimension.BYTES
    assert dimension_of_change(exact, "allocations") is Dimension.COUNT
    assert dimension_of_change(timed, "throughput") is Dimension.SECONDS
