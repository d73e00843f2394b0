"""The memory of one call: tracemalloc's peak, and allocations counted by memray where it is installed.

tracemalloc's peak was the same to the byte in ten processes; resident-set readings varied by 3 to 98 %. A first call
warms caches and lazy imports, which are not the benchmark's.
"""

from __future__ import annotations

import gc
import importlib.util
import inspect
import tempfile
import tracemalloc
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .loop import fresh_arguments, refuse_coroutine

if TYPE_CHECKING:
    from collections.abc import Callable


class MemoryLoop:
    """Take the place of pytest-benchmark's two loops and keep memory by node id."""

    def __init__(self) -> None:
        self._measured: dict[str, dict[str, int | None]] = {}

    def fields(self, node_id: str) -> dict[str, Any] | None:
        """Tell what a benchmark showed; None where it never called its fixture."""
        return self._measured.pop(node_id, None)

    def install(self, fixture_class: Any) -> None:  # noqa: ANN401  pytest-benchmark is untyped
        """Replace the class's ``_raw`` and ``_raw_pedantic``."""
        signature = inspect.signature(fixture_class._raw_pedantic)

        def memory_raw(fixture: Any, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
            return self._measure(fixture, function, {"args": args, "kwargs": kwargs})

        def memory_pedantic(fixture: Any, target: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
            return self._measure(fixture, target, signature.bind(fixture, target, *args, **kwargs).arguments)

        fixture_class._raw = memory_raw
        fixture_class._raw_pedantic = memory_pedantic

    def _measure(self, fixture: Any, function: Callable[..., Any], bound: dict[str, Any]) -> Any:  # noqa: ANN401
        refuse_coroutine(function)

        def call(around: Callable[[Callable[[], Any]], Any]) -> Any:  # noqa: ANN401
            args, kwargs = fresh_arguments(bound)
            gc.collect()
            result = around(lambda: function(*args, **kwargs))
            if bound.get("teardown") is not None:
                bound["teardown"](*args, **kwargs)
            return result

        result = call(lambda run: run())
        counted = importlib.util.find_spec("memray") is not None
        self._measured[fixture.fullname] = {
            "peak": call(_peak),
            "allocations": call(_allocations) if counted else None,
        }
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
