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
import statistics
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import threads
from .clocks import Clocks
from .contract import ContractLoop, fail, keep_stats
from .heap import CountedHeap, collector_as
from .loop import replace_loops

if TYPE_CHECKING:
    from collections.abc import Callable

    from .channel import Record
    from .loop import Benchmarked

_WARM = 16  # calls; CPython 3.11 and later rewrite a function's code while its first ones run
_ENOUGH = 2e7  # instructions of all calls, so that the collector's work is spread as in real use; a tenth of a second
_MOST = 1024  # calls
_HEAPS = 3  # which blocks the allocator happens to have at hand makes up to 4 % of a call
_INSTRUCTION = 0.3  # ns that one takes, about
_LONGEST = 0.1e9  # ns that all calls may wait for something; a call that sleeps takes few instructions


class InstructionsLoop(ContractLoop):
    """Take the place of pytest-benchmark's two loops and count the instructions of a call.

    ``counts`` of the plan is the folder in which cachegrind leaves a file for each process, by its number; the number
    of a benchmark, where not 0, says how many calls are counted, so that all processes count alike.
    """

    def __init__(self, plan: dict[str, Any], record: Record) -> None:
        super().__init__(record)
        self._counts = Path(plan["counts"])
        self._calls: dict[str, int] = plan["benchmarks"]
        self._heaps = [CountedHeap(seed) for seed in range(_HEAPS)]

    def install(self, fixture_class: Any) -> None:  # noqa: ANN401  pytest-benchmark is untyped
        """Replace the class's ``_raw`` and ``_raw_pedantic``."""
        replace_loops(fixture_class, self.enter)

    async def measure(self, fixture: Any, given: Benchmarked) -> Any:  # noqa: ANN401  the same
        """Count calls in copies of this process, which use up nothing of what this one has for them."""
        if given.awaited:
            _refuse("it is awaited, and a copy of this process cannot go on in its loop")
        clocks = Clocks()
        with collector_as(fixture):
            if given.left == 1:
                calls = 1
                try:
                    count = self._count(given, calls)
                finally:
                    result = _call(given, clocks)  # where the copies failed, too: it tells why
                self.look_at(given, result)
            else:
                result = _call(given, clocks)
                self.look_at(given, result)
                calls = self._calls.get(self.node_id) or self._chosen(given, clocks)
                for _ in range(min(calls, _WARM, calls if given.left is None else given.left - calls + 1) - 1):
                    result = _call(given, clocks)
                count = self._count(given, calls)
        clocks.close()
        self.fields = {"instructions": {"instructions": count / calls, "calls": calls, "waits": bool(clocks.switches)}}
        # valgrind makes all times many times as long: what the test looks at is what the instructions take without it.
        waited = max(0, clocks.wall - clocks.cpu) if clocks.switches else 0
        keep_stats(fixture, [max(1.0, count / calls * _INSTRUCTION + waited) * 1e-9])
        return result

    def _chosen(self, given: Benchmarked, clocks: Clocks) -> int:
        """Choose how many calls to count; one where each is set up anew, and no more than half of those allowed."""
        if given.fresh:
            return 1
        waited = clocks.wall - clocks.cpu if clocks.switches else 0  # for the processor, too
        calls = calls_for(self._count(given, 1, heaps=1), waited)
        return calls if given.left is None else max(1, min(calls, given.left // 2))

    def _count(self, given: Benchmarked, calls: int, *, heaps: int = _HEAPS) -> float:
        if threading.active_count() > 1:
            _refuse("threads are running, and a copy of this process would not have them")
        gc.collect()
        _copy(given, 0, self._heaps[0])  # the first fork of all loads and allocates what the others do not
        pids = []
        for heap in self._heaps[:heaps]:
            for number in (0, calls, 0):
                pids.append(_copy(given, number, heap))
                self.record.sign_of_life(self.node_id)
        counts = [self._read(pid) for pid in pids]
        # What this process itself does from one fork to the next stands in all later copies: so the middle of two.
        around = zip(counts[::3], counts[1::3], counts[2::3])
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


def _copy(given: Benchmarked, calls: int, heap: CountedHeap) -> int:
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
    status = threads.exit_code(os.waitpid(pid, 0)[1])
    if status:
        _refuse(f"a copy of this process that called it ended with {status}")
    return pid


def _call(given: Benchmarked, clocks: Clocks) -> Any:  # noqa: ANN401
    args, kwargs = given.arguments()
    clocks.start()
    result = given.function(*args, **kwargs)
    clocks.stop()
    given.tear_down(args, kwargs)
    given.spend(1)
    return result


def _call_repeatedly(function: Callable[..., Any], turns: itertools.repeat[None], args: Any, kwargs: Any) -> None:  # noqa: ANN401
    for _ in turns:
        function(*args, **kwargs)


def _refuse(why: str) -> None:
    fail(f"its instructions cannot be counted: {why}")
