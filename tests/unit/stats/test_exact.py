"""Changes of what is read exactly."""

from __future__ import annotations

import pytest

from hivegate.model.pairs import InstructionPair, PairTrouble
from hivegate.stats.exact import instruction_change


def test_equal_readings_have_an_interval_without_width() -> None:
    """Three percent more instructions are three percent, and sure."""
    change = instruction_change(InstructionPair(base=(1000.0, 1000.0), head=(1030.0, 1030.0)))
    assert change is not None
    assert change.low == change.high == pytest.approx(change.ratio) == pytest.approx(1.03)
    assert (change.n, change.clock, change.exact) == (2, "instructions", True)


def test_unequal_readings_are_the_ends_of_the_interval() -> None:
    """The least of one side is held against the most of the other, both ways."""
    change = instruction_change(InstructionPair(base=(1000.0, 1010.0), head=(1030.0, 1020.0)))
    assert change is not None
    assert (change.low, change.high) == (1020 / 1010, 1030 / 1000)
    assert change.low < change.ratio < change.high


@pytest.mark.parametrize(
    "pair",
    [InstructionPair(), InstructionPair(trouble=PairTrouble(base="failed")), InstructionPair(base=(0.0,), head=(1.0,))],
)
def test_what_nobody_counted_has_no_change(pair: InstructionPair) -> None:
    """No reading, and none that could be divided by."""
    assert instruction_change(pair) is None
