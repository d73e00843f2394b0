"""The one flow: what swarms add is in the committed lock, disputes are voted on, and nothing is committed halfway."""

from __future__ import annotations

import asyncio
import json
from threading import Event
from typing import TYPE_CHECKING

import pytest

from hivemind.flow import ORDINARY, Edition, Hive, Work, in_order
from hivemind.packs import HiveConfiguration, Pack, PackError
from hivemind.primitives import LatencyTier, Priority, ResourceCost, SchedulingHint, SnapshotFile, StaleSnapshotError
from hivemind.queen import HiveQueen, Opinion, Role, Topic, UnresolvedError
from hivemind.swarm import PipelineFailedError

if TYPE_CHECKING:
    from pathlib import Path

    from hivemind.queen import Brief

CONFIGURATION = HiveConfiguration(
    packs=(
        Pack(name="foaf", classes=frozenset({"Person"}), properties={"age": ("xsd:integer",)}),
        Pack(name="shop", classes=frozenset({"Person", "Shop"})),
    )
)
CRITICAL = SchedulingHint(priority=Priority.CRITICAL, latency_tier=LatencyTier.HOT, resource_cost=ResourceCost.MINIMAL)


def log(*events: dict[str, object]) -> str:
    """Return events as a log, numbered from 1."""
    return "".join(json.dumps({"sequence": number, **event}) + "\n" for number, event in enumerate(events, 1))


def added(name: str, **more: object) -> dict[str, object]:
    """Return the event of a class that came."""
    return {"event": "class_added", "name": name, **more}


def advance(hive: Hive, *work: Work) -> Edition:
    """Advance a hive once."""
    return asyncio.run(hive.advance(work)).value


def test_what_swarms_add_is_in_the_committed_lock_in_the_cell_and_in_the_file(tmp_path: Path) -> None:
    """From two logs to one lock: terms with their owners, the code of what changed, one version in both places."""
    file = SnapshotFile(tmp_path / "hive.snapshot")
    hive = Hive(CONFIGURATION, file=file)
    assert (hive.current.version, hive.current.value.lock) == (0, "")
    serial: dict[str, object] = {
        "event": "property_added",
        "name": "serial",
        "types": ["xsd:integer"],
        "domains": ["Robot"],
    }
    edition = advance(
        hive,
        Work(pack="foaf", log=log(added("Robot", parent="Person"), serial)),
        Work(pack="shop", log=log(added("Basket"))),
    )
    lock = json.loads(edition.lock)
    assert lock["classes"]["Robot"] == ["foaf"]
    assert lock["classes"]["Basket"] == ["shop"]
    assert lock["properties"]["serial"] == {"owners": ["foaf"], "types": ["xsd:integer"]}
    assert [decision["subject"] for decision in lock["decisions"]] == ["Person"]
    assert "class Robot(Person)" in edition.sources["foaf"].content
    assert edition.merged == "1: foaf: change 2 terms\n2: shop: change 1 terms"
    assert hive.current.value is edition
    assert (file.read().version, bytes(file.read().data).decode()) == (hive.current.version, edition.lock)
    # The next work goes on from there.
    again = advance(hive, Work(pack="foaf", log=log(added("Robot", parent="Person"), serial, added("Drone"))))
    assert json.loads(again.lock)["classes"].keys() == lock["classes"].keys() | {"Drone"}
    assert file.read().version == hive.current.version == 2


def test_works_on_one_pack_are_merged_and_what_they_dispute_is_voted_on() -> None:
    """The more urgent parent wins, all else of both is there, and what both say alike needs no vote."""
    hive = Hive(CONFIGURATION)
    edition = advance(
        hive,
        Work(pack="foaf", log=log(added("Robot"), added("Tool"), added("Hammer", parent="Tool"))),
        Work(pack="foaf", log=log(added("Robot", parent="Person"), added("Tool")), hint=CRITICAL),
    )
    foaf = edition.configuration.packs[0]
    assert foaf.classes == {"Person", "Robot", "Tool", "Hammer"}
    assert foaf.parents == {"Robot": "Person", "Hammer": "Tool"}
    assert foaf.sequence == 3
    (decision,) = edition.decisions
    assert decision.topic.question == "foaf class Robot"
    assert decision.choice == "1: foaf class Robot"
    assert [proposal.id for proposal in edition.rejected] == ["2: foaf class Robot"]
    assert "class Robot(Person)" in edition.sources["foaf"].content


class Contrary:
    """An agent that decides topics for the last option, and conflicts for the first."""

    name, role, weight = "contrary", Role.ANALYZER, 1.0

    def __init__(self, confidence: float = 1.0) -> None:
        self.confidence = confidence

    def vote(self, brief: Brief) -> list[Opinion]:
        """Vote."""
        return [
            Opinion(topic.options[-1 if isinstance(topic, Topic) else 0], self.confidence, "so there")
            for topic in brief.topics
        ]


def test_the_agents_and_not_the_order_decide() -> None:
    """An agent of the caller's own overrules what came first."""
    hive = Hive(CONFIGURATION, queen=HiveQueen(agents=[Contrary()]))
    works = (Work(pack="foaf", log=log(added("Robot"))), Work(pack="foaf", log=log(added("Robot", parent="Person"))))
    assert advance(hive, *works).configuration.packs[0].parents == {"Robot": "Person"}


@pytest.mark.parametrize(
    ("works", "error", "told"),
    [
        ([Work(pack="faof", log="")], PackError, "'faof', of which the hive has 0; it can be on foaf, shop"),
        ([Work(pack="foaf", log="no log")], PipelineFailedError, "line 1 of the event log"),
        ([Work(pack="foaf", log=log(added("Robot", parent="Machine")))], PipelineFailedError, "which is no class"),
        (
            [Work(pack="foaf", log=log(added("A"))), Work(pack="foaf", log=log(added("A", parent="Person")))],
            UnresolvedError,
            "foaf class A",
        ),
    ],
)
def test_what_fails_commits_nothing(works: list[Work], error: type[Exception], told: str, tmp_path: Path) -> None:
    """Neither in the cell nor in the file, and the hive can go on."""
    file = SnapshotFile(tmp_path / "hive.snapshot")
    one = HiveConfiguration(packs=CONFIGURATION.packs[:1])
    hive = Hive(one if error is UnresolvedError else CONFIGURATION, queen=HiveQueen(agents=[Contrary(0)]), file=file)
    with pytest.raises(error, match=told):
        advance(hive, *works)
    assert hive.current.version == 0
    assert list(tmp_path.iterdir()) == []


def test_two_that_advance_at_the_same_time_lose_nothing() -> None:
    """The later one is told that it is late, and finds the other's work when it tries again."""
    hive = Hive(CONFIGURATION)

    async def both() -> None:
        works = [[Work(pack="foaf", log=log(added(name)))] for name in ("A", "B")]
        done = await asyncio.gather(*map(hive.advance, works), return_exceptions=True)
        late = [type(each) for each in done].index(StaleSnapshotError)
        await hive.advance([Work(pack="foaf", log=log(added("A"), added("B"))) if late else works[late][0]])

    asyncio.run(both())
    assert hive.current.version == 2


class Overtaken(SnapshotFile):
    """A file whose first publication is slower than the second, where that does not wait for it."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._later = Event()
        self._first = True

    def publish(self, data: bytes | bytearray | memoryview) -> int:
        """Publish, the first time late."""
        if self._first:
            self._first = False
            self._later.wait(0.5)
        version = super().publish(data)
        self._later.set()
        return version


def test_the_file_ends_with_the_edition_that_was_committed_last(tmp_path: Path) -> None:
    """Publications are made by threads, which come in any order."""
    file = Overtaken(tmp_path / "hive.snapshot")
    hive = Hive(CONFIGURATION, file=file)

    async def advance_twice() -> None:
        first = asyncio.create_task(hive.advance([Work(pack="foaf", log=log(added("A")))]))
        await asyncio.wait({first}, timeout=0.2)
        assert hive.current.version == 1
        await hive.advance([Work(pack="foaf", log=log(added("A"), added("B")))])
        await first

    asyncio.run(advance_twice())
    assert bytes(file.read().data).decode() == hive.current.value.lock


def test_work_is_done_by_priority_and_within_one_by_its_hint() -> None:
    """Hot before cold, light before heavy; and what is least urgent has its fair turn."""
    hints = [
        SchedulingHint(priority=rank, latency_tier=tier, resource_cost=ResourceCost.LIGHT)
        for rank in Priority
        for tier in reversed(LatencyTier)
    ]
    works = [Work(pack=f"{number}", log="", hint=hint) for number, hint in enumerate(hints)]
    assert in_order(works) == sorted(works, key=lambda each: each.hint.sort_key)
    flood = [Work(pack="flood", log="", hint=CRITICAL)] * 40
    assert in_order([Work(pack="calm", log="", hint=ORDINARY), *flood]).index(Work(pack="calm", log="")) < 40
