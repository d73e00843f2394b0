"""Measure the queen: seven scenarios, each beside its textbook partner and its construction.

`..._construct` also builds what the call works with.
"""

import asyncio
import itertools
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import ExitStack
from multiprocessing import get_context

import msgspec
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from hive_agents import SpellingAgent, WaitingAgent
from hivemind.queen import (
    ALL_ROLES,
    AgentPool,
    Brief,
    HiveConfiguration,
    HiveQueen,
    Opinion,
    Pack,
    Resolution,
    Role,
    analyse,
    find_conflicts,
    isolated,
    poll,
    render_lock,
    standard_team,
)
from hivemind.queen.agents import cast_ballot
from packs import generated, generated_packs, real_packs
from reference.measuring import PlainRunner, declare, single_calls
from reference.queen import TextbookQueen, find_conflicts_pairwise

PACKS = pytest.mark.parametrize("size", [1, 3, 5, 10, 20, 50])
AGENTS = pytest.mark.parametrize("size", [4, 8, 16, 32])
ISOLATED = pytest.mark.parametrize("size", [4, 8])
DETECTED = pytest.mark.parametrize("size", [5, 10, 20, 50])
COMPLEXITY = pytest.mark.parametrize("size", [1, 5, 10, 20])
CONCURRENT = pytest.mark.parametrize("size", [2, 4, 8, 16])
INSTANCES = pytest.mark.parametrize("size", [10, 50, 100, 200])
ORCHESTRATIONS = pytest.mark.parametrize("size", [10, 50, 100])
PATIENCE = 60.0
WAIT = 0.02
SUSTAINED_SECONDS = 2
SUSTAINED_INPUTS = 20


@pytest.fixture
def runner() -> Iterator[PlainRunner]:
    """One event loop for all calls of a benchmark."""
    with PlainRunner() as runner:
        yield runner


def small_brief(packs: int = 5) -> Brief:
    """Return what agents are asked where their number is what counts."""
    analysis = analyse(generated(packs))
    return Brief(packs=analysis.packs, topics=analysis.conflicts)


def roles_of(agents: int) -> tuple[Role, ...]:
    """Return that many roles, each in its turn."""
    return tuple(ALL_ROLES[number % len(ALL_ROLES)] for number in range(agents))


@PACKS
def test_consensus_latency(benchmark: BenchmarkFixture, runner: PlainRunner, size: int) -> None:
    """Find the conflicts of that many packs, have agents vote on them, and compose the packs accordingly."""
    configuration = generated(size)
    queen = HiveQueen()
    declare(benchmark, size=size, operations=1)
    composition = benchmark(lambda: runner.run(queen.orchestrate(configuration)))
    assert runner.run(TextbookQueen().orchestrate(configuration)) == (composition.decisions, composition.resolved)


@PACKS
def test_consensus_latency_pairwise(benchmark: BenchmarkFixture, runner: PlainRunner, size: int) -> None:
    """The same with pairwise conflict detection: what hashing alone is worth."""
    configuration = generated(size)
    queen = HiveQueen(detector=find_conflicts_pairwise)
    declare(benchmark, size=size, operations=1)
    composition = benchmark(lambda: runner.run(queen.orchestrate(configuration)))
    assert composition.resolved == HiveQueen().compose(configuration).resolved


@PACKS
def test_consensus_latency_textbook(benchmark: BenchmarkFixture, runner: PlainRunner, size: int) -> None:
    """The same by a queen built from the textbook parts."""
    configuration = generated(size)
    queen = TextbookQueen()
    declare(benchmark, size=size, operations=1)
    _, resolved = benchmark(lambda: runner.run(queen.orchestrate(configuration)))
    assert resolved == HiveQueen().compose(configuration).resolved


@PACKS
def test_consensus_latency_construct(benchmark: BenchmarkFixture, runner: PlainRunner, size: int) -> None:
    """The same, the queen and its agents included."""
    configuration = generated(size)
    declare(benchmark, size=size, operations=1)
    composition = benchmark(lambda: runner.run(HiveQueen().orchestrate(configuration)))
    assert len(composition.resolved.packs) == size


def test_real_vocabularies(benchmark: BenchmarkFixture, runner: PlainRunner) -> None:
    """Compose ten real vocabularies, schema.org among them, and write the lock file's text."""
    configuration = HiveConfiguration(packs=real_packs())
    queen = HiveQueen()
    declare(benchmark, size=10, operations=1)
    lock = benchmark(lambda: render_lock(runner.run(queen.orchestrate(configuration))))
    assert set(msgspec.json.decode(lock)["classes"]["Person"]) == {"foaf", "schema", "prov"}


@AGENTS
def test_agent_spawning(benchmark: BenchmarkFixture, runner: PlainRunner, size: int) -> None:
    """Make that many agents and start them as tasks, until each has answered its first brief."""
    brief = small_brief()
    declare(benchmark, size=size, operations=size)

    def spawn() -> int:
        team = standard_team(roles_of(size))
        return len(runner.run(poll(team.agents, brief, patience=PATIENCE)))

    assert benchmark(spawn) == size


@ISOLATED
def test_agent_spawning_isolated(benchmark: BenchmarkFixture, runner: PlainRunner, size: int) -> None:
    """Start that many worker processes at the same time, until each has answered its first brief, and end them."""
    brief = small_brief()
    agents = standard_team(roles_of(size)).agents
    declare(benchmark, size=size, operations=size, parallelism=size)

    async def spawn() -> tuple[tuple[Opinion, ...], ...]:
        async with isolated(agents, patience=PATIENCE) as team:
            return await poll(team, brief, patience=PATIENCE)

    runner.run(spawn())  # the process that forks them is there from the first on
    got = single_calls(benchmark, lambda: runner.run(spawn()), rounds=2 if size == 4 else 1)
    assert got == tuple(cast_ballot(agent, brief) for agent in agents)


@ISOLATED
def test_agent_spawning_sequential(benchmark: BenchmarkFixture, size: int) -> None:
    """Start that many interpreters one after another, each until it has answered its first brief, and end them."""
    brief = small_brief()
    agents = standard_team(roles_of(size)).agents
    declare(benchmark, size=size, operations=size, parallelism=size)

    def spawn() -> tuple[tuple[Opinion, ...], ...]:
        with ExitStack() as stack:
            context = get_context("spawn")
            started = (stack.enter_context(ProcessPoolExecutor(1, mp_context=context)) for _ in agents)
            return tuple(
                one.submit(cast_ballot, agent, brief).result() for one, agent in zip(started, agents, strict=True)
            )

    got = single_calls(benchmark, spawn, rounds=2 if size == 4 else 1)
    assert got == tuple(cast_ballot(agent, brief) for agent in agents)


@DETECTED
def test_conflict_detection(benchmark: BenchmarkFixture, size: int) -> None:
    """Find the conflicts of that many packs by hashing."""
    packs = generated_packs(size)
    declare(benchmark, size=size, operations=1)
    assert benchmark(find_conflicts, packs) == find_conflicts_pairwise(packs)


@DETECTED
def test_conflict_detection_near(benchmark: BenchmarkFixture, size: int) -> None:
    """Find the conflicts of packs that overlap with a few others each, so that their number is proportional."""
    packs = generated_packs(size, reach=2)
    declare(benchmark, size=size, operations=1)
    assert benchmark(find_conflicts, packs) == find_conflicts_pairwise(packs)


@DETECTED
def test_conflict_detection_pairwise(benchmark: BenchmarkFixture, size: int) -> None:
    """Find them by comparing each pack with each other."""
    packs = generated_packs(size)
    declare(benchmark, size=size, operations=1)
    assert benchmark(find_conflicts_pairwise, packs) == find_conflicts(packs)


@DETECTED
def test_conflict_detection_construct(benchmark: BenchmarkFixture, size: int) -> None:
    """Build and check the packs from plain data, and find their conflicts."""
    packs = generated_packs(size)
    data = msgspec.to_builtins(packs)
    declare(benchmark, size=size, operations=1)
    assert benchmark(lambda: find_conflicts(msgspec.convert(data, tuple[Pack, ...]))) == find_conflicts(packs)


@COMPLEXITY
def test_configuration_analysis(benchmark: BenchmarkFixture, size: int) -> None:
    """Look through a configuration of that many packs: requirements, counts and conflicts."""
    configuration = generated(size)
    declare(benchmark, size=size, operations=1)
    analysis = benchmark(analyse, configuration)
    assert analysis.classes + analysis.properties == sum(pack.terms for pack in configuration.packs)


@COMPLEXITY
def test_configuration_analysis_construct(benchmark: BenchmarkFixture, size: int) -> None:
    """The same from the configuration's JSON text."""
    configuration = generated(size)
    text = msgspec.json.encode(configuration)
    declare(benchmark, size=size, operations=1)
    analysis = benchmark(lambda: analyse(msgspec.json.decode(text, type=HiveConfiguration)))
    assert analysis == analyse(configuration)


@pytest.fixture(scope="module")
def cores() -> Iterator[Executor]:
    """As many worker processes as this process may use cores."""
    with ProcessPoolExecutor(len(os.sched_getaffinity(0)), mp_context=get_context("spawn")) as executor:
        yield executor


@CONCURRENT
def test_parallel_agents(benchmark: BenchmarkFixture, runner: PlainRunner, cores: Executor, size: int) -> None:
    """Ask that many agents that compute for some twenty milliseconds each, on the cores that there are."""
    compose_computing(benchmark, runner, cores, size)


@pytest.mark.parametrize("size", [1])
def test_parallel_agents_alone(benchmark: BenchmarkFixture, runner: PlainRunner, cores: Executor, size: int) -> None:
    """Ask one such agent."""
    compose_computing(benchmark, runner, cores, size)


def compose_computing(benchmark: BenchmarkFixture, runner: PlainRunner, cores: Executor, size: int) -> None:
    """Measure a composition that computing agents decide."""
    agents = [SpellingAgent(name=f"speller-{number}") for number in range(size)]
    queen = HiveQueen(agents=agents, executor=cores, timeout=PATIENCE)
    configuration = generated(7)
    declare(benchmark, size=size, operations=size, parallelism=len(os.sched_getaffinity(0)))
    runner.run(queen.orchestrate(configuration))  # starts the processes, which are no part of the scenario
    composition = single_calls(benchmark, lambda: runner.run(queen.orchestrate(configuration)), rounds=3)
    assert {len(decision.votes()) for decision in composition.decisions} == {size}
    assert composition.resolved == HiveQueen(agents=agents[:1]).compose(configuration).resolved


@CONCURRENT
def test_parallel_agents_waiting(benchmark: BenchmarkFixture, runner: PlainRunner, size: int) -> None:
    """Ask that many agents whose answers come from elsewhere after 20 ms, and cost no computing here."""
    compose_waiting(benchmark, runner, size)


@pytest.mark.parametrize("size", [1])
def test_parallel_agents_waiting_alone(benchmark: BenchmarkFixture, runner: PlainRunner, size: int) -> None:
    """Ask one such agent."""
    compose_waiting(benchmark, runner, size)


def compose_waiting(benchmark: BenchmarkFixture, runner: PlainRunner, size: int) -> None:
    """Measure a composition that waiting agents decide."""
    queen = HiveQueen(agents=[WaitingAgent(name=f"remote-{number}", seconds=WAIT) for number in range(size)])
    configuration = generated(5)
    declare(benchmark, size=size, operations=size)
    composition = single_calls(benchmark, lambda: runner.run(queen.orchestrate(configuration)), rounds=20)
    assert {len(decision.votes()) for decision in composition.decisions} == {size}


@pytest.mark.parametrize("size", [1, 2])
def test_parallel_agents_computing(benchmark: BenchmarkFixture, runner: PlainRunner, size: int) -> None:
    """Have four computing agents work on an executor of that many processes."""
    agents = [SpellingAgent(name=f"speller-{number}") for number in range(4)]
    configuration = generated(10)
    declare(benchmark, size=size, operations=len(agents), parallelism=size)
    with ProcessPoolExecutor(size, mp_context=get_context("spawn")) as executor:
        queen = HiveQueen(agents=agents, executor=executor, timeout=PATIENCE)
        runner.run(queen.orchestrate(configuration))  # starts the processes, which are no part of the scenario
        composition = single_calls(benchmark, lambda: runner.run(queen.orchestrate(configuration)), rounds=3)
    assert {decision.choice for decision in composition.decisions} <= {Resolution.MERGE, Resolution.USE_FIRST}


@INSTANCES
def test_memory_overhead(benchmark: BenchmarkFixture, size: int) -> None:
    """Lend that many agents from a pool, and have each vote."""
    pool, brief, roles = AgentPool(), small_brief(), roles_of(size)
    declare(benchmark, size=size, operations=size)

    def work() -> int:
        with pool.lease(roles) as team:
            return len([agent.vote(brief) for agent in team.agents])

    assert benchmark(work) == size


@INSTANCES
def test_memory_overhead_unpooled(benchmark: BenchmarkFixture, size: int) -> None:
    """Make that many agents for each call, and have each vote."""
    brief, roles = small_brief(), roles_of(size)
    declare(benchmark, size=size, operations=size)
    assert benchmark(lambda: len([agent.vote(brief) for agent in standard_team(roles).agents])) == size


@INSTANCES
def test_memory_overhead_construct(benchmark: BenchmarkFixture, size: int) -> None:
    """Make the pool, too."""
    brief, roles = small_brief(), roles_of(size)
    declare(benchmark, size=size, operations=size)

    def work() -> int:
        with AgentPool().lease(roles) as team:
            return len([agent.vote(brief) for agent in team.agents])

    assert benchmark(work) == size


@ORCHESTRATIONS
def test_orchestration_throughput(benchmark: BenchmarkFixture, runner: PlainRunner, size: int) -> None:
    """Compose that many configurations of five packs at the same time with one queen, lock files included."""
    queen = HiveQueen()
    compose_many(benchmark, runner, size, lambda: queen)


@ORCHESTRATIONS
def test_orchestration_throughput_construct(benchmark: BenchmarkFixture, runner: PlainRunner, size: int) -> None:
    """The same with a new queen in each call."""
    compose_many(benchmark, runner, size, HiveQueen)


def test_orchestration_sustained(benchmark: BenchmarkFixture, runner: PlainRunner) -> None:
    """Compose configurations of five packs one after the other, and count how many each full second brings.

    The gate's five passes make ten seconds; `worst_second` is the fewest compositions of any second of a pass, with the
    share of that second in which this process had a processor.
    """
    queen = HiveQueen()
    configurations = [HiveConfiguration(packs=generated_packs(5, seed)) for seed in range(SUSTAINED_INPUTS)]

    async def compose() -> list[tuple[int, float]]:
        counts, busy = [0] * SUSTAINED_SECONDS, [0.0] * SUSTAINED_SECONDS
        start, before = time.perf_counter(), time.process_time()
        for configuration in itertools.cycle(configurations):
            render_lock(await queen.orchestrate(configuration))
            second, now = int(time.perf_counter() - start), time.process_time()
            if second >= SUSTAINED_SECONDS:
                break
            counts[second] += 1
            busy[second] += now - before
            before = now
        return list(zip(counts, busy, strict=True))

    seconds = benchmark.pedantic(lambda: runner.run(compose()), rounds=1)  # type: ignore[no-untyped-call]
    fewest, share = min(seconds)
    benchmark.extra_info["metrics"] = {"worst_second": {"value": fewest, "better": "higher", "processor": share}}
    assert fewest > 0


def compose_many(benchmark: BenchmarkFixture, runner: PlainRunner, size: int, queen: Callable[[], HiveQueen]) -> None:
    """Measure many compositions at the same time."""
    configurations = [HiveConfiguration(packs=generated_packs(5, seed)) for seed in range(size)]
    declare(benchmark, size=size, operations=size)

    async def compose() -> list[str]:
        working = queen()
        compositions = await asyncio.gather(*map(working.orchestrate, configurations))
        return [render_lock(composition) for composition in compositions]

    locks = benchmark(lambda: runner.run(compose()))
    assert locks == [render_lock(HiveQueen().compose(configuration)) for configuration in configurations]
