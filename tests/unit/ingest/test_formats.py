"""What each tool's result is read as: what is a pass, what a round, and in which unit and direction."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hivegate.errors import ResultsError
from hivegate.ingest import read
from hivegate.ingest.combine import combine
from hivegate.model.run import Benchmark, Sample, Summary, TestOutcome

GOLDEN = Path(__file__).parents[2] / "golden" / "formats"


def benchmarks(path: Path | str) -> dict[str, Benchmark]:
    """Read a file of the golden ones, or any other."""
    return {one.id: one for one in read(GOLDEN / path).benchmarks}


def told(name: str) -> Any:  # noqa: ANN401  JSON
    """Load a golden file as plain JSON."""
    return json.loads((GOLDEN / name).read_bytes())


def written(tmp_path: Path, document: object, name: str = "result") -> Path:
    """Write a document, or a text."""
    path = tmp_path / name
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    return path


def mean(sample: Sample) -> float:
    """Give the mean of a summary."""
    assert sample.summary is not None
    assert sample.summary.mean is not None
    return sample.summary.mean


def refusal(path: Path) -> str:
    """Read a file that must be refused, and give the message."""
    with pytest.raises(ResultsError) as caught:
        read(path)
    assert str(path) in str(caught.value)
    return str(caught.value)


def fault(path: Path) -> str:
    """Read a file that holds one benchmark, which is no measurement, and give the reason."""
    (benchmark,) = read(path).benchmarks
    assert {sample.outcome for sample in benchmark.samples} == {TestOutcome.INVALID}
    return benchmark.samples[0].detail


@pytest.mark.parametrize("name", sorted(one.name for one in GOLDEN.iterdir() if one.name != "README.md"))
def test_the_name_of_a_file_tells_nothing(name: str, tmp_path: Path) -> None:
    """Content decides: under a name that says something else a file is read the same."""
    if name != "criterion":
        other = tmp_path / "data.xml"
        other.write_bytes((GOLDEN / name).read_bytes())
        assert read(other) == read(GOLDEN / name)


@pytest.mark.parametrize(
    ("name", "reader"),
    [
        ("pytest_benchmark/5.3.1.json", "pytest_benchmark"),
        ("formats/hyperfine.json", "hyperfine"),
        ("formats/go.txt", "go"),
    ],
)
def test_only_the_reader_of_a_format_is_imported(name: str, reader: str) -> None:
    """A format costs nothing until one of its files is read."""
    code = (
        "import sys; from pathlib import Path; from hivegate.ingest import read; "
        f"read(Path({str(GOLDEN.parent / name)!r})); "
        "print(*sorted(one.rpartition('.')[2] for one in sys.modules if one.startswith('hivegate.ingest.')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    readers = {
        "pyperf",
        "asv",
        "criterion",
        "google_benchmark",
        "hyperfine",
        "jmh",
        "go",
        "bencher",
        "pytest_benchmark",
    }
    assert readers & set(done.stdout.split()) == {reader}


def test_workers_of_pyperf_are_passes() -> None:
    """Each worker that measured is a pass of its values; the one that calibrated is none; calls are all loops."""
    found = benchmarks("pyperf.json")
    runs = told("pyperf.json")["benchmarks"][0]["runs"]
    assert list(found) == ["sum[100]", "sorted|<b>"]
    assert [one.rounds.tolist() for one in found["sum[100]"].samples] == [
        run["values"] for run in runs if "values" in run
    ]
    assert len(found["sum[100]"].samples) == len(runs) - 1
    assert {one.calls for one in found["sum[100]"].samples} == {4096}
    run = read(GOLDEN / "pyperf.json")
    assert (run.environment.python, run.environment.cores, run.source) == ("3.11.7", 2, "pyperf 2.10.0")


def test_bytes_of_pyperf_are_no_seconds() -> None:
    """A value in bytes is a metric named bytes, and there is no time beside it."""
    first = benchmarks("pyperf-memory.json")["sum[100]"].samples[0]
    assert first.metrics == {"bytes": told("pyperf-memory.json")["benchmarks"][0]["runs"][1]["values"][0]}
    assert not first.rounds


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"benchmarks": [{"runs": [{"values": [0.0]}]}]}, "benchmarks[0].runs[0].values[0]: is 0.0"),
        ({"benchmarks": [{"runs": [{"values": [1], "metadata": {"unit": "m"}}]}]}, "runs[0].metadata.unit: is 'm'"),
        ({"benchmarks": [{"runs": [{"values": [1], "metadata": {"loops": 0}}]}]}, "runs[0].metadata.loops: Expected"),
    ],
)
def test_unsound_pyperf_is_invalid(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    """The place and what is allowed are named."""
    sound = {"version": "1.0", "metadata": {"name": "a"}, "benchmarks": [{"runs": [{"values": [1.0]}]}]}
    assert read(written(tmp_path, sound)).benchmarks[0].id == "a"
    assert said in fault(written(tmp_path, {**sound, **change}))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"version": 5}, "version: is 5 of pyperf's format; 6 and '1.0' are supported"),
        ({"metadata": {}}, "benchmarks[0].metadata.name: is missing"),
    ],
)
def test_pyperf_of_another_version_or_without_names_is_refused(
    tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    """What is allowed is named."""
    sound = {"version": "1.0", "metadata": {"name": "a"}, "benchmarks": [{"runs": [{"values": [1.0]}]}]}
    assert said in refusal(written(tmp_path, {**sound, **change}))


def test_pyperf_without_values_is_not_measured(tmp_path: Path) -> None:
    """A benchmark that only calibrated is there, so that a target on it cannot pass."""
    only = {"version": 6, "metadata": {"name": "a"}, "benchmarks": [{"runs": [{"warmups": [[1, 0.1]]}]}]}
    (sample,) = read(written(tmp_path, only)).benchmarks[0].samples
    assert sample.outcome is TestOutcome.NOT_MEASURED


def test_asv_pools_its_processes_into_one_pass() -> None:
    """Samples are rounds of one pass, of as many calls as asv says; what failed or measures no time is told apart."""
    found = benchmarks("asv.json")
    results = told("asv.json")["results"]
    (sample,) = found["golden.Suite.time_sum[10-'a']"].samples
    assert sample.rounds.tolist() == results["golden.Suite.time_sum"][11][0]
    assert sample.calls == 5
    assert found["golden.Suite.time_sum[100-'b|']"].size == 100
    assert found["golden.Suite.time_sum[100-'a']"].samples[0].outcome is TestOutcome.FAILED
    assert found["golden.time_fails"].samples[0].outcome is TestOutcome.FAILED
    assert found["golden.peakmem_list"].samples[0].metrics == {"bytes": results["golden.peakmem_list"][0][0]}
    assert found["golden.track_items"].samples[0].metrics == {"value": 42}
    run = read(GOLDEN / "asv.json")
    assert run.commit is not None
    assert (run.commit.sha, run.environment.python) == (told("asv.json")["commit_hash"], "3.11")


def test_asv_format_1_holds_numbers_lists_and_objects(tmp_path: Path) -> None:
    """A bare NaN is a skip, null a failure, and without samples the result is the median."""
    document = (
        '{"version": 1, "commit_hash": "abc", "params": {}, "results": {"a.time_x": 0.5, "a.time_skip": NaN,'
        '"a.time_bad": null, "a.Suite.time_n": {"params": [["1", "2"], ["x"]], "result": [0.1, null],'
        '"stats": [{"mean": 0.11, "std": 0.01, "min": 0.09, "max": 0.12, "number": 3}, null]}, "a.track_y": -3}}'
    )
    found = benchmarks(written(tmp_path, document))
    assert found["a.time_x"].samples[0].summary == Summary(median=0.5)
    assert found["a.time_skip"].samples[0].outcome is TestOutcome.SKIPPED
    assert found["a.time_bad"].samples[0].outcome is TestOutcome.FAILED
    first, second = found["a.Suite.time_n[1-x]"], found["a.Suite.time_n[2-x]"]
    assert first.samples[0].summary == Summary(mean=0.11, median=0.1, min=0.09, max=0.12, stddev=0.01)
    assert second.samples[0].outcome is TestOutcome.FAILED
    assert found["a.track_y"].samples[0].metrics == {"value": -3}


@pytest.mark.parametrize(
    ("result", "said"),
    [
        ("0", "results.a.time_x.result[0].median: is 0.0; expected a finite number above 0"),
        ('"x"', "is 'x'; expected a number, null or NaN"),
        ('{"result": [1, 2]}', "contains 2 values for 1 combinations of params"),
        ('{"params": [["1","2"]], "result": [1]}', "contains 1 values for 2 combinations of params"),
        (json.dumps({"params": [["1"] * 200, ["2"] * 200]}), "are 40000 combinations; at most 10000 are supported"),
    ],
)
def test_unsound_asv_is_invalid(tmp_path: Path, result: str, said: str) -> None:
    """The place and what is allowed are named."""
    assert said in fault(written(tmp_path, f'{{"version": 2, "params": {{}}, "results": {{"a.time_x": {result}}}}}'))


def test_each_time_of_hyperfine_is_a_pass() -> None:
    """Every run is a process of its own: a pass of one round of one call."""
    first = benchmarks("hyperfine.json")["sleep 0.001"]
    assert [one.rounds.tolist() for one in first.samples] == [
        [time] for time in told("hyperfine.json")["results"][0]["times"]
    ]
    assert [one.pass_index for one in first.samples] == list(range(6))
    assert {one.calls for one in first.samples} == {1}


def test_a_command_that_fails_is_not_fast() -> None:
    """A command that hyperfine was told to run in spite of its failures was not measured."""
    found = benchmarks("hyperfine-failed.json")
    assert {one.outcome for one in found["true é"].samples} == {TestOutcome.FAILED}
    assert found["true é"].samples[0].detail == "the command exited with status 1"
    assert {one.outcome for one in found["true"].samples} == {TestOutcome.MEASURED}


@pytest.mark.parametrize(
    ("results", "said"),
    [
        ([{"command": "a", "times": [1.0]}, {"command": "a", "times": [1.0]}], "2 entries of the file have this name"),
        (
            [{"command": "a", "times": [1.0, 2.0], "exit_codes": [0]}],
            "contains 2 times, but 1 exit_codes",
        ),
        ([{"command": "a"}], "contains neither times nor their mean or median"),
        ([{"command": "a", "times": [-1.0]}], "results[0].times[0]: is -1.0"),
    ],
)
def test_unsound_hyperfine_is_invalid(tmp_path: Path, results: list[dict[str, Any]], said: str) -> None:
    """The place and what is allowed are named."""
    assert said in fault(written(tmp_path, {"results": results}))


def test_repetitions_of_google_benchmark_are_rounds_of_one_pass() -> None:
    """One process has no spread of its own; units are seconds, counters keep their names and rates their direction."""
    found = benchmarks("google_benchmark.json")
    entries = [one for one in told("google_benchmark.json")["benchmarks"] if one["run_type"] == "iteration"]
    assert list(found) == ["BM_Sum/64", "BM_Sum/512", "BM_Milli", "BM_Error"]
    (sample,) = found["BM_Sum/64"].samples
    expected = [one["real_time"] * 1e-9 for one in entries if one["run_name"] == "BM_Sum/64"]
    assert sample.rounds.tolist() == pytest.approx(expected)
    assert sample.metrics["hits"] == 12
    assert found["BM_Sum/64"].better == {"items_per_second": "higher"}
    (milli,) = found["BM_Milli"].samples
    assert max(milli.rounds) == pytest.approx(max(e["real_time"] for e in entries if e["name"] == "BM_Milli") * 1e-3)
    (failed,) = found["BM_Error"].samples
    assert (failed.outcome, failed.detail) == (TestOutcome.FAILED, "no device")
    assert sample.cpu is not None
    assert sample.wall is not None
    processor = [one["cpu_time"] * 1e-9 for one in entries if one["run_name"] == "BM_Sum/64"]
    assert sum(sample.rounds) / len(sample.rounds) * sample.cpu / sample.wall == pytest.approx(
        sum(processor) / len(processor)
    )


def test_aggregates_of_google_benchmark_are_a_summary() -> None:
    """Where only aggregates were written, they are figures without rounds."""
    (sample,) = benchmarks("google_benchmark-aggregates.json")["BM_Sum/64"].samples
    figures = {
        one["aggregate_name"]: one["real_time"] * 1e-9
        for one in told("google_benchmark-aggregates.json")["benchmarks"]
        if one["run_name"] == "BM_Sum/64" and one["run_type"] == "aggregate"
    }
    assert sample.summary is not None
    assert sample.summary.mean == pytest.approx(figures["mean"])
    assert sample.summary.median == pytest.approx(figures["median"])
    assert sample.summary.stddev == pytest.approx(figures["stddev"])
    assert not sample.rounds


def test_aggregates_of_old_google_benchmark_are_no_benchmarks(tmp_path: Path) -> None:
    """Before 1.5 nothing but the name told an aggregate; alone such a name is a benchmark's own."""
    entries = [
        {"name": name, "real_time": 2.0, "time_unit": "us"} for name in ("A", "A", "A_mean", "A_stddev", "B_mean")
    ]
    found = benchmarks(written(tmp_path, {"context": {}, "benchmarks": entries}))
    assert list(found) == ["A", "B_mean"]
    assert found["A"].samples[0].rounds.tolist() == [2e-6, 2e-6]


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (
            {"name": "A", "real_time": 1, "time_unit": "x"},
            "benchmarks[0].time_unit: is 'x'; expected ns, us, ms or s",
        ),
        ({"name": "A", "real_time": 0}, "benchmarks[0].real_time: is 0.0"),
        ({"name": "A"}, "benchmarks[0].real_time: is missing"),
        ({"name": "", "real_time": 1}, "the name of benchmark 0 is empty"),
    ],
)
def test_unsound_google_benchmark_is_invalid(tmp_path: Path, entry: dict[str, Any], said: str) -> None:
    """The place and what is allowed are named."""
    assert said in fault(written(tmp_path, {"context": {}, "benchmarks": [entry]}))


def test_forks_of_jmh_are_passes() -> None:
    """Each fork is a Java process; its iterations are rounds of about as many calls as fit into them."""
    found = benchmarks("jmh.json")
    one = found["org.example.Golden.sum:avgt[100]"]
    assert [sample.rounds.tolist() for sample in one.samples] == [
        pytest.approx([1.0e-7, 1.02e-7, 1.01e-7]),
        pytest.approx([9.1e-8, 9.0e-8, 9.2e-8]),
    ]
    assert one.samples[0].calls == pytest.approx(0.01 / 1e-7)
    assert one.size == 100


def test_throughput_of_jmh_stays_a_throughput() -> None:
    """It is never turned into a time, and profilers' metrics keep name and unit."""
    one = benchmarks("jmh.json")["org.example.Golden.sum:thrpt[10]"]
    assert [sample.throughput for sample in one.samples] == pytest.approx([101e6, 110e6])
    assert not any(sample.rounds or sample.summary for sample in one.samples)
    assert [sample.metrics["gc.alloc.rate.norm B/op"] for sample in one.samples] == [16, 24]
    assert one.parallelism == 4


def test_sampled_and_single_calls_of_jmh_are_calls() -> None:
    """A histogram holds each call as often as it was seen, so percentiles of calls can be told from it."""
    found = benchmarks("jmh.json")
    first, second = found["org.example.Golden.sampled"].samples
    assert (len(first.rounds), first.calls) == (1000, 1)
    assert sorted(first.rounds)[989:991] == pytest.approx([1.1e-6, 50e-6])
    assert len(second.rounds) == 1000
    assert {sample.calls for sample in found["org.example.Golden.start"].samples} == {1}


def test_a_large_histogram_of_jmh_keeps_its_quantiles(tmp_path: Path) -> None:
    """Of a billion sampled calls a part is kept in the order of their times: percentiles stay where they are."""
    document = told("jmh.json")[3:4]
    document[0]["forks"] = 1
    document[0]["primaryMetric"]["rawDataHistogram"] = [[[[time / 100, 10**6] for time in range(1000, 0, -1)]]]
    (sample,) = read(written(tmp_path, document)).benchmarks[0].samples
    assert 50_000 <= len(sample.rounds) <= 100_000
    for share in (0.5, 0.9, 0.99):
        assert sample.rounds[math.ceil(share * len(sample.rounds)) - 1] == pytest.approx(share * 1e-5, rel=0.002)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"scoreUnit": "ops/s", "rawData": [[-1.0]]},
            "[0].primaryMetric.rawData[0][0]: is -1.0; expected a finite number",
        ),
        ({"rawData": [["NaN"]]}, "[0].primaryMetric.rawData[0][0]: Expected `float`"),
        ({"rawData": [], "score": "NaN"}, "[0].primaryMetric.score: is 'NaN', and there is no rawData"),
        ({"rawDataHistogram": [[[[1.0, 0]]]]}, "contains the count 0; expected a whole number from 1"),
        ({"rawDataHistogram": [[[[1.0]]]]}, "expected pairs of a time and its count"),
        (
            {"rawDataHistogram": [[[[1.0, 1]]]], "scoreUnit": "ops/s"},
            "counts calls in 'ops/s', which is not a unit of time",
        ),
    ],
)
def test_unsound_jmh_is_invalid(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    """The place and what is allowed are named."""
    (entry,) = told("jmh.json")[4:5]
    entry["forks"] = 1
    entry["primaryMetric"] |= change
    assert said in fault(written(tmp_path, [entry]))


def test_counts_of_go_are_rounds_and_processes_passes() -> None:
    """-count repeats in one process; every further run of go test in the file is a process of its own."""
    (once,) = benchmarks("go.txt")["example.org/golden/Sum"].samples
    assert len(once.rounds) == 3
    assert once.calls == 200
    thrice = benchmarks("go-processes.txt")["example.org/golden/Sum"].samples
    assert [(one.pass_index, len(one.rounds)) for one in thrice] == [(0, 1), (1, 1), (2, 1)]


def test_units_of_go_are_the_names_of_its_metrics() -> None:
    """What stands beside ns/op keeps its unit and direction."""
    one = benchmarks("go.txt")["example.org/golden/Encode/format=json"]
    assert set(one.samples[0].metrics) == {"MB/s", "hits", "B/op", "allocs/op"}
    assert one.better == {"MB/s": "higher", "hits": "lower", "B/op": "lower", "allocs/op": "lower"}
    assert one.samples[0].metrics["MB/s"] == pytest.approx((1269.68 + 1485.50 + 1338.14) / 3)


def test_events_of_go_test_are_its_output() -> None:
    """`go test -json` wraps lines, and parts of lines, in events."""
    assert benchmarks("go-test.jsonl")["example.org/golden/Sum"].samples[0].rounds.tolist() == pytest.approx([2.605e-9])


def test_failures_of_go_are_failures_of_their_benchmarks() -> None:
    """They are told before the package is, without the number of processors, and for the parent again."""
    found = benchmarks("go-failed.txt")
    failed = {name for name, one in found.items() if one.samples[0].outcome is TestOutcome.FAILED}
    assert failed == {"example.org/golden/Fails", "example.org/golden/Parent/child"}
    assert {"example.org/golden/Sum", "example.org/golden/Parent/sound"} == found.keys() - failed


def test_numbers_of_processors_are_told_apart_where_there_are_several() -> None:
    """With -cpu 1,2 each is a benchmark; else the number belongs to the machine and not to the name."""
    assert list(benchmarks("go-cpus.txt")) == ["example.org/golden/Sum", "example.org/golden/Sum-2"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("BenchmarkA 1 0 ns/op\n", "line 1: A has '0' ns/op; expected a finite number above 0"),
        ("goos: linux\nBenchmarkA 1 x ns/op\n", "line 2: A has 'x' ns/op"),
        ("note: a\nBenchmarkA 1 5 x\nnote: b\nBenchmarkA 1 5 x\n", "line 4: A is measured again with note: 'b'"),
    ],
)
def test_unsound_go_is_invalid(tmp_path: Path, text: str, said: str) -> None:
    """The line and what is allowed are named."""
    assert said in fault(written(tmp_path, text))


def test_go_tells_a_unit_better_when_higher(tmp_path: Path) -> None:
    """Unit lines say what the unit itself does not; the order of packages side by side makes no other pass."""
    text = (
        "Unit score better=higher\npkg: a\nBenchmarkX 1 5 score 2 ns/op\nPASS\nok  \ta\t1s\n"
        "pkg: b\nBenchmarkX 1 6 score 3 ns/op\nPASS\nok  \tb\t1s\npkg: a\nBenchmarkX 1 7 score 4 ns/op\nPASS\n"
    )
    found = benchmarks(written(tmp_path, text))
    assert found["a/X"].better == {"score": "higher"}
    assert [one.rounds.tolist() for one in found["a/X"].samples] == [[2e-9], [4e-9]]
    assert len(found["b/X"].samples) == 1


def test_a_criterion_folder_is_its_newest_samples() -> None:
    """Times are divided by the iterations; group, function and value make the id, elements the operations of a call."""
    found = benchmarks("criterion")
    assert list(found) == ["flat/sleep", "sums/fold[512]", "sums/fold[64]"]
    (sample,) = found["sums/fold[64]"].samples
    assert sample.rounds.tolist() == pytest.approx([2.2e-8, 2.0e-8, 2.0e-8, 1.8e-8])
    assert sample.calls == 250
    assert (found["sums/fold[64]"].size, found["sums/fold[64]"].operations) == (64, 64)
    assert found["flat/sleep"].samples[0].calls == 1


@pytest.mark.parametrize("file", ["sample.json", "estimates.json"])
def test_one_file_of_criterion_needs_its_name_beside_it(tmp_path: Path, file: str) -> None:
    """A sample or an estimate tells its benchmark by the file beside it, and is refused without."""
    data = (GOLDEN / "criterion" / "sums" / "fold" / "64" / "new" / file).read_text()
    alone = written(tmp_path, data, file)
    assert "does not contain the name of its benchmark" in refusal(alone)
    (tmp_path / "benchmark.json").write_bytes(_about())
    (one,) = read(alone).benchmarks
    assert one.id == "sums/fold[64]"
    (sample,) = one.samples
    assert (sum(sample.rounds) / 4 if sample.rounds else mean(sample)) == pytest.approx(2e-8)


def _about() -> bytes:
    return (GOLDEN / "criterion" / "sums" / "fold" / "64" / "new" / "benchmark.json").read_bytes()


@pytest.mark.parametrize(
    ("sample", "said"),
    [
        ({"iters": [1.0], "times": [1.0, 2.0]}, "contains 2 times for 1 counts of iterations"),
        ({"iters": [], "times": []}, "contains 0 times for 0 counts"),
        ({"iters": [0.5], "times": [1.0]}, "iters: expected whole numbers of at least 1"),
        ({"iters": [1.0], "times": [0.0]}, "times[0]: is 0.0"),
        ([[1.0], [2.0], [3.0]], "contains 3 lists; expected two, iterations and times"),
    ],
)
def test_unsound_criterion_is_invalid(tmp_path: Path, sample: object, said: str) -> None:
    """The file in the folder, the place and what is allowed are named."""
    (tmp_path / "benchmark.json").write_bytes(_about())
    written(tmp_path, sample, "sample.json")
    reason = fault(tmp_path)
    assert str(tmp_path / "sample.json") in reason
    assert said in reason


def test_a_page_is_its_newest_commit() -> None:
    """Entries of the newest commit are passes; the tool says what is better and what a value is."""
    found = benchmarks("data.js")
    assert [mean(one) for one in found["Times/start"].samples] == pytest.approx([0.0015, 0.0017])
    assert found["Times/size"].samples[0].metrics == {"KB": 2048}
    assert found["Times/size"].better == {"KB": "lower"}
    assert mean(found["Suite/benches/queue/put"].samples[0]) == pytest.approx(1 / 4000)
    assert found["Rates/requests"].samples[0].throughput == 900
    assert found["Rates/score"].better == {"points": "higher"}
    fold = found["Rust/fold"].samples[0].summary
    assert fold is not None
    assert fold.mean is None
    assert fold.median == pytest.approx(120e-9)
    run = read(GOLDEN / "data.js")
    assert run.commit is not None
    assert run.commit.sha == "b" * 40
    assert run.notes == ("Times has 3 entries; only those of the newest commit are checked",)


def test_a_page_that_is_wrong_and_deep_is_refused(tmp_path: Path) -> None:
    """What is wrong is told even where the value that is wrong cannot be shown for what stands deep behind it."""
    page = 'window.BENCHMARK_DATA = {"entries": [], "x": ' + "[" * 3000 + "]" * 3000 + "}"
    assert "window.BENCHMARK_DATA.entries: Expected `object`, got `array`" in refusal(written(tmp_path, page))


def test_a_direction_against_the_unit_makes_a_custom_metric(tmp_path: Path) -> None:
    """Seconds that are better when more are no time of a call."""
    entry = {"commit": {"id": "a"}, "tool": "customBiggerIsBetter", "benches": [{"name": "x", "value": 5, "unit": "s"}]}
    page = "window.BENCHMARK_DATA = " + json.dumps({"entries": {"A": [entry]}}) + ";\n"
    (one,) = read(written(tmp_path, page)).benchmarks
    assert (one.samples[0].metrics, one.better) == ({"s": 5}, {"s": "higher"})


def test_values_for_a_custom_tool_are_read() -> None:
    """The list that a custom tool is given holds units and no direction."""
    found = benchmarks("github_action_benchmark.json")
    assert mean(found["start"].samples[0]) == pytest.approx(0.0015)
    assert found["requests"].samples[0].throughput == 900
    assert found["size"].samples[0].metrics == {"KB": 2048}


def test_measures_of_bencher_have_their_units_by_definition() -> None:
    """Latency is nanoseconds, throughput operations a second; every other measure is a custom metric."""
    found = benchmarks("bencher.json")
    assert mean(found["start"].samples[0]) == pytest.approx(0.0015)
    assert found["serve"].samples[0].throughput == 900
    assert found["serve"].samples[0].metrics == {"file-size": 2048}


@pytest.mark.parametrize(
    "name", ["data.js", "bencher.json", "jmh.json", "asv.json", "google_benchmark.json", "criterion"]
)
def test_a_copy_is_no_second_pass(name: str) -> None:
    """The same measurements twice are refused in every format, also where they are no rounds."""
    run = read(GOLDEN / name)
    with pytest.raises(ResultsError, match="a copy is not a second pass"):
        combine([("one", run), ("two", run)])


@pytest.mark.parametrize("measure", ["latency", "throughput"])
def test_a_copy_of_a_single_value_is_one_too(tmp_path: Path, measure: str) -> None:
    """A mean or a rate is never the same twice; a count is."""
    run = read(written(tmp_path, {"a": {measure: {"value": 1234.5}}}))
    with pytest.raises(ResultsError, match="a copy is not a second pass"):
        combine([("one", run), ("two", run)])
    counted = read(written(tmp_path, {"a": {"instructions": {"value": 1234}}}))
    assert len(combine([("one", counted), ("two", counted)]).benchmarks[0].samples) == 2


def test_files_of_one_process_each_are_passes(tmp_path: Path) -> None:
    """Several files of a tool that measures in one process are several passes."""
    other = (GOLDEN / "go.txt").read_text().replace("1.055 ns/op", "1.255 ns/op")
    run = combine([("a", read(GOLDEN / "go.txt")), ("b", read(written(tmp_path, other)))])
    assert [one.pass_index for one in run.benchmarks[-1].samples] == [0, 1]
