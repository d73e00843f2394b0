"""The reference loop: fixed work that every pass times beside each benchmark.

A limit in turns of this loop travels between machines of unlike speed, and so does a limit in seconds beside a reading
of it. The loop is what plain Python code is made of: a call, a dictionary look-up, an attribute, integer arithmetic. It
must never change, or limits change their meaning: a better one gets a version of its own beside it.

Run by path, with a number of seconds, it prints one JSON object with what it read meanwhile. Standard library only.
"""

from __future__ import annotations

import json
import platform
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

VERSION = 1  # what targets.yaml calls the code below
_TURNS = 4000  # about 0.3 ms on a machine of 2026
_REPEATS = 7
_FEW_TURNS = 100  # about 10 us: between rounds it must be over before the machine changes, and cost next to nothing


class _Cell:
    __slots__ = ("value",)

    def __init__(self) -> None:
        self.value = 0


def _step(cell: _Cell, table: dict[int, int], turn: int) -> None:
    cell.value += table[turn & 7]


def _seconds_per_turn(turns: int, clock: Callable[[], int] = time.perf_counter_ns) -> float:
    # The clock is bound here: what a benchmark puts in its place in `time` is none.
    times = []
    for _ in range(_REPEATS):
        cell = _Cell()
        table = {key: key * 3 for key in range(8)}
        start = clock()
        for turn in range(turns):
            _step(cell, table, turn)
        times.append(clock() - start)
    return sorted(times)[_REPEATS // 2] * 1e-9 / turns


def seconds_per_turn() -> float:
    """Time the loop: the median of a few repeats, in seconds per turn; about 2 ms of work."""
    return _seconds_per_turn(_TURNS)


def seconds_per_turn_now() -> float:
    """Time the loop briefly: the median of a few repeats, of which the first has cold caches; about 0.1 ms of work."""
    return _seconds_per_turn(_FEW_TURNS)


def main(seconds: float) -> None:
    """Read the loop as it is read between rounds, with other work in between, and print all readings."""
    readings = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        seconds_per_turn()
        readings.append(seconds_per_turn_now())
    version = ".".join(platform.python_version_tuple()[:2])
    python = f"{platform.python_implementation()} {version}"
    sys.stdout.write(json.dumps({"loop": VERSION, "python": python, "turns": readings}))


if __name__ == "__main__":
    main(float(sys.argv[1]))
