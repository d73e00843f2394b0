"""`hivegate history` and `hivegate report --store`, started as a person starts them."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest
from tests.conftest import Project
from tests.measured import benchmark, gate, run, target, targets

from hivegate.errors import ResultsError
from hivegate.flows import project as flows
from hivegate.flows.history.store import new_store, read_document
from hivegate.flows.report.store import store_report
from hivegate.flows.workspace import save_result, save_run
from hivegate.history.documents import put
from hivegate.ingest import write_run
from hivegate.model.document import Draft
from hivegate.model.profile import Cause, Profile, Profiles
from hivegate.model.run import Commit, Run

if TYPE_CHECKING:
    from collections.abc import Callable

KEYS = ["toy/results", "toy/optimizations", "toy/session"]
PLACE = "history.db"
BENCHES = """
    import pytest

    @pytest.mark.parametrize("size", [10, 100, 1000])
    def test_count(benchmark, size):
        benchmark.extra_info["operations"] = size
        benchmark.pedantic(sum, args=(range(size),), rounds=20, iterations=10)

    def test_other(benchmark):
        benchmark.pedantic(sorted, args=([3, 1, 2],), rounds=20, iterations=10)
"""
TARGETS = """
    targets:
      - {benchmark: "toy/count[1000]", metric: p50, max: 1 s}
"""


def test_get_prints_the_bytes_whatever_the_terminal_can(project: Project) -> None:
    """What is kept in UTF-8 is printed in UTF-8, also where Python would write Latin-1, and line ends stay."""
    content = "\u00b5s\r\n\U0001f41d"
    note = Draft(key="a", content=content, media_type="text/plain", created="2026-06-01T10:00:00+00:00")
    put(new_store(flows.Project(folder=project.folder)), [note])
    ended = subprocess.run(
        [sys.executable, "-X", "utf8=0", "-m", "hivegate", "history", "get", "a"],
        cwd=project.folder,
        env={**os.environ, "PYTHONIOENCODING": "latin-1"},
        capture_output=True,
        check=True,
    )
    assert ended.stdout == content.encode()


def test_the_setting_says_where(project: Project) -> None:
    """`history` under [tool.hivegate] is a path from the project's root, wherever the command is called."""
    project.write("pyproject.toml", "[tool.hivegate]\nhistory = '.swarm/memory.db'\n")
    deep = project.write("deep/down/r.json", write_run(run(benchmark("s/a", [1.0] * 3))).decode()).parent
    ended = subprocess.run([sys.executable, "-m", "hivegate", "history", "add", "r.json"], cwd=deep, check=False)
    assert ended.returncode == 0
    assert (project.folder / ".swarm" / "memory.db").is_file()
    assert not (project.folder / ".hivegate").exists()


def test_the_default_place_is_in_a_folder_that_git_ignores(project: Project) -> None:
    """Without a setting the history is .hivegate/history.db."""
    project.write("r.json", write_run(run(benchmark("s/a", [1.0] * 3))).decode())
    assert project.hivegate("history", "add", "r.json").status == 0
    assert (project.folder / ".hivegate" / "history.db").is_file()
    assert (project.folder / ".hivegate" / ".gitignore").read_text(encoding="utf-8") == "*\n"


def test_refusals_are_usage_errors(project: Project) -> None:
    """A history that is not there and a store that is none: 2, with place and fix."""
    (project.folder / "other.db").write_text("no database at all\n" * 10)
    answer = project.hivegate("history", "get", "a")
    assert (answer.status, answer.out) == (2, "")
    assert answer.err.startswith("History error: ")
    assert "nothing is stored here yet" in answer.err
    project.write("pyproject.toml", "[tool.hivegate]\nhistory = 'other.db'\n")
    assert "other.db: is not a SQLite database" in project.hivegate("history", "get", "a").err


def test_a_measurement_is_stored_and_read_back(suite: Callable[..., Project]) -> None:
    """Bench, report --store, get: every benchmark and the complexity are in the results, the session is of this run."""
    project = suite(BENCHES, TARGETS)
    assert project.hivegate("bench", "--passes", "3").status == 0
    stored = project.hivegate("report", "--store")
    assert (stored.status, stored.out.splitlines(), stored.err) == (0, KEYS, "")
    text = project.hivegate("history", "get", KEYS[0]).out
    for name in ("toy/count&#91;10&#93;", "toy/count&#91;1000&#93;", "toy/other"):
        assert re.search(
            rf"^\| <code>{re.escape(name)}</code> \| [^|]+ [mun]s \| [^|]+ \| [^|]+op/s \|$", text, re.MULTILINE
        )
    assert re.search(r"## Complexity\n[^#]*\| <code>toy/count&#91;&#42;&#93;</code> \|", text)
    session = json.loads(project.hivegate("history", "get", KEYS[2]).out)
    assert (session["outcome"], session["exit_status"], session["passes"]) == ("passed", 0, 2)
    created = json.loads((project.folder / ".hivegate" / "latest" / "run.json").read_text(encoding="utf-8"))["created"]
    assert session["created"] == created
    assert project.hivegate("report", "--store").status == 0
    with sqlite3.connect(project.folder / ".hivegate" / "history.db") as connection:
        assert connection.execute("SELECT key, version FROM hivegate_documents ORDER BY key").fetchall() == [
            (key, 1) for key in sorted(KEYS)
        ]


@pytest.mark.parametrize(
    ("settings", "prefix"),
    [
        ("[project]\nname = 'Shop.checkout'\nversion = '1'\n", "Shop.checkout"),
        ("[project]\nname = 'shop'\nversion = '1'\n[tool.hivegate]\nkey-prefix = 'team/shop'\n", "team/shop"),
        ("", "my-shop"),
        ("[project]\nname = 3\n", "my-shop"),
    ],
)
def test_stored_keys_begin_with_the_project(tmp_path: Path, settings: str, prefix: str) -> None:
    """They begin with the prefix that is set, else with the project's name, else with that of its folder."""
    project = Project(tmp_path / "my shop")
    project.write("pyproject.toml", settings)
    measured(project.folder)
    assert project.hivegate("report", "--store").out.splitlines() == [
        f"{prefix}/{name}" for name in ("results", "optimizations", "session")
    ]


def test_this_repository_keeps_the_keys_it_was_asked_for() -> None:
    """Its reports stay below hive/benchmarker, whatever the project is called."""
    assert flows.find_project(Path(__file__)).key_prefix == "hive/benchmarker"


def test_a_prefix_that_is_no_key_is_refused(project: Project) -> None:
    """The key, and what one may hold, are named."""
    project.write("pyproject.toml", "[tool.hivegate]\nkey-prefix = 'my shop'\n")
    measured(project.folder)
    answer = project.hivegate("report", "--store")
    assert answer.status == 2
    assert "'my shop/results' is not a valid key" in answer.err


def test_store_and_out_exclude_each_other(project: Project) -> None:
    """Nobody is left to wonder where it went."""
    answer = project.hivegate("report", "--store", "--out", "report.md")
    assert answer.status == 2
    assert "one result and no --out" in answer.err


def measured(folder: Path, *, seconds: float = 0.001, of: Run | None = None) -> Run:
    """Judge a run and keep the result and the run, or another run, as the latest."""
    made = run(
        benchmark("s/a", [seconds] * 3),
        benchmark("s/b", [0.5] * 3),
        commit=Commit(sha="abc", branch="main", dirty=True),
        created="2026-06-01T10:00:00+00:00",
    )
    save_result(folder, "bench", gate(targets(target("s/a", maximum=1.0)), made))
    save_run(folder, of or made)
    return made


def of(folder: Path) -> flows.Project:
    """Make the project of a folder."""
    return flows.Project(folder=folder, settings=flows.Settings(history=PLACE), name="toy")


def store(folder: Path) -> str:
    """Store the latest result; return the results' document."""
    entries = store_report(of(folder), folder / ".hivegate" / "latest" / "bench.json")
    assert [entry.key for entry in entries] == KEYS
    return read_document(of(folder), KEYS[0]).content


def test_stored_documents_are_of_the_run(tmp_path: Path) -> None:
    """Their time and their commit are those of what was measured, not of the storing."""
    measured(tmp_path)
    assert "s/b" in store(tmp_path)
    for key in KEYS:
        entry = read_document(of(tmp_path), key).entry
        assert (entry.created, entry.commit) == ("2026-06-01T10:00:00+00:00", "abc-dirty")


@pytest.mark.parametrize("fault", ["other numbers", "other commit", "other machine", "absent"])
def test_a_run_that_is_not_the_results_is_not_told_of(tmp_path: Path, fault: str) -> None:
    """A run.json of another measurement says nothing about this result: only what targets asked for is shown."""
    made = measured(tmp_path)
    if fault == "other numbers":
        measured(tmp_path, of=measured(tmp_path, seconds=0.002))
    elif fault == "other commit":
        save_run(tmp_path, msgspec.structs.replace(made, commit=Commit(sha="def")))
    elif fault == "other machine":
        save_run(
            tmp_path, msgspec.structs.replace(made, environment=run(benchmark("x", [1.0])).environment.__class__())
        )
    else:
        (tmp_path / ".hivegate" / "latest" / "run.json").unlink()
    text = store(tmp_path)
    assert "is not here, so only what targets ask for is listed" in text
    assert "<code>s/a</code> | 1.00 ms" in text
    assert "| <code>s/b</code>" not in text


def test_profiles_are_told_of(tmp_path: Path) -> None:
    """Causes come from the project's profiles; profiles that cannot be read are an error, and nothing is stored."""
    measured(tmp_path)
    file = tmp_path / ".hivegate" / "profiles" / "profiles.json"
    file.parent.mkdir()
    cause = Cause(function="total", file="src/sums.py", line=7, share=0.9)
    made = Profiles(folder="p", profiles=(Profile(benchmark="s/a", kind="py-spy", top=(cause,)),))
    file.write_bytes(msgspec.json.encode(made))
    store(tmp_path)
    assert "src/sums&#46;py&#58;7" in read_document(of(tmp_path), KEYS[1]).content
    for content, said in (
        (b"{", "is not JSON"),
        (msgspec.json.encode(made).replace(b'"schema":1', b'"schema":9'), "9"),
    ):
        file.write_bytes(content)
        measured(tmp_path, seconds=0.003)
        with pytest.raises(ResultsError, match=said):
            store(tmp_path)
    assert [read_document(of(tmp_path), key).entry.version for key in KEYS] == [1, 1, 1]
