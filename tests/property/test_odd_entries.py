"""Laws of result files with odd entries: each ends in exactly one verdict, and what is no measurement never passes."""

from __future__ import annotations

import datetime as dt
import json
import math
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hivegate.errors import ResultsError
from hivegate.ingest import read
from hivegate.instruments.estimates import estimate_targets
from hivegate.judge import judge
from hivegate.model.verdict import Outcome
from hivegate.targets import parse_targets

if TYPE_CHECKING:
    from collections.abc import Callable

NAN, INFINITE = float("nan"), float("inf")
SOUND = (5, 2.5, 1e-3)
ODD: tuple[object, ...] = (0, 0.0, -1, None, "NaN", "x", True, NAN, INFINITE, -INFINITE, [], {}, [1], {"value": 1}, "")
VALUES = st.one_of(st.sampled_from(SOUND), st.sampled_from(ODD))
ENTRIES = st.lists(VALUES, min_size=1, max_size=5)
ANYTHING = parse_targets('schema: 1\ntargets:\n  - {benchmark: "*", metric: mean, max: 1000 min}\n', "targets.yaml")


def is_sound(value: object) -> bool:
    """Return whether a value is a time."""
    return type(value) in {int, float} and 0 < value < math.inf  # type: ignore[operator]


def google(values: list[Any]) -> str:
    """One repetition each."""
    entries = [{"name": f"b{index}", "real_time": value, "time_unit": "us"} for index, value in enumerate(values)]
    return json.dumps({"context": {}, "benchmarks": entries})


def jmh(values: list[Any]) -> str:
    """One fork of one iteration each."""
    metrics = [{"score": 1, "scoreUnit": "ms/op", "rawData": [[value]]} for value in values]
    entries = [{"benchmark": f"b{i}", "mode": "avgt", "primaryMetric": metric} for i, metric in enumerate(metrics)]
    return json.dumps(entries)


def hyperfine(values: list[Any]) -> str:
    """Two runs each, of which one is sound."""
    return json.dumps({"results": [{"command": f"b{i}", "times": [1.0, value]} for i, value in enumerate(values)]})


def bencher(values: list[Any]) -> str:
    """Write a latency each."""
    return json.dumps({f"b{index}": {"latency": {"value": value}} for index, value in enumerate(values)})


def page(values: list[Any]) -> str:
    """Write a time each, in one entry."""
    benches = [{"name": f"b{index}", "value": value, "unit": "ms"} for index, value in enumerate(values)]
    return "window.BENCHMARK_DATA = " + json.dumps({"entries": {"A": [{"tool": "x", "benches": benches}]}})


def pyperf(values: list[Any]) -> str:
    """Two workers each, of which one is sound."""
    entries = [
        {"metadata": {"name": f"b{index}"}, "runs": [{"values": [1.0]}, {"values": [value]}]}
        for index, value in enumerate(values)
    ]
    return json.dumps({"version": "1.0", "benchmarks": entries})


def pytest_benchmark(values: list[Any]) -> str:
    """Two rounds each, of which one is sound."""
    entries = [
        {"fullname": f"b{index}.py", "stats": {"data": [0.5, value], "iterations": 1}}
        for index, value in enumerate(values)
    ]
    return json.dumps({"benchmarks": entries})


def codspeed(values: list[Any]) -> str:
    """Write a mean each."""
    entries = [
        {"uri": f"b{index}.py", "stats": {"mean_ns": value, "median_ns": 1.0}} for index, value in enumerate(values)
    ]
    head = {"creator": {"name": "pytest-codspeed"}, "instrument": {"type": "walltime"}}
    return json.dumps({**head, "benchmarks": entries})


def asv(values: list[Any]) -> str:
    """Write a benchmark with one sample each."""
    columns = ["result", "params", "samples"]
    results = {f"b{index}": [[1.0], [], [[value]]] for index, value in enumerate(values)}
    named = {f"time_{name}": result for name, result in results.items()}
    return json.dumps({"version": 2, "result_columns": columns, "params": {}, "results": named})


def go(values: list[Any]) -> str:
    """Write a line each, and the end of a sound run."""
    lines = [f"Benchmark_b{index} 10 {value} ns/op" for index, value in enumerate(values)]
    return "\n".join(["goos: linux", *lines, "PASS", ""])


WRITERS: dict[str, tuple[Callable[[list[Any]], str], str]] = {
    "google": (google, "b{}"),
    "jmh": (jmh, "b{}"),
    "hyperfine": (hyperfine, "b{}"),
    "bencher": (bencher, "b{}"),
    "page": (page, "b{}"),
    "pyperf": (pyperf, "b{}"),
    "pytest": (pytest_benchmark, "b{}"),
    "codspeed": (codspeed, "b{}"),
    "asv": (asv, "time_b{}"),
    "go": (go, "_b{}"),
}


def verdicts(text: str) -> dict[str, list[Outcome]]:
    """Read a file, judge it by a limit that everything keeps, and list the outcomes of each benchmark."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "result"
        path.write_text(text, encoding="utf-8")
        run = read(path)
    answers = estimate_targets(ANYTHING, run)
    found: dict[str, list[Outcome]] = {}
    for verdict in judge(ANYTHING, run, answers, today=dt.date(2026, 1, 1)).verdicts:
        found.setdefault(verdict.benchmark, []).append(verdict.outcome)
    return found


@pytest.mark.parametrize("form", sorted(WRITERS))
@given(values=ENTRIES)
@settings(max_examples=60, deadline=None)
def test_every_entry_has_one_verdict_and_only_sound_ones_pass(form: str, values: list[Any]) -> None:
    """In every format, whatever stands where a time should be; in Go a text has no type, and any number is sound."""
    write, name = WRITERS[form]
    try:
        found = verdicts(write(values))
    except ResultsError:
        assert form == "bencher"  # of which nothing but its measures tells the format
        assert not any(map(is_sound, values))
        return
    assert sorted(found) == sorted(name.format(index) for index in range(len(values)))
    for index, value in enumerate(values):
        (outcome,) = found[name.format(index)]
        assert (outcome in {Outcome.PASSED, Outcome.INCONCLUSIVE}) == is_sound(value), value


LINES = (
    "BenchmarkA-4 \t 100 \t 5 ns/op",
    "BenchmarkB-4 \t 100 \t 5 ns/op \t 3 MB/s",
    "BenchmarkB-4 \t",
    "BenchmarkC-4 \tpanic: boom",
    "BenchmarkC/x-4 \t--- FAIL: BenchmarkC/x-4",
    "--- FAIL: BenchmarkD",
    "--- SKIP: BenchmarkE",
    "BenchmarkF",
    "   50 \t 24 ns/op",
    "some output",
    "note: BenchmarkG-4 100 5 ns/op",
    "panic: boom",
    "exit status 2",
    "FAIL",
    "PASS",
    "FAIL\texample.org/p\t1s",
    "FAIL\texample.org/q [build failed]",
    "ok  \texample.org/p\t1s",
    "pkg: example.org/p",
    "pkg: example.org/q",
    "goos: linux",
    "",
)


@given(lines=st.lists(st.sampled_from(LINES), min_size=1, max_size=12))
@settings(max_examples=400, deadline=None)
def test_a_go_run_that_failed_never_passes_whole(lines: list[str]) -> None:
    """A failure of a package, and every name that was begun, has a verdict that is no pass, or a result of its own."""
    try:
        found = verdicts("\n".join(["goos: linux", *lines, ""]))
    except ResultsError:
        return
    outcomes = [outcome for each in found.values() for outcome in each]
    assert all(len(each) == 1 for each in found.values())
    if any(line.startswith("FAIL\t") or "--- FAIL" in line for line in lines):
        assert Outcome.MISSING in outcomes
    for line in lines:
        if line.startswith("Benchmark"):
            begun = line.split()[0].removeprefix("Benchmark").removesuffix("-4")
            assert any(name.split("/", 2)[-1] in {begun, f"{begun}-4"} or f"/{begun}" in name for name in found) or any(
                begun in name for name in found
            )
