"""The machine's own noise: two children of one process that do the same work in turns, pair after pair.

Run by path, with the number of pairs and ``fork`` or ``start``; prints one JSON object with the calls of a round and,
for each pair, the wall and processor seconds of every round of both sides. Standard library only.
"""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_ROUNDS = 12
_LONG_ENOUGH = 0.008  # seconds of a round
_ORDER = (0, 1, 1, 0, 1, 0, 0, 1)  # ABBA BAAB, so that a drift falls on both
_JUNK = 3000


class _Cell:
    __slots__ = ("value",)

    def __init__(self) -> None:
        self.value = 0


def _work() -> int:
    """Do what plain Python code does: calls, look-ups, attributes, small objects, sorting."""
    cell = _Cell()
    table = {key: key * 3 for key in range(8)}
    for turn in range(400):
        cell.value += table[turn & 7]
    return cell.value + len(sorted([str(number) for number in range(60)]))


def _calls_of_a_round() -> int:
    calls = 1
    while True:
        start = time.thread_time()
        for _ in range(calls):
            _work()
        taken = time.thread_time() - start
        if taken >= _LONG_ENOUGH / 4:
            return max(1, round(calls * _LONG_ENOUGH / taken))
        calls *= 2


def _child(calls: int, orders: int, results: int) -> None:
    """Run a round for each byte that is read; answer with its times, one line each."""
    junk = [bytes(16 + (number * 37) % 497) for number in range(_JUNK + os.getpid() % 500)]
    del junk[::4]  # a heap of its own, as unlike processes have
    for _ in range(3):
        _work()
    while os.read(orders, 1):
        wall, cpu = time.perf_counter_ns(), time.thread_time_ns()
        for _ in range(calls):
            _work()
        cpu, wall = time.thread_time_ns() - cpu, time.perf_counter_ns() - wall
        os.write(results, f"{wall} {cpu}\n".encode())


class _Child:
    """One child and the pipes to it."""

    def __init__(self, calls: int, *, fork: bool) -> None:
        orders, self._orders = os.pipe()
        self._results, results = os.pipe()
        if fork:
            pid = os.fork()
            if pid == 0:
                os.close(self._orders)
                _child(calls, orders, results)
                os._exit(0)
            self._end: Callable[[], object] = functools.partial(os.waitpid, pid, 0)
        else:
            command = [sys.executable, "-I", __file__, "child", str(calls), str(orders), str(results)]
            process = subprocess.Popen(command, pass_fds=(orders, results))  # noqa: S603  itself, with numbers
            self._end = process.wait
        os.close(orders)
        os.close(results)
        self.times: list[tuple[int, int]] = []

    def turn(self, *, kept: bool) -> None:
        os.write(self._orders, b".")
        line = b""
        while not line.endswith(b"\n"):
            line += os.read(self._results, 64)
        wall, cpu = line.split()
        if kept:
            self.times.append((int(wall), int(cpu)))

    def end(self) -> None:
        os.close(self._orders)
        self._end()
        os.close(self._results)


def _pair(calls: int, *, fork: bool, mirrored: bool) -> dict[str, list[float]]:
    sides = [_Child(calls, fork=fork)]
    try:
        sides.append(_Child(calls, fork=fork))  # forked behind the other: it holds that one's pipe, so it ends first
        if mirrored:
            sides.reverse()
        for number in range(-1, _ROUNDS):
            first = _ORDER[number % len(_ORDER)]
            for one in (first, 1 - first):
                sides[one].turn(kept=number >= 0)
    finally:
        for side in sides if mirrored else reversed(sides):
            side.end()
    base, head = (sides[place].times for place in (0, 1))
    return {
        f"{name}_{clock}": [times[place] * 1e-9 for times in side]
        for name, side in (("base", base), ("head", head))
        for place, clock in enumerate(("wall", "cpu"))
    }


def main(pairs: int, manner: str) -> None:
    """Measure pairs and print them."""
    calls = _calls_of_a_round()
    measured = [_pair(calls, fork=manner == "fork", mirrored=bool(number % 2)) for number in range(pairs)]
    sys.stdout.write(json.dumps({"calls": calls, "pairs": measured}))


if __name__ == "__main__":
    if sys.argv[1] == "child":
        _child(int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
    else:
        main(int(sys.argv[1]), sys.argv[2])
