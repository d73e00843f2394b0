"""The loop that a profiler watches: one benchmark, called under a marker frame until its time is up.

Everything below the marker is the benchmark; setup, teardown and pytest stand above it and are trimmed. The event
``profiled`` is the only sign of success: py-spy's exit status says nothing about its child.
"""

from __future__ import annotations

import gc
import itertools
import os
import threading
from typing import TYPE_CHECKING, Any

from . import threads
from .awaited import _hivegate_benchmark_ as awaited_marker
from .clocks import Clocks
from .clocks import kept as time
from .contract import ContractLoop, own_timer, show_stats, timer_name
from .heap import collector_as
from .loop import replace_loops

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .channel import Record
    from .loop import Benchmarked

_MOST_STACKS = 5000  # the largest: the rest is crumbs
_IDLE = 0.01  # share of the time; who works less than that waits for something else
_REST = 0.2  # seconds without a call: who works then, too, works for somebody else
_ALONE = 0.25  # of the share while it was called
_STAY = 10_000_000  # ns that one stay under the marker should last, so that the loop around it does not show


class ProfileLoop(ContractLoop):
    """Take the place of pytest-benchmark's two loops and call the benchmark for the plan's ``seconds``.

    ``profiler`` of the plan says who watches: a sampler outside (the default), ``scalene``, ``cprofile`` or ``memray``.
    """

    def __init__(self, plan: dict[str, Any], record: Record) -> None:
        super().__init__(record)
        self._seconds = float(plan["seconds"])
        self._watcher = _WATCHES.get(plan.get("profiler", ""), _Outside)(record.folder)

    def install(self, fixture_class: Any) -> None:  # noqa: ANN401  pytest-benchmark is untyped
        """Replace the class's ``_raw`` and ``_raw_pedantic``; the fixture keeps its semantics otherwise."""
        replace_loops(fixture_class, self.enter)

    async def measure(self, fixture: Any, given: Benchmarked) -> Any:  # noqa: ANN401  the same
        """Call until the time is up, or as often as its author allows; the event ``profiled`` tells what was seen."""
        stays = _Stays(given, self._watcher)
        others = _Others()
        with collector_as(fixture):
            start = time.perf_counter()
            if given.left != 1:
                await stays.warm_up()
                self.look_at(given, stays.result)
            others.begin()
            self._watcher.begin()
            try:
                await stays.until(time.perf_counter() + self._seconds)
            except Exception:
                self.record.write("profile_failed", node_id=self.node_id, calls=stays.calls)
                raise
            finally:
                self._watcher.end()
            unrelated = others.unrelated()
            elapsed = time.perf_counter() - start
        self.look_at(given, stays.result)
        seconds = stays.clocks.wall * 1e-9
        self.record.write(
            "profiled",
            node_id=self.node_id,
            calls=stays.calls,
            seconds=seconds,
            cpu=stays.clocks.cpu * 1e-9,
            delay=(stays.clocks.delay or 0) * 1e-9,
            elapsed=elapsed,
            unrelated_threads=unrelated,
            timer=timer_name(own_timer(fixture)),
            **self._watcher.fields(),
        )
        self.fields = {}
        await show_stats(fixture, given, seconds / stays.calls)
        return stays.result


class _Others:
    """Threads that run before a benchmark is called: its own only where they work while it is, and only then."""

    def __init__(self) -> None:
        self.begin()
        if self._before:
            threading.Event().wait(_REST)
        self._rest = self._shares()

    def begin(self) -> None:
        """Begin to look at what they do."""
        self._before = {number: threads.ran(number) for number in threads.numbers()}
        self._began = time.perf_counter()

    def _shares(self) -> dict[int, float]:
        elapsed = time.perf_counter() - self._began
        return {number: (threads.ran(number) - ran) / elapsed for number, ran in self._before.items()}

    def unrelated(self) -> list[int]:
        """List those that did nothing since, by the system's numbers, or that worked without it, too."""
        shares = self._shares()
        return [
            number
            for number, rest in self._rest.items()
            if number in shares and (shares[number] < _IDLE or rest > _ALONE * shares[number])
        ]


class _Stays:
    """Stay under the marker again and again; counts the calls, and the clocks add up what they took."""

    def __init__(self, given: Benchmarked, watcher: _Outside) -> None:
        self.calls = 0
        self.clocks = Clocks()
        self.result: Any = None
        self._given = given
        self._watcher = watcher

    async def warm_up(self) -> None:
        """Call once outside the marker: imports and caches of a first call are not what the gate measured."""
        self.result = await self._given.call()

    async def until(self, end: float) -> None:
        """Call at least once and until the clock says `end`; one call a stay where each needs setup or teardown."""
        batch = 1
        while True:
            args, kwargs = self._given.arguments()
            spent = await self._stay(batch, args, kwargs)
            self._given.tear_down(args, kwargs)
            if time.perf_counter() >= end or self._given.left == 0:
                return
            if not self._given.fresh and spent < _STAY // 2:
                batch *= 2
            if self._given.left is not None:
                batch = min(batch, self._given.left)

    async def _stay(self, batch: int, args: Any, kwargs: Any) -> int:  # noqa: ANN401
        turns = itertools.repeat(None, batch)
        self._watcher.enter()
        before = self.clocks.wall
        self.clocks.start()
        if self._given.awaited:
            self.result = await awaited_marker(self._given.function, turns, args, kwargs)
        else:
            self.result = _hivegate_benchmark_(self._given.function, turns, args, kwargs)
        self.clocks.stop()
        self._watcher.leave()
        self.calls += batch
        self._given.spend(batch)
        return self.clocks.wall - before


def _hivegate_benchmark_(function: Callable[..., Any], turns: Iterator[None], args: Any, kwargs: Any) -> Any:  # noqa: ANN401
    """Be the marker: the name by which a profile finds where the benchmark begins."""
    result = None
    for _ in turns:
        result = function(*args, **kwargs)
    return result


class _Outside:
    """Nobody watches from in here; `folder` is for files, and removed by whoever started this process."""

    def __init__(self, folder: str | None) -> None:
        self._files = folder

    def begin(self) -> None:
        """Begin the loop."""

    def enter(self) -> None:
        """Begin a stay under the marker."""

    def leave(self) -> None:
        """End it."""

    def end(self) -> None:
        """End the loop."""

    def fields(self) -> dict[str, Any]:
        """Tell what was seen, for the record."""
        return {}


class _Scalene(_Outside):
    """Scalene, which started this process with its profiling off: on for the loop only (a switch costs 0.5 ms)."""

    def begin(self) -> None:
        from scalene import scalene_profiler  # type: ignore[import-untyped]  # noqa: PLC0415  there when scalene started us

        scalene_profiler.start()

    def end(self) -> None:
        from scalene import scalene_profiler  # noqa: PLC0415

        scalene_profiler.stop()


class _Deterministic(_Outside):
    """cProfile, where no sampler may look into this process: counts every call below the marker."""

    def __init__(self, folder: str | None) -> None:
        import cProfile  # noqa: PLC0415  only this fallback needs it

        super().__init__(folder)
        self._profile = cProfile.Profile()

    def enter(self) -> None:
        self._profile.enable()

    def leave(self) -> None:
        self._profile.disable()

    def end(self) -> None:
        self._profile.disable()

    def fields(self) -> dict[str, Any]:
        return {"functions": [_entry(one) for one in self._profile.getstats()]}


class _Peak(_Outside):
    """memray, of one stay: which stacks held the memory when most of it was held."""

    def __init__(self, folder: str | None) -> None:
        import tempfile  # noqa: PLC0415  only this profiler needs it

        super().__init__(folder)
        self._folder = tempfile.TemporaryDirectory(dir=self._files)
        self._file = os.path.join(self._folder.name, "peak.bin")  # noqa: PTH118  a string is wanted
        self._tracker: Any = None

    def enter(self) -> None:
        import memray  # noqa: PLC0415  whoever asks knows that it is there

        if self._tracker is None:
            gc.collect()
            self._tracker = memray.Tracker(self._file, trace_python_allocators=True)
            self._tracker.__enter__()

    def end(self) -> None:
        if self._tracker is not None:
            self._tracker.__exit__(None, None, None)

    def fields(self) -> dict[str, Any]:
        import memray  # noqa: PLC0415  the same

        held: dict[tuple[tuple[str, str, int], ...], int] = {}
        with self._folder, memray.FileReader(self._file) as reader:
            for one in reader.get_high_watermark_allocation_records(merge_threads=True):
                stack = tuple(one.stack_trace()[::-1])
                held[stack] = held.get(stack, 0) + one.size
        return {"stacks": sorted(held.items(), key=lambda item: -item[1])[:_MOST_STACKS]}


_WATCHES: dict[str, type[_Outside]] = {"scalene": _Scalene, "cprofile": _Deterministic, "memray": _Peak}


def _entry(stats: Any) -> dict[str, Any]:  # noqa: ANN401  an entry of _lsprof
    return {
        "function": _function(stats.code),
        "own": stats.inlinetime,
        "total": stats.totaltime,
        "callees": [[*_function(one.code), one.totaltime] for one in stats.calls or ()],
    }


def _function(code: Any) -> list[Any]:  # noqa: ANN401  a code object, or the text that stands for a builtin
    if isinstance(code, str):
        return [code, "", 0]
    return [getattr(code, "co_qualname", code.co_name), code.co_filename, code.co_firstlineno]
