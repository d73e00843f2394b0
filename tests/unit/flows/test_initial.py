"""How often a suite without targets is measured the first time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hivegate.flows.bench.initial import measure_first
from hivegate.flows.plan import SuitePlan
from hivegate.flows.project import find_project
from hivegate.model.events import ignore_progress

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

# Steady and broken are what they are in every pass; what swings takes twenty times as long in every other pass.
_SUITE = """
import pathlib
import time

COUNT = pathlib.Path(__file__).with_name("passes.txt")

def test_swinging(benchmark):
    turn = int(COUNT.read_text()) if COUNT.exists() else 0
    COUNT.write_text(str(turn + 1))
    benchmark.pedantic(time.sleep, args=(0.001 if turn % 2 else 0.02,), rounds=3)

def test_broken(benchmark):
    benchmark.pedantic(time.sleep, args=(0.001,), rounds=3)
    assert False
"""


@pytest.mark.parametrize(
    ("plan", "passes"),
    [
        (SuitePlan(passes=2, most_passes=4), {"first/swinging": 4, "first/broken": 1}),
        (SuitePlan(passes=2, most_passes=2), {"first/swinging": 2, "first/broken": 1}),
        (SuitePlan(passes=2, most_passes=4, max_time=0.0), {"first/swinging": 1, "first/broken": 1}),
    ],
    ids=["varying", "no more", "no time"],
)
def test_what_varies_is_measured_on(tmp_path: Path, plan: SuitePlan, passes: dict[str, int]) -> None:
    """All in the fewest passes, what varies in the most; what is broken varies in nothing; without time once."""
    (tmp_path / "benches").mkdir()
    (tmp_path / "benches" / "bench_first.py").write_text(_SUITE)
    measured = measure_first(find_project(tmp_path).subject(), plan, ignore_progress)
    assert {one.id: len(one.samples) for one in measured.benchmarks} == passes
