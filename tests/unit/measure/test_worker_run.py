"""What becomes of a run whose processes do not do what they are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hivegate.flows.bench.run import RunOptions, run
from hivegate.flows.project import find_project
from hivegate.model.events import Noted
from hivegate.model.run import TestOutcome

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
