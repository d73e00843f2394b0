"""Who is forked first and who begins, from pair to pair: real pairs of real processes."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from hivegate.measure.collect import collect
from hivegate.measure.pairs.checkout import PairSetup, Trees
from hivegate.measure.pairs.process import PairProcess, cores
from hivegate.measure.subject import Subject
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


def calls_of(tmp_path: Path, pairs: int, *, forked: bool) -> list[list[tuple[str, int]]]:
    """Measure numbered pairs of two equal trees; returns, for each, the sides and processes in the order of calls."""
    log = tmp_path / "log.txt"
    for side in ("head", "base"):
        folder = tmp_path / side
        (folder / "benches").mkdir(parents=True)
        (folder / "benches" / "bench_it.py").write_text(_SUITE.format(log=str(log)), encoding="utf-8")
        (folder / "pytest.ini").write_text(
            "[pytest]\npython_files = bench_*.py\npython_functions = bench_*\n", encoding="utf-8"
        )
    head = tmp_path / "head"
    subject = Subject(project=head, python=sys.executable, paths=("benches",), roots=("benches",))
    suite = collect(subject)
    trees = Trees(head=head, base=tmp_path / "base", repository=head, rootdir=Path(suite.rootdir))
    setup = PairSetup(subject=subject, trees=trees, preload=(), timeout=300.0, forked=forked)
    calls = []
    for number in range(pairs):
        log.unlink(missing_ok=True)
        with PairProcess(setup, suite.found, number) as pair:
            pair.start()
            ((name, sample),) = pair.measure(dict.fromkeys(suite.found, 0), lambda: False)
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
    calls = calls_of(tmp_path, 4, forked=forked)
    assert [[side for side, _ in pair] for pair in calls] == [["base", "head"], ["head", "base"]] * 2
    processes = [dict(pair) for pair in calls]
    # A process number after another is the next one, but for the rare start over at 1.
    base_first = [(pair["head"] - pair["base"]) % _MOST_PIDS < _MOST_PIDS // 2 for pair in processes]
    assert base_first == [True, True, False, False]


def test_the_core_changes_from_pair_to_pair() -> None:
    """Every core that may be used comes first once, and none is left out."""
    orders = [cores(number) for number in range(len(cores()))]
    assert {order[0] for order in orders} == set(cores())
    assert all(sorted(order) == sorted(cores()) for order in orders)
    assert cores(len(cores())) == cores(0)
