"""The memory of one call: tracemalloc's peak, and allocations counted by memray where it is installed.

tracemalloc's peak was the same to the byte in ten processes; resident-set readings varied by 3 to 98 %. A first call
warms caches and lazy imports, which are not the benchmark's, where its author allows so many calls.
"""

from __future__ import annotations

import gc
import importlib.util
import tempfile
import tracemalloc
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .clocks import kept as time
from .contract import ContractLoop, show_stats
from .loop import replace_loops

if TYPE_CHECKING:
    from collections.abc import Callable

    from .loop import Benchmarked


class MemoryLoop(ContractLoop):
    """Take the place of pytest-benchmark's two loops and read the memory of a call.

    Where only one call is allowed it is that; where two are, the second's allocations are counted.
    """

    def install(self, fixture_class: Any) -> None:  # noqa: ANN401  pytest-benchmark is untyped
        """Replace the class's ``_raw`` and ``_raw_pedantic``."""
        replace_loops(fixture_class, self.enter)

    def measure(self, fixture: Any, given: Benchmarked) -> Any:  # noqa: ANN401  the same
        """Read the peak of one call and, where memray is installed, the allocations of another."""

        def call(around: Callable[[Callable[[], Any]], Any]) -> Any:  # noqa: ANN401
            args, kwargs = given.arguments()
            gc.collect()
            made = around(lambda: given.function(*args, **kwargs))
            given.tear_down(args, kwargs)
            given.spend(1)
            self.record.sign_of_life(self.node_id)
            return made

        counted = importlib.util.find_spec("memray") is not None
        start = time.perf_counter_ns()
        warm = given.left is None or given.left > 1 + counted
        result = given.call() if warm else None
        if warm:
            self.look_at(given, result)
        peak, last = call(_peak)
        seconds = (time.perf_counter_ns() - start) * 1e-9
        counted = counted and (given.left is None or given.left > 0)
        self.fields = {"memory": {"peak": peak, "allocations": call(self._allocations) if counted else None}}
        show_stats(fixture, given, seconds)
        if not warm:
            self.look_at(given, last)
        return result if warm else last

    def _allocations(self, run: Callable[[], Any]) -> int:
        import memray  # noqa: PLC0415  only where it is installed
        from memray._memray import compute_statistics  # noqa: PLC0415  what `memray stats` counts by; no public name

        with tempfile.TemporaryDirectory(dir=self.record.folder) as folder:
            file = Path(folder) / "allocations.bin"
            with memray.Tracker(file, trace_python_allocators=True):
                run()
            return int(compute_statistics(str(file)).total_num_allocations)


def _peak(run: Callable[[], Any]) -> tuple[int, Any]:
    tracemalloc.start()
    try:
        result = run()
        return tracemalloc.get_traced_memory()[1], result
    finally:
        tracemalloc.stop()
