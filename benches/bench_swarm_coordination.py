"""Measure the hive's swarm: seven scenarios, each beside its textbook partner and its construction.

All run on one event loop that lives as long as the suite. Stages of `pipeline_execution` and `concurrent_execution`
fetch a file from another process and compute with it; those of `..._waiting` only wait for a millisecond, and those of
`pipeline_overhead` do nothing.
"""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from statistics import median
from typing import Any, TypeVar

import msgspec
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from hivemind import swarm as hive
from hivemind.queen import read_pack
from packs import TEN
from reference import swarm as textbook
from reference import swarm_input as make
from reference.answering import answering, asking, expected
from reference.measuring import declare, single_calls
from reference.swarm_input import Work

R = TypeVar("R")
Runner = Callable[[Callable[[], Coroutine[Any, Any, R]]], R]

STAGES = pytest.mark.parametrize("size", [3, 6, 10, 15])
DEPTHS = pytest.mark.parametrize("size", [2, 4, 6, 8])
SWARMS = pytest.mark.parametrize("size", [2, 5, 10, 20])
PERMITS = pytest.mark.parametrize("size", [5, 10, 20, 50])
MILLISECONDS = pytest.mark.parametrize("size", [10, 50, 100, 500])
ARTIFACTS = pytest.mark.parametrize("size", [10, 50, 100, 200])

BOUNDED = 200
TIMED = 10


@pytest.fixture(scope="module")
def run() -> Iterator[Callable[[Callable[[], Coroutine[Any, Any, Any]]], Any]]:
    """Return what runs the coroutine that a function makes, on one loop."""
    with asyncio.Runner() as runner:
        loop = runner.get_loop()
        yield lambda make: loop.run_until_complete(make())


@pytest.fixture(scope="module")
def ask() -> Iterator[Work]:
    """Return work that asks another process, and start that process."""
    with answering() as path:
        yield asking(path)


def check(report: hive.Report) -> None:
    """Assert that every stage came to what it should."""
    assert {each.stage: each.value for each in report.outcomes} == {
        each.stage: expected(each.stage) for each in report.outcomes
    }


@STAGES
def test_pipeline_execution(benchmark: BenchmarkFixture, run: Runner[hive.Report], ask: Work, size: int) -> None:
    """Run stages that each fetch a vocabulary from another process, parse it, check it and hash it."""
    pipeline, coordinator = hive.Pipeline(make.braided(size, ask)), hive.Coordinator()
    declare(benchmark, size=size, operations=size, parallelism=2)
    check(benchmark(run, lambda: coordinator.run(pipeline)))


@STAGES
def test_pipeline_execution_sequential(
    benchmark: BenchmarkFixture, run: Runner[dict[str, object]], ask: Work, size: int
) -> None:
    """Run the same stages one after the other."""
    stages = hive.Pipeline(make.braided(size, ask)).stages
    declare(benchmark, size=size, operations=size, parallelism=2)
    assert benchmark(run, lambda: textbook.run_sequentially(stages)) == {
        stage.name: expected(stage.name) for stage in stages
    }


@STAGES
def test_pipeline_execution_construct(
    benchmark: BenchmarkFixture, run: Runner[hive.Report], ask: Work, size: int
) -> None:
    """Build the stages, resolve them and run them."""
    declare(benchmark, size=size, operations=size, parallelism=2)
    check(benchmark(run, lambda: hive.Swarm(make.braided(size, ask)).run()))


@STAGES
def test_pipeline_execution_waiting(benchmark: BenchmarkFixture, run: Runner[hive.Report], size: int) -> None:
    """Run stages that only wait, a millisecond each: what the order of starts alone is worth."""
    pipeline, coordinator = hive.Pipeline(make.braided(size, make.wait)), hive.Coordinator()
    declare(benchmark, size=size, operations=size)
    assert benchmark(run, lambda: coordinator.run(pipeline)).succeeded


@STAGES
def test_pipeline_execution_waiting_sequential(
    benchmark: BenchmarkFixture, run: Runner[dict[str, object]], size: int
) -> None:
    """Run the stages that only wait one after the other."""
    stages = hive.Pipeline(make.braided(size, make.wait)).stages
    declare(benchmark, size=size, operations=size)
    assert len(benchmark(run, lambda: textbook.run_sequentially(stages))) == size


@pytest.mark.parametrize("size", [3, 6, 10, 15, 100, 1000])
def test_pipeline_overhead(benchmark: BenchmarkFixture, run: Runner[hive.Report], size: int) -> None:
    """Run stages that do nothing, with 100 permits."""
    pipeline, coordinator = hive.Pipeline(make.braided(size, make.nothing)), hive.Coordinator(max_concurrency=100)
    declare(benchmark, size=size, operations=size)
    assert benchmark(run, lambda: coordinator.run(pipeline)).succeeded


@DEPTHS
def test_dependency_resolution(benchmark: BenchmarkFixture, size: int) -> None:
    """Check and order stages, four at each depth."""
    stages = make.layered(size)
    declare(benchmark, size=size, operations=len(stages))
    pipeline = benchmark(hive.Pipeline, stages)
    assert [stage.name for stage in pipeline.stages] == textbook.order_of(stages)


@DEPTHS
def test_dependency_resolution_passes(benchmark: BenchmarkFixture, size: int) -> None:
    """Order the same stages by passes over what is left; nothing else is checked."""
    stages = make.layered(size)
    declare(benchmark, size=size, operations=len(stages))
    assert len(benchmark(textbook.order_of, stages)) == len(stages)


@DEPTHS
def test_dependency_resolution_construct(benchmark: BenchmarkFixture, size: int) -> None:
    """Build the stages, then check and order them."""
    declare(benchmark, size=size, operations=4 * size)
    assert len(benchmark(lambda: hive.Pipeline(make.layered(size))).levels) == size


@SWARMS
def test_concurrent_execution(
    benchmark: BenchmarkFixture, run: Runner[list[hive.Report]], ask: Work, size: int
) -> None:
    """Run swarms of six such stages at once."""
    swarms = [hive.Swarm(make.braided(6, ask)) for _ in range(size)]
    run_at_once(benchmark, run, lambda: swarms, size)


@SWARMS
def test_concurrent_execution_sequential(
    benchmark: BenchmarkFixture, run: Runner[list[hive.Report]], ask: Work, size: int
) -> None:
    """Run the same swarms one after the other."""
    swarms = [hive.Swarm(make.braided(6, ask)) for _ in range(size)]
    declare(benchmark, size=size, operations=size, parallelism=2)
    for report in benchmark(run, lambda: textbook.run_in_turn([swarm.run for swarm in swarms])):
        check(report)


@SWARMS
def test_concurrent_execution_construct(
    benchmark: BenchmarkFixture, run: Runner[list[hive.Report]], ask: Work, size: int
) -> None:
    """Build the swarms and run them at once."""
    run_at_once(benchmark, run, lambda: [hive.Swarm(make.braided(6, ask)) for _ in range(size)], size)


def run_at_once(
    benchmark: BenchmarkFixture,
    run: Runner[list[hive.Report]],
    swarms: Callable[[], list[hive.Swarm]],
    size: int,
) -> None:
    """Measure swarms that run at the same time."""

    async def together() -> list[hive.Report]:
        return await asyncio.gather(*(swarm.run() for swarm in swarms()))

    declare(benchmark, size=size, operations=size, parallelism=2)
    for report in benchmark(run, together):
        check(report)


@SWARMS
def test_concurrent_execution_waiting(benchmark: BenchmarkFixture, run: Runner[list[hive.Report]], size: int) -> None:
    """Run swarms of six stages that only wait at once."""
    swarms = [hive.Swarm(make.braided(6, make.wait)) for _ in range(size)]

    async def together() -> list[hive.Report]:
        return await asyncio.gather(*(swarm.run() for swarm in swarms))

    declare(benchmark, size=size, operations=size)
    assert all(report.succeeded for report in benchmark(run, together))


@PERMITS
def test_semaphore_coordination(benchmark: BenchmarkFixture, run: Runner[hive.Report], size: int) -> None:
    """Run 200 independent stages, each one turn of the event loop, under that many permits."""
    pipeline = hive.Pipeline(make.independent(BOUNDED, make.turn))
    coordinator = hive.Coordinator(max_concurrency=size)
    declare(benchmark, size=size, operations=BOUNDED)
    assert benchmark(run, lambda: coordinator.run(pipeline)).succeeded


@PERMITS
def test_semaphore_coordination_gathered(benchmark: BenchmarkFixture, run: Runner[list[object]], size: int) -> None:
    """Run the same stages with gather and asyncio's semaphore; no outcome is kept."""
    stages = make.independent(BOUNDED, make.turn)
    declare(benchmark, size=size, operations=BOUNDED)
    assert len(benchmark(run, lambda: textbook.run_gathered(stages, size))) == BOUNDED


@PERMITS
def test_semaphore_coordination_construct(benchmark: BenchmarkFixture, run: Runner[hive.Report], size: int) -> None:
    """Build and resolve the stages and run them."""
    declare(benchmark, size=size, operations=BOUNDED)
    build = partial(make.independent, BOUNDED, make.turn)
    assert benchmark(run, lambda: hive.Swarm(build(), max_concurrency=size).run()).succeeded


@contextlib.contextmanager
def held_up(milliseconds: int) -> Iterator[None]:
    """Skip a benchmark whose time-out fired, because others had the processor for so long: that is another thing."""
    try:
        yield
    except hive.PipelineFailedError:
        pytest.skip(f"a stage of one turn did not run within its {milliseconds} ms: the machine was held up")


@MILLISECONDS
def test_timeout_overhead(benchmark: BenchmarkFixture, run: Runner[hive.Report], size: int) -> None:
    """Run ten stages of one turn each, every one under a time-out of that many milliseconds."""
    pipeline, coordinator = hive.Pipeline(make.braided(TIMED, make.turn, size / 1000)), hive.Coordinator()
    declare(benchmark, size=size, operations=TIMED)
    with held_up(size):
        assert benchmark(run, lambda: coordinator.run(pipeline)).succeeded


@MILLISECONDS
def test_timeout_overhead_untimed(benchmark: BenchmarkFixture, run: Runner[hive.Report], size: int) -> None:
    """Run the same stages without time-outs."""
    pipeline, coordinator = hive.Pipeline(make.braided(TIMED, make.turn)), hive.Coordinator()
    declare(benchmark, size=size, operations=TIMED)
    assert benchmark(run, lambda: coordinator.run(pipeline)).succeeded


@MILLISECONDS
def test_timeout_overhead_construct(benchmark: BenchmarkFixture, run: Runner[hive.Report], size: int) -> None:
    """Build and resolve the timed stages and run them."""
    declare(benchmark, size=size, operations=TIMED)
    with held_up(size):
        assert benchmark(run, lambda: hive.Swarm(make.braided(TIMED, make.turn, size / 1000)).run()).succeeded


@MILLISECONDS
def test_timeout_overhead_fired(benchmark: BenchmarkFixture, run: Runner[hive.Report], size: int) -> None:
    """Run ten stages of which the last hangs, until its time-out of that many milliseconds ends it.

    `late` is how long after its time it was over, the other nine stages included.
    """
    stages = make.braided(TIMED, make.turn, size / 1000)
    stages[-1] = msgspec.structs.replace(stages[-1], run=make.hang)
    pipeline, coordinator = hive.Pipeline(stages), hive.Coordinator()
    declare(benchmark, size=size, operations=TIMED)
    late: list[float] = []

    async def fire() -> hive.Report:
        began = asyncio.get_running_loop().time()
        try:
            await coordinator.run(pipeline)
        except hive.PipelineFailedError as error:
            late.append(asyncio.get_running_loop().time() - began - size / 1000)
            return error.report
        raise AssertionError("a stage that hangs succeeded")

    report = benchmark.pedantic(lambda: run(fire), rounds=max(2, 200 // size))  # type: ignore[no-untyped-call]
    assert report["end"].state is hive.State.TIMED_OUT
    benchmark.extra_info["metrics"] = {"late": {"value": median(late), "better": "lower"}}


@ARTIFACTS
def test_artifact_conversion(benchmark: BenchmarkFixture, size: int) -> None:
    """Convert artifacts to JSON and back."""
    given = tuple(make.artifacts(size))
    declare(benchmark, size=size, operations=size)
    assert benchmark(lambda: hive.artifacts_from_json(hive.artifacts_to_json(given))) == given


@ARTIFACTS
def test_artifact_conversion_json(benchmark: BenchmarkFixture, size: int) -> None:
    """Convert the same artifacts by way of dictionaries and the standard library."""
    given = tuple(make.artifacts(size))
    declare(benchmark, size=size, operations=size)
    assert benchmark(lambda: textbook.artifacts_from_json(textbook.artifacts_to_json(given))) == given


@ARTIFACTS
def test_artifact_conversion_construct(benchmark: BenchmarkFixture, size: int) -> None:
    """Make artifacts from their fields, then convert them to JSON and back."""
    rows = [(each.name, each.kind, each.content, each.attributes) for each in make.artifacts(size)]

    def convert() -> tuple[hive.Artifact, ...]:
        made = [
            hive.Artifact(name=name, kind=kind, producer="bench", content=content, attributes=attributes)
            for name, kind, content, attributes in rows
        ]
        return hive.artifacts_from_json(hive.artifacts_to_json(made))

    declare(benchmark, size=size, operations=size)
    assert len(benchmark(convert)) == size


@ARTIFACTS
def test_swarm_memory_allocation(benchmark: BenchmarkFixture, run: Runner[list[hive.Report]], size: int) -> None:
    """Borrow that many swarms from a pool at once, let each run its six stages, and give them back."""
    pool = hive.SwarmPool(lambda: hive.Swarm(make.learning(6, make.nothing)))
    declare(benchmark, size=size, operations=size)
    assert all(report.succeeded for report in benchmark(run, lambda: make.run_pooled(pool, size)))
    assert pool.built == size


@ARTIFACTS
def test_swarm_memory_allocation_unpooled(benchmark: BenchmarkFixture, run: Runner[list[object]], size: int) -> None:
    """Build that many swarms, let each run its six stages, and drop them."""
    declare(benchmark, size=size, operations=size)
    build = partial(make.learning, 6, make.nothing)
    assert len(benchmark(run, lambda: textbook.run_unpooled(build, size))) == size


@ARTIFACTS
def test_swarm_memory_allocation_construct(
    benchmark: BenchmarkFixture, run: Runner[list[hive.Report]], size: int
) -> None:
    """Fill a new pool, which then holds that many swarms, and let each run: the whole memory of so many."""
    declare(benchmark, size=size, operations=size)
    build = partial(hive.SwarmPool, lambda: hive.Swarm(make.learning(6, make.nothing)))
    assert all(report.succeeded for report in benchmark(run, lambda: make.run_pooled(build(), size)))


def test_default_pipeline(benchmark: BenchmarkFixture, run: Runner[hive.Report]) -> None:
    """Take FOAF and three changes through the six stages to checked Python dataclasses."""
    pipeline, coordinator, change = hive.default_pipeline(), hive.Coordinator(), make.change()
    declare(benchmark, size=6, operations=1)
    report = benchmark(run, lambda: coordinator.run(pipeline, change))
    assert "class Robot(Agent):" in report.result("code-generation", hive.Artifact).content


@pytest.mark.parametrize("name", TEN)
def test_default_pipeline_real(
    benchmark: BenchmarkFixture, run: Runner[hive.Report], workers: Executor, name: str
) -> None:
    """Take a real vocabulary and two changes through the six stages, off the loop, in a process that is there."""
    vocabulary = read_pack(make.FOLDER / f"{name}.json")
    change = hive.Change(vocabulary=vocabulary, log=make.growth(name))
    pipeline, coordinator = hive.default_pipeline(workers), hive.Coordinator()
    declare(benchmark, size=vocabulary.terms, operations=1, parallelism=2)
    run(
        lambda: coordinator.run(pipeline, change)
    )  # the process imports what it needs, which is no part of the scenario
    report = single_calls(benchmark, lambda: run(lambda: coordinator.run(pipeline, change)), rounds=3)
    assert "class HiveDrone" in report.result("code-generation", hive.Artifact).content
    assert report.result("quality-assurance", hive.Artifact).attributes["classes"] == len(vocabulary.classes) + 1 + (
        name == "dcterms"
    )


@pytest.fixture(scope="module")
def workers() -> Iterator[Executor]:
    """One worker process for the stages of all vocabularies."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as executor:
        yield executor
