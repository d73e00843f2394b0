"""An agent that raises, hangs, dies or returns rubbish gives an error that names it, and nothing hangs."""

from __future__ import annotations

import asyncio
import sys
import threading
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # so that worker processes can import the agents

import faulty_agents as faulty  # type: ignore[import-not-found]  # beside this file

from hivemind.queen import (
    AgentError,
    AgentTimeoutError,
    Brief,
    HiveConfiguration,
    HiveQueen,
    IsolatedAgent,
    Opinion,
    Pack,
    Resolution,
    StandardAgent,
    WorkerLostError,
    isolated,
    poll,
)
from hivemind.queen.ballot import Role
from packs import generated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hivemind.queen import Agent

CONFIGURATION = HiveConfiguration(packs=tuple(Pack(name=name, classes=frozenset({"Person"})) for name in "ab"))
GOOD = StandardAgent(Role.VALIDATOR, "good")
FINE = Opinion(Resolution.MERGE, 1.0, "fine")
IMPATIENT = 0.2


def compose(agent: Agent, executor: Executor | None = None, timeout: float = 30.0) -> None:
    """Compose with a good agent and another."""
    HiveQueen(agents=[GOOD, agent], executor=executor, timeout=timeout).compose(CONFIGURATION)


def compose_isolated(agent: Agent, patience: float = 30.0) -> None:
    """Compose with both agents in worker processes."""

    async def orchestrate() -> None:
        async with isolated([GOOD, agent], patience=patience) as team:
            await HiveQueen(agents=team).orchestrate(CONFIGURATION)

    asyncio.run(orchestrate())


@pytest.fixture(scope="module")
def threads() -> Iterator[Executor]:
    """Make an executor of threads."""
    with ThreadPoolExecutor(2) as executor:
        yield executor


@pytest.fixture(scope="module")
def processes() -> Iterator[Executor]:
    """Make an executor of processes."""
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as executor:
        yield executor


@pytest.fixture(params=["tasks", "threads", "processes", "isolated"])
def place(request: pytest.FixtureRequest) -> str:
    """Each place where agents work."""
    return str(request.param)


def compose_at(place: str, agent: Agent, request: pytest.FixtureRequest) -> None:
    """Compose with agents working at a place."""
    if place == "isolated":
        compose_isolated(agent)
    else:
        compose(agent, None if place == "tasks" else request.getfixturevalue(place))


def test_an_agent_that_raises_is_named(place: str, request: pytest.FixtureRequest) -> None:
    """With its error, escaped."""
    with pytest.raises(AgentError, match=r"agent 'culprit' raised LookupError: 'no idea about 1 \\x1b\[31mconflicts'"):
        compose_at(place, faulty.Raising(), request)


@pytest.mark.parametrize("agent", [faulty.Exiting(), faulty.ExitingLater()])
def test_an_agent_cannot_end_the_process(place: str, agent: Agent, request: pytest.FixtureRequest) -> None:
    """sys.exit is an error like any other."""
    with pytest.raises(AgentError, match="culprit"):
        compose_at(place, agent, request)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (None, "returned 'NoneType'; allowed is a list or tuple of 1 opinions"),
        ([], "returned 0 opinions on 1 topics"),
        ([FINE, FINE], "returned 2 opinions on 1 topics"),
        (["merge"], "for an opinion; allowed is an Opinion"),
        ([Opinion("burn", 1.0, "")], "chose .*; allowed are use_first"),
        ([Opinion(Resolution.MERGE, float("nan"), "")], "gave the confidence"),
        ([Opinion(Resolution.MERGE, 1.01, "")], "gave the confidence"),
        ([Opinion(Resolution.MERGE, confidence=True, reasoning="")], "gave the confidence"),
        ([Opinion(Resolution.MERGE, 1.0, None)], "gave the reasoning"),  # type: ignore[arg-type]  # rubbish
        ([Opinion(Resolution.MERGE, 1.0, "\x1b[2J")], "gave a reasoning that cannot be shown"),
    ],
)
def test_rubbish_is_refused_with_the_agents_name(answer: object, told: str) -> None:
    """The message says what was returned and what is allowed."""
    with pytest.raises(AgentError, match=f"agent 'culprit' .*{told}"):
        compose(faulty.Answering(answer))


def test_a_subclass_of_the_standard_agent_is_checked_like_any_other() -> None:
    """Its ballot, its length, and its time; a task of it is awaited."""
    analyzer = (Role.ANALYZER, "culprit")
    with pytest.raises(AgentError, match="'culprit' gave the confidence"):
        compose(faulty.Overbearing(*analyzer))
    with pytest.raises(AgentError, match="'culprit' returned 0 opinions on 1 topics"):
        compose(faulty.Curt(*analyzer))
    with pytest.raises(AgentTimeoutError, match=r"'culprit' did not answer within 0\.2 s"):
        compose(faulty.Blocking(*analyzer), timeout=IMPATIENT)
    compose(faulty.Remote(*analyzer))


@pytest.mark.parametrize(("seconds", "left", "told"), [(0.4, 0, "within 0.2 s$"), (1e6, 1, "ignores its cancellation")])
def test_an_agent_that_swallows_its_cancellation_is_seen_to_its_end_or_named(
    seconds: float, left: int, told: str
) -> None:
    """The queen does not return while a task of hers cleans up; one that goes on regardless is told."""

    async def orchestrate() -> int:
        agent = faulty.Lingering(seconds)
        before = asyncio.all_tasks()
        with pytest.raises(AgentTimeoutError, match=told):
            await HiveQueen(agents=[GOOD, agent], timeout=IMPATIENT).orchestrate(CONFIGURATION)
        agent.seconds = 0
        running = asyncio.all_tasks() - before
        return len(running)

    assert asyncio.run(orchestrate()) == left


@pytest.mark.parametrize("place", ["processes", "isolated"])
def test_rubbish_is_refused_across_processes(place: str, request: pytest.FixtureRequest) -> None:
    """Where the agent works makes no difference."""
    with pytest.raises(AgentError, match="agent 'culprit' returned 2 opinions on 1 topics"):
        compose_at(place, faulty.Answering([FINE, FINE]), request)


@pytest.mark.parametrize("agent", [faulty.Sleeping(), faulty.Waiting()])
def test_an_agent_that_hangs_is_given_up(agent: Agent) -> None:
    """A task is cancelled; a thread is left behind, and keeps nothing alive."""
    with pytest.raises(AgentTimeoutError, match=r"agent 'culprit' did not answer within 0\.2 s"):
        compose(agent, timeout=IMPATIENT)
    left = [thread for thread in threading.enumerate() if thread.name == "agent culprit"]
    assert all(thread.daemon for thread in left)


def test_a_hanging_isolated_agent_is_killed() -> None:
    """The queen's own patience ends the worker, too; none is left when the block is."""

    async def orchestrate() -> None:
        async with isolated([faulty.Sleeping()]) as team:
            process = team[0]._process  # noqa: SLF001 -- no public handle on the process
            with pytest.raises(AgentTimeoutError, match="culprit"):
                await HiveQueen(agents=team, timeout=IMPATIENT).orchestrate(CONFIGURATION)
        assert process is not None
        assert process.returncode is not None

    asyncio.run(orchestrate())


def test_a_hanging_isolated_agent_is_killed_by_its_own_patience() -> None:
    """The error names it."""

    async def orchestrate() -> None:
        async with isolated([faulty.Sleeping()]) as (agent,):
            agent.patience = IMPATIENT
            with pytest.raises(AgentTimeoutError, match="culprit"):
                await HiveQueen(agents=[agent]).orchestrate(CONFIGURATION)

    asyncio.run(orchestrate())


def test_a_killed_executor_worker_is_an_error() -> None:
    """A process pool that breaks in the middle names the agents that it lost, and the queen does not hang."""
    with (
        ProcessPoolExecutor(1, mp_context=get_context("spawn")) as executor,
        pytest.raises(WorkerLostError, match=r"agent '(good|culprit)' lost its worker"),
    ):
        compose(faulty.Dying(), executor)
    with pytest.raises(WorkerLostError, match="could not be handed to the executor"):
        compose(GOOD_TWIN, executor)


GOOD_TWIN = StandardAgent(Role.ANALYZER, "twin")


def test_a_killed_isolated_worker_is_an_error() -> None:
    """With the status that the worker ended with; the others end as they should."""
    with pytest.raises(WorkerLostError, match="agent 'culprit' lost its worker, which ended with status -9"):
        compose_isolated(faulty.Dying())


@pytest.mark.parametrize("place", ["processes", "isolated"])
def test_an_agent_that_cannot_be_sent_is_named(place: str, request: pytest.FixtureRequest) -> None:
    """Only agents that are picklable can work in other processes."""
    with pytest.raises(AgentError, match=r"agent 'culprit' .*not to be copied"):
        compose_at(place, faulty.Unpicklable(), request)


def test_what_an_isolated_agent_prints_does_not_mix_with_its_votes() -> None:
    """Its standard output is its standard error."""
    compose_isolated(faulty.Printing())


def test_an_agent_whose_class_a_worker_cannot_import_is_named() -> None:
    """The error comes from the worker and names the agent."""
    agent = faulty.Raising()
    agent.__class__ = type("Local", (faulty.Raising,), {"__module__": "nowhere"})
    with pytest.raises(AgentError, match="agent 'culprit' cannot be sent"):
        compose_isolated(agent)


@pytest.mark.parametrize(
    ("agents", "told"),
    [
        ([], "has no agent"),
        ([GOOD, GOOD], "two agents are named 'good'"),
        ([StandardAgent(Role.ANALYZER, "a", -1.0)], "has the weight -1.0"),
        ([StandardAgent(Role.ANALYZER, "a", float("inf"))], "has the weight inf"),
        ([StandardAgent(Role.ANALYZER, "a", float("nan"))], "has the weight nan"),
        ([StandardAgent(Role.ANALYZER, "a", weight=True)], "has the weight True"),
        ([StandardAgent(Role.ANALYZER, "a", "heavy")], "has the weight 'heavy'"),  # type: ignore[arg-type]  # rubbish
        ([StandardAgent("chair", "a")], "has the role .*; the roles are analyzer"),  # type: ignore[arg-type]  # rubbish
        ([StandardAgent(Role.ANALYZER, 7)], "an agent is named '7'"),  # type: ignore[arg-type]  # rubbish
        ([StandardAgent(Role.ANALYZER, "e\u0301")], "normal form C"),
        ([StandardAgent(Role.ANALYZER, "a", 0.0)], "every agent has the weight 0"),
        ([StandardAgent(Role.ANALYZER, "a\n")], "agent name"),
        ([object()], "is no agent"),
    ],
)
def test_a_team_that_cannot_vote_is_refused(agents: list[Agent], told: str) -> None:
    """When the queen is made, not when she works."""
    with pytest.raises(ValueError, match=told):
        HiveQueen(agents=agents)


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), float("inf"), True, "1 s"])
def test_a_time_out_that_is_none_is_refused(seconds: float) -> None:
    """By the queen, by a poll and by an isolated agent, before anything waits."""
    with pytest.raises(ValueError, match=r"timeout is .*; give a finite number above 0"):
        HiveQueen(timeout=seconds)
    with pytest.raises(ValueError, match="patience is"):
        IsolatedAgent(GOOD, patience=seconds)
    with pytest.raises(ValueError, match="patience is"):
        asyncio.run(poll([GOOD], Brief(packs=CONFIGURATION.packs, topics=()), patience=seconds))


def test_an_isolated_agent_that_is_started_again_has_one_worker() -> None:
    """The first is ended, whether its start succeeded or failed; after a failed start none is left."""

    async def start_twice() -> None:
        agent = IsolatedAgent(GOOD)
        await agent.start()
        first = agent._process  # noqa: SLF001 -- no public handle on the process
        await agent.start()
        assert first is not None
        assert first.returncode is not None
        assert agent._process is not first  # noqa: SLF001 -- as above
        await agent.stop()
        homeless = IsolatedAgent(faulty.Homeless())
        with pytest.raises(AgentError, match="cannot be rebuilt in its worker"):
            await homeless.start()
        assert homeless._process is None  # noqa: SLF001 -- as above

    asyncio.run(start_twice())


def test_a_large_configuration_holds_the_loop_up_in_pieces() -> None:
    """Beside a composition of 150 packs the loop turns all the time; its votes end with their time."""
    configuration = generated(150)
    turns = 0

    async def orchestrate(queen: HiveQueen) -> object:
        nonlocal turns
        work = asyncio.ensure_future(queen.orchestrate(configuration))
        while not work.done():
            await asyncio.sleep(0)
            turns += 1
        return work.result()

    asyncio.run(orchestrate(HiveQueen()))
    assert turns > 20
    with pytest.raises(AgentTimeoutError, match=r"did not answer within 0\.001 s"):
        asyncio.run(orchestrate(HiveQueen(timeout=0.001)))
