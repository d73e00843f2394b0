"""Every file of the corpus: real results, made by others."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import NamedTuple

import pytest
from tests.real_files import FILES, unpacked

from hivegate.errors import ResultsError
from hivegate.ingest import read
from hivegate.model.run import TestOutcome


class Holds(NamedTuple):
    """What a file is read as: its tool, benchmarks, passes of each, and how many were not measured."""

    source: str
    benchmarks: int
    passes: frozenset[int] = frozenset({1})
    unmeasured: int = 0


def holds(source: str, benchmarks: int, *passes: int, unmeasured: int = 0) -> Holds:
    """Say what a file holds; one pass of each benchmark unless said otherwise."""
    return Holds(source, benchmarks, frozenset(passes or {1}), unmeasured)


# The first pattern that fits counts; a text is the reason of a refusal.
EXPECTED: tuple[tuple[str, Holds | str], ...] = (
    ("*.md", "is not JSON"),
    ("pyperf/mem1.json", holds("pyperf", 1)),
    ("pyperf/mult_list_py36.json", holds("pyperf 2.0.1", 3, 20)),
    ("pyperf/mult_list_py38.json", holds("pyperf 2.0.1", 3, 20)),
    ("pyperf/telco.json", holds("pyperf 0.8.2", 1, 40)),
    ("asv/*/machine.json", "is asv's description of a machine"),
    ("asv/*/benchmarks.json", "is asv's list of benchmarks"),
    ("asv/example/cheetah/aaaaaaaa-*", ":2:5: is not JSON"),
    ("asv/example/cheetah/bbbbbbbb-*", "unknown format"),
    ("asv/example/cheetah/cccccccc-*", holds("asv", 1)),
    ("asv/example/cheetah/05d4f83d-*", holds("asv", 12, unmeasured=12)),
    ("asv/example/cheetah/623fc362-*", holds("asv", 12, unmeasured=12)),
    ("asv/example/cheetah/22b920c6-*", holds("asv", 23, unmeasured=2)),
    ("asv/example/cheetah/fcf8c079-*foo.json", holds("asv", 1)),
    ("asv/example/cheetah/fcf8c079-*", holds("asv", 24, unmeasured=5)),
    ("criterion/*/benchmark.json", "is criterion's description of a benchmark"),
    ("criterion/*/change/estimates.json", "is a criterion estimate of a change"),
    ("criterion/*/tukey.json", "is criterion's outlier fences"),
    ("criterion/*/raw.csv", "is criterion's raw.csv"),
    ("criterion/*/estimates.json", holds("criterion", 1)),
    ("criterion/*/sample.json", holds("criterion", 1)),
    ("googlebenchmark/*test1_run1*", holds("Google Benchmark", 13)),
    ("googlebenchmark/*test2_run*", holds("Google Benchmark 1.6.1", 10)),
    ("googlebenchmark/*test4_run0*", holds("Google Benchmark 1.6.1", 1, unmeasured=1)),
    ("hyperfine/two.json", holds("hyperfine", 2, 27, 13)),
    ("jmh/six.json", holds("JMH 1.36", 6)),
    ("jmh/jcasbin.json", holds("JMH 1.37", 37)),
    ("go/new.txt", holds("Go", 2)),
    ("go/old.txt", holds("Go", 2)),
    ("go/units.txt", holds("Go", 2, unmeasured=2)),  # one name with two configurations
    ("go/zero.txt", holds("Go", 6, unmeasured=6)),
    ("github-action-benchmark/dialect.data.js", holds("github-action-benchmark", 3)),
    ("github-action-benchmark/pytest.data.js", holds("github-action-benchmark", 2)),
    ("github-action-benchmark/pisa.data.js", holds("github-action-benchmark", 6)),
    ("changepoints/*.csv", "is not JSON: it begins with"),
    ("changepoints/tigerbeetle-values.json", "is JSON of an unknown format"),
    ("changepoints/*.json", "unknown format"),
    ("pytest-benchmark/bencher-3.2.2-short-data.json", holds("pytest-benchmark 3.2.2", 4)),
    ("pytest-benchmark/ionelmc-2.5.0.json", holds("pytest-benchmark 2.5.0", 1)),
    ("asv/*", "asv"),
    ("pytest-benchmark/*", "pytest-benchmark"),
)


@pytest.mark.parametrize("name", FILES)
def test_every_file_is_read_or_refused_for_the_right_reason(name: str) -> None:
    """A result is read as the tool that wrote it measured it; what is none is refused as what it is."""
    expected = next((what for pattern, what in EXPECTED if fnmatchcase(name, pattern)), None)
    assert expected is not None, "a new file of the corpus needs its row"
    path = unpacked() / name
    if isinstance(expected, str) and expected not in {"asv", "pytest-benchmark"}:
        with pytest.raises(ResultsError) as caught:
            read(path)
        assert expected in str(caught.value)
        return
    run = read(path)
    if isinstance(expected, str):
        assert run.source.startswith(expected)
        assert any(one.samples[0].summary or one.samples[0].rounds for one in run.benchmarks)
        return
    assert run.source == expected.source
    assert len(run.benchmarks) == expected.benchmarks
    assert {len(one.samples) for one in run.benchmarks} == expected.passes
    samples = [one for benchmark in run.benchmarks for one in benchmark.samples]
    assert sum(one.outcome is not TestOutcome.MEASURED for one in samples) == expected.unmeasured


def test_a_criterion_folder_is_read_whole() -> None:
    """The folder holds the newest measurement of each benchmark; the one before is not read beside it."""
    run = read(unpacked() / "criterion")
    assert [one.id for one in run.benchmarks] == ["Fibonacci/Iterative", "Fibonacci/Recursive"]
    (sample,) = run.benchmarks[0].samples
    assert len(sample.rounds) == 100
    assert sum(sample.rounds) / 100 == pytest.approx(4.723173110355467e-9, rel=1e-9)
    assert read(unpacked() / "criterion" / "Fibonacci" / "Recursive" / "new").benchmarks[0] == run.benchmarks[1]


def test_figures_of_tools_are_found_again() -> None:
    """Computed from what was read, the figures are those that each tool printed into its own file."""
    (first, second) = read(unpacked() / "hyperfine" / "two.json").benchmarks
    for one, mean in ((first, 0.10753446442370372), (second, 0.20851399910461543)):
        assert sum(sample.rounds[0] for sample in one.samples) / len(one.samples) == pytest.approx(mean)
    jmh = {one.id: one for one in read(unpacked() / "jmh" / "jcasbin.json").benchmarks}
    rate = jmh["org.casbin.jcasbin.main.benchmark.BenchmarkEnforce.enforce[small-rbac-false]"].samples[0]
    assert rate.throughput == pytest.approx(20_339.40552161268)
    assert not rate.rounds
    shot = jmh["org.casbin.jcasbin.main.benchmark.BenchmarkMemory.measureMemory[ACL]"].samples[0]
    assert sum(shot.rounds) / 3 == pytest.approx(0.3640456663333334)
    assert shot.throughput is None
    bench = {
        one.id: one.samples[0] for one in read(unpacked() / next(f for f in FILES if "test1_run1" in f)).benchmarks
    }
    assert bench["BM_BadTimeUnit"].rounds.tolist() == [0.4]
    assert bench["BM_SameTimes"].rounds.tolist() == [1e-8]
    assert "MyComplexityTest" not in bench
