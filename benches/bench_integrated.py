"""Measure the hive as a whole: ten real vocabularies through swarms, proposals, votes, composition and commit."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from hivemind.flow import Edition, Hive, Work
from hivemind.primitives import LatencyTier, Priority, ResourceCost, SchedulingHint, SnapshotFile
from hivemind.queen import HiveConfiguration
from packs import TEN, real_packs
from reference.measuring import PlainRunner, declare

URGENT = SchedulingHint(priority=Priority.HIGH, latency_tier=LatencyTier.HOT, resource_cost=ResourceCost.LIGHT)

# Each vocabulary gets a class of its own, and a class and a property that all get; and the class that Dublin Core's own
# terms name but do not define.
LOG = (
    '{"event":"class_added","sequence":1,"name":"HiveDrone"}\n'
    '{"event":"property_added","sequence":2,"name":"hiveSerial","types":["xsd:integer"],"domains":["HiveDrone"]}\n'
    '{"event":"class_added","sequence":3,"name":"%sDrone","parent":"HiveDrone"}\n'
)
MENDED = {"dcterms": '{"event":"class_added","sequence":4,"name":"Extent"}\n'}
# A second swarm works on FOAF, and would have its drones be agents.
DISPUTED = '{"event":"class_added","sequence":1,"name":"HiveDrone","parent":"Agent"}\n'


@pytest.fixture(scope="module")
def runner() -> Iterator[PlainRunner]:
    """Return one event loop for the whole suite."""
    with PlainRunner() as made:
        yield made


def test_integrated_suite(benchmark: BenchmarkFixture, runner: PlainRunner, tmp_path: Path) -> None:
    """Have eleven swarms extend ten vocabularies, vote on the dispute, compose, and commit to the cell and the file."""
    configuration = HiveConfiguration(packs=real_packs())
    file = SnapshotFile(tmp_path / "hive.snapshot")
    work = [Work(pack=name, log=LOG % name.title() + MENDED.get(name, "")) for name in TEN]
    work.append(Work(pack="foaf", log=DISPUTED, hint=URGENT))

    async def everything() -> Edition:
        return (await Hive(configuration, file=file).advance(work)).value

    declare(benchmark, size=len(TEN), operations=1)
    # schema.org alone takes most of a second, so few rounds must do.
    edition = benchmark.pedantic(lambda: runner.run(everything()), rounds=3, warmup_rounds=1)  # type: ignore[no-untyped-call]
    lock = msgspec.json.decode(bytes(file.read().data))
    assert bytes(file.read().data).decode() == edition.lock
    assert {name: lock["classes"][f"{name.title()}Drone"] for name in TEN} == {name: [name] for name in TEN}
    assert lock["classes"]["HiveDrone"]
    assert lock["properties"]["hiveSerial"]["types"] == ["xsd:integer"]
    assert [decision.choice for decision in edition.decisions] == ["1: foaf class HiveDrone"]
    assert "class HiveDrone(Agent)" in edition.sources["foaf"].content
    assert all("class HiveDrone" in source.content for source in edition.sources.values())
