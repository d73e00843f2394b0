"""Who is forked first and who begins, from pair to pair: real pairs of real processes."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import pytest

from hivegate.measure.collect import BenchmarkItem, collect
from hivegate.measure.pairs.checkout import PairSetup, Trees
from hivegate.measure.pairs.collect import PairCollector
from hivegate.measure.pairs.process import PairProcess, cores
from hivegate.measure.pairs.sharing import SharedMachine
from hivegate.measure.subject import Subject
from hivegate.model.events import Advanced, Event, ignore_progress
from hivegate.model.pairs import PairSample

# A call that may happen only once writes which side made it, and in which process.
_SUITE = """
import gc, os

def call():
    assert gc.get_freeze_count()  # what was imported before is no part of a call that allocates
    with open({log!r}, "a") as log:
        log.write(f"{{os.path.basename(os.getcwd())}} {{os.getpid()}}\\n")

def bench_call(benchmark):
    benchmark.pedantic(call)
"""
_MOST_PIDS = int(Path("/proc/sys/kernel/pid_max").read_text(encoding="ascii"))


def setup_of(tmp_path: Path, text: str, *, forked: bool) -> tuple[PairSetup, tuple[BenchmarkItem, ...]]:
    """Make two equal trees with a suite; returns how to pair them, and their benchmarks."""
    for side in ("head", "base"):
        folder = tmp_path / side
        (folder / "benches").mkdir(parents=True)
        (folder / "benches" / "bench_it.py").write_text(text, encoding="utf-8")
        (folder / "pytest.ini").write_text(
            "[pytest]\npython_files = bench_*.py\npython_functions = bench_*\n", encoding="utf-8"
        )
    head = tmp_path / "head"
    subject = Subject(project=head, python=sys.executable, paths=("benches",), roots=("benches",))
    suite = collect(subject)
    trees = Trees(head=head, base=tmp_path / "base", repository=head, rootdir=Path(suite.rootdir))
    return PairSetup(subject=subject, trees=trees, preload=(), timeout=300.0, forked=forked), suite.found


def calls_of(tmp_path: Path, pairs: int, *, forked: bool) -> list[list[tuple[str, int]]]:
    """Measure numbered pairs of two equal trees; returns, for each, the sides and processes in the order of calls."""
    log = tmp_path / "log.txt"
    setup, found = setup_of(tmp_path, _SUITE.format(log=str(log)), forked=forked)
    calls = []
    for number in range(pairs):
        log.unlink(missing_ok=True)
        with PairProcess(setup, found, number, SharedMachine()) as pair:
            pair.start()
            ((name, sample),) = pair.measure(dict.fromkeys(found, 0), lambda: False)
        assert name == "it/call"
        assert isinstance(sample, PairSample), sample
        words = [line.split() for line in log.read_text(encoding="utf-8").splitlines()]
        calls.append([(side, int(process)) for side, process in words])
    return calls


@pytest.mark.parametrize("forked", [True, False])
def test_sides_take_turns_at_beginning_and_at_being_started(tmp_path: Path, *, forked: bool) -> None:
    """Each side begins in every other pair, and is started first in two of four: in each way once with the other.

    What the first call or the first process has over the second then falls on both revisions alike.
    """
    calls = calls_of(tmp_path, 5, forked=forked)
    begun = [pair[0][0] for pair in calls]
    assert begun == ["base", "head", "head", "base", "base"]  # so that each begins once on each of two cores
    assert all(first != second for (first, _), (second, _) in calls)
    processes = [dict(pair) for pair in calls]
    # A process number after another is the next one, but for the rare start over at 1.
    base_first = [(pair["head"] - pair["base"]) % _MOST_PIDS < _MOST_PIDS // 2 for pair in processes]
    assert base_first == [True, True, False, False, True]


# Each call writes when it began and ended, of which benchmark and pair; the second one works in threads.
_BESIDE = """
import os, threading, time

def note(what, begun):
    with open({log!r}, "a") as log:
        log.write(f"{{what}} {{os.getppid()}} {{begun}} {{time.monotonic()}}\\n")

def spin():
    end = time.thread_time() + 0.002
    while time.thread_time() < end:
        pass

def one():
    begun = time.monotonic()
    spin()
    note("one", begun)

def many():
    begun = time.monotonic()
    threads = [threading.Thread(target=spin) for _ in range(2)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    note("many", begun)

def bench_one(benchmark):
    benchmark(one)

def bench_many(benchmark):
    benchmark(many)

def bench_one_more(benchmark):
    benchmark(one)
"""


@pytest.mark.skipif(len(cores()) < 2, reason="one core")
def test_pairs_are_measured_beside_each_other_but_for_what_needs_the_cores(tmp_path: Path) -> None:
    """As many at once as there are cores; while one measures threads, the others wait."""
    log = tmp_path / "log.txt"
    setup, found = setup_of(tmp_path, _BESIDE.format(log=str(log)), forked=True)
    pairs = PairCollector(setup, found, ignore_progress, singles={})
    pairs.measure({item.id for item in found}, 2, overdue=lambda: False)
    assert {name: len(samples) for name, samples in pairs.samples.items()} == dict.fromkeys(pairs.samples, 2)
    lines = [line.split() for line in log.read_text(encoding="utf-8").splitlines()]
    calls = [(what, pair, float(begun), float(end)) for what, pair, begun, end in lines]
    pairs_seen = {pair for _, pair, _, _ in calls}
    assert len(pairs_seen) == 2

    def beside(call: tuple[str, str, float, float]) -> set[str]:
        _, pair, begun, end = call
        return {what for what, other, first, last in calls if other != pair and begun < last and first < end}

    assert any("one" in beside(call) for call in calls if call[0] == "one")
    for pair in pairs_seen:
        threaded = [call for call in calls if call[:2] == ("many", pair)]
        rounds = threaded[-20:-2]  # neither the calls that warm up, nor those whose result the tests get
        assert [beside(call) for call in rounds] == [set()] * 18


# A call that cannot bear another one beside it: none of the four processes may hold the file while one calls.
_JEALOUS = """
import os, time

def call():
    own = os.open({lock!r}, os.O_CREAT | os.O_EXCL)
    end = time.thread_time() + {seconds}
    while time.thread_time() < end:
        pass
    os.close(own)
    os.unlink({lock!r})

def bench_call(benchmark):
    benchmark(call)

def bench_never(benchmark):
    benchmark(lambda: 1 / 0)
"""


@pytest.mark.parametrize("seconds", [0.002, 0.02])
def test_what_cannot_bear_others_is_measured_alone(tmp_path: Path, seconds: float) -> None:
    """A port or file that only one may have at a time costs nobody a verdict; what always raises, raises alone, too."""
    setup, found = setup_of(tmp_path, _JEALOUS.format(lock=str(tmp_path / "lock"), seconds=seconds), forked=True)
    pairs = PairCollector(setup, found, ignore_progress, singles={})
    pairs.measure({item.id for item in found}, 2, overdue=lambda: False)
    assert {name: len(samples) for name, samples in pairs.samples.items()} == {"it/call": 2, "it/never": 0}
    assert list(pairs.notes) == ["it/call: raises where others run at the same time, so it is measured alone"]
    assert list(pairs.troubles) == ["it/never"]
    assert "ZeroDivisionError" in pairs.troubles["it/never"].head


def test_what_raised_beside_others_is_said_where_no_time_is_left_to_try_it_alone(tmp_path: Path) -> None:
    """That no pair was measured would hide why."""
    setup, found = setup_of(tmp_path, "def bench_never(benchmark): benchmark(lambda: 1 / 0)\n", forked=True)
    done: list[Event] = []
    pairs = PairCollector(setup, found, done.append, singles={})
    pairs.measure({"it/never"}, 1, overdue=lambda: any(isinstance(event, Advanced) for event in done))
    assert "ZeroDivisionError" in pairs.troubles["it/never"].head


_LONG = """
import os, time

def call():
    with open({log!r}, "a") as log:
        log.write(f"{{os.getpid()}}\\n")
    end = time.thread_time() + 0.3
    while time.thread_time() < end:
        pass
    return 7

def bench_call(benchmark):
    assert benchmark(call) == 7
    assert benchmark.stats.stats.mean > 0
"""


def test_a_long_call_is_made_three_times_a_side(tmp_path: Path) -> None:
    """Alone, to warm up, and timed, which is also what gives the test its result."""
    log = tmp_path / "log.txt"
    setup, found = setup_of(tmp_path, _LONG.format(log=str(log)), forked=True)
    pairs = PairCollector(setup, found, ignore_progress, singles={})
    ((sample,),) = pairs.measure({"it/call"}, 1, overdue=lambda: False).values()
    assert (sample.together, len(sample.base_cpu)) == (True, 1)
    assert sorted(Counter(log.read_text(encoding="utf-8").split()).values()) == [3, 3]


def test_the_core_changes_from_pair_to_pair() -> None:
    """Every core that may be used comes first once, and none is left out."""
    orders = [cores(number) for number in range(len(cores()))]
    assert {order[0] for order in orders} == set(cores())
    assert all(sorted(order) == sorted(cores()) for order in orders)
    assert cores(len(cores())) == cores(0)
