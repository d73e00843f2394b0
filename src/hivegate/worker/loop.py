"""What is wrapped around pytest-benchmark's measuring loop.

pytest-benchmark measures the rounds itself, as it would without hivegate. Around it stand the calibration loop and the
clocks of the process; after it, single calls where a target asks for a percentile, because a round of many calls is a
mean.
"""

from __future__ import annotations

import contextlib
import gc
import inspect
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .calibration import seconds_per_turn

resource: Any
try:
    import resource
except ImportError:  # Windows has none
    resource = None

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_DECLARED = ("operations", "size", "parallelism", "metrics")
_PATIENCE = 10_000_000_000  # ns that single calls of one benchmark may take in a pass


@dataclass
class Measurement:
    """What one benchmark showed; times in seconds."""

    fixture: Any
    cpu: float | None = None
    wall: float | None = None
    switches: int | None = None
    calibration: float | None = None
    single_calls: list[float] = field(default_factory=list)


class MeasuringLoop:
    """Wrap pytest-benchmark's two loops and keep what they show by node id."""

    def __init__(self, calls_wanted: dict[str, int]) -> None:
        self._measured: dict[str, Measurement] = {}
        self._calls_wanted = calls_wanted

    def fields(self, node_id: str) -> dict[str, Any] | None:
        """Tell what a benchmark showed, the rounds as pytest-benchmark kept them; None where nothing was measured."""
        found = self._measured.pop(node_id, None)
        if found is None or found.fixture.stats is None:
            return None
        return {
            "rounds": found.fixture.stats.stats.data,
            "calls": found.fixture.stats.iterations,
            "single_calls": found.single_calls,
            "cpu": found.cpu,
            "wall": found.wall,
            "switches": found.switches,
            "calibration": found.calibration,
            "extra_info": declared(found.fixture),
        }

    def install(self, fixture_class: Any) -> None:  # noqa: ANN401  pytest-benchmark is untyped
        """Take the place of the class's ``_raw`` and ``_raw_pedantic``: there since 3.0, and no public hook is."""
        raw, pedantic = fixture_class._raw, fixture_class._raw_pedantic

        def measured_raw(fixture: Any, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
            refuse_coroutine(function)
            result = self._around(fixture, lambda: raw(fixture, function, *args, **kwargs))
            self._call_singly(fixture, function, lambda: (args, kwargs), None)
            return result

        def measured_pedantic(fixture: Any, target: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
            refuse_coroutine(target)
            bound = inspect.signature(pedantic).bind(fixture, target, *args, **kwargs).arguments
            result = self._around(fixture, lambda: pedantic(fixture, target, *args, **kwargs))
            self._call_singly(fixture, target, lambda: fresh_arguments(bound), bound.get("teardown"))
            return result

        fixture_class._raw = measured_raw
        fixture_class._raw_pedantic = measured_pedantic

    def _around(self, fixture: Any, measure: Callable[[], Any]) -> Any:  # noqa: ANN401
        found = self._measured[fixture.fullname] = Measurement(fixture)
        before = seconds_per_turn()
        switches, cpu, wall = _switches(), time.process_time_ns(), time.perf_counter_ns()
        result = measure()
        found.wall = (time.perf_counter_ns() - wall) * 1e-9
        found.cpu = (time.process_time_ns() - cpu) * 1e-9
        after = _switches()
        found.switches = None if after is None or switches is None else after - switches
        found.calibration = (before + seconds_per_turn()) / 2
        return result

    def _call_singly(
        self,
        fixture: Any,  # noqa: ANN401
        function: Callable[..., Any],
        arguments: Callable[[], tuple[Any, Any]],
        teardown: Callable[..., Any] | None,
    ) -> None:
        """Time calls one by one, the timer's own cost included, under the benchmark's own policy for the collector."""
        wanted = self._calls_wanted.get(fixture.fullname, 0)
        if fixture.stats is not None and fixture.stats.iterations == 1 and len(fixture.stats.stats.data) >= wanted:
            return  # its rounds are single calls already, and what it keeps may not bear more of them
        times: list[int] = []
        clock = time.perf_counter_ns
        end = clock() + _PATIENCE
        with collector_as(fixture):
            while len(times) < wanted and clock() < end:
                args, kwargs = arguments()
                start = clock()
                function(*args, **kwargs)
                times.append(max(1, clock() - start))  # a coarse clock may not have moved
                if teardown is not None:
                    teardown(*args, **kwargs)
        self._measured[fixture.fullname].single_calls = [one * 1e-9 for one in times]


@contextlib.contextmanager
def collector_as(fixture: Any) -> Iterator[None]:  # noqa: ANN401
    """Keep the benchmark's own policy for the garbage collector."""
    collecting = gc.isenabled()
    if getattr(fixture, "_disable_gc", False):
        gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def declared(fixture: Any) -> dict[str, Any]:  # noqa: ANN401
    """Tell what a benchmark declares of itself."""
    return {key: fixture.extra_info[key] for key in _DECLARED if key in fixture.extra_info}


def refuse_coroutine(function: Callable[..., Any]) -> None:
    """Fail a benchmark that would time the making of a coroutine, which never runs."""
    if inspect.iscoroutinefunction(function):
        import pytest  # noqa: PLC0415  in sys.modules already

        name = getattr(function, "__qualname__", repr(function))
        pytest.fail(
            f"benchmark() was given the coroutine function {name}: only the making of the coroutine would be timed. "
            f"Give it a plain function that runs the coroutine, for example lambda: loop.run_until_complete({name}())",
            pytrace=False,
        )


def fresh_arguments(bound: dict[str, Any]) -> tuple[Any, Any]:
    """Make the arguments of one pedantic call, by its ``setup`` where it has one."""
    setup = bound.get("setup")
    made = setup() if setup is not None else None
    return made or (bound.get("args", ()), bound.get("kwargs") or {})


def _switches() -> int | None:
    return None if resource is None else resource.getrusage(resource.RUSAGE_SELF).ru_nvcsw
