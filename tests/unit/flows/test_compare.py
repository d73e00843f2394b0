"""What `compare` measures, says and keeps, of two real revisions in real pairs of processes."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, NamedTuple

import pytest
from tests.repository import Repository

import hivegate
from hivegate.flows.compare.aa_test import AaTestOptions, aa_test
from hivegate.flows.compare.flow import CompareOptions, CompareResult, compare, measure_comparison
from hivegate.flows.merge import MergeOptions, merge
from hivegate.flows.project import find_project
from hivegate.flows.workspace import load_result
from hivegate.ingest import read_any
from hivegate.model.events import Advanced, Noted, Started
from hivegate.model.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hivegate.flows.project import Project
    from hivegate.model.events import Event

pytestmark = pytest.mark.slow

# Called once a pair; what changes, changes by a factor, so that four pairs decide on the busiest machine.
_BENCH = """
import work

def test_{name}(benchmark):
    benchmark.pedantic(work.{name}, rounds=1)
"""
_TWICE = """
import copy

def test_twice(benchmark):
    other = copy.copy(benchmark)
    benchmark.pedantic(work.same, rounds=1)
    other.pedantic(work.slower, rounds=1)
"""
_WORK = """
import os

def slower():
    return sum(range({turns}))

def same():
    return sum(range(100_000))

def excused():
    return sum(range({turns}))

def fatal():
    {fatal}

def {only}():
    return 1
"""
_TARGETS = """
schema: 1
budgets:
  - {benchmark: "*", budget: 100 %}
  - {benchmark: work/excused, budget: none}
"""


def benches(*names: str) -> str:
    """Write a benchmark of each function of the module."""
    return "".join(_BENCH.format(name=name) for name in names)


class Compared(NamedTuple):
    """A comparison of two commits: the project, what came of it, what was told, and the base."""

    project: Project
    result: CompareResult
    events: list[Event]
    base: str
    out: Path


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Compared]:
    """Compare two commits: one benchmark is slower, one alike, one without a budget, one new, one gone."""
    repository = Repository.new(tmp_path_factory.mktemp("compared"))
    base = repository.commit({
        "pyproject.toml": "[project]\nname = 'flow'\nversion = '0'\n",
        "targets.yaml": _TARGETS,
        ".gitignore": ".hivegate\n__pycache__\n",
        "work.py": _WORK.format(turns=100_000, only="gone", fatal="return 1"),
        "benches/bench_work.py": benches("fatal", "slower", "same", "excused", "gone") + _TWICE,
        "benches/bench_other.py": benches("same"),
    })  # fmt: skip
    repository.commit({
        "work.py": _WORK.format(turns=800_000, only="new", fatal="os._exit(7)"),
        "benches/bench_work.py": benches("fatal", "slower", "same", "excused", "new") + _TWICE,
    })  # fmt: skip
    project, out = find_project(repository.folder), repository.folder / ".hivegate" / "out.json"
    events: list[Event] = []
    options = CompareOptions(base="HEAD^1", selectors=("work/*",), out=out)
    yield Compared(project, compare(project, options, events.append), events, base, out)
    assert repository.worktrees() == [str(repository.folder)]


def test_each_benchmark_of_either_revision_has_its_verdict(compared: Compared) -> None:
    """What head has not is missing, what base has not is new, and what no budget governs is no verdict at all."""
    outcomes = {one.benchmark: one.outcome for one in compared.result.gate.verdicts}
    assert outcomes == {
        "work/fatal": Outcome.CRASHED,
        "work/slower": Outcome.SLOWER,
        "work/same": Outcome.PASSED,
        "work/twice": Outcome.PASSED,
        "work/twice#2": Outcome.SLOWER,
        "work/new": Outcome.NEW,
        "work/gone": Outcome.MISSING,
    }
    assert compared.result.gate.exit_status == 1
    assert compared.result.comparison.not_compared == ("work/excused",)
    assert compared.result.comparison.not_selected == ("other/same",)


def test_a_comparison_names_its_base_and_what_each_benchmark_cost(compared: Compared) -> None:
    """The base is the commit; a clear answer takes the four pairs of the first look, and a slower one eight more."""
    comparison = compared.result.comparison
    assert comparison.base_sha == compared.base
    assert not any("forked" in note for note in comparison.notes)
    known = {one.id: one for one in comparison.benchmarks}
    slower, same = known["work/slower"], known["work/same"]
    assert slower.change is not None
    assert same.change is not None
    assert (slower.change.n, same.change.n, len(slower.change.ratios)) == (4, 4, 4)
    assert (slower.confirmed, same.confirmed) == (True, None)
    assert slower.change.head_value > slower.change.base_value
    assert slower.seconds > 0  # of both sides together, though head takes more
    assert (known["work/new"].in_base, known["work/gone"].in_head, known["work/gone"].seconds) == (False, False, 0.0)


def test_what_ends_its_process_costs_only_itself_and_says_on_which_side(compared: Compared) -> None:
    """Head's process ended, base's did not; the benchmarks behind it are measured in the next pair."""
    (fatal,) = (one for one in compared.result.comparison.benchmarks if one.id == "work/fatal")
    assert (fatal.change, fatal.confirmed) == (None, None)
    assert fatal.trouble is not None
    assert (bool(fatal.trouble.head), bool(fatal.trouble.base)) == (True, False)
    notes = [one.message for one in compared.events if isinstance(one, Noted) and "work/fatal" in one.message]
    assert [note.partition("work/fatal: ")[2].partition(" ")[0] for note in notes] == ["head"]


def test_the_result_is_kept_and_nothing_is_profiled_unasked(compared: Compared) -> None:
    """What a later report reads is what was returned; profiles take minutes and are made where they are asked for."""
    latest = compared.project.folder / ".hivegate" / "latest"
    assert load_result(latest / "compare.json") == compared.result.gate
    assert read_any(compared.out) == compared.result.comparison
    assert not (compared.project.folder / ".hivegate" / "profiles").exists()
    assert "profiling" not in {one.stage for one in compared.events if isinstance(one, Started)}
    assert "base: the commit before, " + compared.base[:7] in {
        one.message for one in compared.events if isinstance(one, Noted)
    }


def test_a_comparison_without_time_passes_nothing(compared: Compared) -> None:
    """What was not measured is inconclusive, though it would have passed, and the gate is not green."""
    result = compare(compared.project, CompareOptions(base="HEAD^1", selectors=("other/same",), max_time=0.0))
    (verdict,) = result.gate.verdicts
    assert (verdict.outcome, verdict.change) == (Outcome.INCONCLUSIVE, None)
    assert result.gate.exit_status == 3


def test_where_nothing_has_a_budget_nothing_passes(compared: Compared) -> None:
    """A gate that compares nothing is an error, and says which line took the budget away."""
    with pytest.raises(hivegate.HivegateError, match=r"targets\.yaml:5.* gives work/excused no budget") as refused:
        compare(compared.project, CompareOptions(base="HEAD^1", selectors=("work/excused",)))
    assert refused.value.exit_status == 2


def test_shards_of_a_comparison_are_parts_that_only_together_are_judged(compared: Compared, tmp_path: Path) -> None:
    """Two parts have no benchmark in common; merged they are the whole, gone ones included, and are kept as latest.

    The budget of each shard, 5000 %, overrides the file's, but gives none where that says none.
    """
    files = (tmp_path / "1.json", tmp_path / "2.json")
    parts = [
        measure_comparison(
            compared.project,
            CompareOptions(base="HEAD^1", budget=50.0, shard=(number, 2), out=file),
        )
        for number, file in enumerate(files, start=1)
    ]
    ids = [{one.id for one in part.benchmarks} for part in parts]
    assert ids[0] & ids[1] == set()
    known = {"work/fatal", "work/slower", "work/same", "work/twice", "work/twice#2", "work/new", "work/gone"}
    assert ids[0] | ids[1] == {*known, "other/same"}
    assert [part.shard and (part.shard.number, part.shard.count) for part in parts] == [(1, 2), (2, 2)]
    out = tmp_path / "whole.json"
    merged = merge(compared.project, MergeOptions(files=files, out=out))
    assert isinstance(merged, CompareResult)
    outcomes = {one.benchmark: one.outcome for one in merged.gate.verdicts}
    assert outcomes.keys() == ids[0] | ids[1]
    assert outcomes["work/slower"] is Outcome.PASSED
    assert merged.comparison.not_compared == ("work/excused",)
    assert read_any(out) == merged.comparison
    assert load_result(compared.project.folder / ".hivegate" / "latest" / "compare.json") == merged.gate
    with pytest.raises(hivegate.HivegateError, match="of 2, shard 2 is missing"):
        merge(compared.project, MergeOptions(files=files[:1]))


def test_a_tree_differs_from_its_copy_by_noise_alone(compared: Compared) -> None:
    """An A/A test takes eight pairs of every benchmark that has a budget, of the tree as it is, committed or not.

    What cannot be measured is said with its reason.
    """
    folder = compared.project.folder
    (folder / "benches" / "bench_fresh.py").write_text(
        benches("same") + "\ndef test_broken(benchmark):\n    benchmark(lambda: 1 / 0)\n"
    )
    try:
        seen = aa_test(compared.project, AaTestOptions(selectors=("fresh/*", "work/excused")))
    finally:
        (folder / "benches" / "bench_fresh.py").unlink()
    same, broken = seen.benchmarks
    assert (same.benchmark, same.pairs, same.budget, same.trouble) == ("fresh/same", 8, 1.0, "")
    assert same.spread is not None
    assert same.spread > 0
    assert (broken.benchmark, broken.pairs, broken.spread) == ("fresh/broken", 0, None)
    assert "ZeroDivisionError" in broken.trouble


def test_an_interrupted_aa_test_tells_what_it_saw(compared: Compared) -> None:
    """Of a benchmark that has pairs enough; the command prints it, and ends as interrupted."""
    seen: list[Event] = []

    def interrupt(event: Event) -> None:
        seen.append(event)
        if sum(isinstance(one, Advanced) for one in seen) == 5:
            os.kill(os.getpid(), signal.SIGINT)

    found = aa_test(compared.project, AaTestOptions(selectors=("work/same",)), interrupt)
    assert found.interrupted
    assert [4 <= one.pairs < 8 for one in found.benchmarks] == [True]
    assert found.notes[-1].startswith("interrupted: ")


def test_an_aa_test_needs_a_commit(tmp_path: Path) -> None:
    """Without one there is nothing to copy, and the fix is said."""
    (tmp_path / "benches").mkdir()
    with pytest.raises(hivegate.HivegateError, match="no commit to copy") as refused:
        aa_test(find_project(tmp_path))
    assert "git init" in str(refused.value)
