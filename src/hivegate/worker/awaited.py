"""Calls that have to be awaited: rounds of them as pytest-benchmark makes of others, and the loop that they run in.

pytest-benchmark times the making of a coroutine (its issue 66). Here a round is awaited as a whole, inside a loop that
runs already: what a call costs beyond itself is one ``await``, where a loop started for each costs 17 to 349 us.
"""

from __future__ import annotations

import contextlib
import itertools
import math
import sys
import warnings
from typing import TYPE_CHECKING, Any

from .heap import collector_as

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Coroutine, Iterator

    from .loop import Benchmarked
    from .speed import SpeedRecorder

_COARSE = 5  # of these parts of the least time of a round the number of calls is estimated from one


def completed(coroutine: Coroutine[Any, Any, Any]) -> Any:  # noqa: ANN401  whatever it returns
    """Run a coroutine that waits for nothing to its end, without a loop."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value
    coroutine.close()
    raise RuntimeError("waits for something, and nothing runs that it could wait in")


def awaits_itself() -> bool:
    """Tell whether the caller runs in a loop, and so has to await what it is given."""
    import asyncio  # noqa: PLC0415  most suites never do, and the worker shall not

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def awaited_in_loop(coroutine: Coroutine[Any, Any, Any]) -> Any:  # noqa: ANN401  whatever it returns
    """Await a coroutine for a test that cannot, in the loop of its fixtures, else in one of its own.

    pytest-asyncio sets the loop in which it runs the fixtures of such a test.
    """
    with contextlib.ExitStack() as stack:
        loop = _loop_of_fixtures() or stack.enter_context(_own_loop())
        return loop.run_until_complete(coroutine)


def _loop_of_fixtures() -> asyncio.AbstractEventLoop | None:
    if "pytest_asyncio" not in sys.modules:
        return None
    import asyncio  # noqa: PLC0415  it is loaded

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # where none is set, some versions warn and make one, others raise
        try:
            loop = asyncio.get_event_loop()
        except RuntimeError:
            return None
    return None if loop.is_closed() else loop


@contextlib.contextmanager
def _own_loop() -> Iterator[asyncio.AbstractEventLoop]:
    import asyncio  # noqa: PLC0415  only now

    loop = asyncio.new_event_loop()
    try:
        yield loop
    finally:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        if left:
            loop.run_until_complete(asyncio.wait(left))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


async def awaited_rounds(
    fixture: Any,  # noqa: ANN401  pytest-benchmark is untyped
    given: Benchmarked,
    recorder: SpeedRecorder,
    on_round: Callable[[], None],
) -> Any:  # noqa: ANN401  whatever the benchmark returns
    """Make the rounds that pytest-benchmark would make, by its options or by what ``pedantic`` was told."""
    if given.pedantic:
        return await _pedantic(fixture, given, recorder, on_round)
    args, kwargs = given.arguments()

    async def timed(calls: int) -> float:
        seconds, _ = await _round(fixture, given, calls, args, kwargs)
        on_round()
        return seconds

    seconds, calls = await _calibrated(fixture, timed)
    rounds = max(math.ceil(fixture._max_time / seconds), fixture._min_rounds)
    stats = fixture._make_stats(calls)
    for _ in range(min(rounds, max(1, int(fixture._warmup / calls))) if fixture._warmup else 0):
        await timed(calls)
    for _ in range(rounds):
        recorder.read_if_due()
        stats.update(await timed(calls))
    return await given.call()


async def _calibrated(fixture: Any, timed: Callable[[int], Coroutine[Any, Any, float]]) -> tuple[float, int]:  # noqa: ANN401
    """Choose the calls of a round by the fixture's options; returns the seconds of such a round, too."""
    least = max(fixture._min_time, fixture._get_precision(fixture._timer) * fixture._calibration_precision)
    calls = 1
    while True:
        seconds = await timed(calls)
        if seconds >= least:
            return seconds, calls
        if seconds >= least * _COARSE / fixture._calibration_precision:
            calls = math.ceil(least * calls / seconds)
            if calls == 1:
                return seconds, calls
        else:
            calls *= 10


async def _pedantic(fixture: Any, given: Benchmarked, recorder: SpeedRecorder, on_round: Callable[[], None]) -> Any:  # noqa: ANN401
    stats = fixture._make_stats(given.iterations)
    warmups = given.bound.get("warmup_rounds", 0)
    result = None
    for number in range(-warmups, given.bound.get("rounds", 1)):
        args, kwargs = given.arguments()
        if number >= 0:
            recorder.read_if_due()
        seconds, result = await _round(fixture, given, given.iterations or 1, args, kwargs)
        if number >= 0:
            stats.update(seconds)
        given.tear_down(args, kwargs)
        on_round()
    return await given.call() if given.again else result


async def _round(fixture: Any, given: Benchmarked, calls: int, args: Any, kwargs: Any) -> tuple[float, Any]:  # noqa: ANN401
    """Time so many calls together by the fixture's clock, under its policy for the garbage collector."""
    function, timer, turns = given.function, fixture._timer, itertools.repeat(None, calls)
    result = None
    with collector_as(fixture):
        start = timer()
        for _ in turns:
            result = await function(*args, **kwargs)
        return timer() - start, result


async def _hivegate_benchmark_(function: Callable[..., Any], turns: Iterator[None], args: Any, kwargs: Any) -> Any:  # noqa: ANN401
    """Be the marker of awaited calls in a profile, by the same name as that of others."""
    result = None
    for _ in turns:
        result = await function(*args, **kwargs)
    return result
