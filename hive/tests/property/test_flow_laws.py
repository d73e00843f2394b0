"""Laws of the flow: whoever competes, nothing that was committed is lost, and readers in threads see whole editions."""

from __future__ import annotations

import asyncio
import json
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

from hypothesis import given, settings
from hypothesis import strategies as st

from hivemind.flow import Hive, Work
from hivemind.packs import HiveConfiguration, Pack
from hivemind.primitives import SnapshotFile, StaleSnapshotError

READERS = 3


def log(pack: str, number: int) -> str:
    """Write the whole log of a pack to which so many classes were added."""
    events = ({"sequence": each, "event": "class_added", "name": f"{pack}{each}"} for each in range(1, number + 1))
    return "".join(json.dumps(event) + "\n" for event in events)


def watch(hive: Hive, path: Path, started: Event, ended: Event) -> int:
    """Read cell and file until the end; versions rise, and each edition's lock tells of all that its packs have."""
    file = SnapshotFile(path)
    last = published = looked = 0
    while not ended.is_set() or not looked:
        version, edition = hive.current
        assert version >= last
        last = version
        if version:
            lock = json.loads(edition.lock)
            assert set(lock["classes"]) == {name for pack in edition.configuration.packs for name in pack.classes}
            looked += 1
        if path.exists():
            snapshot = file.read()
            assert snapshot.version >= published
            published = snapshot.version
            json.loads(bytes(snapshot.data))
        started.set()
    return looked


@given(wanted=st.lists(st.integers(1, 3), min_size=2, max_size=4), together=st.booleans())
@settings(max_examples=12, deadline=None)
def test_what_competing_works_commit_is_all_there(wanted: list[int], together: bool) -> None:  # noqa: FBT001 -- drawn
    """Each work on its own pack; who is late does it again; the last edition, in cell and file, has all classes."""
    packs = tuple(Pack(name=f"p{each}x", classes=frozenset({f"Base{each}"})) for each in range(len(wanted)))

    async def grow(hive: Hive, pack: str, number: int) -> int:
        late = 0
        for done in range(1, number + 1):
            while True:
                try:
                    await hive.advance([Work(pack=pack, log=log(pack, done))])
                except StaleSnapshotError:
                    late += 1
                    continue
                break
        return late

    async def grow_all(hive: Hive) -> None:
        works = [grow(hive, pack.name, number) for pack, number in zip(packs, wanted, strict=True)]
        if together:
            await asyncio.gather(*works)
        else:
            for work in works:
                assert await work == 0

    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(READERS) as threads:
        path = Path(folder) / "hive.snapshot"
        file = SnapshotFile(path)
        hive = Hive(HiveConfiguration(packs=packs), file=file)
        started, ended = Event(), Event()
        readers = [threads.submit(watch, hive, path, started, ended) for _ in range(READERS)]
        try:
            started.wait(10)
            asyncio.run(grow_all(hive))
        finally:
            ended.set()
        assert all(reader.result() for reader in readers)
        edition = hive.current.value
        expected = {f"Base{each}" for each in range(len(wanted))}
        expected |= {
            f"{pack.name}{each}" for pack, number in zip(packs, wanted, strict=True) for each in range(1, number + 1)
        }
        assert set(json.loads(edition.lock)["classes"]) == expected
        assert hive.current.version == sum(wanted)
        assert bytes(file.read().data).decode() == edition.lock
