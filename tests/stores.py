"""Stores that many processes write, and that writers are killed on: what tests and proofs look at alike."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import func, select
from tests.writers import LEVELS

from hivegate.history.queries import list_runs, load_records
from hivegate.history.tables import contents, documents, estimates

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from sqlalchemy import Connection

    from hivegate.history.store import Store

_ROOT = Path(__file__).parents[1]
_MOST_STATEMENTS = 40  # about four runs


class Survived(msgspec.Struct, frozen=True, kw_only=True):
    """What a store held after writers were killed on it: runs, and how many of them the writers had said are kept."""

    kills: int
    runs: int
    said: int


def start(*arguments: str) -> subprocess.Popen[str]:
    """Start a process on a store."""
    pipe = subprocess.PIPE
    command = [sys.executable, "-m", "tests.writers", *arguments]
    return subprocess.Popen(command, cwd=_ROOT, stdin=pipe, stdout=pipe, stderr=pipe, text=True)


def says(writer: subprocess.Popen[str]) -> str:
    """Wait for the next line of a process."""
    assert writer.stdout is not None
    return writer.stdout.readline().rstrip("\n")


def assert_sound(connection: Connection) -> None:
    """Let SQLite look for damage; PostgreSQL has no such look."""
    if connection.dialect.name == "sqlite":
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []


def versions(store: Store) -> dict[str, list[str]]:
    """Read the documents of a store: all versions of every key, the oldest first."""
    columns = select(documents.c.key, contents.c.content).join_from(documents, contents)
    found: dict[str, list[str]] = {}
    with store.reading() as connection:
        for row in connection.execute(columns.order_by(documents.c.version)):
            found.setdefault(row.key, []).append(row.content)
    return found


def kill_writers(place: str, opened: Callable[[], Store], kills: int, chance: random.Random) -> Survived:
    """Kill writers in turns behind a statement and at any moment; what was said to be kept is, and nothing is half."""
    opened()
    said: list[str] = []
    for number in range(kills):
        statements = chance.randint(1, _MOST_STATEMENTS) if number % 2 else 0
        with start("run-on", place, str(number), str(statements)) as writer:
            if not statements:
                said += [says(writer) for _ in range(chance.randint(1, 12))]
                writer.kill()
            said += writer.communicate(timeout=600)[0].splitlines()
            assert writer.returncode == -signal.SIGKILL
        with opened().reading() as connection:
            assert_sound(connection)
    store = opened()
    runs = list_runs(store)
    names = {one.commit for one in runs}
    assert set(said) <= names
    assert len(names) == len(runs) <= len(said) + kills  # a death behind the commit and before the word
    for record in load_records(store, runs):
        assert [one.value for one in record.levels] == list(range(LEVELS))
    with store.reading() as connection:
        assert connection.execute(select(func.count()).select_from(estimates)).scalar() == len(runs) * LEVELS
    return Survived(kills=kills, runs=len(runs), said=len(said))
