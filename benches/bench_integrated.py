"""Measure the hive as a whole: ten real vocabularies through swarm, queen and snapshot commit."""

import asyncio
from collections.abc import Iterator

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from hivemind.primitives import SnapshotCell
from hivemind.queen import Composition, HiveConfiguration, HiveQueen, render_lock
from hivemind.swarm import Artifact, Change, Coordinator, Report, default_pipeline
from hivemind.swarm.stages import CODE_GENERATION
from packs import TEN, real_packs
from reference.measuring import declare


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    """Return one event loop for the whole suite."""
    with asyncio.Runner() as made:
        yield made


# Each vocabulary gets a class and a property; and the class that Dublin Core's own terms name but do not define.
LOG = (
    '{"event":"class_added","sequence":1,"name":"HiveDrone"}\n'
    '{"event":"property_added","sequence":2,"name":"hiveSerial","types":["xsd:integer"],"domains":["HiveDrone"]}\n'
)
MENDED = {"dcterms": '{"event":"class_added","sequence":3,"name":"Extent"}\n'}


def test_integrated_suite(benchmark: BenchmarkFixture, runner: asyncio.Runner) -> None:
    """Extend ten vocabularies by the six stages each, compose the packs, and publish the lock file as a snapshot."""
    pipeline, coordinator, queen = default_pipeline(), Coordinator(), HiveQueen()
    configuration = HiveConfiguration(packs=real_packs())
    changes = [Change(vocabulary=pack, log=LOG + MENDED.get(pack.name, "")) for pack in configuration.packs]
    published = SnapshotCell("")

    async def everything() -> tuple[list[Report], Composition]:
        reports = await asyncio.gather(*(coordinator.run(pipeline, change) for change in changes))
        composition = await queen.orchestrate(configuration)
        published.update(lambda _: render_lock(composition))
        return reports, composition

    declare(benchmark, size=len(TEN), operations=1)
    # schema.org alone takes most of a second, so few rounds must do.
    reports, composition = benchmark.pedantic(lambda: runner.run(everything()), rounds=3, warmup_rounds=1)  # type: ignore[no-untyped-call]
    assert all("class HiveDrone" in report.result(CODE_GENERATION, Artifact).content for report in reports)
    assert len(composition.resolved.packs) == len(TEN)
    assert published.current.value == render_lock(composition)
