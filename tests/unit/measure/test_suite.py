"""What a run of a suite holds: of each benchmark what its targets ask for, and nothing that was not measured."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NamedTuple

import pytest
from tests.repository import Repository

from hivegate.flows.bench.measure import bonds, single_calls
from hivegate.flows.bench.run import RunOptions, list_benchmarks, run
from hivegate.flows.project import find_project
from hivegate.ingest import read
from hivegate.instruments import METRICS, definition_of
from hivegate.model.events import Advanced, Started
from hivegate.model.run import TestOutcome
from hivegate.targets import load_targets

if TYPE_CHECKING:
    from hivegate.flows.project import Project
    from hivegate.model.events import Event
    from hivegate.model.run import Benchmark, Run

pytestmark = pytest.mark.slow

_SUITE = """
import os

def test_plain(benchmark):
    benchmark.pedantic(sum, args=(range(100),), rounds=4, iterations=5)

def test_held(benchmark):
    benchmark.extra_info.update(operations=7, size=3, parallelism=2, metrics={"hits": 5.0})
    benchmark.pedantic(bytearray, args=(4_000_000,), rounds=3)

def test_partner(benchmark):
    benchmark.pedantic(bytearray, args=(1_000_000,), rounds=3)

def test_rare(benchmark):
    benchmark.pedantic(int, setup=lambda: None, rounds=2)

def test_fatal(benchmark):
    benchmark.pedantic(os._exit, args=(7,), rounds=1)
"""
_TARGETS = """
schema: 1
targets:
  - {benchmark: suite/held, metric: peak_memory, relative_to: suite/partner, max: 1000 %}
  - {benchmark: suite/fatal, metric: peak_memory, max: 1 GB}
  - {benchmark: suite/rare, metric: p90, max: 1 s}
  - {benchmark: "suite/r*", metric: p99, max: 1 s}
"""


class Measured(NamedTuple):
    """A run, its project, and what was told of it."""

    project: Project
    run: Run
    events: list[Event]
    sha: str

    def of(self, name: str) -> Benchmark:
        """Find a benchmark."""
        return next(one for one in self.run.benchmarks if one.id == f"suite/{name}")


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Measured:
    """Measure a suite in three passes."""
    repository = Repository.new(tmp_path_factory.mktemp("suite"))
    sha = repository.commit({
        "pyproject.toml": "[project]\nname = 'suite'\nversion = '0'\n",
        ".gitignore": ".hivegate\n__pycache__\n",
        "targets.yaml": _TARGETS,
        "benches/bench_suite.py": _SUITE,
    })  # fmt: skip
    project = find_project(repository.folder)
    events: list[Event] = []
    out = project.folder / ".hivegate" / "run.json"
    result = run(project, RunOptions(passes=3, out=out), events.append)
    assert read(out, roots=project.roots) == result
    return Measured(project, result, events, sha)


def test_each_pass_is_a_sample_with_its_rounds_and_its_clocks(measured: Measured) -> None:
    """Seconds are of one call, whatever the calls a round: all rounds together fit into the time of the loop."""
    plain = measured.of("plain")
    assert [one.pass_index for one in plain.samples] == [0, 1, 2]
    for sample in plain.samples:
        assert sample.outcome is TestOutcome.MEASURED
        assert (len(sample.rounds), sample.calls) == (4, 5)
        assert sample.wall is not None
        assert sample.cpu is not None
        assert sample.reference is not None
        assert sample.reference > 0
        assert 0 < sum(sample.rounds) * sample.calls <= sample.wall * 1.001


def test_memory_is_of_those_whose_targets_ask_and_of_their_partners(measured: Measured) -> None:
    """In processes of their own; not of what took its process with it, nor of any other."""
    with_memory = {one.id.removeprefix("suite/") for one in measured.run.benchmarks if one.memory}
    assert with_memory == {"held", "partner"}
    held, partner = ({one.peak for one in measured.of(name).memory} for name in ("held", "partner"))
    assert all(peak is not None and 4_000_000 <= peak < 5_000_000 for peak in held)
    assert all(peak is not None and 1_000_000 <= peak < 2_000_000 for peak in partner)


def test_single_calls_are_as_many_as_the_highest_percentile_needs(measured: Measured) -> None:
    """Of that benchmark alone, in each pass."""
    targets = load_targets(measured.project.folder / "targets.yaml")
    wanted = single_calls(targets, tuple(one.id for one in measured.run.benchmarks))
    assert wanted.keys() == {"suite/rare"}
    assert (
        wanted["suite/rare"] == definition_of(METRICS["p99"]).single_calls > definition_of(METRICS["p90"]).single_calls
    )
    assert [len(one.single_calls) for one in measured.of("rare").samples] == [wanted["suite/rare"]] * 3
    assert {len(one.single_calls) for one in measured.of("plain").samples} == {0}


def test_declared_facts_are_of_the_benchmark_that_declares_them(measured: Measured) -> None:
    """Operations, size, parallelism and custom metrics, none of which another gets."""
    held, plain = measured.of("held"), measured.of("plain")
    assert (held.operations, held.size, held.parallelism) == (7, 3, 2)
    assert [one.metrics for one in held.samples] == [{"hits": 5.0}] * 3
    assert (plain.operations, plain.size, plain.parallelism) == (None, None, None)


def test_a_run_knows_its_commit_its_machine_and_its_progress(measured: Measured) -> None:
    """Every pass is a stage of as many steps as benchmarks are left, and each step is named."""
    assert measured.run.commit is not None
    assert (measured.run.commit.sha, measured.run.commit.dirty) == (measured.sha, False)
    assert measured.run.environment.python == ".".join(map(str, sys.version_info[:3]))
    passes = [one for one in measured.events if isinstance(one, Started) and one.stage.startswith("pass ")]
    assert [(one.stage, one.steps) for one in passes] == [
        ("pass 1 of at most 3", 5),
        ("pass 2 of at most 3", 4),
        ("pass 3 of 3", 4),
    ]
    named = [one.what for one in measured.events if isinstance(one, Advanced)]
    assert named.count("suite/plain") == 3
    assert measured.run.not_selected == ()


def test_a_list_is_of_what_would_be_measured(measured: Measured) -> None:
    """Without measuring; a shard's list is its part, and together they are all."""
    ids = [one.id for one in measured.run.benchmarks]
    assert list(list_benchmarks(measured.project)) == ids
    parts = [list_benchmarks(measured.project, RunOptions(shard=(number, 2))) for number in (1, 2)]
    assert sorted(parts[0] + parts[1]) == sorted(ids)
    assert list_benchmarks(measured.project, RunOptions(selectors=("suite/p*",))) == ("suite/plain", "suite/partner")


def test_what_is_held_against_another_stays_with_it(measured: Measured) -> None:
    """In one process, so in one shard; what stands alone is bound to nobody."""
    targets = load_targets(measured.project.folder / "targets.yaml")
    chosen = {one.id for one in measured.run.benchmarks}
    together = [bond for bond in bonds(targets, chosen) if len(bond) > 1]
    assert together == [frozenset({"suite/held", "suite/partner"})]
    assert bonds(None, chosen) == ()
