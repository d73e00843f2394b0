"""The memory of one call: tracemalloc's peak, and allocations counted by memray where it is installed.

tracemalloc's peak was the same to the byte in ten processes; resident-set readings varied by 3 to 98 %. A first call
warms caches and lazy imports, which are not the benchmark's.
"""

from __future__ import annotations

import gc
import importlib.util
import tempfile
import tracemalloc
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .loop import Benchmarked, replace_loops

if TYPE_CHECKING:
    from collections.abc import Callable


class MemoryLoop:
    """Take the place of pytest-benchmark's two loops and keep memory by node id."""

    def __init__(self) -> None:
        self._measured: dict[str, dict[str, Any]] = {}

    def fields(self, node_id: str) -> dict[str, Any] | None:
        """Tell what a benchmark showed; None where it never called its fixture."""
        return self._measured.pop(node_id, None)

    def install(self, fixture_class: Any) -> None:  # noqa: ANN401  pytest-benchmark is untyped
        """Replace the class's ``_raw`` and ``_raw_pedantic``."""
        replace_loops(fixture_class, self._measure)

    def _measure(self, fixture: Any, given: Benchmarked) -> Any:  # noqa: ANN401
        def call(around: Callable[[Callable[[], Any]], Any]) -> Any:  # noqa: ANN401
            args, kwargs = given.arguments()
            gc.collect()
            result = around(lambda: given.function(*args, **kwargs))
            given.tear_down(args, kwargs)
            return result

        result = call(lambda run: run())
        counted = importlib.util.find_spec("memray") is not None
        readings = {"peak": call(_peak), "allocations": call(_allocations) if counted else None}
        self._measured[fixture.fullname] = {"memory": readings}
        return result


def _peak(run: Callable[[], Any]) -> int:
    tracemalloc.start()
    try:
        run()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def _allocations(run: Callable[[], Any]) -> int:
    import memray  # noqa: PLC0415  only where it is installed
    from memray._memray import compute_statistics  # noqa: PLC0415  what `memray stats` counts by; no public name

    with tempfile.TemporaryDirectory(prefix="hivegate-") as folder:
        file = Path(folder) / "allocations.bin"
        with memray.Tracker(file, trace_python_allocators=True):
            run()
        return int(compute_statistics(str(file)).total_num_allocations)
