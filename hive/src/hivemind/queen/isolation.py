"""Isolated agents: each works in a process of its own, which can be stopped whatever the agent does.

The processes are forked from one that has the engine imported, see `fork_server`.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import signal
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from hivemind.packs.terms import spoken
from hivemind.queen.ballot import checked_ballot
from hivemind.queen.errors import AgentError, AgentTimeoutError, WorkerLostError
from hivemind.queen.fork_server import STATUS, fork_worker
from hivemind.queen.polling import check_patience, together
from hivemind.queen.worker import HEADER, Answer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from hivemind.queen.agents import Agent
    from hivemind.queen.ballot import Brief, Opinion, Role

DEFAULT_PATIENCE = 30.0
MAX_ANSWER = 64 * 2**20
STOPPING = 1.0

_Streams: TypeAlias = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class _Worker:
    """A worker process: streams to talk to it, and its exit status when it has ended; -9 where nobody can tell."""

    def __init__(self, talk: _Streams, told: _Streams, number: int) -> None:
        self.answers, self.requests = talk
        self.returncode: int | None = None
        self._handle = os.pidfd_open(number)  # which no later process can have
        self._watching = asyncio.ensure_future(self._watch(told))

    async def _watch(self, told: _Streams) -> None:
        status, end = told
        try:
            (self.returncode,) = STATUS.unpack(await status.readexactly(STATUS.size))
        except (asyncio.IncompleteReadError, ConnectionError):  # the server was killed; what it forked is not
            self.kill()
            self.returncode = -signal.SIGKILL
        finally:
            os.close(self._handle)
            await _close(self.requests, end)

    def kill(self) -> None:
        """End the process at once."""
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._handle, signal.SIGKILL)

    async def wait(self) -> None:
        """Wait until the process has ended."""
        await asyncio.shield(self._watching)


async def _forked() -> _Worker:
    """Fork a worker; raises IncompleteReadError where it ends at once."""
    sockets = fork_worker()
    opened: list[_Streams] = []
    try:
        for each in sockets:
            opened.append(await asyncio.open_connection(sock=each))  # noqa: PERF401 -- what failed half is closed
        talk, told = opened
        (number,) = HEADER.unpack(await talk[0].readexactly(HEADER.size))
        return _Worker(talk, told, number)
    except BaseException:
        await _close(*(end for _, end in opened))
        for each in sockets[len(opened) :]:
            each.close()
        raise


async def _close(*ends: asyncio.StreamWriter) -> None:
    for end in ends:
        end.close()
        with suppress(OSError):
            await end.wait_closed()


class IsolatedAgent:
    """An agent in a worker process: the same name, role and weight, and the same votes.

    `patience` is the seconds for starting and for each vote; a worker that takes longer is killed. The agent must
    be picklable, and its class importable in a new process (so not defined in a script's `__main__`).
    """

    def __init__(self, agent: Agent, *, patience: float = DEFAULT_PATIENCE) -> None:
        check_patience(patience, "patience")
        self.name = agent.name
        self.role: Role = agent.role
        self.weight = agent.weight
        self._agent = agent
        self.patience = patience
        self._process: _Worker | None = None
        self._lost = False
        self._turn = asyncio.Lock()

    async def start(self) -> None:
        """Start the worker and hand it the agent; returns when it is ready to be asked.

        One that is there already is ended first. Raises AgentError for an agent that cannot be sent, WorkerLostError
        and AgentTimeoutError for its worker; no worker is then left.
        """
        async with self._turn:
            await self.stop()
            try:
                await self._begin(self._pickled(self._agent))
            except BaseException:
                await self.stop()
                raise

    async def _begin(self, content: bytes) -> None:
        self._lost = False
        try:
            async with asyncio.timeout(self.patience):
                self._process = await _forked()
        except TimeoutError as error:
            raise AgentTimeoutError(self.name, f"has no worker within {self.patience:g} s") from error
        except (asyncio.IncompleteReadError, OSError) as error:
            raise WorkerLostError(self.name, f"lost its worker before it was ready: {spoken(error)}") from error
        await self._exchange(content)

    async def vote(self, brief: Brief) -> tuple[Opinion, ...]:
        """Return the agent's ballot from its worker; one brief at a time."""
        async with self._turn:
            answer = await self._exchange(self._pickled(brief))
        return checked_ballot(answer.opinions, brief)

    async def stop(self) -> None:
        """End the worker: by closing its input, after a second by killing it; leaves no process behind."""
        process = self._process
        if process is None:
            return
        process.requests.close()
        await _end(process, STOPPING)
        self._process = None

    async def _exchange(self, content: bytes) -> Answer:
        """Send one request and return its answer; a worker that fails at it is out of step, and killed."""
        process = self._process
        if process is None or self._lost:
            raise WorkerLostError(self.name, "has no worker; start it, or use it inside `async with isolated(…)`")
        try:
            async with asyncio.timeout(self.patience):
                answer = await self._transfer(process, content)
        except TimeoutError as error:
            await self._abandon(process)
            raise AgentTimeoutError(self.name, f"did not answer within {self.patience:g} s") from error
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            await self._abandon(process, STOPPING)
            reason = f"lost its worker, which ended with status {process.returncode}"
            raise WorkerLostError(self.name, reason) from error
        except BaseException:
            await self._abandon(process)
            raise
        if answer.fault:
            raise AgentError(self.name, answer.fault)
        return answer

    async def _transfer(self, process: _Worker, content: bytes) -> Answer:
        process.requests.write(HEADER.pack(len(content)) + content)
        await process.requests.drain()
        (size,) = HEADER.unpack(await process.answers.readexactly(HEADER.size))
        if size > MAX_ANSWER:
            raise AgentError(self.name, f"answered with {size} bytes; at most {MAX_ANSWER} are allowed")
        return msgspec.msgpack.decode(await process.answers.readexactly(size), type=Answer)

    async def _abandon(self, process: _Worker, grace: float = 0) -> None:
        """Use the worker no more, and end it; it stays known, for who is cancelled here leaves it to `stop`."""
        self._lost = True
        await _end(process, grace)

    def _pickled(self, value: object) -> bytes:
        try:
            return pickle.dumps(value)
        except Exception as error:
            raise AgentError(
                self.name, f"cannot be sent to its worker: {type(error).__name__}: {spoken(error)}"
            ) from error


@asynccontextmanager
async def isolated(
    agents: Iterable[Agent], *, patience: float = DEFAULT_PATIENCE
) -> AsyncIterator[tuple[IsolatedAgent, ...]]:
    """Isolate agents for the length of an async with block: their workers start at the same time, and all end.

    Raises what `IsolatedAgent.start` raises, after ending the workers that did start.
    """
    team = tuple(IsolatedAgent(agent, patience=patience) for agent in agents)
    try:
        await together(agent.start() for agent in team)
        yield team
    finally:
        await asyncio.gather(*(agent.stop() for agent in team))


async def _end(process: _Worker, grace: float) -> None:
    """See a process end by itself within its grace, or kill it; either way its status is known then."""
    try:
        if grace:
            with suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), grace)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
