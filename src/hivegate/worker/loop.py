"""What is wrapped around pytest-benchmark's measuring loop.

pytest-benchmark measures the rounds itself, as it would without hivegate. Around it stand the reference loop and the
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

from .reference_loop import seconds_per_turn
from .speed import SpeedRecorder, record_rounds

resource: Any
try:
    import resource
except ImportError:  # Windows has none
    resource = None

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_DECLARED = ("operations", "size", "parallelism", "metrics", "subject")
_PATIENCE = 10_000_000_000  # ns that single calls of one benchmark may take in a pass


@dataclass
class Measurement:
    """What one benchmark showed; times in seconds."""

    fixture: Any
    cpu: float | None = None
    wall: float | None = None
    switches: int | None = None
    kernel: float | None = None
    reference: float | None = None
    speed: dict[str, Any] | None = None
    single_calls: list[float] = field(default_factory=list)
    single_speed: dict[str, Any] | None = None


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
        readings = {
            "rounds": found.fixture.stats.stats.data,
            "calls": found.fixture.stats.iterations,
            "single_calls": found.single_calls,
            "cpu": found.cpu,
            "wall": found.wall,
            "switches": found.switches,
            "kernel": found.kernel,
            "reference": found.reference,
            "speed": found.speed,
            "single_speed": found.single_speed,
        }
        return {"time": readings, "extra_info": declared(found.fixture)}

    def install(self, fixture_class: Any) -> None:  # noqa: ANN401  pytest-benchmark is untyped
        """Take the place of the class's ``_raw`` and ``_raw_pedantic``: there since 3.0, and no public hook is."""
        raw, pedantic = fixture_class._raw, fixture_class._raw_pedantic

        def measured_raw(fixture: Any, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
            refuse_coroutine(function)
            result = self._around(fixture, lambda: raw(fixture, function, *args, **kwargs))
            self._call_singly(fixture, Benchmarked(function, {"args": args, "kwargs": kwargs}))
            return result

        def measured_pedantic(fixture: Any, target: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
            refuse_coroutine(target)
            bound = inspect.signature(pedantic).bind(fixture, target, *args, **kwargs).arguments
            result = self._around(fixture, lambda: pedantic(fixture, target, *args, **kwargs))
            self._call_singly(fixture, Benchmarked(target, bound, pedantic=True))
            return result

        fixture_class._raw = measured_raw
        fixture_class._raw_pedantic = measured_pedantic

    def _around(self, fixture: Any, measure: Callable[[], Any]) -> Any:  # noqa: ANN401
        found = self._measured[fixture.fullname] = Measurement(fixture)
        before = seconds_per_turn()
        recorder = record_rounds(fixture)
        usage, cpu, wall = _usage(), time.process_time_ns(), time.perf_counter_ns()
        result = measure()
        found.wall = (time.perf_counter_ns() - wall) * 1e-9
        found.cpu = (time.process_time_ns() - cpu) * 1e-9
        after = _usage()
        if usage is not None and after is not None:
            found.switches = after.ru_nvcsw - usage.ru_nvcsw
            found.kernel = after.ru_stime - usage.ru_stime
        found.speed = recorder.end()
        found.reference = (before + seconds_per_turn()) / 2
        return result

    def _call_singly(self, fixture: Any, given: Benchmarked) -> None:  # noqa: ANN401
        """Time calls one by one, the timer's own cost included, under the benchmark's own policy for the collector."""
        wanted = self._calls_wanted.get(fixture.fullname, 0)
        if fixture.stats is not None and fixture.stats.iterations == 1 and len(fixture.stats.stats.data) >= wanted:
            return  # its rounds are single calls already, and what it keeps may not bear more of them
        times: list[int] = []
        clock = time.perf_counter_ns
        end = clock() + _PATIENCE
        recorder = SpeedRecorder(lambda: len(times))
        with collector_as(fixture):
            while len(times) < wanted and clock() < end:
                recorder.read_if_due()
                times.append(time_singly(given))
        measured = self._measured[fixture.fullname]
        measured.single_calls = [one * 1e-9 for one in times]
        measured.single_speed = recorder.end()


def time_singly(given: Benchmarked) -> int:
    """Time one call in ns, the timer's own cost included; setup and teardown are not timed."""
    args, kwargs = given.arguments()
    function, clock = given.function, time.perf_counter_ns
    start = clock()
    function(*args, **kwargs)
    taken = max(1, clock() - start)  # a coarse clock may not have moved
    given.tear_down(args, kwargs)
    return taken


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


class Benchmarked:
    """What a test gave its benchmark fixture: a function, and by `bound` what it is called with.

    `fresh` where each call is set up or torn down, which is never timed; `once` where it may be called only once.
    """

    def __init__(self, function: Callable[..., Any], bound: dict[str, Any], *, pedantic: bool = False) -> None:
        self.function = function
        self._bound = bound
        self.fresh = bound.get("setup") is not None or bound.get("teardown") is not None
        # One round of one call without setup is the author's word that the call cannot be repeated.
        single = bound.get("rounds", 1) == 1 and bound.get("iterations", 1) == 1
        self.once = pedantic and single and not self.fresh

    def arguments(self) -> tuple[Any, Any]:
        """Make the arguments of one call, by ``setup`` where there is one."""
        setup = self._bound.get("setup")
        made = setup() if setup is not None else None
        return made or (self._bound.get("args", ()), self._bound.get("kwargs") or {})

    def tear_down(self, args: Any, kwargs: Any) -> None:  # noqa: ANN401
        """End one call."""
        if self._bound.get("teardown") is not None:
            self._bound["teardown"](*args, **kwargs)


def replace_loops(fixture_class: Any, measure: Callable[[Any, Benchmarked], Any]) -> None:  # noqa: ANN401
    """Take the place of the class's ``_raw`` and ``_raw_pedantic``: `measure` gives the test its result."""
    signature = inspect.signature(fixture_class._raw_pedantic)

    def raw(fixture: Any, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        refuse_coroutine(function)
        return measure(fixture, Benchmarked(function, {"args": args, "kwargs": kwargs}))

    def pedantic(fixture: Any, target: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        refuse_coroutine(target)
        bound = signature.bind(fixture, target, *args, **kwargs).arguments
        return measure(fixture, Benchmarked(target, bound, pedantic=True))

    fixture_class._raw = raw
    fixture_class._raw_pedantic = pedantic


def _usage() -> Any:  # noqa: ANN401  Windows has no such type
    return None if resource is None else resource.getrusage(resource.RUSAGE_SELF)
