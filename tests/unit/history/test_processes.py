"""Many processes write one store; one that is killed leaves no half."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from hivegate.history.documents import get, list_keys, list_versions, put
from hivegate.history.tables import contents, documents
from hivegate.model.document import Draft

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hivegate.history.store import Store

WRITERS = 8
EACH = 5

_IMPORTS = """
import pathlib, sys
from sqlalchemy import event
from sqlalchemy.engine import Engine
from hivegate.history.documents import put
from hivegate.history.store import open_store
from hivegate.model.document import Draft
place, name = sys.argv[1:]
def draft(key, content): return Draft(key=key, content=content, media_type="text/plain", created="", commit=None)
"""
_WRITER = """
print("ready", flush=True)
sys.stdin.readline()
store = open_store(place, folder=pathlib.Path("/"), create=True)
for number in range(%d):
    put(store, [draft("shared", f"{name} {number}"), draft(f"own/{name}", f"{name} {number}")])
"""
_KILLED = """
store = open_store(place, folder=pathlib.Path("/"), create=True)
@event.listens_for(Engine, "after_cursor_execute")
def stop(connection, cursor, statement, *rest):
    if statement.startswith("INSERT INTO " + name):
        print("in the middle", flush=True)
        sys.stdin.readline()
put(store, [draft("first", "1" * 2**23), draft("second", "2" * 2**23)])
"""


def start(code: str, place: str, name: str) -> subprocess.Popen[str]:
    """Start a process on a store; it waits for a line when it has said one."""
    command = [sys.executable, "-c", _IMPORTS + code, place, name]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)


def test_eight_writers_lose_nothing(place: str, opened: Callable[[], Store]) -> None:
    """Eight processes make one store and write one key at once: every text is there, under one version each."""
    with contextlib.ExitStack() as running:
        writers = [running.enter_context(start(_WRITER % EACH, place, str(number))) for number in range(WRITERS)]
        for one in writers:
            assert one.stdout is not None
            assert one.stdout.readline() == "ready\n"
        for one in writers:
            assert one.stdin is not None
            one.stdin.write("go\n")
            one.stdin.flush()
        ended = [(one.communicate(timeout=100)[1], one.returncode) for one in writers]
    assert ended == [("", 0)] * WRITERS
    store = opened()
    versions = list_versions(store, "shared")
    assert [one.version for one in versions] == list(range(WRITERS * EACH, 0, -1))
    written = [get(store, "shared", one.version).content for one in reversed(versions)]
    assert sorted(written) == sorted(f"{name} {number}" for name in range(WRITERS) for number in range(EACH))
    for name in range(WRITERS):  # and each writer's own in its order
        own = [text for text in written if text.startswith(f"{name} ")]
        assert own == [f"{name} {number}" for number in range(EACH)]
        assert get(store, f"own/{name}").entry.version == EACH


def test_a_writer_that_is_killed_leaves_whole_documents(place: str, opened: Callable[[], Store]) -> None:
    """Killed after any insertion of two documents of 8 MiB, nothing of them is there; others write at once."""
    put(opened(), [Draft(key="before", content="text", media_type="text/plain", created="")])
    for table in ("hivegate_contents", "hivegate_documents"):
        with start(_KILLED, place, table) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == "in the middle\n"
            writer.kill()
            assert writer.wait(timeout=60) == -signal.SIGKILL
        store = opened()
        assert [one.key for one in list_keys(store)] == ["before"]
        assert get(store, "before").content == "text"
        with store.reading() as connection:
            for kept in (contents, documents):
                assert connection.execute(select(func.count()).select_from(kept)).scalar() == 1
            if connection.dialect.name == "sqlite":
                assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    assert put(opened(), [Draft(key="after", content="text", media_type="text/plain", created="")])[0].version == 1


def test_readers_see_whole_states_beside_a_writer(place: str, opened: Callable[[], Store], tmp_path: Path) -> None:
    """While a writer is in the middle of its transaction, readers go on and see the state before it."""
    del tmp_path
    put(opened(), [Draft(key="first", content="old", media_type="text/plain", created="")])
    with start(_KILLED, place, "hivegate_documents") as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "in the middle\n"
        assert get(opened(), "first").content == "old"
        _, said = writer.communicate("\n\n", timeout=60)
        assert (writer.returncode, said) == (0, "")
    assert get(opened(), "first").entry.version == 2
