"""The law of suites: whatever its benchmarks do, each that is collected ends in exactly one verdict."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.contracts import read_pairs

from hivegate.flows.bench.flow import BenchOptions, bench
from hivegate.flows.project import find_project
from hivegate.measure.collect import BenchmarkItem
from hivegate.measure.subject import Subject
from hivegate.measure.worker_run import TreeSuite, run_in_worker
from hivegate.model.events import ignore_progress
from hivegate.model.protocol import MeasurePlan, MemoryPlan
from hivegate.model.verdict import Outcome

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


# How a test is marked, and how many benchmarks it is then.
_MARKS = {
    "": 1,
    "@pytest.mark.skip(reason='\\udcff')": 1,
    "@pytest.mark.xfail(strict=True)": 1,
    "@pytest.mark.flaky(reruns=2)": 1,
    "@pytest.mark.usefixtures('broken')": 1,
    "@pytest.mark.usefixtures('unclosed')": 1,
    "@pytest.mark.parametrize('n', [1, 'a/b::c [d]', None])": 3,
    "@pytest.mark.parametrize('n', [str(os.getpid())])": 1,
}
_HEAD = """
import os, pytest

@pytest.fixture
def broken():
    raise OSError('\\udcff')

@pytest.fixture
def unclosed():
    yield
    assert False

"""
_SOUND = ("", _BODIES[0])


def _write(folder: Path, tests: list[tuple[str, str]]) -> Path:
    lines = (
        f"{mark}\ndef test_{number}(benchmark{', n' * ('parametrize' in mark)}):\n    {body}\n"
        for number, (mark, body) in enumerate(tests)
    )
    folder.mkdir(exist_ok=True)
    (folder / "pytest.ini").write_text("[pytest]\nmarkers = flaky\n", encoding="utf-8")
    (folder / _FILE).write_text(_HEAD + "".join(lines), encoding="utf-8")
    return folder / _FILE


@pytest.mark.slow
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(_BODIES), min_size=1, max_size=8), st.sampled_from(["time", "memory", "pairs"]))
def test_every_benchmark_ends_in_exactly_one_way(bodies: list[str], way: str) -> None:
    """None is lost, none is twice, and one that is like any other is measured whoever stands next to it."""
    bodies = [*bodies, _BODIES[0]]
    names = [str(number) for number in range(len(bodies))]
    with tempfile.TemporaryDirectory() as made:
        head = Path(made) / "head"
        path = str(_write(head, [("", body) for body in bodies]))
        items = tuple(BenchmarkItem(id=name, node_id=f"{_FILE}::test_{name}", path=path) for name in names)
        subject = Subject(project=head, python=sys.executable, paths=(_FILE,), roots=("",))
        if way == "pairs":
            shutil.copytree(head, Path(made) / "base")
            outcomes = {name: found.outcome for name, found in read_pairs(Path(made), subject, items).items()}
        else:
            suite = TreeSuite(subject=subject, rootdir=str(head), chosen=items, timeout=60.0)
            plan = MemoryPlan() if way == "memory" else MeasurePlan(max_time="0.001", min_time="0.0001")
            run = run_in_worker(suite, plan, {}, ignore_progress)
            assert not run.finished.keys() & run.lost.keys()
            outcomes = {name: end.outcome.value for name, end in (run.finished | run.lost).items()}
    assert {name for name in outcomes if "#" not in name} == set(names)
    assert {outcomes[name] for name in names if bodies[int(name)] == _BODIES[0]} == {"measured"}


@pytest.mark.slow
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from(list(_MARKS)), st.sampled_from(_BODIES)), min_size=3, max_size=6))
def test_every_benchmark_has_exactly_one_verdict(tests: list[tuple[str, str]]) -> None:
    """From collecting to judging, whatever its marks, fixtures and ids are; and a sound one is not missing."""
    tests = [*tests, _SOUND]
    with tempfile.TemporaryDirectory() as made:
        _write(Path(made), tests)
        (Path(made) / "targets.yaml").write_text("schema: 1\ntargets:\n  - {benchmark: '*', max: 9 s}\n")
        (Path(made) / "pyproject.toml").write_text("[tool.hivegate]\npaths = ['.']\n")
        options = BenchOptions(passes=3, max_passes=3, max_time=60.0)
        verdicts = bench(find_project(Path(made)), options).gate.verdicts
    told = Counter(verdict.benchmark for verdict in verdicts if verdict.metric is not None)
    assert set(told.values()) == {1}
    functions = Counter(name.partition("[")[0].rpartition("/")[2] for name in told if "#" not in name)
    assert functions == {str(number): _MARKS[mark] for number, (mark, _) in enumerate(tests)}
    outcomes = {verdict.benchmark: verdict.outcome for verdict in verdicts}
    assert outcomes[f"odd/{len(tests) - 1}"] not in {Outcome.MISSING, Outcome.CRASHED, Outcome.INVALID}
