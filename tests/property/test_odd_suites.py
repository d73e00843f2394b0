"""The law of suites: whatever its benchmarks do, each that is collected ends in exactly one verdict."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hivegate.measure.collect import BenchmarkItem
from hivegate.measure.subject import Subject
from hivegate.measure.worker_run import TreeSuite, run_in_worker
from hivegate.model.events import ignore_progress
from hivegate.model.protocol import MeasurePlan, MemoryPlan
from hivegate.model.run import TestOutcome

_BODIES = (
    "benchmark(sum, [1])",
    "pass",
    "benchmark(len)",
    "benchmark(lambda: 1 / 0)",
    "benchmark(sum, [1]); benchmark(sum, [1])",
    "benchmark(sum, [1]); assert False",
    "import copy; other = copy.copy(benchmark); benchmark(sum, [1]); other(sum, [1])",
    "benchmark.pedantic(sum, args=([1],), rounds=2, iterations=3, warmup_rounds=1)",
    "benchmark.pedantic(iter([1]).__next__)",
    "benchmark._timer = lambda: 0.0; benchmark.pedantic(sum, args=([1],))",
    "benchmark._timer = None; benchmark(sum, [1])",
    "benchmark.extra_info = None; benchmark(sum, [1])",
    "benchmark.extra_info['size'] = benchmark; benchmark(sum, [1])",
    "benchmark.extra_info['metrics'] = {1: object(), '\\ud800': float('nan')}; benchmark(sum, [1])",
    "benchmark.fullname = benchmark.name = 'x'; benchmark(sum, [1])",
    "benchmark.disabled = True; benchmark(sum, [1])",
    "import asyncio; benchmark(asyncio.sleep, 0)",
    "raise Exception('\\udcff')",
    "pytest.skip('\\udcff')",
    "pytest.xfail('known')",
    "pytest.exit('enough')",
    "raise KeyboardInterrupt",
    "raise SystemExit(3)",
    "os._exit(0)",
    "os.kill(os.getpid(), 9)",
    "benchmark(os.closerange, 3, 256)",
    "benchmark(os.write, 2, b'\\xff')",
    "import time; time.perf_counter = time.time = lambda: 1.0; benchmark(sum, [1])",
    "import json; json.dumps = None; benchmark(sum, [1])",
)
_FILE = "bench_odd.py"


def _suite(folder: Path, bodies: list[str]) -> TreeSuite:
    tests = "".join(f"def test_{number}(benchmark):\n    {body}\n" for number, body in enumerate(bodies))
    (folder / _FILE).write_text(f"import os, pytest\n{tests}", encoding="utf-8")
    path = str(folder / _FILE)
    items = tuple(BenchmarkItem(id=str(n), node_id=f"{_FILE}::test_{n}", path=path) for n in range(len(bodies)))
    subject = Subject(project=folder, python=sys.executable, paths=(_FILE,), roots=("",))
    return TreeSuite(subject=subject, rootdir=str(folder), chosen=items, timeout=60.0)


@pytest.mark.slow
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(_BODIES), min_size=1, max_size=8), st.booleans())
def test_every_benchmark_ends_in_exactly_one_way(bodies: list[str], memory: bool) -> None:  # noqa: FBT001  drawn
    """None is lost, none is twice, and one that is like any other is measured whoever stands next to it."""
    plan = MemoryPlan() if memory else MeasurePlan(max_time="0.001", min_time="0.0001")
    with tempfile.TemporaryDirectory() as folder:
        run = run_in_worker(_suite(Path(folder), [*bodies, _BODIES[0]]), plan, {}, ignore_progress)
    assert not run.finished.keys() & run.lost.keys()
    assert run.finished.keys() | run.lost.keys() == set(map(str, range(len(bodies) + 1)))
    sound = [str(number) for number, body in enumerate([*bodies, _BODIES[0]]) if body == _BODIES[0]]
    assert {run.finished[name].outcome for name in sound} == {TestOutcome.MEASURED}
