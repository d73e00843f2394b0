"""`hivegate history` and `hivegate report --store`, started as a person starts them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import msgspec
import pytest
from tests.measured import benchmark, gate, run, target, targets
from tests.repository import Repository

from hivegate.errors import ResultsError
from hivegate.flows.history.documents import get_document, list_documents
from hivegate.flows.report.store import store_report
from hivegate.flows.workspace import save_result, save_run
from hivegate.model.profile import Cause, Profile, Profiles
from hivegate.model.run import Commit, Run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Project

KEYS = ["hive/benchmarker/results", "hive/benchmarker/optimizations", "hive/benchmarker/session"]
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


def test_a_file_is_put_listed_and_got(project: Project) -> None:
    """Put, put again, list and get, from the default place, in a folder that git ignores as a whole."""
    project.write("notes.md", "# Eins \u00b5\r\n")
    assert project.hivegate("history", "put", "team/notes", "notes.md") == (0, "team/notes version 1\n", "")
    project.write("notes.md", "# zwei\n")
    assert project.hivegate("history", "put", "team/notes", "notes.md").out == "team/notes version 2\n"
    listed = project.hivegate("history", "keys").out.splitlines()
    assert [line.split()[:2] for line in listed] == [["key", "version"], ["team/notes", "2"]]
    assert len(project.hivegate("history", "keys", "team/notes").out.splitlines()) == 3
    assert project.hivegate("history", "get", "team/notes").out == "# zwei\n"
    assert project.hivegate("history", "get", "team/notes", "--version", "1", "--out", "old.md") == (0, "", "")
    assert (project.folder / "old.md").read_bytes() == "# Eins \u00b5\r\n".encode()
    assert (project.folder / ".hivegate" / "history.db").is_file()
    assert (project.folder / ".hivegate" / ".gitignore").read_text(encoding="utf-8") == "*\n"


def test_get_prints_the_bytes_whatever_the_terminal_can(project: Project) -> None:
    """What is put in UTF-8 is printed in UTF-8, also where Python would write Latin-1, and line ends stay."""
    content = "\u00b5s\r\n\U0001f41d".encode()
    (project.folder / "a.txt").write_bytes(content)
    assert project.hivegate("history", "put", "a", "a.txt").status == 0
    ended = subprocess.run(
        [sys.executable, "-X", "utf8=0", "-m", "hivegate", "history", "get", "a"],
        cwd=project.folder,
        env={**os.environ, "PYTHONIOENCODING": "latin-1"},
        capture_output=True,
        check=True,
    )
    assert ended.stdout == content


def test_the_setting_says_where(project: Project) -> None:
    """`history` under [tool.hivegate] is a path from the project's root, wherever the command is called."""
    project.write("pyproject.toml", "[tool.hivegate]\nhistory = '.swarm/memory.db'\n")
    project.write("deep/down/a.txt", "text")
    ended = subprocess.run(
        [sys.executable, "-m", "hivegate", "history", "put", "a", "a.txt"],
        cwd=project.folder / "deep" / "down",
        check=False,
    )
    assert ended.returncode == 0
    assert (project.folder / ".swarm" / "memory.db").is_file()


def test_a_document_has_the_commit_of_the_project(tmp_path: Path) -> None:
    """The revision is kept as git describes it, with a mark for changes that are not committed."""
    from hivegate.flows.history.documents import put_document  # noqa: PLC0415  beside its use

    repository = Repository.new(tmp_path)
    repository.write({"a.txt": "one"})
    repository.git("add", ".")
    repository.git("commit", "-q", "-m", "first")
    sha = repository.git("rev-parse", "HEAD")
    assert put_document(tmp_path, PLACE, "a", tmp_path / "a.txt").commit == sha
    repository.write({"a.txt": "two"})
    assert put_document(tmp_path, PLACE, "a", tmp_path / "a.txt").commit == f"{sha}-dirty"


def test_refusals_are_usage_errors(project: Project) -> None:
    """A file that is not there, one that is no text, a key that is none, a store that is none: 2, place and fix."""
    project.write("a.txt", "text")
    (project.folder / "binary").write_bytes(b"\x89PNG\r\n")
    (project.folder / "other.db").write_text("no database at all\n" * 10)
    for arguments, said in (
        (("get", "a"), "nothing is kept here yet"),
        (("put", "a", "absent.txt"), "no such file"),
        (("put", "a", "binary"), "byte 0 is 0x89"),
        (("put", "a b", "a.txt"), "is no key"),
    ):
        answer = project.hivegate("history", *arguments)
        assert (answer.status, answer.out) == (2, "")
        assert said in answer.err
        assert answer.err.startswith("History error: ")
    project.write("pyproject.toml", "[tool.hivegate]\nhistory = 'other.db'\n")
    assert "other.db: is no SQLite database" in project.hivegate("history", "put", "a", "a.txt").err


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
    assert re.search(r"## Growth\n[^#]*\| <code>toy/count&#91;&#42;&#93;</code> \|", text)
    session = json.loads(project.hivegate("history", "get", KEYS[2]).out)
    assert (session["outcome"], session["exit_status"], session["passes"]) == ("passed", 0, 3)
    created = json.loads((project.folder / ".hivegate" / "latest" / "run.json").read_text(encoding="utf-8"))["created"]
    assert session["created"] == created
    assert project.hivegate("report", "--store").status == 0
    assert [line.split()[1] for line in project.hivegate("history", "keys").out.splitlines()[1:]] == ["1", "1", "1"]


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


def store(folder: Path) -> str:
    """Store the latest result; return the results' document."""
    entries = store_report(folder, PLACE, folder / ".hivegate" / "latest" / "bench.json")
    assert [one.key for one in entries] == KEYS
    return get_document(folder, PLACE, KEYS[0], None).content


def test_stored_documents_are_of_the_run(tmp_path: Path) -> None:
    """Their time and their commit are those of what was measured, not of the storing."""
    measured(tmp_path)
    assert "s/b" in store(tmp_path)
    for entry in list_documents(tmp_path, PLACE, None):
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
    assert "src/sums&#46;py&#58;7" in get_document(tmp_path, PLACE, KEYS[1], None).content
    for content, said in (
        (b"{", "is not JSON"),
        (msgspec.json.encode(made).replace(b'"schema":1', b'"schema":9'), "9"),
    ):
        file.write_bytes(content)
        measured(tmp_path, seconds=0.003)
        with pytest.raises(ResultsError, match=said):
            store(tmp_path)
    assert [one.version for one in list_documents(tmp_path, PLACE, None)] == [1, 1, 1]


def test_the_rights_of_roles_are_printed(project: Project) -> None:
    """The SQL asks no server: who adds may insert, who reads may not; with --tables it begins with them."""
    out = project.hivegate("history", "roles", "--writer", "ci", "--reader", "viewer", "--schema", "bees").out
    assert out.startswith("-- Roles of a hivegate history")
    assert out.endswith("COMMIT;\n")
    assert 'SET LOCAL search_path TO "bees";' in out
    inserts = [line for line in out.splitlines() if line.startswith("GRANT INSERT")]
    assert [line.rpartition(" TO ")[2] for line in inserts] == ['"ci";']
    assert "DELETE" not in out
    assert "CREATE TABLE" not in out
    whole = project.hivegate("history", "roles", "--tables", "--writer", "ci").out
    assert whole.index("CREATE TABLE hivegate_runs") < whole.index("GRANT SELECT")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "no role is named"),
        (("--writer", "a", "--reader", "a"), "a is to be a writer and a reader"),
        (("--writer", ""), "is no name in PostgreSQL"),
        (("--writer", "a", "--apply", "--tables"), "finds or makes the tables itself"),
        (("--writer", "a", "--apply", "--schema", "b"), "finds or makes the tables itself"),
        (("--writer", "a", "--apply"), "has no roles: it is a file"),
    ],
)
def test_roles_that_make_no_sense_are_refused(project: Project, arguments: tuple[str, ...], said: str) -> None:
    """What cannot be meant is said, with what to do."""
    answer = project.hivegate("history", "roles", *arguments)
    assert (answer.status, answer.out) == (2, "")
    assert said in " ".join(answer.err.split())
