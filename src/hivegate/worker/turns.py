"""Turns: the measuring loop of a pair's child, which does nothing but what the coordinator commands.

Commands: ``warm`` (call for a while, tell the seconds of a call), ``busy`` (tell how many cores the threads
keep busy), ``pin`` (to one core; where ``threads`` is said, time all threads together), ``round`` (so many calls, timed
together, or each where ``singly`` is said), ``end``. Every message carries the benchmark's node id:
without it one exception would shift a side by one test and unlike benchmarks would be compared.
"""

from __future__ import annotations

import contextlib
import gc
import itertools
import math
import os
import time
from typing import TYPE_CHECKING, Any

from . import threads
from .clocks import Clocks
from .interference import Company
from .loop import Benchmarked, collector_as, declared, replace_loops, time_singly

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .channel import Channel

_WARM = 30_000_000  # ns
_MOST_WARM_CALLS = 1 << 20
_TRIES = 12


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
        replace_loops(fixture_class, self._take_turns)

    def _take_turns(self, fixture: Any, given: Benchmarked) -> Any:  # noqa: ANN401
        calls = _Calls(given)
        node_id = fixture.fullname
        gc.collect()
        gc.freeze()
        self._channel.write("ready", node_id=node_id, once=given.once)
        with collector_as(fixture), _affinity_restored(), contextlib.closing(calls):
            while (command := self._next_command(node_id))["do"] != "end":
                if command["do"] == "pin":
                    threads.pin(command["cores"])
                    calls.clocks.of_process = bool(command.get("threads"))
                elif command["do"] == "warm":
                    self._channel.write("warm", node_id=node_id, **calls.warm_up())
                elif command["do"] == "busy":
                    self._channel.write("busy", node_id=node_id, **calls.busy(command["calls"]))
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
    """Calls of one benchmark, and the clocks that time them; setup and teardown are outside."""

    def __init__(self, given: Benchmarked) -> None:
        self.given = given
        self.company = Company()
        self.clocks = Clocks()
        self._result: tuple[Any] | None = None

    def close(self) -> None:
        """Close what watches and what tells the time."""
        self.company.close()
        self.clocks.close()

    def warm_up(self) -> dict[str, Any]:
        """Call until caches are warm; tells the seconds of one call, alone and with what sets it up."""
        self.timed(1)  # alone: it may import modules or fill a cache, and so tells nothing of the others
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
        parallel, processes = self.company.parallel, self.company.processes
        return {"seconds": seconds, "cost": max(cost, seconds), "parallel": parallel, "processes": processes}

    def busy(self, calls: int) -> dict[str, Any]:
        """Tell how many cores the threads keep busy, in the middle one of some rounds."""
        cores = []
        for _ in range(_TRIES):
            wall, cpu = time.perf_counter_ns(), time.process_time_ns()
            self.timed(calls)
            cores.append((time.process_time_ns() - cpu) / (time.perf_counter_ns() - wall))
        return {"cores": sorted(cores)[_TRIES // 2]}

    def timed(self, calls: int) -> tuple[int, ...]:
        """Time so many calls together: the clocks keep what they took."""
        with self._round():
            if self.given.fresh:
                self._freshly(calls)
            else:
                self._together(calls)
        return ()

    def timed_singly(self, calls: int) -> tuple[int, ...]:
        """Time so many calls one by one: returns the wall time of each in ns."""
        with self._round():
            found = tuple(time_singly(self.given) for _ in range(calls))
        self.clocks.wall = sum(found)
        return found

    def result(self) -> Any:  # noqa: ANN401
        """Give the test the result that it expects: of the only call, or of one more."""
        if self.given.once and self._result is not None:
            return self._result[0]
        args, kwargs = self.given.arguments()
        result = self.given.function(*args, **kwargs)
        self.given.tear_down(args, kwargs)
        return result

    @contextlib.contextmanager
    def _round(self) -> Iterator[None]:
        gc.collect()
        self.clocks.reset()
        with _silent(), self.company.watch():
            yield

    def _together(self, calls: int) -> None:
        function, clocks = self.given.function, self.clocks
        args, kwargs = self.given.arguments()
        turns = itertools.repeat(None, calls)
        result = None
        clocks.start()
        for _ in turns:
            result = function(*args, **kwargs)
        clocks.stop()
        self._result = (result,)

    def _freshly(self, calls: int) -> None:
        for _ in range(calls):
            args, kwargs = self.given.arguments()
            self.clocks.start()
            self.given.function(*args, **kwargs)
            self.clocks.stop()
            self.given.tear_down(args, kwargs)


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
            threads.pin(known)
