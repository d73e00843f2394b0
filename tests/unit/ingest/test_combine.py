"""Several files as passes of one run."""

from __future__ import annotations

import itertools

import pytest
from tests.measured import benchmark, run, sample

from hivegate.errors import ResultsError, UsageError
from hivegate.ingest.combine import combine
from hivegate.model.run import Benchmark, Commit, Environment, MemorySample, Run


def one(seconds: float, *names: str, **fields: object) -> Run:
    """Make a file of one pass."""
    return run(*(benchmark(name, [seconds]) for name in names or ("a",)), **fields)


def refusal(*runs: Run) -> str:
    """Combine files that do not belong together."""
    with pytest.raises(ResultsError) as caught:
        combine([(f"{number}.json", measured) for number, measured in enumerate(runs)])
    return str(caught.value)


def test_one_file_stays_as_it_is() -> None:
    """Combining nothing changes nothing."""
    measured = one(1.0, commit=Commit(sha="f" * 40))
    assert combine([("0.json", measured)]) == measured


def test_each_file_is_a_pass() -> None:
    """The passes count on, and every sample is kept."""
    joined = combine([(str(number), one(float(number + 1))) for number in range(3)])
    assert [(s.pass_index, s.rounds[0]) for s in joined.benchmarks[0].samples] == [(0, 1.0), (1, 2.0), (2, 3.0)]


def test_samples_of_one_pass_stay_side_by_side() -> None:
    """Where one benchmark has more passes in a file than another, the passes of the next file still pair up."""
    first = run(benchmark("a", [1.0, 1.0, 1.0]), benchmark("b", [1.0]))
    joined = combine([("0", first), ("1", one(2.0, "a", "b"))])
    assert [[s.pass_index for s in found.samples] for found in joined.benchmarks] == [[0, 1, 2, 3], [0, 3]]


def test_memory_readings_are_kept() -> None:
    """Each file's memory processes are readings of the same quantity."""
    files = [
        run(Benchmark(id="a", node_id="a", samples=(sample(float(n)),), memory=(MemorySample(peak=n),))) for n in (1, 2)
    ]
    assert [found.peak for found in combine(list(zip("ab", files, strict=True))).benchmarks[0].memory] == [1, 2]


def test_unlike_benchmarks_are_refused_by_name() -> None:
    """A renamed benchmark is not silently dropped or counted with fewer passes."""
    message = refusal(one(1.0, "a", "old"), one(2.0, "a", "new"))
    assert "not the same benchmarks in common with 0.json: only 0.json has old; only 1.json has new" in message
    assert "hivegate compare" in message


def test_files_without_a_common_benchmark_are_refused() -> None:
    """Long lists of names are cut."""
    message = refusal(one(1.0, *(f"a{number}" for number in range(9))), one(2.0, "b"))
    assert "no benchmark in common" in message
    assert "only 0.json has a0, a1, a2, a3, a4 and 4 more" in message


def test_a_copy_is_no_second_pass() -> None:
    """The same measurements twice have no spread, and would be believed to the last digit."""
    assert "1.json: contains the same measurements as 0.json" in refusal(one(1.0), one(1.0))
    assert "2.json: contains the same measurements as 1.json" in refusal(one(1.0), one(2.0), one(2.0))


def test_unlike_revisions_and_interpreters_are_refused() -> None:
    """Passes of two revisions are a comparison; unknown is not unlike."""
    assert "revision bbb, 0.json at aaa" in refusal(
        one(1.0, commit=Commit(sha="aaa")), one(2.0, commit=Commit(sha="bbb"))
    )
    assert "under 3.12" in refusal(one(1.0), one(2.0, environment=Environment(python="3.12")))
    assert "under PyPy" in refusal(
        one(1.0, environment=Environment(implementation="CPython")),
        one(2.0, environment=Environment(implementation="PyPy")),
    )
    assert combine([("0", one(1.0)), ("1", one(2.0, environment=Environment()))]).environment.python is None


def test_unlike_machines_are_named_and_only_what_they_share_is_kept() -> None:
    """A target that asks for cores is judged by the smallest machine."""
    big, small = Environment(cpu="x", cores=8, os="Linux"), Environment(cpu="y", cores=2, os="Linux")
    joined = combine([("0", one(1.0, environment=big)), ("1", one(2.0, environment=small))])
    assert joined.environment == Environment(cores=2, os="Linux")
    assert joined.notes[0].startswith("the files come from different machines")
    assert joined.notes[0].endswith("x, 8 cores; y, 2 cores")


def test_order_of_files_changes_nothing_but_the_order_of_passes() -> None:
    """What is said of machine, revision and selection is the same in every order."""
    files = [
        one(1.0, environment=Environment(cpu="x", cores=4), commit=Commit(sha="a"), not_selected=("z",)),
        one(2.0, environment=Environment(cpu="y", cores=2)),
        one(3.0, environment=Environment(cpu="x", cores=4), commit=Commit(sha="a", dirty=True)),
    ]
    seen = [combine([("", one) for one in order]) for order in itertools.permutations(files)]
    assert len({repr((found.environment, found.commit, found.not_selected, found.notes)) for found in seen}) == 1
    assert seen[0].commit == Commit(sha="a", dirty=True)


def test_no_file_is_an_error() -> None:
    """Nothing is nothing to judge."""
    with pytest.raises(UsageError):
        combine([])
