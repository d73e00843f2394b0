"""The contract of the ``benchmark`` fixture, which all loops keep alike (docs/reference/worker.md).

What a test can ask of the fixture, and what of it cannot be measured, is decided here; how the calls are measured is
each loop's own.
"""

from __future__ import annotations

import abc
import contextlib
import inspect
import itertools
import re
import time as patched
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from types import MemberDescriptorType, ModuleType
from typing import TYPE_CHECKING, Any

from .awaited import awaited_in_loop, awaits_itself, completed
from .clocks import kept as time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .channel import Record
    from .loop import Benchmarked

_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
_DEFAULTS = "pytest_benchmark.timers"  # where pytest-benchmark has its default clock, where it is not time's
_SPIN = 2_000_000  # ns
_APART = 2.0  # times as fast, or as slow
_SHOWN_CALLS = 5
_DEEPEST = 4  # containers and objects in each other that are looked into for what was not run
_MOST_PARTS = 20  # of each of them
_MOST_LOOKED_AT = 400  # of them all
_LAZY = ("builtins", "itertools")  # modules whose iterators compute when they are asked
_SHOWN_TIME = 100_000_000  # ns


class ContractLoop(abc.ABC):
    """What takes the place of pytest-benchmark's two loops, one test after the other."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.fields: dict[str, Any] | None = None
        self.notes: list[str] = []
        self.verdict: tuple[str, str] | None = None
        self.node_id = ""
        self.fixture: Any = None
        self.uses = 0
        self.number = 1

    def begin(self, node_id: str, number: int = 1) -> None:
        """Begin a test, to measure the benchmark of this number in it: what it shows is in `fields`, None for nothing.

        `notes` are for the reader; a `verdict`, an outcome and its reason, stands above whatever the test makes of it.
        `fixture` is the one that was measured, and `uses` counts all that were called.
        """
        self.fields, self.verdict, self.notes = None, None, []
        self.node_id, self.number, self.fixture, self.uses = node_id, number, None, 0

    @abc.abstractmethod
    def install(self, fixture_class: Any) -> None:  # noqa: ANN401  pytest-benchmark is untyped
        """Take the place of the class's ``_raw`` and ``_raw_pedantic``: there since 3.0, and no public hook is."""

    @abc.abstractmethod
    async def measure(self, fixture: Any, given: Benchmarked) -> Any:  # noqa: ANN401  pytest-benchmark is untyped
        """Measure what the fixture was given; returns what the test gets. Waits for nothing but calls to be awaited."""

    def enter(self, fixture: Any, given: Benchmarked) -> Any:  # noqa: ANN401  the same
        """Measure the one of the test's benchmarks that is begun; call once what is another, or disabled by its test.

        A test that runs in a loop gets what it has to await. Raises pytest's ``Failed`` for what cannot be measured.
        """
        self.uses += 1
        measuring = self._measure_or_call(fixture, given, self.uses)
        if not given.awaited:
            return completed(measuring)
        if not awaits_itself():
            return awaited_in_loop(measuring)
        if self.uses == self.number:
            self.verdict = "not measured", f"its test does not await what benchmark({given.name}) returns"
        return measuring

    async def _measure_or_call(self, fixture: Any, given: Benchmarked, use: int) -> Any:  # noqa: ANN401  the same
        if use != self.number:
            return await _called_once(fixture, given)
        self.fixture, self.verdict = fixture, None
        refuse_generator(given.function)
        if fixture.disabled:
            self.verdict = "not measured", "its test disables the fixture (benchmark.disabled)"
            return await given.call()
        self._refuse_replaced_clock(own_timer(fixture))
        return await self.measure(fixture, given)

    def refuse(self, reason: str) -> None:
        """End a test as invalid, whatever it catches."""
        self.verdict = "invalid", reason
        fail(reason)

    def look_at(self, given: Benchmarked, result: Any) -> None:  # noqa: ANN401  whatever the benchmark returns
        """Look at what a call returned: what was only made, and did not run, was not measured."""
        kind = _unexecuted(result)
        if kind:
            fail(
                f"benchmark() was given {given.name}, which returned {kind}: only its making would be timed. Give it a "
                "coroutine function, benchmark(function, arguments), which is awaited in a running loop"
            )
        elif (lazy := _lazy(result)) and not self.notes:
            self.notes.append(
                f"{given.name} returns {lazy}, and only its making is timed: to time what it yields, "
                f"give benchmark() a function that consumes it, such as lambda: list({given.name}())"
            )
        elif _is_pending(result) and not self.notes:
            self.notes.append(
                f"{given.name} returns a {type(result).__name__} whose work is not done, and only its making is timed: "
                f"to time the work, give benchmark() a function that waits for it, such as {given.name}().result()"
            )

    def refuse_still(self, timer: Callable[[], Any] | None, least: float) -> None:
        """Refuse a time that nothing takes: what a clock that stands still, or goes back, shows."""
        if least <= 0:
            name = "the clock" if timer is None else f"its own timer, {timer_name(timer)},"
            self.refuse(f"{name} stood still or went back while it was called, so its times are none")

    def _refuse_replaced_clock(self, timer: Callable[[], Any] | None) -> None:
        """Hold a timer to our clock where ``time`` was replaced: freezegun's functions are no clocks."""
        if timer is None or all(getattr(patched, name) is function for name, function in time.begun.items()):
            return
        began, start, worked = timer(), time.perf_counter_ns(), time.process_time_ns()
        while time.perf_counter_ns() - start < _SPIN:
            pass
        taken = timer() - began
        passed = [(time.perf_counter_ns() - start) * 1e-9, (time.process_time_ns() - worked) * 1e-9]
        if not any(seconds / _APART < taken < seconds * _APART for seconds in passed):
            self.refuse(
                f"its timer, {timer_name(timer)}, is no clock while the test replaces the functions of time "
                f"(freezegun, monkeypatch): it showed {taken:.3g} s where {passed[0]:.3g} s passed. Leave the default "
                "timer, or freeze the time only inside what is benchmarked"
            )


def own_timer(fixture: Any) -> Callable[[], Any] | None:  # noqa: ANN401  pytest-benchmark is untyped
    """Look up the clock that a suite brings along; None for those that show wall time, as ours do."""
    timer = fixture._timer
    walls = [time.begun[name] for name in ("perf_counter", "monotonic", "time")]
    return None if timer in walls or getattr(timer, "__module__", "") == _DEFAULTS else timer


def timer_name(timer: Callable[[], Any] | None) -> str:
    """Name a clock as its author does; "" for none."""
    if timer is None:
        return ""
    name = getattr(timer, "__qualname__", "") or type(timer).__qualname__
    module = getattr(timer, "__module__", "") or ""
    return f"{module}.{name}" if module else name


def repair_precision() -> None:
    """Give pytest-benchmark a clock to end its search for a timer's precision by: a frozen one never ends it."""
    from pytest_benchmark import timers  # noqa: PLC0415  untouched where it is switched off

    vars(timers)["timeout_timer"] = lambda: time.perf_counter_ns() * 1e-9


async def show_stats(fixture: Any, given: Benchmarked, seconds: float) -> None:  # noqa: ANN401  pytest-benchmark is untyped
    """Make the statistics that the test may look at: of a few calls more, else of `seconds`, those of one call."""
    timer = own_timer(fixture)
    most = _SHOWN_CALLS if given.left is None else min(_SHOWN_CALLS, given.left)
    times: list[float] = []
    end = time.perf_counter_ns() + _SHOWN_TIME
    while len(times) < most and time.perf_counter_ns() < end:
        taken = await given.time_singly_awaited(timer) if given.awaited else given.time_singly(timer)
        times.append(taken * 1e-9)
    keep_stats(fixture, times or [seconds])


def keep_stats(fixture: Any, times: list[float], calls: int = 1) -> None:  # noqa: ANN401  pytest-benchmark is untyped
    """Add rounds, seconds of so many calls each, to the statistics that the test may look at."""
    stats = fixture.stats or fixture._make_stats(calls)
    for seconds in times:
        stats.update(seconds)


async def _called_once(fixture: Any, given: Benchmarked) -> Any:  # noqa: ANN401  pytest-benchmark is untyped
    """Call another benchmark of the same test, for its result and for the statistics that the test may look at."""
    start = time.perf_counter_ns()
    result = await given.call()
    if not fixture.disabled:
        keep_stats(fixture, [max(1, time.perf_counter_ns() - start) * 1e-9])
    return result


def refuse_generator(function: Callable[..., Any]) -> None:
    """Fail a benchmark that would time the making of an async generator, which never runs."""
    if inspect.isasyncgenfunction(function):
        name = name_of(function)
        fail(
            f"benchmark() was given the async generator function {name}: only its making would be timed. "
            f"Give it a coroutine function that goes through {name}()"
        )


def name_of(function: Callable[..., Any]) -> str:
    """Name a function as its author does; an address, which is another in each process, names nothing."""
    return getattr(function, "__qualname__", None) or _ADDRESS.sub("", repr(function))


def fail(reason: str) -> None:
    """End a test without a place in our code, which helps nobody."""
    import pytest  # noqa: PLC0415  in sys.modules already

    pytest.fail(reason, pytrace=False)


def _unexecuted(result: Any) -> str:  # noqa: ANN401  whatever the benchmark returns
    """Say what a result is, or one of several, that somebody else would have to run; "" for all others."""
    if kind := _unexecuted_alone(result):
        return kind
    level = [(result, "")]  # each with the attribute that it is in, or inside of
    for _ in range(_DEEPEST):
        below = []
        for whole, inside in level:
            below += [(part, inside) for part in itertools.islice(_entries(whole), _MOST_PARTS)]
            place = f"{inside}." if inside else f"{type(whole).__qualname__}."
            below += [(part, place + name) for name, part in itertools.islice(_attributes(whole), _MOST_PARTS)]
        level = below[:_MOST_LOOKED_AT]
        for part, inside in level:
            # A future or a stream in an object may be its state; a coroutine that never began is work.
            if inside and not (inspect.iscoroutine(part) and inspect.getcoroutinestate(part) == inspect.CORO_CREATED):
                continue
            if kind := _unexecuted_alone(part):
                return f"{kind} in {inside}" if inside else f"{kind} among others"
    return ""


def _entries(result: Any) -> Iterable[Any]:  # noqa: ANN401  the same
    """Go through a container without running code of the project, as its own class may."""
    kind = type(result)
    if issubclass(kind, dict):
        return dict.values(result)
    for container in (list, tuple, set, frozenset, deque):
        if issubclass(kind, container):
            return container.__iter__(result)
    return ()


def _attributes(result: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401  the same
    """Go through what an object holds by name, without running code of the project, as a property would."""
    if isinstance(result, (type, ModuleType)) or type(result).__module__ == "builtins":
        return
    with contextlib.suppress(AttributeError):
        yield from list(itertools.islice(object.__getattribute__(result, "__dict__").items(), _MOST_PARTS))
    for kind in type(result).__mro__:
        for name, member in vars(kind).items():
            if isinstance(member, MemberDescriptorType):
                with contextlib.suppress(AttributeError):
                    yield name, member.__get__(result)


def _lazy(result: Any) -> str:  # noqa: ANN401  the same
    """Say what a result is that computes only when somebody asks it for more; "" for all others."""
    if inspect.isgenerator(result):
        return "a generator"
    lazy = isinstance(result, Iterator) and type(result).__module__ in _LAZY
    return f"a {type(result).__name__}" if lazy else ""


def _is_pending(result: Any) -> bool:  # noqa: ANN401  the same
    """Tell a future of a pool whose work goes on while nobody times it."""
    done = getattr(result, "done", None)
    return isinstance(result, Future) and callable(done) and done() is False


def _unexecuted_alone(result: Any) -> str:  # noqa: ANN401  the same
    if inspect.isasyncgen(result):
        return "an async generator"
    if inspect.iscoroutine(result):
        result.close()  # so that nobody warns that it was never awaited
        return "a coroutine"
    if not inspect.isawaitable(result):
        return ""
    done = getattr(result, "done", None)  # a future that has its result was executed
    return "" if callable(done) and done() is True else f"an awaitable ({type(result).__name__})"
