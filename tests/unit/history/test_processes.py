"""Many processes write one store; one that is killed leaves no half."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from hivegate.history.documents import get, list_keys, list_versions, put
from hivegate.history.kept import list_runs, load_records
from hivegate.history.tables import contents, documents, estimates
from hivegate.model.document import Draft

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from hivegate.history.store import Store

WRITERS = 16
EACH = 3
LEVELS = 120  # of each run
KILLS = int(os.environ.get("HIVEGATE_KILLS", "6"))
SCRIPT = Path(__file__).with_name("writers.py")


def start(*arguments: str) -> subprocess.Popen[str]:
    """Start a process on a store."""
    pipe = subprocess.PIPE
    return subprocess.Popen([sys.executable, str(SCRIPT), *arguments], stdin=pipe, stdout=pipe, stderr=pipe, text=True)


def says(writer: subprocess.Popen[str]) -> str:
    """Wait for the next line of a process."""
    assert writer.stdout is not None
    return writer.stdout.readline().rstrip("\n")


def assert_sound(connection: Connection) -> None:
    """Let SQLite look for damage; PostgreSQL has no such look."""
    if connection.dialect.name == "sqlite":
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []


def test_sixteen_writers_lose_nothing(place: str, opened: Callable[[], Store]) -> None:
    """Sixteen processes make one store and write at once: every text under one version each, every run once."""
    with start("write", place, str(WRITERS)) as writers:
        assert writers.communicate(timeout=100) == ("", "")
        assert writers.returncode == 0
    store = opened()
    versions = list_versions(store, "shared")
    assert [one.version for one in versions] == list(range(WRITERS * EACH, 0, -1))
    written = [get(store, "shared", one.version).content for one in reversed(versions)]
    assert sorted(written) == sorted(f"{name} {number}" for name in range(WRITERS) for number in range(EACH))
    for name in range(WRITERS):  # and each writer's own in its order
        own = [text for text in written if text.startswith(f"{name} ")]
        assert own == [f"{name} {number}" for number in range(EACH)]
        assert get(store, f"own/{name}").entry.version == EACH
    runs = list_runs(store)
    expected = [f"{name} {number}" for name in (*range(WRITERS), "shared") for number in range(EACH)]
    assert sorted(one.commit or "" for one in runs) == sorted(expected)
    assert {len(one.levels) for one in load_records(store, runs)} == {LEVELS}


def test_a_store_that_writers_are_killed_on_holds_whole_runs(place: str, opened: Callable[[], Store]) -> None:
    """Killed at a statement or at any moment, again and again: what was said to be kept is, and nothing is half."""
    chance = random.Random(20_26)  # noqa: S311  reproducible input, no secret
    opened()
    said: list[str] = []
    for number in range(KILLS):
        statements = chance.randint(1, 40) if number % 2 else 0
        with start("run-on", place, str(number), str(statements)) as writer:
            if not statements:
                said += [says(writer) for _ in range(chance.randint(1, 12))]
                writer.kill()
            said += writer.communicate(timeout=60)[0].splitlines()
            assert writer.returncode == -signal.SIGKILL
        with opened().reading() as connection:
            assert_sound(connection)
    store = opened()
    runs = list_runs(store)
    names = {one.commit for one in runs}
    assert set(said) <= names
    assert len(names) == len(runs) <= len(said) + KILLS  # a death behind the commit and before the word
    for record in load_records(store, runs):
        assert [one.value for one in record.levels] == list(range(LEVELS))
    with store.reading() as connection:
        assert connection.execute(select(func.count()).select_from(estimates)).scalar() == len(runs) * LEVELS


def test_a_writer_that_is_killed_leaves_whole_documents(place: str, opened: Callable[[], Store]) -> None:
    """Killed after any insertion of two documents of 8 MiB, nothing of them is there; others write at once."""
    put(opened(), [Draft(key="before", content="text", media_type="text/plain", created="")])
    for table in ("hivegate_contents", "hivegate_documents"):
        with start("stop", place, table) as writer:
            assert says(writer) == "in the middle"
            writer.kill()
            assert writer.wait(timeout=60) == -signal.SIGKILL
        store = opened()
        assert [one.key for one in list_keys(store)] == ["before"]
        assert get(store, "before").content == "text"
        with store.reading() as connection:
            for kept in (contents, documents):
                assert connection.execute(select(func.count()).select_from(kept)).scalar() == 1
            assert_sound(connection)
    assert put(opened(), [Draft(key="after", content="text", media_type="text/plain", created="")])[0].version == 1


def test_readers_see_whole_states_beside_a_writer(place: str, opened: Callable[[], Store]) -> None:
    """While a writer is in the middle of its transaction, readers go on and see the state before it."""
    put(opened(), [Draft(key="first", content="old", media_type="text/plain", created="")])
    with start("stop", place, "hivegate_documents") as writer:
        assert says(writer) == "in the middle"
        assert get(opened(), "first").content == "old"
        _, said = writer.communicate("\n\n", timeout=60)
        assert (writer.returncode, said) == (0, "")
    assert get(opened(), "first").entry.version == 2
