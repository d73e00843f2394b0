"""Turns: the measuring loop of a pair's child, which does nothing but what the coordinator commands.

Commands: ``warm`` (call for a while, tell the seconds of a call, and how many calls are left where that is limited),
``busy`` (tell how many cores threads and processes keep busy), ``pin`` (to one core; where ``threads`` is said, time
all of them together), ``round`` (so many calls, timed together, or each where ``singly`` is said), ``end``. Every
message carries the benchmark's node id: without it one exception would shift a side by one test, and unlike benchmarks
would be compared.
"""

from __future__ import annotations

import contextlib
import gc
import itertools
import math
import os
from typing import TYPE_CHECKING, Any

from . import threads
from .clocks import Clocks, processes_time_ns
from .clocks import kept as time
from .contract import ContractLoop, keep_stats, own_timer, timer_name
from .heap import collector_as
from .interference import Company
from .loop import replace_loops

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .channel import Channel
    from .loop import Benchmarked

_WARM = 30_000_000  # ns
_SLOW = 0.25  # seconds of a call; one more for its result would be a fifth of all
_MOST_WARM_CALLS = 1 << 20
_TRIES = 12
_TRYING = 100_000_000  # ns; longer rounds average by themselves


class TurnLoop(ContractLoop):
    """Take the place of pytest-benchmark's two loops."""

    record: Channel

    def install(self, fixture_class: Any) -> None:  # noqa: ANN401  pytest-benchmark is untyped
        """Replace the class's ``_raw`` and ``_raw_pedantic``."""
        replace_loops(fixture_class, self.enter)

    async def measure(self, fixture: Any, given: Benchmarked) -> Any:  # noqa: ANN401  the same
        """Do what the coordinator commands until it says that this benchmark ends."""
        calls = _Calls(given, own_timer(fixture), self)
        node_id = self.node_id
        gc.collect()
        gc.freeze()
        self.record.write("ready", node_id=node_id, once=given.left == 1, timer=timer_name(calls.timer))
        with collector_as(fixture), _affinity_restored(), contextlib.closing(calls):
            while (command := self._next_command(node_id))["do"] != "end":
                if command["do"] == "pin":
                    threads.pin(command["cores"])
                    calls.clocks.of_process = bool(command.get("threads"))
                elif command["do"] == "warm":
                    self.record.write("warm", node_id=node_id, **await calls.warm_up())
                elif command["do"] == "busy":
                    self.record.write("busy", node_id=node_id, **await calls.busy(command["calls"]))
                else:
                    self.record.write("round", node_id=node_id, **await calls.round(fixture, command))
            result = await calls.result(fixture)
        self.fields = {}
        return result

    def _next_command(self, node_id: str) -> dict[str, Any]:
        command = self.record.read()
        if command["node_id"] != node_id:
            raise RuntimeError(f"commanded {command['node_id']} while measuring {node_id}")
        return command


class _Calls:
    """Calls of one benchmark, and the clocks that time them; setup and teardown are outside.

    `timer` is the suite's own clock, where it brings one along.
    """

    def __init__(self, given: Benchmarked, timer: Callable[[], Any] | None, loop: ContractLoop) -> None:
        self.given = given
        self.timer = timer
        self.company = Company()
        self.clocks = Clocks()
        self._loop = loop
        self._by_timer = 0.0  # of the last round
        self._looked = False
        self._slow = False

    def close(self) -> None:
        """Close what watches and what tells the time."""
        self.company.close()
        self.clocks.close()

    async def warm_up(self) -> dict[str, Any]:
        """Call until caches are warm; tells the seconds of one call, alone and with what sets it up.

        Where the author says how many calls there are, only those that are not to be timed are made, and at least one.
        """
        await self.timed(1)  # alone: it may import modules or fill a cache, and so tells nothing of the others
        seconds = cost = 0.0
        calls, most, begin, last = 1, 0, time.perf_counter_ns(), 1
        if self.given.left is not None:
            seconds = cost = self.clocks.wall * 1e-9
            calls = min(self.given.warmups, self.given.left) - 1
        while calls > 0 and (left := begin + _WARM - time.perf_counter_ns()) > 0 and calls <= _MOST_WARM_CALLS:
            if most:
                calls = min(2 * most, math.ceil(left * 1e-9 / max(cost, 1e-9)))
            start = time.perf_counter_ns()
            await self.timed(calls)
            last = calls
            if calls > most:  # few calls tell little of one
                most = calls
                cost = (time.perf_counter_ns() - start) * 1e-9 / calls
                seconds = self.clocks.wall * 1e-9 / calls
            if self.given.left is not None:
                break
        self._slow = seconds >= _SLOW
        return {
            "seconds": seconds,
            "cost": max(cost, seconds),
            "parallel": self.company.parallel,
            "lasting": self.company.lasting,
            "left": self.given.left,
            "calls": last,
            **self._told(self.clocks.wall),
        }

    async def round(self, fixture: Any, command: dict[str, Any]) -> dict[str, Any]:  # noqa: ANN401  pytest-benchmark's
        """Make a round; tells what all clocks showed."""
        number = command["calls"]
        singles = await (self.timed_singly(number) if command.get("singly") else self.timed(number))
        wall = self.clocks.wall if self.timer is None else round(self._by_timer * 1e9)
        self._loop.refuse_still(self.timer, min((wall, *singles)))
        keep_stats(fixture, [wall * 1e-9], number)  # the test may look at them afterwards
        return {**self._told(wall), "parallel": self.company.parallel, "singles": singles}

    def _told(self, wall: int) -> dict[str, Any]:
        clocks = self.clocks
        return {"wall": wall, "cpu": clocks.cpu, "delay": clocks.delay, "switches": clocks.switches}

    async def busy(self, calls: int) -> dict[str, Any]:
        """Tell how many cores threads and ended processes keep busy, in the middle one of some rounds."""
        cores: list[float] = []
        end = time.perf_counter_ns() + _TRYING
        while not cores or (len(cores) < _TRIES and time.perf_counter_ns() < end):
            wall, cpu = time.perf_counter_ns(), processes_time_ns()
            await self.timed(calls)
            cores.append((processes_time_ns() - cpu) / max(1, time.perf_counter_ns() - wall))
        return {"cores": sorted(cores)[len(cores) // 2]}

    async def timed(self, calls: int) -> tuple[int, ...]:
        """Time so many calls together: the clocks keep what they took."""
        with self._round():
            if self.given.awaited:
                await self._awaited(calls)
            elif self.given.fresh:
                self._freshly(calls)
            elif self.timer is None:
                self._together(calls)
            else:
                self._together_by(self.timer, calls)
        self.given.spend(calls)
        self._look()
        self._loop.record.sign_of_life(self._loop.node_id)
        return ()

    async def timed_singly(self, calls: int) -> tuple[int, ...]:
        """Time so many calls one by one: returns the ns of each."""
        with self._round():
            times = (
                tuple([await self._time_singly_awaited() for _ in range(calls)])
                if self.given.awaited
                else tuple(map(self._time_singly, range(calls)))
            )
        self.clocks.wall = sum(times)
        self._by_timer = sum(times) * 1e-9
        return times

    def _time_singly(self, _number: int) -> int:
        taken = self.given.time_singly(self.timer)
        self._loop.record.sign_of_life(self._loop.node_id)
        return taken

    async def _time_singly_awaited(self) -> int:
        taken = await self.given.time_singly_awaited(self.timer)
        self._loop.record.sign_of_life(self._loop.node_id)
        return taken

    async def result(self, fixture: Any) -> Any:  # noqa: ANN401  pytest-benchmark's
        """Give the test the result that it expects, of the last call or of one more, and statistics."""
        enough = self.given.left is not None or (self._slow and fixture.stats is not None)
        if self.given.result is not None and enough and not self.given.again:
            result = self.given.result[0]
        else:
            start = time.perf_counter_ns()
            result = await self.given.call()
            if fixture.stats is None:  # the other side could not be measured
                keep_stats(fixture, [max(1, time.perf_counter_ns() - start) * 1e-9])
        self._loop.look_at(self.given, result)
        return result

    def _look(self) -> None:
        """Look at the result of the first call that had one."""
        if self.given.result is not None and not self._looked:
            self._looked = True
            self._loop.look_at(self.given, self.given.result[0])

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
        self.given.result = (result,)

    def _together_by(self, timer: Callable[[], Any], calls: int) -> None:
        """Read the suite's clock as pytest-benchmark would: around pedantic's iterations, else around all calls."""
        function, clocks, together = self.given.function, self.clocks, self.given.iterations or calls
        args, kwargs = self.given.arguments()
        result, self._by_timer = None, 0.0
        clocks.start()
        for start in range(0, calls, together):
            turns = itertools.repeat(None, min(together, calls - start))
            begun = timer()
            for _ in turns:
                result = function(*args, **kwargs)
            self._by_timer += timer() - begun
        clocks.stop()
        self.given.result = (result,)

    async def _awaited(self, calls: int) -> None:
        """Time calls that have to be awaited, as the three that follow time others."""
        given, clocks, timer, self._by_timer = self.given, self.clocks, self.timer, 0.0
        together = 1 if given.fresh else calls if timer is None else given.iterations or calls
        function, result = given.function, None
        if not given.fresh:
            args, kwargs = given.arguments()
        for start in range(0, calls, together):
            turns = itertools.repeat(None, min(together, calls - start))
            if given.fresh:
                args, kwargs = given.arguments()
            clocks.start()
            begun = None if timer is None else timer()
            for _ in turns:
                result = await function(*args, **kwargs)
            if timer is not None:
                self._by_timer += timer() - begun
            clocks.stop()
            given.result = (result,) if not given.fresh or given.left is not None or not self._looked else None
            given.tear_down(args, kwargs)
            del result

    def _freshly(self, calls: int) -> None:
        timer, self._by_timer = self.timer, 0.0
        for _ in range(calls):
            args, kwargs = self.given.arguments()
            self.clocks.start()
            begun = None if timer is None else timer()
            result = self.given.function(*args, **kwargs)
            if timer is not None:
                self._by_timer += timer() - begun
            self.clocks.stop()
            self.given.result = (result,) if self.given.left is not None or not self._looked else None
            self.given.tear_down(args, kwargs)
            del result


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
