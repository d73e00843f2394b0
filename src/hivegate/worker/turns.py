"""Turns: the measuring loop of a pair's child, which does nothing but what the coordinator commands.

Commands: ``warm`` (call for a while, tell the seconds of a call), ``pin`` (to one core, or to none), ``round`` (so many
calls, timed together, or each where ``singly`` is said), ``end``. Every message carries the benchmark's node id:
without it one exception would shift a side by one test and unlike benchmarks would be compared.
"""

from __future__ import annotations

import contextlib
import gc
import inspect
import itertools
import math
import os
import time
from typing import TYPE_CHECKING, Any

from .clocks import Clocks
from .company import Company
from .loop import collector_as, declared, fresh_arguments, refuse_coroutine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .channel import Channel

_WARM = 30_000_000  # ns
_MOST_WARM_CALLS = 1 << 20


class TurnLoop:
    """Take the place of pytest-benchmark's two loops."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._measured: dict[str, dict[str, Any]] = {}

    def fields(self, node_id: str) -> dict[str, Any] | None:
        """Tell what the benchmark declares; its rounds went over the channel."""
        return self._measured.pop(node_id, None)

    def install(self, fixture_class: Any) -> None:  # noqa: ANN401  pytest-benchmark is untyped
        """Replace the class's ``_raw`` and ``_raw_pedantic``."""
        signature = inspect.signature(fixture_class._raw_pedantic)

        def turned_raw(fixture: Any, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
            return self._take_turns(fixture, _Calls(function, {"args": args, "kwargs": kwargs}))

        def turned_pedantic(fixture: Any, target: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
            return self._take_turns(
                fixture, _Calls(target, signature.bind(fixture, target, *args, **kwargs).arguments, pedantic=True)
            )

        fixture_class._raw = turned_raw
        fixture_class._raw_pedantic = turned_pedantic

    def _take_turns(self, fixture: Any, calls: _Calls) -> Any:  # noqa: ANN401
        refuse_coroutine(calls.function)
        node_id = fixture.fullname
        gc.collect()
        gc.freeze()
        self._channel.write("ready", node_id=node_id, once=calls.once)
        with collector_as(fixture), _affinity_restored(), contextlib.closing(calls):
            while (command := self._next_command(node_id))["do"] != "end":
                if command["do"] == "pin":
                    _pin(command["cores"])
                elif command["do"] == "warm":
                    self._channel.write("warm", node_id=node_id, **calls.warm_up())
                else:
                    self._channel.write("round", node_id=node_id, **_round(fixture, calls, command))
        self._measured[node_id] = {"extra_info": declared(fixture)}
        return calls.result()

    def _next_command(self, node_id: str) -> dict[str, Any]:
        command = self._channel.read()
        if command["node_id"] != node_id:
            raise RuntimeError(f"commanded {command['node_id']} while measuring {node_id}")
        return command


def _round(fixture: Any, calls: _Calls, command: dict[str, Any]) -> dict[str, Any]:  # noqa: ANN401
    number = command["calls"]
    singles = calls.timed_singly(number) if command.get("singly") else calls.timed(number)
    clocks = calls.clocks
    stats = fixture.stats or fixture._make_stats(number)  # the test may look at them afterwards
    stats.update(clocks.wall * 1e-9)
    return {
        "wall": clocks.wall,
        "cpu": clocks.cpu,
        "delay": clocks.delay,
        "switches": clocks.switches,
        "parallel": calls.company.parallel,
        "singles": singles,
    }


class _Calls:
    """Calls of one benchmark; times in ns, setup and teardown outside of them."""

    def __init__(self, function: Callable[..., Any], bound: dict[str, Any], *, pedantic: bool = False) -> None:
        self.function = function
        self._bound = bound
        self._fresh = bound.get("setup") is not None or bound.get("teardown") is not None
        # One round of one call without setup is the author's word that the call cannot be repeated.
        single = bound.get("rounds", 1) == 1 and bound.get("iterations", 1) == 1
        self.once = pedantic and single and not self._fresh
        self.company = Company()
        self.clocks = Clocks()
        self._result: tuple[Any] | None = None

    def close(self) -> None:
        """Close what watches and what tells the time."""
        self.company.close()
        self.clocks.close()

    def warm_up(self) -> dict[str, Any]:
        """Call until caches are warm; tells the seconds of one call, alone and with what sets it up."""
        calls, most, begin = 1, 0, time.perf_counter_ns()
        seconds = cost = 0.0
        while (left := begin + _WARM - time.perf_counter_ns()) > 0 and calls <= _MOST_WARM_CALLS:
            if most:
                calls = min(2 * most, math.ceil(left * 1e-9 / max(cost, 1e-9)))
            start = time.perf_counter_ns()
            self.timed(calls)
            if calls > most:  # few calls tell little of one
                most = calls
                cost = (time.perf_counter_ns() - start) * 1e-9 / calls
                seconds = self.clocks.wall * 1e-9 / calls
        return {"seconds": seconds, "cost": max(cost, seconds), "parallel": self.company.parallel}

    def timed(self, calls: int) -> tuple[int, ...]:
        """Time so many calls together: the clocks keep what they took."""
        with self._round():
            if self._fresh:
                self._freshly(calls)
            else:
                self._together(calls)
        return ()

    def timed_singly(self, calls: int) -> tuple[int, ...]:
        """Time so many calls one by one: returns the wall time of each in ns, the timer's own cost included."""
        with self._round():
            return tuple(self._singly(calls))

    def result(self) -> Any:  # noqa: ANN401
        """Give the test the result that it expects: of the only call, or of one more."""
        if self.once and self._result is not None:
            return self._result[0]
        args, kwargs = fresh_arguments(self._bound)
        result = self.function(*args, **kwargs)
        self._tear_down(args, kwargs)
        return result

    @contextlib.contextmanager
    def _round(self) -> Iterator[None]:
        gc.collect()
        self.clocks.reset()
        with _silent(), self.company.watch():
            yield

    def _together(self, calls: int) -> None:
        function, clocks = self.function, self.clocks
        args, kwargs = fresh_arguments(self._bound)
        turns = itertools.repeat(None, calls)
        result = None
        clocks.start()
        for _ in turns:
            result = function(*args, **kwargs)
        clocks.stop()
        self._result = (result,)

    def _freshly(self, calls: int) -> None:
        for _ in range(calls):
            args, kwargs = fresh_arguments(self._bound)
            self.clocks.start()
            self.function(*args, **kwargs)
            self.clocks.stop()
            self._tear_down(args, kwargs)

    def _singly(self, calls: int) -> Iterator[int]:
        function, clock = self.function, time.perf_counter_ns
        for _ in range(calls):
            args, kwargs = fresh_arguments(self._bound)
            start = clock()
            function(*args, **kwargs)
            taken = max(1, clock() - start)  # a coarse clock may not have moved
            self._tear_down(args, kwargs)
            self.clocks.wall += taken
            yield taken

    def _tear_down(self, args: Any, kwargs: Any) -> None:  # noqa: ANN401
        if self._bound.get("teardown") is not None:
            self._bound["teardown"](*args, **kwargs)


@contextlib.contextmanager
def _silent() -> Iterator[None]:
    """Send what a benchmark prints to the null device: capturing it would be measured, and its pipe may fill."""
    saved = [(stream, os.dup(stream)) for stream in (1, 2)]
    null = os.open(os.devnull, os.O_WRONLY)
    try:
        for stream, _ in saved:
            os.dup2(null, stream)
        yield
    finally:
        for stream, copy in saved:
            os.dup2(copy, stream)
            os.close(copy)
        os.close(null)


@contextlib.contextmanager
def _affinity_restored() -> Iterator[None]:
    known = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None
    try:
        yield
    finally:
        if known is not None:
            _pin(known)


def _pin(cores: Any) -> None:  # noqa: ANN401  a list or a set of numbers
    with contextlib.suppress(OSError, AttributeError):  # a core that went away, or a system without affinity
        os.sched_setaffinity(0, cores)
