"""One odd entry costs its own benchmark, or its own metric; a run that failed is missing; what is dropped is named."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from hivegate.errors import ResultsError
from hivegate.ingest import read
from hivegate.model.run import Run, Summary, TestOutcome

if TYPE_CHECKING:
    from pathlib import Path

INVALID, FAILED, SKIPPED, MEASURED = (
    TestOutcome.INVALID,
    TestOutcome.FAILED,
    TestOutcome.SKIPPED,
    TestOutcome.MEASURED,
)
HEAD = "goos: linux\ngoarch: amd64\npkg: example.org/shop\ncpu: Some CPU\n"
TRACE = "example.org/shop.BenchmarkPay.func1(0xc0)\n\t/x.go:2\n"
END = "exit status 2\nFAIL\texample.org/shop\t1s\nFAIL\n"
CART = "BenchmarkCart-4   \t  100000\t     11034 ns/op\n"


def read_text(tmp_path: Path, text: str) -> Run:
    """Read a file of this text."""
    path = tmp_path / "result"
    path.write_text(text, encoding="utf-8")
    return read(path)


def outcomes(run: Run) -> dict[str, TestOutcome]:
    """Map each benchmark to its worst outcome."""
    return {
        benchmark.id: next((one.outcome for one in benchmark.samples if one.outcome is not MEASURED), MEASURED)
        for benchmark in run.benchmarks
    }


def events(text: str, end: str | None, package: str = "example.org/shop") -> str:
    """Write the output of a package as `go test -json` does, and how it ended."""
    lines: list[dict[str, Any]] = [{"Action": "start", "Package": package}]
    lines += ({"Action": "output", "Package": package, "Output": line} for line in text.splitlines(keepends=True))
    if end:
        lines.append({"Action": end, "Package": package, "Elapsed": 1.5})
    return "".join(f"{json.dumps(line)}\n" for line in lines)


@pytest.mark.parametrize(
    ("text", "others"),
    [
        # What was begun, in every way in which a run can end
        (CART + "BenchmarkPay-4 \t--- FAIL: BenchmarkPay-4\n    x_test.go:9: no\nFAIL\n", {"Pay": FAILED}),
        (
            CART + "BenchmarkPay-4 \tpanic: boom\n\ngoroutine 1 [running]:\nFAIL\texample.org/shop\t1s\n",
            {"Pay": FAILED},
        ),
        (CART + "BenchmarkPay-4 \tsignal: killed\nFAIL\texample.org/shop\t1s\nFAIL\n", {"Pay": FAILED}),
        (CART + "BenchmarkPay-4 \t", {"Pay": INVALID}),
        (CART + "BenchmarkPay/a=1-4 \t some log\nPASS\nok  \texample.org/shop\t1s\n", {"Pay/a=1": INVALID}),
        (CART + "BenchmarkPay-4 \t 100 \t 5 ns/op more\nPASS\n", {"Pay": INVALID}),
        (CART + "note BenchmarkPay-4 \t 100 \t 5 ns/op\nPASS\n", {"Pay": INVALID}),
        (
            "panic: boom\n\ngoroutine 9 [running]:\nexample.org/shop.pay(...)\n\t/x.go:1\n" + TRACE + END,
            {"Pay": FAILED},
        ),
        # A benchmark that says so itself
        ("--- FAIL: BenchmarkPay\n    x_test.go:9: no\n" + HEAD + CART + "FAIL\n", {"Pay": FAILED}),
        ("--- SKIP: BenchmarkPay\n    x_test.go:9: no\n" + HEAD + CART + "PASS\n", {"Pay": SKIPPED}),
        ("=== RUN   BenchmarkPay\nBenchmarkPay\n--- SKIP: BenchmarkPay\n" + CART + "PASS\n", {"Pay": SKIPPED}),
        ("BenchmarkPay\n" + CART + "PASS\n", {"Pay": INVALID}),
        # The package, where nothing was begun
        (CART + "FAIL\texample.org/shop\t600.1s\n", {"": FAILED}),
        (CART + "panic: test timed out after 10m0s\n", {"": FAILED}),
        (CART + "exit status 1\nFAIL\texample.org/shop\t1s\nFAIL\n", {"": FAILED}),
        (CART + "--- FAIL: TestPay (0.00s)\nFAIL\nexit status 1\nFAIL\texample.org/shop\t1s\n", {"": FAILED}),
    ],
)
def test_a_go_run_that_failed_is_missing_by_name(tmp_path: Path, text: str, others: dict[str, TestOutcome]) -> None:
    """What was begun and did not end is missing, else the package; what ended before is measured."""
    run = read_text(tmp_path, HEAD + text)
    named = {f"example.org/shop/{name}".rstrip("/"): outcome for name, outcome in others.items()}
    cart = {"example.org/shop/Cart": MEASURED} if "BenchmarkCart" in text else {}
    assert outcomes(run) == cart | named


@pytest.mark.parametrize(
    "line",
    [
        "FAIL\texample.org/b [build failed]",
        "FAIL\texample.org/b [setup failed]",
        "FAIL\texample.org/b\t0.1s",
    ],
)
def test_a_package_without_a_benchmark_is_missing(tmp_path: Path, line: str) -> None:
    """A package that did not build never has a head; it is named by the line that says so, also alone."""
    sound = HEAD + CART + "PASS\nok  \texample.org/shop\t1.2s\n"
    both = read_text(tmp_path, f"{sound}# example.org/b\n./b_test.go:9:2: undefined: foo\n{line}\nFAIL\n")
    assert outcomes(both) == {"example.org/shop/Cart": MEASURED, "example.org/b": FAILED}
    assert outcomes(read_text(tmp_path, f"{line}\nFAIL\n")) == {"example.org/b": FAILED}


@pytest.mark.parametrize("end", ["fail", None])
def test_events_tell_of_a_failure_that_the_output_does_not(tmp_path: Path, end: str | None) -> None:
    """A package that ended with fail, or whose events just end, is missing."""
    text = events(HEAD + CART, end) + events("PASS\n", "pass", "example.org/other")
    assert outcomes(read_text(tmp_path, text)) == {"example.org/shop/Cart": MEASURED, "example.org/shop": FAILED}
    assert outcomes(read_text(tmp_path, events(HEAD + CART, "pass"))) == {"example.org/shop/Cart": MEASURED}


def test_what_a_build_prints_among_events_sinks_nothing(tmp_path: Path) -> None:
    """Lines that are no events are read as lines, and an event that is cut is named."""
    text = "go: downloading x\n" + events(HEAD + CART, "pass") + "# example.org/b\nFAIL\texample.org/b [build failed]\n"
    run = read_text(tmp_path, text + '{"Action":"out')
    assert outcomes(run) == {"example.org/shop/Cart": MEASURED, "example.org/b": FAILED}
    assert "is not an event of go test -json" in run.notes[0]


def test_a_result_that_output_breaks_in_two_is_read(tmp_path: Path) -> None:
    """What a benchmark prints stands between its name and its numbers; colours are no part of a name."""
    broken = "BenchmarkLogged-4 \tconnected\nto a server\n      50\t     24000 ns/op\n"
    coloured = "\x1b[32mBenchmarkCart-4 10 5 ns/op\x1b[0m\n"
    run = read_text(tmp_path, HEAD + broken + coloured + "PASS\n")
    assert outcomes(run) == {"example.org/shop/Logged": MEASURED, "example.org/shop/Cart": MEASURED}
    assert [one.samples[0].rounds.tolist() for one in run.benchmarks] == [[pytest.approx(24e-6)], [5e-9]]


def test_verbose_output_of_go_names_parents_that_measure_nothing(tmp_path: Path) -> None:
    """With -v every name is announced; a parent has no result, and its benchmarks have."""
    text = (
        "=== RUN   BenchmarkSum\nBenchmarkSum\n=== RUN   BenchmarkSum/a\nBenchmarkSum/a\n"
        "BenchmarkSum/a-4 100 5 ns/op\nPASS\nok  \texample.org/shop\t1s\n"
    )
    assert outcomes(read_text(tmp_path, HEAD + text)) == {"example.org/shop/Sum/a": MEASURED}


def test_a_panic_that_was_recovered_fails_nothing(tmp_path: Path) -> None:
    """A run that passed has passed, whatever it printed."""
    text = HEAD + "panic: caught [recovered]\n" + CART + "PASS\nok  \texample.org/shop\t1s\n"
    assert outcomes(read_text(tmp_path, text)) == {"example.org/shop/Cart": MEASURED}


@pytest.mark.parametrize("value", ["0", "-3", "NaN", "+Inf", "1e400", "x"])
def test_an_odd_value_of_go_costs_its_benchmark_or_its_metric(tmp_path: Path, value: str) -> None:
    """A time that is none makes the benchmark invalid; another metric of it is not measured, and named."""
    text = f"{HEAD}{CART}BenchmarkPay-4 10 {value} ns/op\nBenchmarkTax-4 10 5 ns/op {value} MB/s\nPASS\n"
    run = read_text(tmp_path, text)
    named = outcomes(run)
    assert (named.pop("example.org/shop/Pay"), set(named.values())) == (INVALID, {MEASURED})
    tax = run.benchmarks[-1].samples[0]
    sound = value in {"0", "-3"}
    assert ("MB/s" in tax.metrics) == sound
    assert any("Tax-4 has" in note for note in run.notes) != sound


def google(**changes: object) -> dict[str, Any]:
    """Make an entry of Google Benchmark."""
    return {"name": "a", "run_name": "a", "run_type": "iteration", "real_time": 5.0, "time_unit": "ns", **changes}


def google_file(*entries: object) -> object:
    """Make a result of Google Benchmark."""
    return {"context": {"num_cpus": 8}, "benchmarks": entries}


def jmh(**changes: object) -> dict[str, Any]:
    """Make an entry of JMH; changes are of its primary metric."""
    metric = {"score": 4.7, "scoreUnit": "ms/op", "rawData": [[4.6, 4.8]], **changes}
    return {"benchmark": "a", "mode": "avgt", "forks": 1, "primaryMetric": metric}


def page(*benches: object) -> str:
    """Make a page of github-action-benchmark with one entry."""
    entry = {"commit": {"id": "c"}, "tool": "customSmallerIsBetter", "benches": benches}
    return "window.BENCHMARK_DATA = " + json.dumps({"entries": {"A": [entry]}})


def pyperf(name: str, values: object) -> dict[str, Any]:
    """Make a benchmark of pyperf."""
    return {"metadata": {"name": name}, "runs": [{"values": values}]}


def pyperf_file(*benchmarks: object) -> object:
    """Make a result of pyperf."""
    return {"version": "1.0", "metadata": {}, "benchmarks": benchmarks}


def pytest_entry(name: str, **stats: object) -> dict[str, Any]:
    """Make an entry of pytest-benchmark."""
    return {"fullname": f"x.py::{name}", "stats": {"data": [0.5], "iterations": 1, **stats}}


PAGE_ODD: tuple[dict[str, Any], ...] = (
    {"value": 0},
    {"value": None},
    {"value": "3"},
    {},
    {"value": -2},
    {"value": 1, "unit": None},
)
INFINITE = float("inf")
BENCHER_ODD: list[object] = [{"latency": {"value": 0}}, {"size": {"value": INFINITE}}, {"latency": 3}, {}, None, [1]]
ASV_ODD: list[object] = [0, -1, "x", {"result": {}}, {"result": [INFINITE]}, {"result": [1], "samples": [[0.0]]}, True]
PYPERF_ODD: list[object] = [[0.0], [1.0, INFINITE], [None], "x", [-1], [[1.0]]]
ODD: list[tuple[str, object, str]] = [
    *(
        ("google", google_file(google(name="odd", run_name="odd", **odd), google()), "odd")
        for odd in (
            {"real_time": 0},
            {"real_time": None},
            {"real_time": -1.5},
            {"real_time": "NaN"},
            {"real_time": "x"},
            {"time_unit": "parsec"},
            {"threads": 0},
            {"iterations": "many"},
        )
    ),
    (
        "google: a repetition",
        google_file(google(name="odd", run_name="odd"), google(name="odd", run_name="odd", real_time=0), google()),
        "odd",
    ),
    (
        "google: twice the same repetition",
        google_file(*[google(name="odd", run_name="odd", repetition_index=0)] * 2, google()),
        "odd",
    ),
    ("google: no name", google_file({"real_time": 1}, google()), "benchmarks[0]"),
    ("google: an empty name", google_file(google(name=" ", run_name=" "), google()), "[0]"),
    *(
        ("jmh", [jmh() | {"benchmark": "odd"} | {"primaryMetric": {**jmh()["primaryMetric"], **odd}}, jmh()], "odd")
        for odd in (
            {"rawData": [["NaN"]]},
            {"rawData": [[0]]},
            {"rawData": [[None, 4.8]]},
            {"rawData": [], "score": "NaN"},
            {"rawData": 3},
            {"scoreUnit": None},
        )
    ),
    ("jmh: a fork that failed", [jmh() | {"benchmark": "odd", "forks": 3}, jmh()], "odd"),
    ("jmh: no metric", [{"benchmark": "odd", "mode": "avgt"}, jmh()], "odd"),
    ("jmh: odd parameters", [jmh() | {"benchmark": "odd", "params": {"n": 3}}, jmh()], "odd"),
    ("jmh: twice", [jmh() | {"benchmark": "odd"}, jmh() | {"benchmark": "odd"}, jmh()], "odd"),
    *(
        ("hyperfine", {"results": [{"command": "odd", **odd}, {"command": "a", "times": [1.0, 2.0]}]}, "odd")
        for odd in (
            {"times": [0.0]},
            {"times": [1.0, None]},
            {"times": [1.0], "exit_codes": [0, 0]},
            {"mean": 0},
            {"mean": float("nan")},
            {"times": "x"},
            {},
        )
    ),
    *(
        ("asv", {"version": 2, "params": {}, "results": {"m.time_odd": odd, "m.time_a": 0.5}}, "m.time_odd")
        for odd in ASV_ODD
    ),
    *(("pyperf", pyperf_file(pyperf("odd", odd), pyperf("a", [1.0])), "odd") for odd in PYPERF_ODD),
    ("pyperf: no runs", pyperf_file({"metadata": {"name": "odd"}, "runs": None}, pyperf("a", [1.0])), "odd"),
    *(
        ("page", page({"name": "odd", "unit": "ms", **odd}, {"name": "a", "value": 1, "unit": "ms"}), "odd")
        for odd in PAGE_ODD
    ),
    (
        "page: an empty name",
        page({"name": " ", "value": 1, "unit": "ms"}, {"name": "a", "value": 1, "unit": "ms"}),
        "entries.A[0].benches[0]",
    ),
    (
        "page: twice",
        page(*[{"name": "odd", "value": 1, "unit": "ms"}] * 2, {"name": "a", "value": 1, "unit": "ms"}),
        "odd",
    ),
    (
        "page: no object",
        page({"value": 1, "unit": "ms"}, {"name": "a", "value": 1, "unit": "ms"}),
        "entries.A[0].benches[0]",
    ),
    *(("bencher", {"a": {"latency": {"value": 5}}, "odd": odd}, "odd") for odd in BENCHER_ODD),
    *(
        ("pytest", {"benchmarks": [pytest_entry("odd", **odd), pytest_entry("a")]}, "x/odd")
        for odd in ({"data": [0.0]}, {"data": [None]}, {"data": None}, {"data": [], "mean": 0}, {"iterations": 0})
    ),
    ("pytest: twice", {"benchmarks": [pytest_entry("odd"), pytest_entry("odd"), pytest_entry("a")]}, "x/odd"),
    ("pytest: no stats", {"benchmarks": [{"fullname": "x.py::odd", "stats": None}, pytest_entry("a")]}, "x/odd"),
]


@pytest.mark.parametrize(("document", "odd"), [one[1:] for one in ODD], ids=[one[0] for one in ODD])
def test_an_odd_entry_costs_its_benchmark_only(tmp_path: Path, document: object, odd: str) -> None:
    """It is invalid by name with the reason, and the rest is measured."""
    run = read_text(tmp_path, document if isinstance(document, str) else json.dumps(document))
    named = outcomes(run)
    invalid = [name for name in named if name.partition("[")[0] == odd] or [odd]
    assert len(invalid) == 1
    assert named.pop(invalid[0]) is INVALID
    assert list(named.values()) == [MEASURED]
    details = [
        sample.detail for benchmark in run.benchmarks for sample in benchmark.samples if sample.outcome is INVALID
    ]
    assert all(details)


A_PAGE = {"name": "a", "value": 1, "unit": "ms"}
A_RUN = (
    '{"format": "hivegate run", "schema": 1, "source": "x", "benchmarks": ['
    '{"id": "odd", "node_id": "odd", "samples": [{"rounds": [1.0], "rounds": [2.0]}]},'
    '{"id": "a", "node_id": "a", "samples": [{"rounds": [1.0]}]}]}'
)
# What stands for a document with a key twice: the first "again" is put in the place of what stands before it.
GIVEN_TWICE: list[tuple[str, str, str]] = [
    ("google", json.dumps(google_file(google(name="odd", run_name="odd", again_real_time=1), google())), "odd"),
    ("google: the name", json.dumps(google_file(google(again_run_name="b"), google(run_name="b"))), "benchmarks[0]"),
    ("jmh", json.dumps([jmh(again_rawData=[[9.0]]) | {"benchmark": "odd"}, jmh()]), "odd"),
    ("hyperfine", json.dumps({"results": [{"command": "odd", "times": [1.0], "again_times": [2.0]}]}), "odd"),
    ("asv: a part", '{"version": 2, "params": {}, "results": {"time_odd": {"result": [1], "again_result": [2]}}}', ""),
    ("asv: a name", '{"version": 2, "params": {}, "results": {"time_odd": 1, "again_time_odd": 2}}', "time_odd"),
    ("pyperf", json.dumps(pyperf_file({**pyperf("odd", [1.0]), "again_runs": []}, pyperf("a", [1.0]))), "odd"),
    ("page", page({"name": "odd", "value": 1, "unit": "ms", "again_value": 2}, A_PAGE), "odd"),
    ("custom", json.dumps([A_PAGE, {"name": "odd", "value": 1, "unit": "ms", "again_unit": "us"}]), "odd"),
    ("bencher", '{"a": {"latency": {"value": 5}}, "odd": {"latency": {"value": 5, "again_value": 6}}}', "odd"),
    ("bencher: a name", '{"odd": {"latency": {"value": 5}}, "again_odd": {"latency": {"value": 6}}}', "odd"),
    ("pytest", json.dumps({"benchmarks": [pytest_entry("odd", again_data=[9.0]), pytest_entry("a")]}), "x/odd"),
    ("run", A_RUN, "odd"),
]


@pytest.mark.parametrize(("text", "odd"), [one[1:] for one in GIVEN_TWICE], ids=[one[0] for one in GIVEN_TWICE])
def test_a_key_that_is_given_twice_costs_its_benchmark_only(tmp_path: Path, text: str, odd: str) -> None:
    """Which value counts nobody knows, so none does: the benchmark is invalid, and the key is named."""
    run = read_text(tmp_path, text.replace("again_", ""))
    named = outcomes(run)
    assert named.pop(odd or "time_odd") is INVALID
    assert set(named.values()) <= {MEASURED}
    details = [one.samples[0].detail for one in run.benchmarks if one.samples[0].outcome is INVALID]
    assert "is given twice" in details[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"benchmarks": [], "benchmarks": [{"fullname": "a"}]}', "the key 'benchmarks' is given twice"),
        ('{"benchm\\u0061rks": [], "benchmarks": []}', "the key 'benchmarks' is given twice"),
        (page(A_PAGE).replace('"A": [', '"A": [], "A": ['), "entries: the key 'A' is given twice"),
        (page(A_PAGE).replace('"tool"', '"tool": "go", "tool"'), "entries.A[0]: the key 'tool' is given twice"),
    ],
)
def test_a_file_whose_head_gives_a_key_twice_is_refused(tmp_path: Path, text: str, said: str) -> None:
    """Nobody knows which of the lists holds the benchmarks."""
    with pytest.raises(ResultsError, match=re.escape(said)):
        read_text(tmp_path, text)


def test_what_tells_of_a_machine_twice_is_named_and_left_out(tmp_path: Path) -> None:
    """No verdict rests on it; an event of Go with a key twice is no event."""
    text = json.dumps(google_file(google())).replace('{"num_cpus": 8}', '{"num_cpus": 8, "num_cpus": 9}')
    run = read_text(tmp_path, text)
    assert (outcomes(run), run.environment.cores) == ({"a": MEASURED}, None)
    assert "context: the key 'num_cpus' is given twice" in run.notes[0]
    ended = '{"Action": "fail", "Action": "pass", "Package": "example.org/shop"}\n'
    run = read_text(tmp_path, events(HEAD + CART, None) + ended)
    assert outcomes(run) == {"example.org/shop/Cart": MEASURED, "example.org/shop": FAILED}


@pytest.mark.parametrize("word", ["NaN", "-Infinity", "inf", "-nan(ind)", "12%", "None", "+1.5", ".5", "01", "0x1p-3"])
def test_a_bare_word_for_a_number_costs_its_benchmark_only(tmp_path: Path, word: str) -> None:
    """What printf and other writers leave in JSON is refused by the name of its benchmark."""
    text = json.dumps(google_file(google(real_time=77.5, label='a "nan, inf" b'), google(name="b", run_name="b")))
    assert outcomes(read_text(tmp_path, text.replace("77.5", word))) == {"a": INVALID, "b": MEASURED}


@pytest.mark.parametrize(
    "document",
    [
        {"results": [None, {"command": "a", "times": [1.0]}]},
        {"results": [{"times": [1.0]}, {"command": "a", "times": [1.0]}]},
        [None, jmh()],
        [None, {"name": "a", "unit": "ms", "value": 3}],
    ],
)
def test_an_odd_first_entry_hides_no_format(tmp_path: Path, document: object) -> None:
    """The reader is chosen by any of the first entries."""
    named = outcomes(read_text(tmp_path, json.dumps(document)))
    assert named["a"] is MEASURED
    assert [outcome for name, outcome in named.items() if name != "a"] == [INVALID]


def test_a_secondary_metric_that_is_none_is_not_measured(tmp_path: Path) -> None:
    """The benchmark counts, and the note names what does not."""
    secondary = {
        "nan": {"score": "NaN", "scoreUnit": "MB/sec", "rawData": [["NaN"]]},
        "null": {"score": None, "scoreUnit": "MB/sec"},
        "forks": {"score": 1.0, "scoreUnit": "B/op", "rawData": [[1.0], [1.0]]},
        "sound": {"score": 1.0, "scoreUnit": "B/op", "rawData": [[1.0]]},
    }
    run = read_text(tmp_path, json.dumps([jmh() | {"secondaryMetrics": secondary}]))
    assert list(run.benchmarks[0].samples[0].metrics) == ["sound B/op"]
    assert run.notes[0].startswith(
        "3 parts of the file could not be read and were left out: a [0].secondaryMetrics.nan"
    )
    counters = google(nan=float("nan"), null=None, label="text", hits=3)
    run = read_text(tmp_path, json.dumps(google_file(counters)))
    assert run.benchmarks[0].samples[0].metrics == {"hits": 3}
    assert run.notes[0].startswith("2 parts of the file could not be read and were left out: a benchmarks[0].nan")
    run = read_text(tmp_path, json.dumps({"a": {"latency": {"value": 5}, "size": {"value": None}}}))
    assert run.benchmarks[0].samples[0].metrics == {}
    assert "a.size.value" in run.notes[0]
    memory = {"command": "a", "times": [1.0], "memory_usage_byte": [None]}
    run = read_text(tmp_path, json.dumps({"results": [memory]}))
    assert outcomes(run) == {"a": MEASURED}
    assert "results[0].memory_usage_byte" in run.notes[0]


def test_an_odd_figure_beside_sound_times_does_no_harm(tmp_path: Path) -> None:
    """A mean that nobody needs, a processor time, and an aggregate of repetitions are no measurement of their own."""
    nan = float("nan")
    run = read_text(
        tmp_path, json.dumps({"results": [{"command": "a", "times": [1.0, 2.0], "mean": nan, "stddev": nan}]})
    )
    assert outcomes(run) == {"a": MEASURED}
    deviation = google(name="a_cv", run_type="aggregate", aggregate_name="cv", real_time=nan)
    run = read_text(tmp_path, json.dumps(google_file(google(cpu_time=nan), deviation)))
    assert outcomes(run) == {"a": MEASURED}
    assert run.notes[0].startswith("2 parts of the file could not be read and were left out: a benchmarks[1].real_time")
    mean = google(name="a_mean", run_type="aggregate", aggregate_name="mean", real_time=nan)
    assert outcomes(read_text(tmp_path, json.dumps(google_file(mean)))) == {"a": INVALID}


@pytest.mark.parametrize(
    ("names", "read_as"),
    [
        (["A", "B-4"], ["A", "B-4"]),  # GOMAXPROCS is 1, and go test adds nothing
        (["A-8", "B-4-8"], ["A", "B-4"]),
        (["A-4", "B-4"], ["A", "B"]),
        (["A", "B/n-4", "B/n-8"], ["A", "B/n-4", "B/n-8"]),
    ],
)
def test_a_number_that_all_names_end_in_is_that_of_processors(
    tmp_path: Path, names: list[str], read_as: list[str]
) -> None:
    """One that only some end in belongs to their names, as for benchstat."""
    lines = "".join(f"Benchmark{name} 10 5 ns/op\n" for name in names)
    assert list(outcomes(read_text(tmp_path, f"goos: linux\n{lines}PASS\n"))) == read_as


@pytest.mark.parametrize("line", ["FAIL to connect", "ok then", "FAIL", "FAILED pkg", "ok"])
def test_what_a_benchmark_of_go_prints_ends_no_package(tmp_path: Path, line: str) -> None:
    """Only what go test itself says of a package does; it may have lost its tabs."""
    text = f"{HEAD}{CART}{line}\n"
    named = outcomes(read_text(tmp_path, f"{text}PASS\nok  \texample.org/shop\t1s\n"))
    assert named == {"example.org/shop/Cart": MEASURED}
    lost = outcomes(read_text(tmp_path, f"{text}FAIL    example.org/b [build failed]\n"))
    assert lost == {"example.org/shop/Cart": MEASURED, "example.org/b": FAILED}


def test_a_failed_command_without_times_is_not_fast(tmp_path: Path) -> None:
    """Hyperfine's exit codes are read also where only the mean is kept; null is a signal."""
    results = [{"command": str(code), "mean": 1.0, "exit_codes": [0, code]} for code in (0, 1, None)]
    named = outcomes(read_text(tmp_path, json.dumps({"results": results})))
    assert named == {"0": MEASURED, "1": FAILED, "None": FAILED}


def test_an_odd_benchmark_in_a_folder_of_criterion_sinks_nothing(tmp_path: Path) -> None:
    """Without numbers, without its name, or with a run before alone, it is invalid by name."""
    about = {"group_id": "g", "function_id": None, "value_str": "8"}
    sample = {"iters": [1.0, 2.0], "times": [5.0, 10.0]}
    folders: dict[str, dict[str, object]] = {
        "a/new": {"benchmark.json": about | {"function_id": "a"}, "sample.json": sample},
        "empty/new": {"benchmark.json": about | {"function_id": "empty"}},
        "nameless/new": {"sample.json": sample},
        "ended/base": {"benchmark.json": about | {"function_id": "ended"}, "sample.json": sample},
        "zero/new": {"benchmark.json": about | {"function_id": "zero"}, "sample.json": {"iters": [1], "times": [0]}},
        "list/new": {"benchmark.json": about | {"throughput": {"Elements": "x"}}, "sample.json": sample},
    }
    for name, files in folders.items():
        folder = tmp_path / name
        folder.mkdir(parents=True)
        for file, content in files.items():
            (folder / file).write_text(json.dumps(content))
    assert outcomes(read(tmp_path)) == {
        "g/a[8]": MEASURED,
        "g/empty[8]": INVALID,
        "ended": INVALID,
        "g[8]": MEASURED,
        "nameless": INVALID,
        "g/zero[8]": INVALID,
    }


def test_a_file_of_which_nothing_has_a_name_is_refused(tmp_path: Path) -> None:
    """Nothing could be said of any benchmark: it is of another format, or none."""
    with pytest.raises(ResultsError, match=r"benchmarks\[0\]: Object missing required field"):
        read_text(tmp_path, json.dumps(google_file({"real_time": 1}, {"x": 1})))


def codspeed(*benchmarks: object, instrument: str = "walltime") -> str:
    """Make a result of pytest-codspeed."""
    creator = {"name": "pytest-codspeed", "version": "4.5.0", "pid": 1}
    document = {"creator": creator, "python": {"version": "3.12.1"}, "instrument": {"type": instrument}}
    return json.dumps(document | {"benchmarks": benchmarks})


def test_wall_times_of_codspeed_are_read(tmp_path: Path) -> None:
    """Ids are those of pytest-benchmark, figures are in nanoseconds, and an odd entry sinks nothing."""
    stats: dict[str, float] = {
        "min_ns": 1e6,
        "max_ns": 3e6,
        "mean_ns": 2e6,
        "stdev_ns": 0.0,
        "median_ns": 1.5e6,
        "iter_per_round": 7,
    }
    node = "tests/test_x.py::TestC::test_a[3]"
    sound = {"name": "test_a[3]", "uri": node, "stats": stats}
    odd = {"name": "test_odd", "uri": "tests/test_x.py::test_odd", "stats": {**stats, "mean_ns": 0}}
    run = read_text(tmp_path, codspeed(sound, odd))
    assert outcomes(run) == {"tests/x/TestC.a[3]": MEASURED, "tests/x/odd": INVALID}
    (sample,) = run.benchmarks[0].samples
    assert sample.summary == Summary(mean=2e-3, median=1.5e-3, min=1e-3, max=3e-3, stddev=0.0)
    assert sample.calls == 7
    assert run.benchmarks[0].node_id == node
    assert (run.source, run.environment.python) == ("pytest-codspeed 4.5.0", "3.12.1")


@pytest.mark.parametrize("instrument", ["valgrind", "simulation", "memory"])
def test_other_instruments_of_codspeed_are_refused(tmp_path: Path, instrument: str) -> None:
    """They keep no times; the message says which they are and what to do."""
    with pytest.raises(ResultsError, match=f"is of pytest-codspeed's instrument '{instrument}'") as caught:
        read_text(tmp_path, codspeed(instrument=instrument))
    assert "--codspeed-mode=walltime" in caught.value.hint
