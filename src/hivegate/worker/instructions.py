"""The instructions of one call, counted by valgrind's cachegrind, under which this process was started.

cachegrind tells a process's whole count when that ends. So a benchmark is called in a copy of this process, between two
copies that make all ready and call nothing. What it counts more is what the calls took; pytest, imports and setup stand
in all three. They first fill their heap with junk; of three heaps the median counts, so that neither what lies there by
chance nor what a contended machine disturbs decides.
"""

from __future__ import annotations

import gc
import itertools
import os
import random
import statistics
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .clocks import Clocks
from .loop import Benchmarked, collector_as, declared, replace_loops

if TYPE_CHECKING:
    from collections.abc import Callable

_WARM = 16  # calls; CPython 3.11 and later rewrite a function's code while its first ones run
_ENOUGH = 2e7  # instructions of all calls, so that the collector's work is spread as in real use; a tenth of a second
_MOST = 1024  # calls
_JUNK = 4000
_LARGEST = 480  # bytes, beside the 33 that a bytes object has: about what the small-object allocator serves
_HEAPS = 3  # which blocks the allocator happens to have at hand makes up to 4 % of a call
_LONGEST = 0.1e9  # ns that all calls may wait for something; a call that sleeps takes few instructions


class InstructionsLoop:
    """Take the place of pytest-benchmark's two loops and keep instructions by node id.

    ``counts`` of the plan is the folder in which cachegrind leaves a file for each process, by its number; ``calls`` of
    a benchmark, where given, says how many are counted, so that all processes count alike.
    """

    def __init__(self, plan: dict[str, Any]) -> None:
        self._counts = Path(plan["counts"])
        self._calls = {node: one.get("calls") for node, one in plan.get("benchmarks", {}).items()}
        self._measured: dict[str, dict[str, Any]] = {}
        self._heaps = [_Heap(seed) for seed in range(_HEAPS)]

    def fields(self, node_id: str) -> dict[str, Any] | None:
        """Tell what a benchmark showed; None where it never called its fixture."""
        return self._measured.pop(node_id, None)

    def install(self, fixture_class: Any) -> None:  # noqa: ANN401  pytest-benchmark is untyped
        """Replace the class's ``_raw`` and ``_raw_pedantic``."""
        replace_loops(fixture_class, self._measure)

    def _measure(self, fixture: Any, given: Benchmarked) -> Any:  # noqa: ANN401
        clocks = Clocks()
        with collector_as(fixture):
            if given.once:
                calls = 1
                try:
                    count = self._count(given, calls)
                finally:
                    result = _call(given, clocks)  # where the copies failed, too: it tells why
            else:
                result = _call(given, clocks)
                calls = self._calls.get(fixture.fullname) or self._chosen(given, clocks)
                for _ in range(min(calls, _WARM) - 1):
                    _call(given, clocks)
                count = self._count(given, calls)
        clocks.close()
        self._measured[fixture.fullname] = {
            "instructions": count / calls,
            "calls": calls,
            "waits": bool(clocks.switches),
            "extra_info": declared(fixture),
        }
        return result

    def _chosen(self, given: Benchmarked, clocks: Clocks) -> int:
        """Choose how many calls to count; one where each is set up anew."""
        if given.fresh:
            return 1
        waited = clocks.wall - clocks.cpu if clocks.switches else 0  # for the processor, too
        return calls_for(self._count(given, 1, heaps=1), waited)

    def _count(self, given: Benchmarked, calls: int, *, heaps: int = _HEAPS) -> float:
        if threading.active_count() > 1:
            _refuse("threads are running, which a copy of this process would not have")
        gc.collect()
        _copy(given, 0, self._heaps[0])  # the first fork of all loads and allocates what the others do not
        pids = [_copy(given, number, heap) for heap in self._heaps[:heaps] for number in (0, calls, 0)]
        counts = [self._read(pid) for pid in pids]
        # What this process itself does from one fork to the next stands in all later copies: so the middle of two.
        around = zip(counts[::3], counts[1::3], counts[2::3], strict=True)
        return statistics.median(called - (before + after) / 2 for before, called, after in around)

    def _read(self, pid: int) -> int:
        file = self._counts / str(pid)
        count = int(file.read_text(encoding="utf-8").rpartition("summary:")[2])
        file.unlink()
        return count


def calls_for(instructions: float, waited: int) -> int:
    """Choose how many calls to count, a power of two, for one that takes so many instructions and waits so many ns."""
    wanted = min(_MOST, _ENOUGH / max(instructions, 1), _LONGEST / max(waited, 1))
    return 1 << max(0, int(wanted).bit_length() - 1)


def _copy(given: Benchmarked, calls: int, heap: _Heap) -> int:
    """Fork this process, have the copy make so many calls on such a heap; tell its number once it has ended."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            junk = heap.make()
            args, kwargs = given.arguments()
            _call_repeatedly(given.function, itertools.repeat(None, calls), args, kwargs)
            del junk
            status = 0
        finally:
            os._exit(status)  # no teardown, neither the benchmark's nor pytest's: they are the original's
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if status:
        _refuse(f"a copy of this process that called it ended with {status}")
    return pid


class _Heap:
    """A heap to make: of junk of all size classes, two thirds of it integers, a quarter is freed, by chance of a seed.

    Freed in the order in which it was made, so that what the allocator hands out next lies in a block with room: one
    that is full but for a place costs it 1 % of a loop over integers, and whether it has one at hand is chance.
    That is drawn once, before any fork: under valgrind it takes longer than the calls.
    """

    def __init__(self, seed: int) -> None:
        chance = random.Random(seed)  # noqa: S311  no secret
        self._sizes = [0 if place % 3 else chance.randrange(1, _LARGEST) for place in range(_JUNK)]
        self._freed = sorted(chance.sample(range(_JUNK), _JUNK // 4))

    def make(self) -> list[object]:
        """Return the junk that stays."""
        junk: list[object] = [bytes(size) if size else _LARGEST + place for place, size in enumerate(self._sizes)]
        for place in self._freed:
            junk[place] = None
        return junk


def _call(given: Benchmarked, clocks: Clocks) -> Any:  # noqa: ANN401
    args, kwargs = given.arguments()
    clocks.start()
    result = given.function(*args, **kwargs)
    clocks.stop()
    given.tear_down(args, kwargs)
    return result


def _call_repeatedly(function: Callable[..., Any], turns: itertools.repeat[None], args: Any, kwargs: Any) -> None:  # noqa: ANN401
    for _ in turns:
        function(*args, **kwargs)


def _refuse(why: str) -> None:
    import pytest  # noqa: PLC0415  in sys.modules already

    pytest.fail(f"its instructions cannot be counted: {why}", pytrace=False)
