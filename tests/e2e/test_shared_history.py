"""A history that many runners share: a small load, and the commands of who sets it up, adds, reads and may not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import msgspec
import pytest
from tests.load import Load, Seen, counted, run_of
from tests.measured import benchmark, run
from tests.postgres import NoServerError, as_role, engine, grant, server
from tests.records import NOW

from hivegate.history.runs import add
from hivegate.history.store import open_store
from hivegate.ingest import write_run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import Project

LOAD = Load(runners=12, readers=2, seconds=4.0, benchmarks=100, machines=2, adds_every=1.0, asks_every=1.0)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Give a server with a role that may add, over six connections at a time, and one that may read."""
    try:
        with server() as made:
            with engine(made).begin() as connection:
                connection.exec_driver_sql("CREATE ROLE runner LOGIN CONNECTION LIMIT 6")
                connection.exec_driver_sql("CREATE ROLE viewer LOGIN")
            yield made
    except NoServerError as fault:
        if os.environ.get("CI"):
            pytest.fail(str(fault), pytrace=False)
        pytest.skip(str(fault))


def use(project: Project, url: str, role: str) -> None:
    """Let the project's history be the server's, as a role."""
    place = json.dumps(as_role(url, role))
    project.write("pyproject.toml", f"[project]\nname = 'toy'\nversion = '0'\n[tool.hivegate]\nhistory = {place}\n")


def test_a_shared_history_from_roles_to_load(project: Project, url: str, tmp_path: Path) -> None:
    """The owner makes the tables and runs the document's SQL; a runner adds and may not prune; a viewer only reads.

    Then twelve runners at once, twice as many as there are connections, with readers beside them: every run that
    a runner was told is kept is there once and whole, and none of them failed.
    """
    (tmp_path / "one.json").write_bytes(write_run(run(benchmark("s/a", [1.0, 1.1, 1.2]))))
    use(project, url, "runner")
    early = project.hivegate("history", "add", "one.json")
    assert (early.status, early.out) == (2, "")
    assert "runner lacks the rights to create them" in " ".join(early.err.split())
    use(project, url, "hive")
    assert project.hivegate("history", "add", "one.json").out == "1 run added\n"
    grant(url, writer="runner", reader="viewer")
    use(project, url, "runner")
    (tmp_path / "next.json").write_bytes(write_run(run(benchmark("s/a", [1.1, 1.2, 1.3]))))
    assert project.hivegate("history", "add", "next.json").out == "1 run added\n"
    pruned = project.hivegate("history", "prune", "--before", "2100-01-01")
    assert pruned.status == 2
    assert "its role lacks the rights" in " ".join(pruned.err.split())
    use(project, url, "viewer")
    assert "s/a" in project.hivegate("history", "trend").out
    assert project.hivegate("history", "add", "one.json").status == 0  # it is already stored
    (tmp_path / "two.json").write_bytes(write_run(run(benchmark("s/a", [1.3, 1.4, 1.5]))))
    assert "its role lacks the rights" in " ".join(project.hivegate("history", "add", "two.json").err.split())

    before = [run_of(f"before {machine}", machine, LOAD.benchmarks) for machine in range(LOAD.machines)]
    add(open_store(url, folder=tmp_path, create=False), before, now=NOW)  # what readers find from the beginning
    places = (as_role(url, "runner"), as_role(url, "viewer"), str(tmp_path))
    driven = subprocess.run(
        [sys.executable, "-m", "tests.load", *places, msgspec.json.encode(LOAD).decode()],
        capture_output=True,
        check=True,
        timeout=120,
    )
    seen = msgspec.json.decode(driven.stdout, type=Seen)
    assert (driven.stderr, seen.failed) == (b"", ())
    assert counted(url, LOAD.benchmarks) == (seen.said + len(before), 0, 0)
    assert seen.said >= LOAD.runners
    assert len(seen.reads) >= LOAD.readers
