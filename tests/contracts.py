"""A suite in which each test uses the fixture in another way, and all loops of the worker run on it."""

from __future__ import annotations

import shutil
import textwrap
from typing import TYPE_CHECKING

import msgspec

from hivegate.measure.collect import BenchmarkItem
from hivegate.measure.instructions import _under_valgrind
from hivegate.measure.pairs.checkout import PairSetup, Trees
from hivegate.measure.pairs.collect import PairCollector
from hivegate.measure.subject import Subject
from hivegate.measure.worker_run import TreeSuite, run_in_worker
from hivegate.model.events import ignore_progress
from hivegate.model.protocol import InstructionsPlan, MeasurePlan, MemoryPlan, ProfilePlan, SessionPlan

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from hivegate.model.pairs import PairSample

_CONFTEST = """
import asyncio
import inspect

import pytest

@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem):
    if inspect.iscoroutinefunction(pyfuncitem.obj):
        asyncio.run(pyfuncitem.obj(pyfuncitem.funcargs["benchmark"]))
        return True

@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if item.name == "test_retried" and report.failed:
        item.ihook.pytest_runtest_call(item=item)
        report.outcome, report.longrepr = "passed", None
"""
LOOPS = ("rounds", "single calls", "pairs", "memory", "instructions", "profile")
SINGLES = 20
_FILE = "bench_contract.py"
_SUITE = r"""
import asyncio
import collections
import concurrent.futures
import copy
import inspect
import itertools
import os
import time

import pytest

def work(n=200):
    return sum(range(n))

async def fetch():
    return work()

class Client:
    def get(self):
        return fetch()

class Awaited:
    def __await__(self):
        yield

async def stream():
    yield work()

def rows():
    yield work()

CLOCKS = [name for name in dir(time) if name.split("_")[0] in ("perf", "monotonic", "time", "process", "thread")]

@pytest.fixture
def stopped(monkeypatch):
    kept = {name: getattr(time, name)() for name in CLOCKS if callable(getattr(time, name))}
    for name, value in kept.items():
        monkeypatch.setattr(time, name, lambda value=value: value)

class Counter:
    def __init__(self, step):
        self.now, self.step = 0.0, step
    def __call__(self):
        self.now += self.step
        return self.now

def limited(calls):
    queue = collections.deque([200] * calls)
    return lambda: work(queue.popleft())

def test_plain(benchmark):
    assert benchmark(work) == work()
    assert 0 < benchmark.stats.stats.mean < 1
    assert 0 < benchmark.stats["min"] <= benchmark.stats["max"]
    assert benchmark.stats.stats.rounds >= 1

def test_extra_info(benchmark):
    benchmark.extra_info.update(size="64x64", mine={(1, 2): object()}, operations=20)
    benchmark(work)
    assert benchmark.extra_info["operations"] == 20

def test_after(benchmark):
    benchmark(work)
    benchmark.extra_info["operations"] = 10

def test_coroutine_function(benchmark):
    assert benchmark(fetch) == work()
    assert 0 < benchmark.stats.stats.mean < 1

async def hop(n=200):
    await asyncio.sleep(0)
    return work(n)

class Service:
    async def __call__(self, n):
        return await hop(n)

def test_service(benchmark):
    assert benchmark(Service(), 10) == 45

def test_set_up_awaited(benchmark):
    torn = []
    known = "teardown" in inspect.signature(benchmark.pedantic).parameters
    teardown = {"teardown": torn.append} if known else {}
    assert benchmark.pedantic(hop, setup=lambda: ((10,), {}), rounds=3, **teardown) == 45
    assert set(torn) == ({10} if known else set())

async def test_awaits(benchmark):
    loop = asyncio.get_running_loop()
    async def call():
        assert asyncio.get_running_loop() is loop
        return await asyncio.wait_for(hop(), 60)
    assert await benchmark(call) == work()
    assert 0 < benchmark.stats.stats.mean < 1

async def test_awaits_limited(benchmark):
    queue = collections.deque([200] * 30)
    async def take():
        return await hop(queue.popleft())
    await benchmark.pedantic(take, rounds=30)

async def test_awaits_not(benchmark):
    benchmark(hop).close()

async def test_awaits_raising(benchmark):
    async def fail():
        await asyncio.sleep(0)
        return 1 / 0
    await benchmark(fail)

async def test_awaits_two(benchmark):
    other = copy.copy(benchmark)
    assert await benchmark(hop) == await other(hop) == work()

def test_lambda(benchmark):
    benchmark(lambda: fetch())

def test_method(benchmark):
    benchmark(Client().get)

def test_pedantic_coroutine(benchmark):
    benchmark.pedantic(lambda: fetch(), rounds=3, iterations=2)

def test_set_up_coroutine(benchmark):
    benchmark.pedantic(lambda n: fetch(), setup=lambda: ((1,), {}), rounds=3)

def test_once_coroutine(benchmark):
    benchmark.pedantic(lambda: fetch())

def test_async_generator(benchmark):
    benchmark(stream)

def test_awaitable(benchmark):
    benchmark(Awaited)

def test_future(benchmark):
    loop = asyncio.new_event_loop()
    benchmark(loop.create_future)
    loop.close()

def test_several_coroutines(benchmark):
    benchmark(lambda: [fetch() for _ in range(3)])

def test_ran(benchmark):
    loop = asyncio.new_event_loop()
    assert benchmark(lambda: loop.run_until_complete(fetch())) == work()
    loop.close()

def test_generator(benchmark):
    benchmark(rows)

def test_stopped(benchmark, stopped):
    benchmark(work)
    assert benchmark.stats.stats.mean > 0

def test_stopped_timer(benchmark, stopped):
    benchmark._timer = time.perf_counter
    benchmark(work)

def test_still(benchmark):
    benchmark._timer = lambda: 1.0
    benchmark.pedantic(work, rounds=5, iterations=2)

def test_unmoved(benchmark):
    benchmark._timer = lambda: 1.0
    benchmark(work)

def test_backwards(benchmark):
    benchmark._timer = Counter(-1.0)
    benchmark.pedantic(work, rounds=5)

def test_device(benchmark):
    benchmark._timer = Counter(0.5)
    benchmark.pedantic(work, rounds=30)
    assert benchmark.stats.stats.mean > 0

@pytest.mark.benchmark(timer=time.process_time)
def test_process_time(benchmark):
    benchmark(work, 5000)

def test_limited(benchmark):
    benchmark.pedantic(limited(35), rounds=30, warmup_rounds=5)

def test_limited_iterations(benchmark):
    assert benchmark.pedantic(limited(41), rounds=4, iterations=10) == work()

def test_two_calls(benchmark):
    benchmark.pedantic(limited(2), rounds=2)

def test_once(benchmark):
    assert benchmark.pedantic(limited(1)) == work()
    assert benchmark.stats.stats.mean > 0

def test_torn_down(benchmark):
    done = []
    # Only pytest-benchmark 5 knows it.
    known = "teardown" in inspect.signature(benchmark.pedantic).parameters
    benchmark.pedantic(limited(4), rounds=4, **({"teardown": lambda: done.append(1)} if known else {}))
    assert not known or 0 < len(done) <= 4

def test_set_up(benchmark):
    made = []
    def setup():
        made.append(1)
        return (made,), {}
    benchmark.pedantic(lambda made: made.pop(), setup=setup, rounds=3)
    assert not made
    assert benchmark.stats.stats.mean > 0

def test_set_up_twice(benchmark):
    benchmark.pedantic(work, args=(1,), setup=lambda: ((1,), {}), rounds=3)

def test_mapped(benchmark):
    benchmark(lambda: map(work, range(3)))

def test_zipped(benchmark):
    benchmark(lambda: zip(range(3), range(3)))

def test_asked_later(request):
    request.getfixturevalue("benchmark")(work)

@pytest.mark.xfail(reason="known")
def test_expected(benchmark):
    benchmark(lambda: 1 / 0)

def test_submitted(benchmark):
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        benchmark.pedantic(pool.submit, (time.sleep, 0.05), rounds=1)

def test_named_coroutines(benchmark):
    benchmark(lambda: {"n": 1, "a": [work(), fetch()]})

class Held:
    __slots__ = ("kept",)

    def __init__(self, kept):
        self.kept = kept

    @property
    def read(self):
        raise RuntimeError("a property was read")

class Answer(dict):
    def __init__(self, body):
        super().__init__()
        self.body = body

    def values(self):
        raise RuntimeError("its own code was run")

def test_held_coroutine(benchmark):
    benchmark(lambda: Held([Answer({"body": fetch()})]))

def test_held_state(benchmark):
    loop = asyncio.new_event_loop()
    benchmark(lambda: Answer(Held([loop.create_future()])))
    loop.close()

def test_deep_coroutine(benchmark):
    made = []
    def nested():
        made[:] = [fetch()]
        return [[[[made]]]]
    benchmark.pedantic(nested, rounds=3, iterations=1)
    made[0].close()

def test_catches(benchmark):
    try:
        benchmark(lambda: 1 / 0)
    except ZeroDivisionError:
        pass

def test_no_rounds(benchmark):
    benchmark.pedantic(work, rounds=0)

def test_disabled(benchmark):
    benchmark.disabled = True
    assert benchmark(work) == work()
    assert benchmark.stats is None

def test_twice(benchmark):
    benchmark(work)
    benchmark(work)

def test_cloned(benchmark):
    other = copy.copy(benchmark)
    other.name, other.extra_info = "other", {"operations": 7}
    assert benchmark(work) == other.pedantic(work, rounds=30) == work()
    assert other.stats.stats.min > 0 and benchmark.stats.stats.min > 0

@pytest.fixture
def renamed(benchmark):
    benchmark.name, benchmark.fullname = "another", "another::name"
    return benchmark

def test_renamed(renamed):
    renamed(work)

def test_woven(benchmark, monkeypatch):
    kept = work
    monkeypatch.setitem(globals(), "work", lambda *given: benchmark(kept, *given))
    assert work(10) == 45

@pytest.mark.benchmark(group="one", min_rounds=3, disable_gc=True, warmup=True)
def test_marked(benchmark):
    benchmark(work)

def test_raises(benchmark):
    benchmark(lambda: 1 / 0)

def test_raises_later(benchmark):
    count = itertools.count()
    benchmark(lambda: 1 / (1 - next(count)))

def test_asserts(benchmark):
    assert benchmark(work) == -1

def test_undecodable(benchmark):
    raise ValueError(os.fsdecode(b"caf\xe9"))

def test_skips(benchmark):
    pytest.skip(os.fsdecode(b"caf\xe9"))

def test_forgets(benchmark):
    pass

class TestAll:
    @pytest.fixture(autouse=True)
    def keep(self, benchmark):
        self.benchmark = benchmark
    def test_measured(self):
        self.benchmark(work)
    def test_other(self):
        assert work() > 0

tries = []

@pytest.mark.flaky(reruns=2)
@pytest.mark.timeout(1e-9)
def test_unstable(benchmark):
    tries.append(1)
    benchmark(work)
    assert len(tries) > 1

runs = []

def test_retried(benchmark):
    runs.append(1)
    assert len(runs) > 1
    benchmark(work)

def test_exits(benchmark):
    benchmark(pytest.exit, "enough")

def test_interrupts(benchmark):
    benchmark(lambda: (_ for _ in ()).throw(KeyboardInterrupt("stop")))

def test_leaves(benchmark):
    benchmark(exit, 3)

def test_prints(benchmark):
    benchmark(lambda: os.write(1, b"\xff\xfe caf\xe9\n"))

@pytest.mark.parametrize("codec", [str(os.getpid())])
def test_renames(benchmark, codec):
    benchmark(work)

def test_last(benchmark):
    assert benchmark(work) == work()
"""


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What a loop makes of one benchmark: an outcome, its reason, notes, what it declares, and seconds of a call."""

    outcome: str
    detail: str = ""
    notes: tuple[str, ...] = ()
    declared: dict[str, object] = {}
    seconds: float | None = None
    calls: int | None = None


def names() -> tuple[str, ...]:
    """Name the benchmarks of the suite, in its order; one test has two."""
    lines = _SUITE.splitlines()
    tests = [line.partition("def test_")[2].partition("(")[0] for line in lines if "def test_" in line]
    return tuple(name for test in tests for name in ((test, f"{test}#2") if test == "cloned" else (test,)))


def read(loop: str, folder: Path, python: str, only: Collection[str] = ()) -> dict[str, Reading]:
    """Run one loop on the suite, or `only` on some, in a folder; returns what it makes of each benchmark, by name."""
    head = folder / "head"
    head.mkdir()
    (head / _FILE).write_text(textwrap.dedent(_SUITE), encoding="utf-8")
    (head / "conftest.py").write_text(_CONFTEST, encoding="utf-8")
    (head / "pytest.ini").write_text(
        "[pytest]\naddopts = --strict-markers -p no:randomly\nmarkers = flaky\n  timeout\n"
    )
    chosen = tuple(_item(name, head) for name in only or names())
    subject = Subject(project=head, python=python, paths=(_FILE,), roots=("",))
    if loop == "pairs":
        shutil.copytree(head, folder / "base")
        return read_pairs(folder, subject, chosen)
    suite = TreeSuite(subject=subject, rootdir=str(head), chosen=chosen, timeout=120.0)
    if loop != "instructions":
        calls = dict.fromkeys((item.id for item in chosen), SINGLES if loop == "single calls" else 0)
        return _read_plan(suite, _plan(loop), calls)
    with _under_valgrind(msgspec.structs.replace(subject, project=head)) as (counted, counts):
        counted_suite = msgspec.structs.replace(suite, subject=counted, timeout=600.0)
        return _read_plan(counted_suite, InstructionsPlan(counts=counts), {})


def _item(name: str, head: Path) -> BenchmarkItem:
    inside = "TestAll::" if name in {"measured", "other"} else ""
    params = "[1]" if name == "renames" else ""
    return BenchmarkItem(id=name, node_id=f"{_FILE}::{inside}test_{name}{params}", path=str(head / _FILE))


def _plan(loop: str) -> SessionPlan:
    if loop == "memory":
        return MemoryPlan()
    if loop == "profile":
        return ProfilePlan(seconds=0.02)
    return MeasurePlan(max_time="0.01", min_time="0.0002")


def _read_plan(suite: TreeSuite, plan: SessionPlan, calls: dict[str, int]) -> dict[str, Reading]:
    run = run_in_worker(suite, plan, calls, ignore_progress)
    readings = {name: Reading(outcome=lost.outcome.value, detail=lost.detail) for name, lost in run.lost.items()}
    for name, end in run.finished.items():
        seconds = None
        if end.time is not None and (times := end.time.single_calls or end.time.rounds):
            seconds = sorted(times)[len(times) // 2]
        readings[name] = Reading(
            outcome=end.outcome.value, detail=end.detail, notes=end.notes, declared=end.extra_info, seconds=seconds
        )
    return readings


def read_pairs(folder: Path, subject: Subject, chosen: tuple[BenchmarkItem, ...]) -> dict[str, Reading]:
    """Measure a pair of what stands in `head` and `base` of a folder; returns what became of each benchmark, by id."""
    trees = Trees(head=folder / "head", base=folder / "base", repository=folder / "head", rootdir=folder / "head")
    setup = PairSetup(subject=subject, trees=trees, preload=("pytest",), timeout=120.0)
    collector = PairCollector(setup, chosen, ignore_progress, singles={})
    samples = collector.measure({item.id for item in chosen}, 1, overdue=lambda: False)
    readings = {name: _of_pair(pairs[0]) for name, pairs in samples.items() if pairs}
    for name, trouble in collector.troubles.items():
        outcome, _, detail = (trouble.head or trouble.base).partition(": ")
        readings[name] = Reading(outcome=outcome, detail=detail)
    return readings


def _of_pair(sample: PairSample) -> Reading:
    return Reading(
        outcome="measured",
        seconds=sorted(sample.head_wall)[len(sample.head_wall) // 2] / sample.calls,
        calls=sample.calls * len(sample.head_wall),
    )
