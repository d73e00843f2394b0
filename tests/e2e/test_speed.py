"""The speed of the machine as the worker reads it, and what `bench` measures and how often."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Project

    Suite = Callable[..., Project]

pytestmark = pytest.mark.timed

BENCHES = """
import threading, time
def test_short(benchmark): benchmark(sum, range(20))
def test_long(benchmark): benchmark(sum, range(2_000_000))
def test_pedantic(benchmark): benchmark.pedantic(sum, args=(range(2000),), rounds=40, iterations=5, warmup_rounds=2)
def test_setup(benchmark): benchmark.pedantic(sum, setup=lambda: ((range(2000),), {}), rounds=30)
def test_sleeping(benchmark): benchmark.pedantic(time.sleep, args=(0.002,), rounds=10)
def test_threads(benchmark):
    def work():
        others = [threading.Thread(target=lambda: hash(bytes(30_000_000))) for _ in range(2)]
        for other in others: other.start()
        for other in others: other.join()
    benchmark.pedantic(work, rounds=5)
"""


def samples(made: Project, name: str) -> list[dict[str, Any]]:
    """Read the passes of a benchmark of the latest run."""
    run = json.loads((made.folder / ".hivegate" / "latest" / "run.json").read_text(encoding="utf-8"))
    return list(next(one for one in run["benchmarks"] if one["id"] == name)["samples"])


def test_every_round_knows_the_speed_that_it_ran_at(suite: Suite) -> None:
    """Readings stand before the first round, between rounds and after the last; waiting and threads are seen."""
    made = suite(BENCHES)
    targets = "".join(f"  - {{benchmark: toy/{name}, metric: p90, max: 10 s}}\n" for name in ("short", "setup"))
    made.write("targets.yaml", f"schema: 1\ntargets:\n{targets}")
    assert made.hivegate("bench", "--all", "--passes", "3").status == 0
    for name in ("short", "long", "pedantic", "setup", "sleeping"):
        for sample in samples(made, f"toy/{name}"):
            speed = sample["speed"]
            assert speed["loop"] == 1
            assert (speed["places"][0], speed["places"][-1]) == (0, len(sample["rounds"]))
            assert speed["places"] == sorted(speed["places"])
            assert len(speed["turns"]) == len(speed["places"]) == len(speed["lost"]) + 1
            assert all(1e-9 < turn < 1e-4 for turn in speed["turns"])
    assert len(samples(made, "toy/long")[0]["speed"]["turns"]) > 3  # a long round has a reading on each side
    for sample in samples(made, "toy/short"):
        assert sample["single_speed"]["places"][-1] == len(sample["single_calls"]) >= 50
    for sample in samples(made, "toy/sleeping"):
        assert sample["speed"]["waited"] > 0.5 * (sample["speed"]["elapsed"] - sum(sample["speed"]["lost"]))
    for sample in samples(made, "toy/short"):
        assert sample["speed"]["waited"] < 0.05 * sample["speed"]["elapsed"]
    for sample in samples(made, "toy/threads"):
        assert sample["speed"]["others"] + sample["speed"]["waited"] > 0.05 * sample["speed"]["elapsed"]


def test_what_no_target_asks_for_is_measured_once_and_what_is_far_from_its_limit_twice(suite: Suite) -> None:
    """With `--all` everything has all passes; a passed promise has five in any case."""
    made = suite(BENCHES)
    far = "  - {benchmark: toy/short, max: 10 s}\n  - {benchmark: toy/setup, metric: max, max: 100 s}\n"
    made.write("targets.yaml", f"schema: 1\ntargets:\n{far}")
    assert made.hivegate("bench").status == 0
    assert [len(samples(made, f"toy/{name}")) for name in ("short", "setup", "long")] == [2, 5, 1]
    assert made.hivegate("bench", "--all", "--passes", "3").status == 0
    assert [len(samples(made, f"toy/{name}")) for name in ("short", "setup", "long")] == [3, 3, 3]


def test_a_limit_is_held_at_the_speed_of_its_machine(suite: Suite) -> None:
    """A reference ten times slower than this machine fails what is only kept here; the report shows both speeds."""
    made = suite("def test_work(benchmark): benchmark(sum, range(20_000))\n")
    made.write("targets.yaml", "schema: 1\ntargets:\n  - {benchmark: toy/work, max: 1 s}\n")
    written = made.hivegate("reference", "--passes", "10", "--write")
    assert (written.status, "written to targets.yaml" in written.out) == (0, True), written
    answer = made.hivegate("bench", "--json", "first.json")
    assert (answer.status, "of the reference machine's speed" in answer.out) == (0, True), answer
    (verdict,) = json.loads((made.folder / "first.json").read_text())["verdicts"]
    assert verdict["measured_outcome"] == "passed"
    assert 0.4 < verdict["scaling"]["speed"] < 2.5
    text = (made.folder / "targets.yaml").read_text(encoding="utf-8")
    turn = next(line for line in text.splitlines() if "turn:" in line)
    between = next(line for line in text.splitlines() if "between:" in line)
    slow = text.replace(turn, "    turn: 5000000 ns").replace(between, "    between: [4 ms, 6 ms]")
    made.write("targets.yaml", slow.replace("max: 1 s", f"max: {verdict['measured']['value'] * 1.5:.3g} s"))
    assert made.hivegate("bench").status != 0 or made.outcomes()["toy/work"] != "passed"
