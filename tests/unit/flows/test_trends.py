"""Whether a change of the level is put down to the code or to the benchmark itself."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from tests.measured import run as measured
from tests.measured import sample
from tests.repository import Repository

from hivegate.flows.history.runs import AddOptions, add_runs
from hivegate.flows.history.trends import find_trends
from hivegate.flows.project import Project
from hivegate.ingest import write_run
from hivegate.model.run import Benchmark, Commit, Environment
from hivegate.model.trend import ChangeCause

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
