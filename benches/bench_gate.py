"""Measure the gate itself: what a user waits for that is not the measuring.

Input is made from a fixed seed: results in pytest-benchmark's format, a targets.yaml with one limit a benchmark.
"""

import datetime as dt
import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from hivegate.errors import HivegateError
from hivegate.flows.bench.flow import judge_run
from hivegate.flows.compare.flow import judge_comparison
from hivegate.flows.remote.join import join
from hivegate.flows.rules import Rules
from hivegate.ingest import read
from hivegate.instruments.estimates import estimate_targets
from hivegate.judge import judge
from hivegate.model.comparison import Comparison
from hivegate.model.identity import benchmark_id, matches
from hivegate.model.pairs import PairSample
from hivegate.model.run import Doubles, Run
from hivegate.report.bundle import Bundle
from hivegate.report.markdown import render_summary
from hivegate.report.terminal import render_terminal
from hivegate.stats.pairs import estimate_change
from hivegate.targets import parse_targets
from reference.measuring import declare
from scale.shards import contract, write_comparisons, write_runs

SEED = 20_26
ROUNDS = 100
SIZES = pytest.mark.parametrize("size", [10, 100, 1000])


def results(size: int) -> dict[str, Any]:
    """Make a result of pytest-benchmark with so many benchmarks of a hundred rounds."""
    chance = random.Random(SEED)  # noqa: S311  reproducible input, no secret

    def benchmark(number: int) -> dict[str, Any]:
        data = [chance.gauss(1e-3, 1e-5) for _ in range(ROUNDS)]
        return {
            "group": None,
            "name": f"test_{number}",
            "fullname": f"benches/bench_made.py::test_{number}",
            "params": None,
            "param": None,
            "extra_info": {"operations": 1},
            "options": {},
            "stats": {"rounds": ROUNDS, "iterations": 1, "data": data},
        }

    return {"version": "5.3.1", "benchmarks": [benchmark(number) for number in range(size)]}


def targets_text(size: int) -> str:
    """Make a targets.yaml with one limit for each of so many benchmarks."""
    lines = [f"  - {{benchmark: made/{number}, metric: p50, max: 2 ms}}" for number in range(size)]
    return "\n".join(["schema: 1", "targets:", *lines])


@pytest.fixture
def result_file(tmp_path: Path, size: int) -> Path:
    """Write a result file."""
    path = tmp_path / "result.json"
    path.write_text(json.dumps(results(size)), encoding="utf-8")
    return path


@SIZES
def test_reading_results(benchmark: BenchmarkFixture, result_file: Path, size: int) -> None:
    """Read and check a result file."""
    declare(benchmark, size=size, operations=size)
    assert len(benchmark(read, result_file, roots=("benches",)).benchmarks) == size


@SIZES
def test_reading_results_json(benchmark: BenchmarkFixture, result_file: Path, size: int) -> None:
    """Parse the same file by the standard library, unchecked: what reading is held against."""
    declare(benchmark, size=size, operations=size)
    assert len(benchmark(lambda: json.loads(result_file.read_bytes()))["benchmarks"]) == size


@SIZES
def test_reading_targets(benchmark: BenchmarkFixture, size: int) -> None:
    """Read and check a targets.yaml."""
    text = targets_text(size)
    declare(benchmark, size=size, operations=size)
    assert len(benchmark(parse_targets, text, "targets.yaml").targets) == size


# Many benchmarks of one round, and one benchmark of many rounds: what costs most beside the text.
SHAPES = pytest.mark.parametrize(("benchmarks", "rounds"), [(12_000, 1), (1, 400_000)])


def shaped_file(folder: Path, benchmarks: int, rounds: int) -> Path:
    """Write a result file with so many benchmarks of so many rounds."""
    (made,) = results(1)["benchmarks"]
    stats = {"rounds": rounds, "iterations": 1, "data": [1e-4 / (index + 3) for index in range(rounds)]}
    entries = [{**made, "fullname": f"{made['fullname']}[{index}]", "stats": stats} for index in range(benchmarks)]
    path = folder / "shaped.json"
    path.write_text(json.dumps({"version": "5.3.1", "benchmarks": entries}), encoding="utf-8")
    return path


@SHAPES
def test_reading_shapes(benchmark: BenchmarkFixture, tmp_path: Path, benchmarks: int, rounds: int) -> None:
    """Read and check a large result file of an uncommon shape."""
    path = shaped_file(tmp_path, benchmarks, rounds)
    declare(benchmark, size=benchmarks * rounds, operations=benchmarks * rounds)
    assert len(benchmark.pedantic(read, args=(path,), rounds=3).benchmarks) == benchmarks  # type: ignore[no-untyped-call]


@SHAPES
def test_reading_shapes_json(benchmark: BenchmarkFixture, tmp_path: Path, benchmarks: int, rounds: int) -> None:
    """Parse the same file by the standard library, unchecked: what reading is held against."""
    path = shaped_file(tmp_path, benchmarks, rounds)
    declare(benchmark, size=benchmarks * rounds, operations=benchmarks * rounds)
    parsed = benchmark.pedantic(lambda: json.loads(path.read_bytes()), rounds=3)  # type: ignore[no-untyped-call]
    assert len(parsed["benchmarks"]) == benchmarks


HOSTILE_TARGETS = {
    "values": lambda: "targets: [" + "1," * 500_000 + "]",
    "keys": lambda: "".join(f"k{number}: 1\n" for number in range(95_000)),
    "targets": lambda: "targets:\n" + "".join(f"- {{benchmark: {number},max: 1s}}\n" for number in range(35_000)),
}


@pytest.mark.parametrize("kind", HOSTILE_TARGETS)
def test_refusing_targets(benchmark: BenchmarkFixture, kind: str) -> None:
    """Refuse a targets.yaml that holds far too much of something."""
    text = HOSTILE_TARGETS[kind]()

    def refuse() -> str:
        with pytest.raises(HivegateError) as caught:
            parse_targets(text, "targets.yaml")
        return caught.value.message

    declare(benchmark, size=len(text), operations=1)
    assert len(benchmark.pedantic(refuse, rounds=3)) < 1000  # type: ignore[no-untyped-call]


@pytest.mark.parametrize("size", [1_000, 10_000, 100_000])
def test_matching(benchmark: BenchmarkFixture, size: int) -> None:
    """Match selectors on which backtracking would take ages with long ids."""
    selectors = ("*a*a*a*a*a*a*a*b", "*a" * 100 + "b", "*?" * 100 + "b", "*" * 300 + "b", "*ab" * 100 + "c")
    texts = ("a" * size, "ab" * (size // 2))
    declare(benchmark, size=size, operations=len(selectors) * len(texts))
    matched = benchmark(lambda: [matches(selector, text) for selector in selectors for text in texts])
    assert matched == [False, True, False, True, False, True, False, True, False, False]


@pytest.mark.parametrize("size", [2_000, 20_000, 200_000])
def test_naming(benchmark: BenchmarkFixture, size: int) -> None:
    """Make benchmark ids of long and hostile node ids."""
    nodes = ("x.py::" * size, "[" * size + ".py::" + "]" * size, "::" * size, "[x.py::]" * size)
    declare(benchmark, size=size, operations=len(nodes))
    names = benchmark(lambda: [benchmark_id(node, ("benches",)) for node in nodes])
    assert all(len(name) <= len(node) + 1 for name, node in zip(names, nodes, strict=True))


@SIZES
def test_judging(benchmark: BenchmarkFixture, result_file: Path, size: int) -> None:
    """Answer and judge a limit for every benchmark of a run."""
    targets, run = parse_targets(targets_text(size), "targets.yaml"), read(result_file, roots=("benches",))
    today = dt.date(2026, 11, 23)
    declare(benchmark, size=size, operations=size)
    result = benchmark(lambda: judge(targets, run, estimate_targets(targets, run), today=today))
    assert [one.outcome.value for one in result.verdicts] == ["passed"] * size


@SIZES
@pytest.mark.parametrize("form", ["terminal", "markdown"])
def test_reporting(benchmark: BenchmarkFixture, result_file: Path, size: int, form: str) -> None:
    """Render a result of which everything passed."""
    targets, run = parse_targets(targets_text(size), "targets.yaml"), read(result_file, roots=("benches",))
    result = judge(targets, run, estimate_targets(targets, run), today=dt.date(2026, 11, 23))
    bundle = Bundle(results=(result,))
    declare(benchmark, size=size, operations=size)
    text = benchmark(lambda: render_terminal(result) if form == "terminal" else render_summary(bundle))
    assert "PASSED" in text


@pytest.mark.parametrize("size", [100, 300, 1000])
@pytest.mark.parametrize("kind", ["runs", "comparisons"])
def test_merging(benchmark: BenchmarkFixture, tmp_path: Path, kind: str, size: int) -> None:
    """Read, join and judge the eight shards of a run or a comparison."""
    files = (write_runs if kind == "runs" else write_comparisons)(tmp_path, size, 8)
    targets = parse_targets(contract(size), "targets.yaml")
    declare(benchmark, size=size, operations=size)

    def merged() -> Run | Comparison:
        whole = join(files, targets)
        if isinstance(whole, Comparison):
            judge_comparison(Rules(head=targets), whole)
        else:
            judge_run(Rules(head=targets), whole, drift=lambda _: None)
        return whole

    whole = benchmark.pedantic(merged, rounds=3, warmup_rounds=1)  # type: ignore[no-untyped-call]
    assert len(whole.benchmarks) == size


@pytest.mark.parametrize("size", [4, 16, 48])
def test_estimating_a_change(benchmark: BenchmarkFixture, size: int) -> None:
    """Estimate the change from so many pairs."""
    chance = random.Random(SEED)  # noqa: S311  reproducible input, no secret

    def times() -> Doubles:
        return Doubles(chance.gauss(1e-2, 1e-4) for _ in range(12))

    pairs = [
        PairSample(calls=1, switches=0, base_wall=times(), head_wall=times(), base_cpu=times(), head_cpu=times())
        for _ in range(size)
    ]
    declare(benchmark, size=size, operations=size)
    assert benchmark(estimate_change, pairs).n == size


@pytest.mark.parametrize("command", ["--version", "--help"])
def test_starting(benchmark: BenchmarkFixture, command: str) -> None:
    """Start the command and let it say something short."""
    start(benchmark, ["-m", "hivegate", command])


def test_starting_python(benchmark: BenchmarkFixture) -> None:
    """Start the bare interpreter: what starting the command is held against."""
    start(benchmark, ["-c", "print('hivegate')"])


def start(benchmark: BenchmarkFixture, arguments: list[str]) -> None:
    """Measure a process from its start to its end."""
    declare(benchmark, size=1, operations=1, parallelism=2)

    command = [sys.executable, *arguments]

    def run() -> str:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603  our own command

    assert "hivegate" in benchmark.pedantic(run, rounds=3)  # type: ignore[no-untyped-call]
