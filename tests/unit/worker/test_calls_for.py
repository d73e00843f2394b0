"""How many calls have their instructions counted."""

from __future__ import annotations

import pytest

from hivegate.worker.instructions import calls_for


@pytest.mark.parametrize(
    ("instructions", "waited", "calls"),
    [
        (600, 0, 1024),  # short: as many as ever
        (3_200_000, 0, 4),  # twenty million in all, down to a power of two
        (1e9, 0, 1),  # never none
        (1100, 1_000_000, 64),  # a sleep of a millisecond: a tenth of a second in all
        (1100, 10**9, 1),
        (-3, 0, 1024),  # less than what the counting itself varies by
    ],
)
def test_enough_to_spread_the_collector_and_not_too_long(instructions: float, waited: int, calls: int) -> None:
    """What computes is bounded by its instructions, what waits by its time, which under valgrind passes as well."""
    assert calls_for(instructions, waited) == calls
