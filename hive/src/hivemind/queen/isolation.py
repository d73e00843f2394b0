"""Isolated agents: each works in a process of its own, which can be stopped whatever the agent does."""

from __future__ import annotations

import asyncio
import os
import pickle
import sys
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import msgspec

from hivemind.packs.terms import spoken
from hivemind.queen.ballot import checked_ballot
from hivemind.queen.errors import AgentError, AgentTimeoutError, WorkerLostError
from hivemind.queen.polling import check_patience, together
from hivemind.queen.worker import HEADER, Answer

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator, Iterable

    from hivemind.queen.agents import Agent
    from hivemind.queen.ballot import Brief, Opinion, Role

DEFAULT_PATIENCE = 30.0
MAX_ANSWER = 64 * 2**20
STOPPING = 1.0


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
        self._process: Process | None = None
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
        # The worker finds the agent's class where this process found it.
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(path or os.curdir for path in sys.path)}
        self._lost = False
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            "-c",
            "from hivemind.queen.worker import main; main()",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=environment,
        )
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
        if process.stdin:
            process.stdin.close()
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

    async def _transfer(self, process: Process, content: bytes) -> Answer:
        requests, answers = process.stdin, process.stdout
        if requests is None or answers is None:
            raise WorkerLostError(self.name, "has a worker without pipes")
        requests.write(HEADER.pack(len(content)) + content)
        await requests.drain()
        (size,) = HEADER.unpack(await answers.readexactly(HEADER.size))
        if size > MAX_ANSWER:
            raise AgentError(self.name, f"answered with {size} bytes; at most {MAX_ANSWER} are allowed")
        return msgspec.msgpack.decode(await answers.readexactly(size), type=Answer)

    async def _abandon(self, process: Process, grace: float = 0) -> None:
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


async def _end(process: Process, grace: float) -> None:
    """See a process end by itself within its grace, or kill it; either way it is collected.

    A process that is ending must not be killed at once: Popen.kill would collect it and lose its status.
    """
    try:
        if grace:
            with suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), grace)
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
        await process.wait()
