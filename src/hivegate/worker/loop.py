"""What is wrapped around pytest-benchmark's measuring loop.

pytest-benchmark measures the rounds itself, as it would without hivegate. Around it stand the reference loop and the
clocks of the process; after it, single calls where a target asks for a percentile, because a round of many calls is a
mean. What has to be awaited pytest-benchmark cannot measure: `awaited.py` makes the rounds that it would.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .awaited import awaited_rounds
from .clocks import kept as time
from .contract import ContractLoop, name_of, own_timer, timer_name
from .heap import collector_as
from .reference_loop import seconds_per_turn
from .speed import SpeedRecorder, record_rounds

resource: Any
try:
    import resource
except ImportError:  # Windows has none
    resource = None

if TYPE_CHECKING:
    from collections.abc import Callable

    from .channel import Record

_STILL = 1_000_000_000  # ns in which any clock moves
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


class MeasuringLoop(ContractLoop):
    """Wrap pytest-benchmark's two loops and keep what they show."""

    def __init__(self, calls_wanted: dict[str, int], record: Record) -> None:
        super().__init__(record)
        self._measured: dict[str, Measurement] = {}
        self._calls_wanted = calls_wanted

    def install(self, fixture_class: Any) -> None:  # noqa: ANN401  pytest-benchmark is untyped
        """Take the place of the class's ``_raw`` and ``_raw_pedantic``, and call them."""
        raw, pedantic, make_runner = fixture_class._raw, fixture_class._raw_pedantic, fixture_class._make_runner
        replace_loops(fixture_class, self.enter)

        def rounds(fixture: Any, given: Benchmarked) -> Any:  # noqa: ANN401  the same
            if given.pedantic:
                return pedantic(fixture, given.function, **given.bound)
            return raw(fixture, given.function, *given.bound["args"], **given.bound["kwargs"])

        def runner_with_signs(fixture: Any, *args: Any) -> Callable[..., Any]:  # noqa: ANN401  the same
            runner = make_runner(fixture, *args)

            def run(*loops: Any, **more: Any) -> Any:  # noqa: ANN401  the same
                result = runner(*loops, **more)
                self.record.sign_of_life(self.node_id)
                return result

            return run

        self._rounds = rounds
        fixture_class._make_runner = runner_with_signs

    async def measure(self, fixture: Any, given: Benchmarked) -> Any:  # noqa: ANN401  the same
        """Measure rounds as pytest-benchmark does, then single calls where they are wanted."""
        self._measured.clear()
        self._require_moving(fixture, given)
        result = await self._around(fixture, given)
        self.look_at(given, result)
        timer, stats = own_timer(fixture), fixture.stats
        self.refuse_still(timer, min(stats.stats.data))
        (found,) = self._measured.values()
        await self._call_singly(found, given, timer)
        readings = {
            "rounds": stats.stats.data,
            "calls": stats.iterations,
            "single_calls": found.single_calls,
            # What our clocks show explains no time of another clock.
            "cpu": found.cpu if timer is None else None,
            "wall": found.wall if timer is None else None,
            "switches": found.switches if timer is None else None,
            "kernel": found.kernel if timer is None else None,
            "reference": found.reference,
            "speed": found.speed if timer is None else None,
            "single_speed": found.single_speed if timer is None else None,
        }
        self.fields = {"time": readings}
        return result

    def _require_moving(self, fixture: Any, given: Benchmarked) -> None:  # noqa: ANN401  the same
        """Refuse a timer that shows nothing where pytest-benchmark chooses rounds by it, or waits for it for ever."""
        timer = own_timer(fixture)
        if timer is None or given.pedantic:
            return
        began, end = timer(), time.perf_counter_ns() + _STILL
        while timer() - began <= 0 and time.perf_counter_ns() < end:
            pass
        if timer() - began <= 0:
            self.refuse(
                f"its own timer, {timer_name(timer)}, stood still or went back between two readings, so nobody can "
                "choose rounds by it; say how many: benchmark.pedantic(..., rounds=10, iterations=1)"
            )

    async def _around(self, fixture: Any, given: Benchmarked) -> Any:  # noqa: ANN401
        found = self._measured[fixture.fullname] = Measurement(fixture)
        before = seconds_per_turn()
        recorder = record_rounds(fixture)
        usage, cpu, wall = _usage(), time.process_time_ns(), time.perf_counter_ns()
        if given.awaited:
            result = await awaited_rounds(fixture, given, recorder, lambda: self.record.sign_of_life(self.node_id))
        else:
            result = self._rounds(fixture, given)
        found.wall = (time.perf_counter_ns() - wall) * 1e-9
        found.cpu = (time.process_time_ns() - cpu) * 1e-9
        after = _usage()
        if usage is not None and after is not None:
            found.switches = after.ru_nvcsw - usage.ru_nvcsw
            found.kernel = after.ru_stime - usage.ru_stime
        found.speed = recorder.end()
        found.reference = (before + seconds_per_turn()) / 2
        return result

    async def _call_singly(self, found: Measurement, given: Benchmarked, timer: Callable[[], Any] | None) -> None:
        """Time calls one by one, the timer's own cost included, under the benchmark's own policy for the collector.

        None where its author says how often it can be called: that is spent on the rounds.
        """
        stats = found.fixture.stats
        wanted = 0 if given.left is not None else self._calls_wanted.get(self.node_id, 0)
        if wanted == 0 or (stats.iterations == 1 and len(stats.stats.data) >= wanted):
            return  # its rounds are single calls already, and what it keeps may not bear more of them
        times: list[int] = []
        end = time.perf_counter_ns() + _PATIENCE
        recorder = SpeedRecorder(lambda: len(times))
        with collector_as(found.fixture):
            while len(times) < wanted and time.perf_counter_ns() < end:
                recorder.read_if_due()
                times.append(await given.time_singly_awaited(timer) if given.awaited else given.time_singly(timer))
                self.record.sign_of_life(self.node_id)
        found.single_calls = [nanoseconds * 1e-9 for nanoseconds in times]
        found.single_speed = recorder.end()
        self.refuse_still(timer, min(times))


class Benchmarked:
    """What a test gave its benchmark fixture: a function, and by `bound` what it is called with.

    `fresh` where each call is set up or torn down, which is never timed. `left` is how often it can still be called:
    what is prepared for pedantic's rounds is used up by them, unless ``setup`` makes it; None where nobody says.
    `again` where pedantic itself calls once more, for the result. `result` holds that of the last call, where it may be
    needed, and `iterations` are those of a round of pedantic. `awaited` where each call has to be.
    """

    def __init__(self, function: Callable[..., Any], bound: dict[str, Any], *, pedantic: bool = False) -> None:
        self.function = function
        self.bound = bound
        self.pedantic = pedantic
        self.name = name_of(function)
        self.awaited = inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(
            getattr(type(function), "__call__", None)  # noqa: B004  not whether it can be called, but how
        )
        self.fresh = bound.get("setup") is not None or bound.get("teardown") is not None
        self.left: int | None = None
        self.warmups = 0
        self.again = False
        self.iterations = bound.get("iterations", 1) if pedantic else None
        self.result: tuple[Any] | None = None
        if self.iterations is not None and bound.get("setup") is None:
            self.warmups = bound.get("warmup_rounds", 0) * self.iterations
            self.left = bound.get("rounds", 1) * self.iterations + self.warmups
            self.again = self.iterations > 1

    def spend(self, calls: int) -> None:
        """Count calls that were made."""
        if self.left is not None:
            self.left -= calls

    def arguments(self) -> tuple[Any, Any]:
        """Make the arguments of one call, by ``setup`` where there is one."""
        setup = self.bound.get("setup")
        made = setup() if setup is not None else None
        args, kwargs = self.bound.get("args", ()), self.bound.get("kwargs") or {}
        if made and (args or kwargs):
            raise TypeError("Can't use `args` or `kwargs` if `setup` returns the arguments.")
        return made or (args, kwargs)

    def tear_down(self, args: Any, kwargs: Any) -> None:  # noqa: ANN401
        """End one call."""
        if self.bound.get("teardown") is not None:
            self.bound["teardown"](*args, **kwargs)

    async def call(self) -> Any:  # noqa: ANN401  whatever the benchmark returns
        """Call once, untimed."""
        args, kwargs = self.arguments()
        result = self.function(*args, **kwargs)
        if self.awaited:
            result = await result
        self.tear_down(args, kwargs)
        self.spend(1)
        return result

    def time_singly(self, timer: Callable[[], Any] | None) -> int:
        """Time one call in ns, the timer's own cost included; setup and teardown are not timed."""
        args, kwargs = self.arguments()
        function = self.function
        clock, scale = (time.perf_counter_ns, 1) if timer is None else (timer, 1e9)
        if self.left is None:
            start = clock()
            function(*args, **kwargs)
            taken = clock() - start
        else:  # there may be no other call to take the test's result from
            start = clock()
            result = function(*args, **kwargs)
            taken = clock() - start
            self.result = (result,)
        self.tear_down(args, kwargs)
        self.spend(1)
        return round(taken * scale)

    async def time_singly_awaited(self, timer: Callable[[], Any] | None) -> int:
        """Time one call that has to be awaited, as `time_singly` does."""
        args, kwargs = self.arguments()
        function = self.function
        clock, scale = (time.perf_counter_ns, 1) if timer is None else (timer, 1e9)
        start = clock()
        result = await function(*args, **kwargs)
        taken = clock() - start
        if self.left is not None:
            self.result = (result,)
        del result
        self.tear_down(args, kwargs)
        self.spend(1)
        return round(taken * scale)


def require_counts(bound: dict[str, Any]) -> None:
    """Refuse what pytest-benchmark refuses of ``pedantic``, in its words."""
    for name, least in (("iterations", 1), ("rounds", 1), ("warmup_rounds", 0)):
        if not isinstance(bound.get(name, least), int) or bound.get(name, least) < least:
            raise ValueError(f"Must have positive int for `{name}`.")
    if bound.get("iterations", 1) > 1 and bound.get("setup"):
        raise ValueError("Can't use more than 1 `iterations` with a `setup` function.")


def replace_loops(fixture_class: Any, measure: Callable[[Any, Benchmarked], Any]) -> None:  # noqa: ANN401
    """Take the place of the class's ``_raw`` and ``_raw_pedantic``: `measure` gives the test its result."""
    signature = inspect.signature(fixture_class._raw_pedantic)

    def raw(fixture: Any, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        return measure(fixture, Benchmarked(function, {"args": args, "kwargs": kwargs}))

    def pedantic(fixture: Any, target: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        bound = dict(list(signature.bind(fixture, target, *args, **kwargs).arguments.items())[2:])
        require_counts(bound)
        return measure(fixture, Benchmarked(target, bound, pedantic=True))

    fixture_class._raw = raw
    fixture_class._raw_pedantic = pedantic


def _usage() -> Any:  # noqa: ANN401  Windows has no such type
    return None if resource is None else resource.getrusage(resource.RUSAGE_SELF)
