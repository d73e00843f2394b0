"""Ask agents for their ballots: as asyncio tasks, or on any executor; every fault names its agent."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import BrokenExecutor
from contextlib import suppress
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any, TypeVar

from hivemind.queen.agents import Agent, StandardAgent, cast_ballot
from hivemind.queen.ballot import Brief, Opinion, checked_ballot
from hivemind.queen.errors import AgentError, AgentTimeoutError, BallotError, WorkerLostError
from hivemind.queen.terms import spoken

if TYPE_CHECKING:
    from collections.abc import Awaitable, Coroutine, Iterable, Sequence
    from concurrent.futures import Executor

Ballot = tuple[Opinion, ...]
T = TypeVar("T")


async def poll(
    agents: Sequence[Agent], brief: Brief, *, patience: float, executor: Executor | None = None
) -> tuple[Ballot, ...]:
    """Return each agent's ballot, in the agents' order; all of them work at the same time.

    Each agent has `patience` seconds. Raises the AgentError of the first agent that fails, and cancels the others.
    """
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
    if executor is None and isinstance(agent, StandardAgent):
        return tuple(agent.vote(brief))
    answer = _start(agent, brief, executor)
    try:
        done, _ = await asyncio.wait({answer}, timeout=patience)
    except asyncio.CancelledError:
        answer.cancel()
        raise
    if not done:
        answer.cancel()
        raise AgentTimeoutError(agent.name, f"did not answer within {patience:g} s")
    return _ballot(agent, answer, brief)


def _start(agent: Agent, brief: Brief, executor: Executor | None) -> asyncio.Future[object]:
    """Start the agent where it belongs.

    Standard agents are known to end, so they alone share the loop's thread; any other plain function gets a daemon
    thread, which neither blocks the loop nor keeps the process alive if it never returns.
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
