"""Ask agents for their ballots: as asyncio tasks, or on any executor; every fault names its agent."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import BrokenExecutor
from contextlib import suppress
from inspect import iscoroutinefunction
from itertools import islice
from math import inf
from time import perf_counter
from typing import TYPE_CHECKING, Any, TypeVar

from hivemind.packs.terms import spoken
from hivemind.primitives import InvalidValueError
from hivemind.queen.agents import Agent, StandardAgent, cast_ballot
from hivemind.queen.ballot import Brief, Opinion, checked_ballot
from hivemind.queen.errors import AgentError, AgentTimeoutError, BallotError, WorkerLostError
from hivemind.queen.opinions import opinions_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Coroutine, Iterable, Sequence
    from concurrent.futures import Executor

# A standard agent votes on so many conflicts before it looks at the clock, and for so many seconds before others' turn.
AT_ONCE = 32
TURN = 0.005
# The seconds in which a cancelled agent's task may clean up, and how often it is cancelled meanwhile.
CANCELLING = 1.0
CANCELLED_TIMES = 4

Ballot = tuple[Opinion, ...]
T = TypeVar("T")


def check_patience(seconds: object, what: str) -> None:
    """Raise InvalidValueError unless `seconds` is a finite number above 0."""
    if type(seconds) not in (int, float) or not 0 < seconds < inf:  # type: ignore[operator]  # one of these two
        shown = seconds if isinstance(seconds, int | float) else spoken(seconds)
        raise InvalidValueError(f"{what} is {shown} seconds; give a finite number above 0")


async def poll(
    agents: Sequence[Agent], brief: Brief, *, patience: float, executor: Executor | None = None
) -> tuple[Ballot, ...]:
    """Return each agent's ballot, in the agents' order; all of them work at the same time.

    Each agent has `patience` seconds. Raises the AgentError of the first agent that fails, and cancels the others.
    """
    check_patience(patience, "patience")
    return await together(_ask(agent, brief, patience, executor) for agent in agents)


async def together(work: Iterable[Coroutine[Any, Any, T]]) -> tuple[T, ...]:
    """Run coroutines as tasks at the same time; at the first error cancel the others, and wait for their end."""
    tasks = [asyncio.create_task(each) for each in work]
    try:
        return tuple(await asyncio.gather(*tasks))
    except BaseException:
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        raise


async def _ask(agent: Agent, brief: Brief, patience: float, executor: Executor | None) -> Ballot:
    if executor is None and type(agent) is StandardAgent:  # a subclass may do anything, and is checked like all others
        return await _in_turns(agent, brief, patience)
    answer = _start(agent, brief, executor)
    try:
        done, _ = await asyncio.wait({answer}, timeout=patience)
    except asyncio.CancelledError:
        await _ended(answer)
        raise
    if not done:
        runs_on = "" if await _ended(answer) else ", and ignores its cancellation: it runs on"
        raise AgentTimeoutError(agent.name, f"did not answer within {patience:g} s{runs_on}")
    return _ballot(agent, answer, brief)


async def _in_turns(agent: StandardAgent, brief: Brief, patience: float) -> Ballot:
    """Have a standard agent vote in the loop's own thread, which it gives back every few milliseconds.

    A thread each would cost more than most of these votes.
    """
    opinions = opinions_of(agent.role, brief)
    ballot: list[Opinion] = []
    began = turn = perf_counter()
    while len(ballot) < len(brief.topics):
        ballot += islice(opinions, AT_ONCE)
        now = perf_counter()
        if now - began > patience:
            raise AgentTimeoutError(agent.name, f"did not answer within {patience:g} s")
        if now - turn > TURN:
            await asyncio.sleep(0)
            turn = perf_counter()
    return tuple(ballot)


async def _ended(answer: asyncio.Future[object]) -> bool:
    """Cancel an agent's task and see it end, cancelling again one that goes on; tell whether it did."""
    for _ in range(CANCELLED_TIMES):
        answer.cancel()
        done, _ = await asyncio.wait({answer}, timeout=CANCELLING / CANCELLED_TIMES)
        if done:
            if not answer.cancelled():
                answer.exception()  # looked at, so that the loop does not report it as never retrieved
            return True
    return False


def _start(agent: Agent, brief: Brief, executor: Executor | None) -> asyncio.Future[object]:
    """Start the agent where it belongs.

    A plain function gets a daemon thread, which neither blocks the loop nor keeps the process alive if it never
    returns.
    """
    if executor is not None:
        try:
            return asyncio.wrap_future(executor.submit(cast_ballot, agent, brief))
        except RuntimeError as error:  # broken, or shut down
            raise WorkerLostError(agent.name, f"could not be handed to the executor: {spoken(error)}") from error
    if iscoroutinefunction(agent.vote):
        return asyncio.ensure_future(_guarded(agent.vote(brief)))
    return _in_thread(agent, brief)


async def _guarded(answer: Awaitable[object]) -> object:
    try:
        return await answer
    except SystemExit as error:
        raise RuntimeError(f"tried to exit the process with {error.code!r}") from error


def _in_thread(agent: Agent, brief: Brief) -> asyncio.Future[object]:
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[object] = loop.create_future()

    def settle(result: object, error: BaseException | None) -> None:
        if answer.done():
            return
        if error is None:
            answer.set_result(result)
        else:
            answer.set_exception(error)

    def work() -> None:
        result: object = None
        failure: BaseException | None = None
        try:
            result = cast_ballot(agent, brief)
        except StopIteration as error:
            failure = RuntimeError(f"StopIteration: {error}")  # a future refuses StopIteration itself
        except BaseException as error:  # noqa: BLE001 -- handed over, not swallowed
            failure = error
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(settle, result, failure)

    threading.Thread(target=work, name=f"agent {agent.name}", daemon=True).start()
    return answer


def _ballot(agent: Agent, answer: asyncio.Future[object], brief: Brief) -> Ballot:
    try:
        return checked_ballot(answer.result(), brief)
    except AgentError:
        raise
    except BallotError as error:
        raise AgentError(agent.name, str(error)) from error
    except BrokenExecutor as error:
        raise WorkerLostError(agent.name, f"lost its worker: {spoken(error)}") from error
    except asyncio.CancelledError as error:
        raise AgentError(agent.name, "was cancelled by itself or its executor instead of answering") from error
    except (Exception, SystemExit) as error:
        raise AgentError(agent.name, f"raised {type(error).__name__}: {spoken(error)}") from error
