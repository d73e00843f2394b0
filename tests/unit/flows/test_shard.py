"""What a machine's part of a suite is, and what makes two parts those of one suite."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.measured import benchmark, run, sample, target, targets

import hivegate
from hivegate.flows.shard import Division, digest_of_targets, division_of, load_durations
from hivegate.ingest import write_comparison, write_run
from hivegate.model.comparison import BenchmarkComparison, Comparison
from hivegate.model.run import Benchmark

if TYPE_CHECKING:
    from pathlib import Path


def test_a_shard_is_one_of_so_many() -> None:
    """Both ends are shards; what is outside is refused with how to write one."""
    assert division_of(None, None) is None
    for number in (1, 8):
        assert division_of((number, 8), None) == Division(number=number, count=8)
    for number, count in ((0, 8), (9, 8), (1, 0), (-1, 2)):
        with pytest.raises(hivegate.HivegateError, match=f"there is no shard {number}/{count}"):
            division_of((number, count), None)


def test_durations_balance_shards_and_nothing_else(tmp_path: Path) -> None:
    """An earlier run or comparison says how long each benchmark took; without a shard they are refused."""
    measured = run(
        benchmark("a", [0.5, 0.25]),  # rounds of ten calls each, without the loop's own time
        Benchmark(id="b", node_id="b", samples=(sample(0.5, wall=7.0, cpu=1.0), sample(0.5, 1, wall=1.0, cpu=1.0))),
        Benchmark(id="never", node_id="never", samples=()),
    )
    file = tmp_path / "run.json"
    file.write_bytes(write_run(measured))
    division = division_of((1, 2), file)
    assert division is not None
    assert division.durations == {"a": 7.5, "b": 8.0}
    with pytest.raises(hivegate.HivegateError, match="there are none"):
        division_of(None, file)
    compared = Comparison(
        base="main",
        benchmarks=(
            BenchmarkComparison(id="c", node_id="c", seconds=3.0),
            BenchmarkComparison(id="gone", node_id="gone", in_head=False),
        ),
    )
    file.write_bytes(write_comparison(compared))
    assert load_durations(file) == {"c": 3.0}


def test_a_long_benchmark_has_a_shard_to_itself() -> None:
    """The parts take equally long, not equally many."""
    durations = {"long": 10.0, **{f"short {number}": 1.0 for number in range(10)}}
    parts = [Division(number=number, count=2, durations=durations).part(durations, None)[0] for number in (1, 2)]
    assert {frozenset({"long"}), frozenset(durations) - {"long"}} == set(parts)


def test_parts_know_what_they_are_parts_of() -> None:
    """All parts of a division agree on suite, targets and durations; any other suite, targets or durations differ."""
    wanted = targets(target("a", maximum=1.0))
    shards = [Division(number=number, count=2).part(["b", "a"], wanted)[1] for number in (1, 2)]
    assert [(one.number, one.count) for one in shards] == [(1, 2), (2, 2)]
    first, second = ((one.suite, one.targets, one.durations) for one in shards)
    assert first == second
    assert Division(number=1, count=2).part(["a", "b", "a"], wanted)[1] == shards[0]
    assert Division(number=1, count=2).part(["a", "c"], wanted)[1].suite != shards[0].suite
    assert Division(number=1, count=2).part(["a", "b"], None)[1].targets != shards[0].targets
    timed = Division(number=1, count=2, durations={"a": 1.0})
    assert timed.part(["a", "b"], wanted)[1].durations != shards[0].durations


def test_targets_are_the_same_wherever_they_are_written() -> None:
    """The file's name and line make no other targets; a limit, a confidence and their order do."""
    here = targets(target("a", maximum=1.0), target("b", maximum=2.0))
    moved = targets(
        target("a", maximum=1.0, where="x.yaml:40:1"), target("b", maximum=2.0, where="x.yaml:2:1"), source="x.yaml"
    )
    assert digest_of_targets(here) == digest_of_targets(moved)
    others = (
        targets(target("a", maximum=1.0), target("b", maximum=3.0)),
        targets(target("b", maximum=2.0), target("a", maximum=1.0)),
        targets(target("a", maximum=1.0), target("b", maximum=2.0), confidence=0.9),
        targets(),
    )
    assert digest_of_targets(here) not in map(digest_of_targets, others)
    assert digest_of_targets(None) == digest_of_targets(targets())
