"""Wherever agents work, the outcome is the same, and their work overlaps."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

from hivemind.queen import (
    HiveConfiguration,
    HiveQueen,
    Opinion,
    Resolution,
    Role,
    isolated,
    render_lock,
    roles_for,
    standard_team,
)
from packs import generated

if TYPE_CHECKING:
    from collections.abc import Callable

    from hivemind.queen import Brief

CONFIGURATION = generated(12)
LOCK = render_lock(HiveQueen().compose(CONFIGURATION))


class Inline(Executor):
    """The least that an executor can be, as some schedulers' are."""

    def __init__(self) -> None:
        self.submitted = 0

    def submit(self, work: Callable[..., Any], /, *args: Any, **keywords: Any) -> Future[Any]:  # noqa: ANN401 -- the base class's signature
        """Work at once."""
        self.submitted += 1
        future: Future[Any] = Future()
        future.set_result(work(*args, **keywords))
        return future


def test_any_executor_gives_the_same_lock() -> None:
    """Threads, processes, and an executor of the caller's own."""
    with (
        ThreadPoolExecutor(3) as threads,
        ProcessPoolExecutor(2, mp_context=get_context("spawn")) as processes,
    ):
        for executor in (threads, processes):
            assert render_lock(HiveQueen(executor=executor).compose(CONFIGURATION)) == LOCK
    inline = Inline()
    assert render_lock(HiveQueen(executor=inline).compose(CONFIGURATION)) == LOCK
    assert inline.submitted == len(roles_for(12))


def test_isolated_agents_give_the_same_lock_and_can_be_asked_again() -> None:
    """One team of workers serves many compositions, also at the same time."""

    async def orchestrate() -> list[str]:
        async with isolated(standard_team(roles_for(12)).agents) as team:
            queen = HiveQueen(agents=team)
            compositions = await asyncio.gather(*(queen.orchestrate(CONFIGURATION) for _ in range(3)))
        return [render_lock(composition) for composition in compositions]

    assert asyncio.run(orchestrate()) == [LOCK] * 3


def test_many_orchestrations_at_the_same_time_do_not_mix() -> None:
    """Each gets its own team from the pool, and its own result."""
    configurations = [generated(size) for size in (2, 7, 12, 7, 3)]
    queen = HiveQueen()

    async def orchestrate() -> list[str]:
        compositions = await asyncio.gather(*map(queen.orchestrate, configurations))
        return [render_lock(composition) for composition in compositions]

    assert asyncio.run(orchestrate()) == [render_lock(HiveQueen().compose(each)) for each in configurations]


class Meeting:
    """An agent that votes only when all agents are voting."""

    role = Role.ANALYZER
    weight = 1.0

    def __init__(self, name: str, barrier: threading.Barrier) -> None:
        self.name = name
        self._barrier = barrier

    def vote(self, brief: Brief) -> list[Opinion]:
        """Wait for the others."""
        self._barrier.wait()
        return [Opinion(Resolution.USE_FIRST, 1.0, "met") for _ in brief.topics]


def test_blocking_agents_work_at_the_same_time() -> None:
    """Sixteen agents, each of which waits for all the others, come to an end."""
    barrier = threading.Barrier(16, timeout=30)
    agents = [Meeting(f"agent-{number}", barrier) for number in range(16)]
    composition = HiveQueen(agents=agents).compose(HiveConfiguration(packs=CONFIGURATION.packs))
    assert {decision.agreement for decision in composition.decisions} == {1.0}


class Late:
    """An agent that answers in an order of its own."""

    role = Role.VALIDATOR
    weight = 1.0

    def __init__(self, name: str, turns: int) -> None:
        self.name = name
        self._turns = turns

    async def vote(self, brief: Brief) -> list[Opinion]:
        """Let others go first some times."""
        for _ in range(self._turns):
            await asyncio.sleep(0)
        return [Opinion(Resolution.USE_FIRST, 0.7, self.name) for _ in brief.topics]


def test_the_order_of_answers_makes_no_difference() -> None:
    """Votes are listed in the team's order, whoever is done first."""
    locks = {
        render_lock(
            HiveQueen(
                agents=[Late(f"a{place}", turns) for place, turns in enumerate(order)],
            ).compose(CONFIGURATION)
        )
        for order in ((0, 5, 9), (9, 5, 0), (5, 9, 0))
    }
    assert len(locks) == 1
