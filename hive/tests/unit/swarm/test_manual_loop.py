"""The manual loop: time that jumps, an order that a seed decides, and problems that are not only logged."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from hivemind.swarm.testing import DeadlockError, ManualLoop, UnhandledError, cancelled_everywhere


async def race(order: list[int]) -> None:
    """Let ten tasks of several turns note when they end."""

    async def note(number: int) -> None:
        for _ in range(3):
            await asyncio.sleep(0)
        order.append(number)

    await asyncio.gather(*map(note, range(10)))


def ran(seed: int | None) -> list[int]:
    """Return the order in which the race ended."""
    order: list[int] = []
    ManualLoop(seed).run_until_complete(race(order))
    return order


def test_a_year_passes_at_once() -> None:
    """Sleeping moves the clock and takes no time."""
    loop = ManualLoop()
    loop.run_until_complete(asyncio.sleep(365 * 86400))
    assert loop.time() == 365 * 86400


def test_timers_come_in_order_and_those_of_one_time_as_they_were_set() -> None:
    """Advancing runs what falls into the span, in the order of time, and nothing later."""
    loop = ManualLoop()
    seen: list[str] = []
    for delay, name in ((3, "c"), (1, "a"), (1, "b"), (5, "e")):
        loop.call_later(delay, seen.append, name)
    loop.call_later(2, seen.append, "never").cancel()
    loop.advance(4)
    assert (seen, loop.time(), loop.idle) == (["a", "b", "c"], 4, False)
    loop.run_forever()
    assert (seen[-1], loop.time(), loop.idle) == ("e", 5, True)


def test_the_seed_decides_the_order() -> None:
    """Equal seeds give equal orders, different seeds different ones, no seed the order of asyncio's own loops."""
    assert ran(None) == list(range(10))
    assert ran(1) == ran(1)
    assert len({tuple(ran(seed)) for seed in range(20)}) > 10
    assert all(sorted(ran(seed)) == list(range(10)) for seed in range(20))


def test_waiting_for_nothing_is_a_deadlock() -> None:
    """It is told, with what waits, instead of hanging."""
    loop = ManualLoop()
    with pytest.raises(DeadlockError, match="Future pending"):
        loop.run_until_complete(loop.create_future())


def test_what_a_loop_would_only_log_is_raised() -> None:
    """An exception in a callback fails the test that uses the loop."""
    loop = ManualLoop()
    loop.call_soon(lambda: 1 / 0)
    with pytest.raises(UnhandledError, match="Exception in callback") as caught:
        loop.run_until_complete(asyncio.sleep(1))
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_asyncios_own_tools_work_on_it() -> None:
    """Time-outs, groups, queues, executors and the runner."""

    async def scenario() -> str:
        queue: asyncio.Queue[str] = asyncio.Queue()
        loop = asyncio.get_running_loop()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await asyncio.sleep(2)
        async with asyncio.TaskGroup() as group:
            group.create_task(queue.put(await loop.run_in_executor(None, str.upper, "x")))
        with pytest.raises(ZeroDivisionError):
            await loop.run_in_executor(None, lambda: 1 / 0)
        return await asyncio.wait_for(queue.get(), 3)

    with asyncio.Runner(loop_factory=ManualLoop) as runner:
        assert runner.run(scenario()) == "X"
        assert runner.get_loop().time() == 1
        with ThreadPoolExecutor(1) as pool, pytest.raises(NotImplementedError):
            runner.get_loop().set_default_executor(pool)


def test_the_walk_cancels_at_every_await_and_ends_uncancelled() -> None:
    """Three awaits are three places; the last walk runs through."""
    reached: set[int | str] = set()

    async def work() -> None:
        for place in range(3):
            reached.add(place)
            try:
                await asyncio.sleep(1)
            except asyncio.CancelledError:
                reached.add(f"cancelled at {place}")
                raise

    walks = list(cancelled_everywhere(work))
    assert reached == {0, 1, 2, "cancelled at 0", "cancelled at 1", "cancelled at 2"}
    assert [walk.task.cancelled() for walk in walks] == [True] * (len(walks) - 1) + [False]
    assert [walk.steps for walk in walks] == list(range(len(walks)))
