"""What is slow is no hang, and what is run again until it passes is no measurement: further inputs of both kinds."""

from __future__ import annotations

import os
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest

from hivegate.measure.collect import BenchmarkItem
from hivegate.measure.subject import Subject
from hivegate.measure.worker_run import TreeSuite, run_in_worker
from hivegate.model.events import ignore_progress
from hivegate.model.protocol import MeasurePlan

if TYPE_CHECKING:
    from pathlib import Path

_FILE = "bench_it.py"
_SLOW = """
    import time

    def pause(*_):
        time.sleep(0.9)

    def test_calls(benchmark):
        benchmark(pause)

    def test_setups(benchmark):
        benchmark.pedantic(int, setup=pause, rounds=5, iterations=1)

    def test_rounds(benchmark):
        benchmark.pedantic(pause, rounds=5, iterations=1)
"""
_RETRIED = """
    import pytest

    pytestmark = pytest.mark.flaky(reruns=1, only_rerun="AssertionError")
    tries = []

    def unstable(benchmark):
        benchmark(int)
        tries.append(1)
        assert len(tries) % 2 == 0, len(tries)

    def test_of_a_file(benchmark):
        unstable(benchmark)

    def test_plain(benchmark):
        benchmark(int)

    class TestIt:
        def test_of_a_class(self, benchmark):
            tries.clear()
            unstable(benchmark)

    @pytest.mark.parametrize("n", [pytest.param(1, marks=pytest.mark.flaky(reruns=5, reruns_delay=1))])
    def test_of_a_parameter(benchmark, n):
        tries.clear()
        unstable(benchmark)
"""


def measure(folder: Path, text: str, tests: dict[str, str], *, timeout: float, options: str = "") -> dict[str, str]:
    """Measure the tests of a file once, by their names; returns how each ended, with the reason of a failure."""
    (folder / _FILE).write_text(textwrap.dedent(text), encoding="utf-8")
    (folder / "pytest.ini").write_text(f"[pytest]\naddopts = {options}\n", encoding="utf-8")
    chosen = tuple(
        BenchmarkItem(id=name, node_id=f"{_FILE}::{test}", path=str(folder / _FILE)) for name, test in tests.items()
    )
    subject = Subject(project=folder, python=sys.executable, paths=(_FILE,), roots=("",))
    suite = TreeSuite(subject=subject, rootdir=str(folder), chosen=chosen, timeout=timeout)
    run = run_in_worker(suite, MeasurePlan(max_time="0.01", min_time="0.0002"), {}, ignore_progress)
    ended = {name: (end.outcome, end.detail) for name, end in (run.finished | run.lost).items()}
    return {
        name: f"{outcome.value}: {detail.splitlines()[0] if detail else ''}"
        for name, (outcome, detail) in ended.items()
    }


@pytest.mark.timed
def test_what_ends_is_a_sign_of_life(tmp_path: Path) -> None:
    """Calls, setups and rounds may take longer in all than `timeout`, of which each takes a part."""
    names = ("calls", "setups", "rounds")
    ended = measure(tmp_path, _SLOW, {name: f"test_{name}" for name in names}, timeout=3.6)
    assert ended == dict.fromkeys(names, "measured: ")


def test_no_form_of_a_retry_makes_a_benchmark_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the marker of a file, a class or a parameter, or by options, each runs once; its neighbour is measured."""
    pytest.importorskip("pytest_rerunfailures")
    monkeypatch.setenv("PYTEST_ADDOPTS", os.environ["PYTEST_ADDOPTS"].replace("-p no:rerunfailures", ""))
    tests = {"file": "test_of_a_file", "plain": "test_plain", "class": "TestIt::test_of_a_class"}
    tests["parameter"] = "test_of_a_parameter[1]"
    ended = measure(tmp_path, _RETRIED, tests, timeout=120.0, options="--reruns 3 --reruns-delay 1")
    assert ended.pop("plain") == "measured: "
    assert set(ended) == {"file", "class", "parameter"}
    assert all(why.startswith("failed: AssertionError: 1") for why in ended.values()), ended
