"""What counting the instructions of a suite gives, of a benchmark that is counted and of one that dies under it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.act import find_tool

from hivegate.flows.bench.run import RunOptions, run
from hivegate.flows.project import find_project
from hivegate.model.run import TestOutcome

if TYPE_CHECKING:
    from pathlib import Path

_SUITE = """
import os

def test_counted(benchmark):
    benchmark.pedantic(sum, args=(range(10_000),), rounds=2)

def work():
    if os.environ.get("PYTHONHASHSEED") == "0":  # as where instructions are counted
        os._exit(7)

def test_fatal(benchmark):
    benchmark.pedantic(work, rounds=2)

def test_timed_alone(benchmark):
    benchmark.pedantic(int, rounds=2)
"""
_TARGETS = """
schema: 1
targets:
  - {benchmark: counts/counted, metric: instructions, max: 100_000_000}
  - {benchmark: counts/fatal, metric: instructions, max: 100_000_000}
"""


@pytest.mark.slow
def test_two_readings_are_equal_and_what_dies_has_none(tmp_path: Path) -> None:
    """Where a target asks for it; a benchmark that was timed and then dies is no benchmark of no instructions."""
    find_tool("valgrind", "valgrind")
    (tmp_path / "benches").mkdir()
    (tmp_path / "benches" / "bench_counts.py").write_text(_SUITE)
    (tmp_path / "targets.yaml").write_text(_TARGETS)
    measured = run(find_project(tmp_path), RunOptions(passes=3))
    readings = {one.id: one.instructions for one in measured.benchmarks}
    first, second = readings["counts/counted"]
    assert first.outcome is second.outcome is TestOutcome.MEASURED
    assert first.instructions == pytest.approx(second.instructions, rel=1e-3)
    assert (first.instructions or 0) > 10_000  # at least one for each number
    assert [(one.outcome, one.instructions) for one in readings["counts/fatal"]] == [(TestOutcome.CRASHED, None)] * 2
    assert readings["counts/timed_alone"] == ()
    assert {sample.outcome for one in measured.benchmarks for sample in one.samples} == {TestOutcome.MEASURED}
