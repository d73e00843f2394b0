"""`hivegate check` on results of every tool: one targets.yaml, one verdict, one exit status."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

if TYPE_CHECKING:
    from tests.conftest import Project

GOLDEN = Path(__file__).parents[1] / "golden" / "formats"


class Case(NamedTuple):
    """A file, a benchmark of it, a metric with limits that it keeps and breaks, and on how many passes that rests."""

    file: str
    benchmark: str
    metric: str
    kept: str
    broken: str
    n: int


CASES = (
    Case("pyperf.json", "sum[100]", "p50", "max: 1 ms", "max: 1 ns", 3),
    Case("pyperf-memory.json", "sum[100]", "bytes", "max: 1000000000", "max: 1000", 3),
    Case("asv.json", "golden.time_sorted", "median", "max: 1 ms", "max: 1 ns", 1),
    Case("asv.json", "golden.mem_list", "bytes", "max: 5000", "max: 500", 1),
    Case("hyperfine.json", "sleep 0.001", "mean", "max: 1 s", "max: 1 us", 6),
    Case("google_benchmark.json", "BM_Sum/64", "min", "max: 1 us", "max: 1 ns", 1),
    Case("google_benchmark.json", "BM_Sum/64", "items_per_second", "min: 1000", "min: 1e15", 1),
    Case("google_benchmark.json", "BM_Sum/64", "cpu_time", "max: 1 ms", "max: 1 ns", 1),
    Case("google_benchmark-aggregates.json", "BM_Sum/64", "median", "max: 1 ms", "max: 1 ns", 1),
    Case("jmh.json", "org.example.Golden.sum:avgt[100]", "p50", "max: 1 ms", "max: 1 ns", 2),
    Case("jmh.json", "org.example.Golden.sum:thrpt[10]", "throughput", "min: 1 Mop/s", "min: 1000000 Mop/s", 2),
    Case("jmh.json", "org.example.Golden.sampled", "p99", "max: 1 s", "max: 1 ns", 2),
    Case("go-processes.txt", "example.org/golden/Sum", "mean", "max: 1 s", "max: 1e-3 ns", 3),
    Case("go.txt", "example.org/golden/Encode/format=gob", "B/op", "max: 5000", "max: 100", 1),
    Case("go.txt", "example.org/golden/Encode/format=gob", "MB/s", "min: 1", "min: 1e15", 1),
    Case("go-test.jsonl", "example.org/golden/Sum", "max", "max: 1 s", "max: 1e-3 ns", 1),
    Case("criterion", "sums/fold[64]", "median", "max: 1 us", "max: 1 ns", 1),
    Case("data.js", "Times/start", "mean", "max: 1 s", "max: 1 us", 2),
    Case("data.js", "Suite/queue/put", "throughput", "min: 1 op/s", "min: 1 Mop/s", 1),
    Case("github_action_benchmark.json", "start", "mean", "max: 1 s", "max: 1 us", 1),
    Case("pytest_codspeed.json", "golden/sum[100]", "median", "max: 1 s", "max: 1 ns", 1),
    Case("bencher.json", "start", "mean", "max: 1 s", "max: 1 us", 1),
    Case("bencher.json", "serve", "throughput", "min: 1 op/s", "min: 1 Mop/s", 1),
)
# A percentile of what is no single call, or of too few of them.
NO_PERCENTILES = (
    ("pyperf.json", "sum[100]", "each round is the mean of 4096 calls"),
    ("asv.json", "golden.time_sorted", "each round is the mean of 7 calls"),
    ("hyperfine.json", "sleep 0.001", "p99 needs 500 single calls in each pass; there are 1"),
    ("google_benchmark.json", "BM_Sum/64", "each round is the mean of"),
    ("jmh.json", "org.example.Golden.sum:avgt[100]", "each round is the mean of 100000 calls"),
    ("go.txt", "example.org/golden/Sum", "each round is the mean of 200 calls"),
    ("criterion", "sums/fold[64]", "each round is the mean of 250 calls"),
    ("data.js", "Times/start", "has no rounds, so it has no p99"),
    ("bencher.json", "start", "has no rounds, so it has no p99"),
)


def given(project: Project, file: str, *targets: str) -> None:
    """Put a file of another tool and a targets.yaml into the project."""
    source = GOLDEN / file
    if source.is_dir():
        shutil.copytree(source, project.folder / file)
    else:
        shutil.copy(source, project.folder / file)
    project.write("targets.yaml", "\n".join(["schema: 1", "targets:", *(f"  - {{{one}}}" for one in targets)]) + "\n")


def target(benchmark: str, metric: str, limit: str) -> str:
    """Write a target as a flow mapping."""
    return f'benchmark: "{benchmark}", metric: {json.dumps(metric)}, {limit}'


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.file}-{case.metric}")
def test_every_format_is_gated(project: Project, case: Case) -> None:
    """The limit that is kept passes and the one that is broken fails, on as many passes as the file has."""
    given(project, case.file, target(case.benchmark, case.metric, case.kept))
    answer = project.hivegate("check", case.file, "--json", "kept.json")
    kept = json.loads((project.folder / "kept.json").read_text(encoding="utf-8"))["verdicts"][0]
    assert (kept["benchmark"], kept["outcome"]) == (case.benchmark, "passed"), answer.out
    assert kept["estimate"]["n"] == case.n
    assert (kept["estimate"]["assumed"] is None) == (case.n > 1)
    project.write("targets.yaml", f"schema: 1\ntargets: [{{{target(case.benchmark, case.metric, case.broken)}}}]\n")
    answer = project.hivegate("check", case.file)
    assert answer.status == 1
    assert answer.out.startswith("FAILED")


@pytest.mark.parametrize(("file", "name", "said"), NO_PERCENTILES, ids=lambda value: str(value)[:20])
def test_percentiles_need_single_calls(project: Project, file: str, name: str, said: str) -> None:
    """A percentile of means, of summaries or of too few calls is invalid, whatever the limit."""
    given(project, file, target(name, "p99", "max: 1000 s"))
    answer = project.hivegate("check", file)
    assert answer.status == 3
    assert f"INVALID  {name}" in answer.out
    assert said in " ".join(answer.out.split())


@pytest.mark.parametrize(
    ("file", "name", "said"),
    [
        ("asv.json", "golden.time_fails", "asv recorded a failure"),
        ("hyperfine-failed.json", "true é", "the command exited with status 1"),
        ("google_benchmark.json", "BM_Error", "no device"),
        ("go-failed.txt", "example.org/golden/Fails", "failed"),
    ],
)
def test_what_failed_never_passes(project: Project, file: str, name: str, said: str) -> None:
    """What the tool could not measure is missing, however far away the limit."""
    given(project, file, target(name, "mean", "max: 1000 s"))
    answer = project.hivegate("check", file)
    assert answer.status == 3
    assert f"MISSING  {name}" in answer.out
    assert said in answer.out


def test_a_slow_process_among_fast_ones_does_not_pass(project: Project) -> None:
    """The largest of single rounds is no maximum: a limit on it is invalid, not passed by the typical process."""
    document = {"results": [{"command": "a", "times": [0.1, 0.1, 0.1, 0.1, 9.0]}]}
    project.write("slow.json", json.dumps(document))
    project.write("targets.yaml", "schema: 1\ntargets: [{benchmark: a, metric: max, max: 1 s}]\n")
    answer = project.hivegate("check", "slow.json")
    assert answer.status == 3
    assert "has one round in each pass" in " ".join(answer.out.split())


def test_a_file_of_no_format_is_an_error(project: Project) -> None:
    """What lies beside results is refused with exit status 2 and what to give instead."""
    given(project, "criterion", target("a", "mean", "max: 1 s"))
    answer = project.hivegate("check", "criterion/sums/fold/64/new/tukey.json")
    assert (answer.status, answer.out) == (2, "")
    assert "pass the folder that cargo bench wrote" in answer.err
