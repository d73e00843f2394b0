"""Many processes write one store; one that is killed leaves no half."""

from __future__ import annotations

import os
import random
import signal
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select
from tests.stores import assert_sound, kill_writers, says, start, versions
from tests.writers import LEVELS

from hivegate.history.documents import get, put
from hivegate.history.queries import list_runs, load_records
from hivegate.history.tables import contents, documents
from hivegate.model.document import Draft

if TYPE_CHECKING:
    from collections.abc import Callable

    from hivegate.history.store import Store

WRITERS = 16
EACH = 3
KILLS = int(os.environ.get("HIVEGATE_KILLS", "6"))


def test_sixteen_writers_lose_nothing(place: str, opened: Callable[[], Store]) -> None:
    """Sixteen processes make one store and write at once: every text under one version each, every run once."""
    with start("write", place, str(WRITERS)) as writers:
        assert writers.communicate(timeout=600) == ("", "")
        assert writers.returncode == 0
    store = opened()
    written = versions(store)["shared"]
    assert get(store, "shared").entry.version == WRITERS * EACH
    assert sorted(written) == sorted(f"{name} {number}" for name in range(WRITERS) for number in range(EACH))
    for name in range(WRITERS):  # and each writer's own in its order
        own = [text for text in written if text.startswith(f"{name} ")]
        assert own == [f"{name} {number}" for number in range(EACH)]
        assert get(store, f"own/{name}").entry.version == EACH
    runs = list_runs(store)
    expected = [f"{name} {number}" for name in (*range(WRITERS), "shared") for number in range(EACH)]
    assert sorted(one.commit or "" for one in runs) == sorted(expected)
    assert {len(one.levels) for one in load_records(store, runs)} == {LEVELS}


@pytest.mark.slow
def test_a_store_that_writers_are_killed_on_holds_whole_runs(place: str, opened: Callable[[], Store]) -> None:
    """Killed at a statement or at any moment, again and again: what was said to be kept is, and nothing is half."""
    survived = kill_writers(place, opened, KILLS, random.Random(20_26))  # noqa: S311  reproducible input, no secret
    assert survived.runs >= survived.said > 0


def test_a_writer_that_is_killed_leaves_whole_documents(place: str, opened: Callable[[], Store]) -> None:
    """Killed after any insertion of two documents of 8 MiB, nothing of them is there; others write at once."""
    put(opened(), [Draft(key="before", content="text", media_type="text/plain", created="")])
    for table in ("hivegate_contents", "hivegate_documents"):
        with start("stop", place, table) as writer:
            assert says(writer) == "in the middle"
            writer.kill()
            assert writer.wait(timeout=60) == -signal.SIGKILL
        store = opened()
        assert versions(store) == {"before": ["text"]}
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
