"""The reference loop: fixed work that every pass times beside each benchmark.

A limit in turns of this loop travels between machines of unlike speed. The loop is what plain Python code is made of:
a call, a dictionary look-up, an attribute, integer arithmetic. It must never change, or limits in turns change their
meaning.
"""

from __future__ import annotations

import time

_TURNS = 4000  # about 0.3 ms on a machine of 2026
_REPEATS = 7


class _Cell:
    __slots__ = ("value",)

    def __init__(self) -> None:
        self.value = 0


def _step(cell: _Cell, table: dict[int, int], turn: int) -> None:
    cell.value += table[turn & 7]


def _loop() -> int:
    cell = _Cell()
    table = {key: key * 3 for key in range(8)}
    for turn in range(_TURNS):
        _step(cell, table, turn)
    return cell.value


def seconds_per_turn() -> float:
    """Time the loop: the median of a few repeats, in seconds per turn; about 2 ms of work."""
    times = []
    for _ in range(_REPEATS):
        start = time.perf_counter_ns()
        _loop()
        times.append(time.perf_counter_ns() - start)
    return sorted(times)[_REPEATS // 2] * 1e-9 / _TURNS
