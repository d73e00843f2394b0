"""What becomes of a run whose processes do not do what they are asked for."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING

import pytest
from tests.workers import run_plan

from hivegate.errors import MeasureError
from hivegate.flows.bench.run import RunOptions, run
from hivegate.flows.project import find_project
from hivegate.measure.collect import BenchmarkItem
from hivegate.measure.subject import Subject
from hivegate.measure.worker_run import TreeSuite, run_in_worker
from hivegate.model.events import Noted, ignore_progress
from hivegate.model.protocol import BenchmarkEnd, BenchmarkStart, MemoryPlan, SignOfLife
from hivegate.model.run import TestOutcome
from hivegate.system.worker import record_path

if TYPE_CHECKING:
    from pathlib import Path

    from hivegate.model.events import Event

_SUITE = """
import os

def test_first(benchmark):
    benchmark.pedantic(int, rounds=3)

def test_fatal(benchmark):
    benchmark.pedantic(os._exit, args=(7,), rounds=1)

def test_last(benchmark):
    benchmark.pedantic(int, rounds=3)
"""
_SLOW_FIXTURE = """
import time
import pytest

@pytest.fixture
def slow():
    time.sleep(1.1)

def test_it(benchmark, slow):
    benchmark.pedantic(int)
"""
_INSTEAD = """
import os
import pytest

@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item):
    {what}
"""


@pytest.mark.parametrize(("what", "status"), [("os._exit(3)", 3), ("return True", 0)], ids=["dies", "ends by itself"])
def test_what_never_runs_has_crashed_and_is_not_tried_for_ever(tmp_path: Path, what: str, status: int) -> None:
    """A process that runs none of what was collected will not the next time either; the benchmark is named."""
    (tmp_path / "benches").mkdir()
    (tmp_path / "benches" / "bench_toy.py").write_text("def test_work(benchmark): benchmark(int)\n")
    (tmp_path / "benches" / "conftest.py").write_text(_INSTEAD.format(what=what))
    (found,) = run(find_project(tmp_path), RunOptions(passes=3)).benchmarks
    (sample,) = found.samples
    assert (found.id, sample.outcome) == ("toy/work", TestOutcome.CRASHED)
    assert f"ended with exit status {status}" in (sample.detail or "")


@pytest.mark.slow
def test_a_benchmark_that_takes_its_process_along_costs_only_itself(tmp_path: Path) -> None:
    """It is crashed, with its exit status, and not tried again; those after it go on in a new process."""
    (tmp_path / "benches").mkdir()
    (tmp_path / "benches" / "bench_toy.py").write_text(_SUITE)
    events: list[Event] = []
    measured = run(find_project(tmp_path), RunOptions(passes=3), events.append)
    samples = {one.id: one.samples for one in measured.benchmarks}
    for name in ("toy/first", "toy/last"):
        assert [sample.outcome for sample in samples[name]] == [TestOutcome.MEASURED] * 3
    (fatal,) = samples["toy/fatal"]
    assert fatal.outcome is TestOutcome.CRASHED
    assert "7" in (fatal.detail or "")
    notes = [one.message for one in events if isinstance(one, Noted) and "continue in a new one" in one.message]
    assert len(notes) == 1
    assert "the 1 remaining" in notes[0]


def test_a_setup_that_ends_is_a_sign_of_life(tmp_path: Path) -> None:
    """Slow fixtures and a slow call, each of which is allowed, are no hang together."""
    (tmp_path / "bench_slow.py").write_text(_SLOW_FIXTURE)
    plan = MemoryPlan(
        record=str(record_path(tmp_path)), paths=("bench_slow.py",), benchmarks={"bench_slow.py::test_it": 0}
    )
    events = [type(event) for event in run_plan(sys.executable, tmp_path, plan)]
    assert SignOfLife in events[events.index(BenchmarkStart) : events.index(BenchmarkEnd)]


def test_what_is_stopped_before_its_first_benchmark_names_the_setting(tmp_path: Path) -> None:
    """A suite whose import takes longer than is allowed is told how to allow it."""
    (tmp_path / "bench_slow.py").write_text("import time\ntime.sleep(60)\ndef test_it(benchmark): benchmark(int)\n")
    subject = Subject(project=tmp_path, python=sys.executable, paths=("bench_slow.py",), roots=("",))
    item = BenchmarkItem(id="it", node_id="bench_slow.py::test_it", path=str(tmp_path / "bench_slow.py"))
    suite = TreeSuite(subject=subject, rootdir=str(tmp_path), chosen=(item,), timeout=3.0)
    with pytest.raises(MeasureError, match="never started") as fault:
        run_in_worker(suite, MemoryPlan(), {}, ignore_progress)
    assert "set `timeout` under [tool.hivegate]" in fault.value.hint


def test_the_background_of_a_shell_changes_nothing(tmp_path: Path) -> None:
    """There SIGINT is ignored, and asyncio.Runner would do less in each call: it is as at a desk in every process."""
    suite = "import signal\n\ndef test_it(benchmark):\n    assert signal.getsignal(2) is signal.default_int_handler\n"
    (tmp_path / "test_suite.py").write_text(suite + "    benchmark(int)\n", encoding="utf-8")
    item = BenchmarkItem(id="it", node_id="test_suite.py::test_it", path=str(tmp_path / "test_suite.py"))
    subject = Subject(project=tmp_path, python=sys.executable, paths=("test_suite.py",), roots=("",))
    tree = TreeSuite(subject=subject, rootdir=str(tmp_path), chosen=(item,), timeout=120.0)
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        ended = run_in_worker(tree, MemoryPlan(), {}, ignore_progress)
    finally:
        signal.signal(signal.SIGINT, before)
    assert {end.outcome for end in ended.finished.values()} == {TestOutcome.MEASURED}
