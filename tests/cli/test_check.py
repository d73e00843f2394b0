"""`hivegate check`, started as a person starts it: files in, verdict and exit status out."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from tests.measured import benchmark, broken, run, sample

from hivegate.ingest import write_run
from hivegate.model.run import Benchmark, Run, TestOutcome

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Project

STEADY = (1e-3, 1.01e-3, 0.99e-3)
SUITE = """
import time

def test_wait(benchmark):
    benchmark.pedantic(time.sleep, args=(0.001,), rounds=5, iterations=2)

def test_count(benchmark):
    assert benchmark(sum, range(100)) == 4950
"""


def targets(project: Project, *lines: str) -> None:
    """Write a targets.yaml of flow mappings."""
    project.write("targets.yaml", "\n".join(["schema: 1", "targets:", *(f"  - {{{line}}}" for line in lines)]) + "\n")


def saved(project: Project, name: str, measured: Run) -> str:
    """Write a run as `hivegate run` does."""
    (project.folder / name).write_bytes(write_run(measured))
    return name


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run a real suite twice under pytest-benchmark, into r0.json and r1.json."""
    folder = tmp_path_factory.mktemp("suite")
    (folder / "bench_real.py").write_text(SUITE, encoding="utf-8")
    for number in range(2):
        options = ["--benchmark-json", f"r{number}.json", "--benchmark-max-time=0.01", "--benchmark-min-rounds=3"]
        subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "bench_real.py", "-p", "no:cacheprovider", *options],
            cwd=folder,
            check=True,
            capture_output=True,
            timeout=120,
        )
    return folder


def copied(project: Project, suite: Path, *names: str) -> list[str]:
    """Copy results of the real suite into the project."""
    for name in names:
        (project.folder / name).write_bytes((suite / name).read_bytes())
    return list(names)


@pytest.mark.parametrize(("limit", "status"), [("10 s", 0), ("1 us", 1)])
def test_single_real_file_is_judged_far_from_its_limits(project: Project, suite: Path, limit: str, status: int) -> None:
    """A millisecond of waiting is far below ten seconds and far above a microsecond; the assumption is named."""
    targets(project, f"benchmark: real/wait, max: {limit}")
    answer = project.hivegate("check", *copied(project, suite, "r0.json"), "-v")
    assert answer.status == status
    assert answer.out.startswith("PASSED" if status == 0 else "FAILED")
    if status:
        assert "one pass, a spread of 15 % assumed" in answer.out
        assert "hivegate profile real/wait" in answer.out


def test_several_real_files_are_passes(project: Project, suite: Path) -> None:
    """Two files have a spread of their own: nothing is assumed, and n is two."""
    targets(project, "benchmark: real/wait, max: 10 s")
    assert project.hivegate("check", *copied(project, suite, "r0.json", "r1.json"), "--json", "o.json").status in {0, 3}
    (verdict, other) = json.loads((project.folder / "o.json").read_text(encoding="utf-8"))["verdicts"]
    assert (verdict["estimate"]["n"], verdict["estimate"]["assumed"]) == (2, None)
    assert (other["benchmark"], other["outcome"]) == ("real/count", "new")


def test_the_same_real_file_twice_is_refused(project: Project, suite: Path) -> None:
    """A copy would have no spread and be believed to the last digit."""
    targets(project, "benchmark: real/wait, max: 10 s")
    copied(project, suite, "r0.json")
    answer = project.hivegate("check", "r0.json", "r0.json")
    assert (answer.status, answer.out) == (2, "")
    assert "a copy is not a second pass" in answer.err


def test_p99_of_real_round_means_is_invalid(project: Project, suite: Path) -> None:
    """Rounds of two calls are means: exit 3, and how to measure it."""
    targets(project, "benchmark: real/wait, metric: p99, max: 10 s")
    answer = project.hivegate("check", *copied(project, suite, "r0.json"))
    assert answer.status == 3
    assert "INVALID  real/wait" in answer.out
    assert "each round is the mean of 2 calls" in answer.out


def test_a_renamed_benchmark_is_missing(project: Project, suite: Path) -> None:
    """The target that names the old name is not passed over, and the new name is suggested."""
    targets(project, "benchmark: real/waiting, max: 10 s", "benchmark: real/count, max: 10 s")
    answer = project.hivegate("check", *copied(project, suite, "r0.json"))
    assert answer.status == 3
    assert answer.out.startswith("INCONCLUSIVE  1 missing, 1 passed")
    assert "renamed to real/wait?" in answer.out


def test_files_without_a_common_benchmark_are_an_error(project: Project, suite: Path) -> None:
    """Two suites are not two passes: exit 2, with both files and their ids."""
    targets(project, "benchmark: '*', max: 10 s")
    names = [*copied(project, suite, "r0.json"), saved(project, "other.json", run(benchmark("x/y", STEADY)))]
    answer = project.hivegate("check", *names)
    assert (answer.status, answer.out) == (2, "")
    for part in ("other.json", "no benchmark in common with r0.json", "real/wait", "x/y", "hivegate compare"):
        assert part in answer.err


@pytest.mark.parametrize("outcome", [one for one in TestOutcome if one is not TestOutcome.MEASURED])
def test_a_bad_pass_is_missing(project: Project, outcome: TestOutcome) -> None:
    """One crash, failure or skip among good passes is exit 3."""
    targets(project, "benchmark: s/a, max: 10 s")
    answer = project.hivegate("check", saved(project, "r.json", run(broken("s/a", outcome))))
    assert answer.status == 3
    assert f"{outcome.value} in 1 of 3 passes: signal 11" in " ".join(answer.out.split())


@pytest.mark.parametrize(("policy", "status"), [("warn", 0), ("fail", 3)])
def test_inconclusive_follows_the_policy(project: Project, policy: str, status: int) -> None:
    """A limit inside the interval is exit 0 or 3, as targets.yaml says, and never called passed."""
    targets(project, f"benchmark: s/a, max: 1 ms, inconclusive: {policy}")
    answer = project.hivegate("check", saved(project, "r.json", run(benchmark("s/a", STEADY))))
    assert answer.status == status
    assert answer.out.startswith("INCONCLUSIVE")


def test_only_the_tier_that_fails_fails(project: Project) -> None:
    """A broken should is shown, and exit 0."""
    targets(project, "benchmark: s/a, max: 1 us, tier: should")
    answer = project.hivegate("check", saved(project, "r.json", run(benchmark("s/a", STEADY))))
    assert answer.status == 0
    assert "WARNING  s/a" in answer.out


def test_no_target_is_no_pass(project: Project) -> None:
    """A file that no target speaks of is exit 3."""
    targets(project, "benchmark: t/b, max: 1 us")
    project.write("targets.yaml", "schema: 1\n")
    assert project.hivegate("check", saved(project, "r.json", run(benchmark("s/a", STEADY)))).status == 3


@pytest.mark.parametrize(
    ("name", "content"), [("gone.json", None), ("empty.json", ""), ("bad.json", "{"), ("list.json", "[1]")]
)
def test_unreadable_files_are_exit_2(project: Project, name: str, content: str | None) -> None:
    """The message names the file; a fault of the input is never a verdict."""
    targets(project, "benchmark: s/a, max: 1 us")
    if content is not None:
        project.write(name, content)
    answer = project.hivegate("check", name)
    assert (answer.status, answer.out) == (2, "")
    assert name in answer.err


def test_json_on_standard_output_is_alone(project: Project) -> None:
    """A program that reads the pipe gets the document and nothing else."""
    targets(project, "benchmark: s/a, max: 1 us")
    answer = project.hivegate("check", saved(project, "r.json", run(benchmark("s/a", STEADY))), "--json", "-")
    found: dict[str, Any] = json.loads(answer.out)
    assert (answer.status, found["outcome"], found["exit_status"]) == (1, "failed", 1)
    assert found["verdicts"][0]["limit"]["maximum"] == 1e-6


def test_hostile_file_cannot_reach_the_terminal(project: Project) -> None:
    """A name and a number of a stranger's file stay text and numbers."""
    evil = "s/\x1b]0;owned\x07\x1b[2J\u202ea"
    samples = (sample([1.7e308, 5e-324]), sample([1e-3], 1))
    measured = run(Benchmark(id=evil, node_id=evil, samples=samples))
    targets(
        project,
        "benchmark: 's/*', max: 1 s",
        "benchmark: 's/*', metric: cv, max: 1 %",
        "benchmark: 's/*', metric: mean, max: 1 s",
    )
    answer = project.hivegate("check", saved(project, "r.json", measured))
    assert answer.status in {0, 3}
    assert "\x1b" not in answer.out
    assert "\u202e" not in answer.out
    assert "Warning" not in answer.err


def test_ids_of_a_file_are_those_of_bench_where_the_settings_name_a_file(project: Project) -> None:
    """A suite that pytest-benchmark measured by itself is judged by the same ids as where hivegate measures it."""
    project.write("pyproject.toml", "[tool.hivegate]\npaths = ['tests/test_toy.py']\n")
    project.write("tests/test_toy.py", "def test_count(benchmark):\n    benchmark(sum, range(100))\n")
    targets(project, "benchmark: toy/count, max: 1 s")
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--benchmark-json=own.json", "--benchmark-max-time=0.01"],
        cwd=project.folder,
        capture_output=True,
        check=True,
    )
    answer = project.hivegate("check", "own.json")
    assert answer.status == 0, answer
    assert "toy/count" in project.hivegate("explain", "tests/test_toy.py::test_count").out
