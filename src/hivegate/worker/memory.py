"""The memory of one call: tracemalloc's peak, and allocations counted by memray where it is installed.

tracemalloc's peak was the same to the byte in ten processes; resident-set readings varied by 3 to 98 %. A first call
warms caches and lazy imports, which are not the benchmark's, where its author allows so many calls.
"""

from __future__ import annotations

import contextlib
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
    from collections.abc import Iterator

    from .loop import Benchmarked


class MemoryLoop(ContractLoop):
    """Take the place of pytest-benchmark's two loops and read the memory of a call.

    Where only one call is allowed it is that; where two are, the second's allocations are counted.
    """

    def install(self, fixture_class: Any) -> None:  # noqa: ANN401  pytest-benchmark is untyped
        """Replace the class's ``_raw`` and ``_raw_pedantic``."""
        replace_loops(fixture_class, self.enter)

    async def measure(self, fixture: Any, given: Benchmarked) -> Any:  # noqa: ANN401  the same
        """Read the peak of one call and, where memray is installed, the allocations of another."""

        async def call(watching: contextlib.AbstractContextManager[None]) -> Any:  # noqa: ANN401
            args, kwargs = given.arguments()
            gc.collect()
            with watching:
                result = given.function(*args, **kwargs)
                if given.awaited:
                    result = await result
            given.tear_down(args, kwargs)
            given.spend(1)
            self.record.sign_of_life(self.node_id)
            return result

        counted = importlib.util.find_spec("memray") is not None
        start = time.perf_counter_ns()
        warm = given.left is None or given.left > 1 + counted
        result = await given.call() if warm else None
        if warm:
            self.look_at(given, result)
        memory: dict[str, int | None] = {"peak": None, "allocations": None}
        last = await call(_peak(memory))
        seconds = (time.perf_counter_ns() - start) * 1e-9
        if counted and (given.left is None or given.left > 0):
            await call(self._allocations(memory))
        self.fields = {"memory": memory}
        await show_stats(fixture, given, seconds)
        if not warm:
            self.look_at(given, last)
        return result if warm else last

    @contextlib.contextmanager
    def _allocations(self, memory: dict[str, int | None]) -> Iterator[None]:
        import memray  # noqa: PLC0415  only where it is installed
        from memray._memray import compute_statistics  # noqa: PLC0415  what `memray stats` counts by; no public name

        with tempfile.TemporaryDirectory(dir=self.record.folder) as folder:
            file = Path(folder) / "allocations.bin"
            with memray.Tracker(file, trace_python_allocators=True):
                yield
            memory["allocations"] = int(compute_statistics(str(file)).total_num_allocations)


@contextlib.contextmanager
def _peak(memory: dict[str, int | None]) -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        memory["peak"] = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
