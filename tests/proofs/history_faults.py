"""What a history must bear: many writers at once, death at any moment, and disks that are full."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.disks import mounted
from tests.measured import benchmark, run
from tests.postgres import engine, server, server_user
from tests.proofs.history_command import Command
from tests.records import record
from tests.stores import kill_writers

from hivegate.history.exported import render_record
from hivegate.history.queries import list_runs, load_records
from hivegate.history.store import open_store
from hivegate.ingest import write_run
from hivegate.model.run import Commit

if TYPE_CHECKING:
    from collections.abc import Iterator

WRITERS = 16
EACH = 3  # commands of each
LEVELS = 100  # benchmarks of a run
KILLS = 100
_FULL = "its disk is full; nothing of this was stored"


def write_together() -> dict[str, float]:
    """Let sixteen processes add runs by the command at once, one of their own and one of all: nothing is lost."""
    found: dict[str, float] = {"processes": WRITERS, "commands": WRITERS * EACH}
    for kind, place in _places():
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            command = Command(folder, place)
            expected = {
                _write(folder, f"{writer} {turn}") for writer in (*range(WRITERS), "all") for turn in range(EACH)
            }
            begin = time.perf_counter()
            for turn in range(EACH):
                files = [(f"{writer} {turn}.json", f"all {turn}.json") for writer in range(WRITERS)]
                running = [command.start("history", "add", *two) for two in files]
                assert [(one.communicate()[1], one.returncode) for one in running] == [("", 0)] * WRITERS
            found[f"{kind}_seconds"] = time.perf_counter() - begin
            store = open_store(place, folder=folder, create=False)
            runs = list_runs(store)
            assert sorted(one.commit or "" for one in runs) == sorted(expected)
            assert all(len(one.levels) == 2 * LEVELS for one in load_records(store, runs))
            found[f"{kind}_runs"] = len(runs)
    return found


def _write(folder: Path, name: str) -> str:
    sha = name.encode().hex().rjust(40, "0")
    made = run(*(benchmark(f"s/{at}", [1.0, 1.1, 1.2]) for at in range(LEVELS)), commit=Commit(sha=sha, branch="main"))
    (folder / f"{name}.json").write_bytes(write_run(made))
    return sha


def kill_again_and_again() -> dict[str, float]:
    """Kill writers a hundred times on each database."""
    found: dict[str, float] = {}
    for kind, place in _places():
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            full = str(folder / place) if "://" not in place else place
            chance = random.Random(4)  # noqa: S311  reproducible input, no secret
            survived = kill_writers(full, lambda: open_store(full, folder=folder, create=True), KILLS, chance)  # noqa: B023  called at once
            told = {"kills": survived.kills, "runs": survived.runs, "said": survived.said}
            found |= {f"{kind}_{name}": value for name, value in told.items()}
    return found


def fill_disks() -> dict[str, float]:
    """Import more than a disk holds, into a file and into a server: an error that says so, and nothing is lost."""
    found: dict[str, float] = {}
    with _disk(None) as disk:
        found["sqlite_runs"] = _fill(f"{disk}/history.db")
    with server() as url, _disk(server_user()) as disk:
        with engine(url).connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(f"CREATE TABLESPACE small LOCATION '{disk}'")
        found["postgresql_runs"] = _fill(f"{url}&options=-cdefault_tablespace%3Dsmall")
    return found


def _fill(place: str) -> int:
    """Import a few runs, then far too many; returns how many are there and whole, which are the few."""
    few, many = 10, 2000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        command = Command(folder, place)
        for file, count in (("few.jsonl", few), ("many.jsonl", many)):
            made = (record(at, {f"s/{level}": 1.0 for level in range(LEVELS)}) for at in range(count))
            (folder / file).write_bytes(b"".join(map(render_record, made)))
        assert command.run("history", "import", "few.jsonl").out == f"{few} runs added\n"
        refused = command.run("history", "import", "many.jsonl")
        assert (refused.status, refused.out) == (2, "")
        assert _FULL in " ".join(refused.err.split())
        assert command.run("history", "export").out.encode() == (folder / "few.jsonl").read_bytes()
        assert "10 already stored" in command.run("history", "import", "few.jsonl").out
    return few


@contextlib.contextmanager
def _disk(user: int | None) -> Iterator[Path]:
    disk = Path(tempfile.mkdtemp(dir="/tmp"))  # within reach of the server's user
    with mounted(disk, 2) as done:
        assert done, "only root can mount a small disk"
        if user is not None:
            os.chown(disk, user, -1)
        yield disk
    shutil.rmtree(disk)


def _places() -> Iterator[tuple[str, str]]:
    yield "sqlite", "history.db"
    with server() as url:
        yield "postgresql", url
