"""Workers are forked from one server: what they inherit, and what becomes of them when it or this process dies."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic, sleep

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # so that worker processes can import the agents

import faulty_agents as faulty  # type: ignore[import-not-found]  # beside this file

from hivemind.queen import (
    Brief,
    HiveQueen,
    IsolatedAgent,
    Role,
    StandardAgent,
    Topic,
    WorkerLostError,
    isolated,
)

BRIEF = Brief(topics=(Topic(question="Where?", options=("here", "there")),))


def asked() -> list[str]:
    """Isolate an agent, ask it once, and return the words of its reasoning: folder, variable, worker and server."""

    async def ask() -> str:
        async with isolated([faulty.Placed("placed")]) as (one,):
            return (await one.vote(BRIEF))[0].reasoning

    return asyncio.run(ask()).split()


def gone(number: int) -> bool:
    """Wait until a process has ended."""
    end = monotonic() + 20
    while Path(f"/proc/{number}").exists() and monotonic() < end:
        state = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
        if state == "Z":  # its parent has not looked yet
            return True
        sleep(0.02)
    return not Path(f"/proc/{number}").exists()


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in another folder, with another environment, than when the server was started."""
    asked()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PLACE", "new")
    return tmp_path


def test_a_worker_works_where_this_process_does(elsewhere: Path) -> None:
    """Folder and environment are those of now; server and process are others."""
    folder, place, worker, server = asked()
    assert (folder, place) == (str(elsewhere), "new")
    assert os.getpid() not in {int(worker), int(server)}
    assert asked()[3] == server
    assert gone(int(worker))


def test_a_server_that_is_killed_costs_its_workers_and_is_started_again() -> None:
    """Who waits for a worker is told; the next one works."""

    async def lose() -> None:
        async with isolated([faulty.Placed("placed")]) as (agent,):
            server = int((await agent.vote(BRIEF))[0].reasoning.split()[3])
            os.kill(server, signal.SIGKILL)
            assert agent._process is not None  # noqa: SLF001 -- no public handle
            await agent._process.wait()  # noqa: SLF001 -- as above
            with pytest.raises(WorkerLostError, match="placed"):
                await agent.vote(BRIEF)

    asyncio.run(lose())
    assert len(asked()) == 4


def test_threads_isolate_at_the_same_time() -> None:
    """Each with a loop of its own, by one server."""
    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(lambda _: asked(), range(8)))
    assert len({words[2] for words in told}) == 8
    assert len({words[3] for words in told}) == 1


def test_a_forked_process_has_a_server_of_its_own() -> None:
    """It does not speak on the socket of the process that it comes from."""
    server = asked()[3]
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write, asked()[3].encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as told:
        assert told.read() not in {"", server}
    os.waitpid(child, 0)
    assert asked()[3] == server


def test_nothing_is_left_of_a_process_that_is_killed() -> None:
    """Neither server nor workers, for their sockets close."""
    program = (
        "import asyncio, os\nfrom hivemind.queen import Role, StandardAgent, isolated\n"
        "async def main():\n"
        "    async with isolated([StandardAgent(Role.ANALYZER, 'a')]):\n"
        "        children = open(f'/proc/self/task/{os.getpid()}/children').read().split()\n"
        "        workers = open(f'/proc/{children[0]}/task/{children[0]}/children').read().split()\n"
        "        print(*children, *workers, flush=True)\n"
        "        os.kill(os.getpid(), 9)\n"
        "asyncio.run(main())\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)
    numbers = done.stdout.split()
    assert len(numbers) == 2, done
    assert all(gone(int(number)) for number in numbers)


def test_a_vote_by_isolated_agents_is_that_of_the_same_agents_here() -> None:
    """Where an agent works changes nothing."""
    agents = [StandardAgent(role, role.value) for role in Role]
    topic = Topic(question="Which?", options=("a", "b"), evidence=(1.0, 3.0))

    async def vote() -> tuple[object, ...]:
        async with isolated(agents) as team:
            return await HiveQueen(agents=team).vote([topic])

    assert asyncio.run(vote()) == asyncio.run(HiveQueen(agents=agents).vote([topic]))
    assert IsolatedAgent(agents[0]).weight == 1.0
