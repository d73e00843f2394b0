"""Whether a change of the level is put down to the code or to the benchmark itself."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from tests.measured import run as measured
from tests.measured import sample
from tests.records import NOW, record
from tests.repository import Repository

from hivegate.flows.history.runs import AddOptions, add_runs
from hivegate.flows.history.trends import find_trends
from hivegate.flows.project import Project, Settings
from hivegate.flows.source.evidence import CodeHistory
from hivegate.history.runs import add
from hivegate.history.store import open_store
from hivegate.ingest import write_run
from hivegate.model.run import Benchmark, Commit, Environment
from hivegate.model.trend import ChangeCause
from hivegate.report.trend import render_trends

if TYPE_CHECKING:
    from pathlib import Path

RUNS, STEP = 24, 12
BENCH = "def test_a(benchmark):\n    benchmark(sum, range({turns}))\n\ndef test_b(benchmark):\n    benchmark(int)\n"


@pytest.mark.parametrize(
    ("node_id", "cause"),
    [
        ("bench_a.py::test_a", ChangeCause.BENCHMARK),
        ("bench_a.py::test_b", ChangeCause.CODE),
        ("", ChangeCause.CODE),
    ],
    ids=["its own body", "another's body", "unknown"],
)
def test_a_change_of_the_own_body_is_the_benchmarks(tmp_path: Path, node_id: str, cause: ChangeCause) -> None:
    """Between the last good run and the first bad one its function was changed; of another's it does not matter."""
    repository, chance = Repository.new(tmp_path), random.Random(3)  # noqa: S311  reproducible input, no secret
    files = []
    for number in range(RUNS):
        sha = repository.commit({"bench_a.py": BENCH.format(turns=9 if number < STEP else 20), "n.txt": str(number)})
        seconds = 1e-3 * (1.0 if number < STEP else 1.5) * chance.gauss(1, 0.003)
        files.append(tmp_path / f"r{number}.json")
        files[-1].write_bytes(
            write_run(
                measured(
                    Benchmark(id="a/a", node_id=node_id, samples=tuple(sample(seconds, at) for at in range(3))),
                    commit=Commit(sha=sha, branch="main"),
                    created=f"2026-02-01T00:{number:02}:00+00:00",
                    environment=Environment(cpu="Z80", cores=4, python="3.11.7"),
                )
            )
        )
    project = Project(folder=tmp_path)
    add_runs(project, AddOptions(files=tuple(files)))
    (machine,) = find_trends(project)
    changes = [change for trend in machine.trends for change in trend.changes]
    assert changes
    assert {change.cause for change in changes} == {cause}
    assert {change.index for change in changes} == {STEP}


@pytest.mark.parametrize(
    ("before", "after", "could", "why"),
    [
        ({"pkg/a.py": "def f():\n    return 1\n"}, {"pkg/a.py": "def f():\n    return 2\n"}, True, "changes pkg/a.py"),
        (
            {"pkg/a.py": "X = '\\\\d'\n"},
            {"pkg/a.py": '"""Doc."""\nX = r"\\d"  # raw\n', "README.md": "x", "pkg/test_a.py": "assert 1\n"},
            False,
            "documents, comments, docstrings and layout, tests",
        ),
        ({}, {"bench/test_b.py": "def test_b(benchmark): benchmark(int)\n"}, True, "changes bench/test_b.py"),
        ({}, {"pyproject.toml": "[project]\n", "pkg/b.py": "X = 1\n"}, True, "changes pkg/b.py and 1 more"),
        ({"pkg/a.py": "X = 1\n"}, {"pkg/a.py": "X = (\n"}, True, "changes pkg/a.py"),
        ({"pkg/a.py": "X = 1\n"}, {"docs/conf.py": "X = 2\n", "pkg/a.pyi": "X: int\n"}, False, "documents, type stubs"),
    ],
    ids=["code", "no code", "a benchmark", "a dependency", "no longer parsed", "stubs"],
)
def test_commits_are_split_into_those_that_could_and_cannot_have(
    tmp_path: Path,
    before: dict[str, str | None],
    after: dict[str, str | None],
    could: bool,  # noqa: FBT001  a case
    why: str,
) -> None:
    """By what they touch and by the syntax trees of both sides; what is not known to be harmless could have done it."""
    repository = Repository.new(tmp_path)
    old = repository.commit({"n.txt": "0", **before})
    new = repository.commit(after)
    code = CodeHistory(tmp_path, ["bench/test_b.py::test_b"])
    (found,) = code.between(old, new) or ()
    assert (found.commit, found.could, found.why) == (new, could, why)
    assert code.between(new, new) == ()
    assert code.between(new, old) is code.between(old, "f" * 40) is code.between(None, new) is None


@pytest.mark.parametrize(("body", "cause"), [("# {}\n", ChangeCause.OUTSIDE), ("X = {}\n", ChangeCause.CODE)])
def test_no_commit_is_blamed_that_cannot_have_done_it(tmp_path: Path, body: str, cause: ChangeCause) -> None:
    """Where nothing that runs was changed it was not the code; where something was, its commits are named."""
    repository, chance = Repository.new(tmp_path), random.Random(5)  # noqa: S311  reproducible input, no secret
    made = []
    for number in range(2 * RUNS):
        sha = repository.commit({"pkg/a.py": body.format(number), "README.md": f"{number}"})
        seconds = 1e-3 * (1.0 if number < RUNS else 1.5) * chance.gauss(1, 0.003)
        made.append(record(number, {"s/a": seconds}, commit=Commit(sha=sha, branch="main")))
    add(open_store("history.db", folder=tmp_path, create=True), made, now=NOW)
    (told,) = find_trends(Project(folder=tmp_path, settings=Settings(history="history.db")))
    ((change,),) = [trend.changes for trend in told.trends]
    assert (change.index, change.cause) == (RUNS, cause)
    text = render_trends([told])
    assert ("no code was changed there" in text) == (cause is ChangeCause.OUTSIDE)
    assert text.count(f"{change.first_bad.commit}"[:12]) == (2 if cause is ChangeCause.CODE else 1)
    assert ("drifted" in text) == (cause is ChangeCause.CODE)
