from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.real_files import unpacked

from hivegate.errors import ResultsError
from hivegate.ingest import read
from hivegate.model.run import Commit, Environment, Summary, TestOutcome

if TYPE_CHECKING:
    from collections.abc import Callable

    WriteResult = Callable[..., Path]

ROOT = Path(__file__).parents[3]
GOLDEN = ROOT / "tests" / "golden" / "pytest_benchmark"
SETS = "names[frozenset({3})-"


def refusal(path: Path) -> str:
    """Read a file that must be refused, and give the message."""
    with pytest.raises(ResultsError) as caught:
        read(path)
    assert str(path) in str(caught.value)
    return str(caught.value)


def fault(path: Path) -> str:
    """Read a file whose last benchmark is no measurement, and give the reason; the others are measured."""
    *others, benchmark = read(path).benchmarks
    assert all(sample.outcome is TestOutcome.MEASURED for other in others for sample in other.samples)
    (sample,) = benchmark.samples
    assert sample.outcome is TestOutcome.INVALID
    return f"{sample.detail} [{benchmark.node_id}]"


@pytest.mark.parametrize("version", ["4.0.0", "5.1.0", "5.3.1"])
def test_every_version_is_read_whole(version: str) -> None:
    """Ids, rounds, calls, declarations, revision and machine come out of a real file of each version."""
    path = GOLDEN / f"{version}.json"
    run = read(path)
    assert [benchmark.id for benchmark in run.benchmarks] == [
        "golden/sum[10]",
        "golden/sum[100]",
        f"golden/{SETS}two|<b>]",
        rf"golden/{SETS}\xe9\n]",
        f"golden/{SETS}a[b]]",
        "golden/TestClass.one_round",
        "golden/calibrated",
    ]
    told = json.loads(path.read_bytes())
    for benchmark, entry in zip(run.benchmarks, told["benchmarks"], strict=True):
        (sample,) = benchmark.samples
        assert sample.rounds.tolist() == entry["stats"]["data"]
        assert sample.calls == entry["stats"]["iterations"]
        assert sample.summary is None
        assert benchmark.node_id == entry["fullname"]
    small = run.benchmarks[0]
    assert (small.operations, small.size) == (10, 10)
    assert small.samples[0].metrics == {"items": 10, "rate": 5}
    assert small.better == {"items": "lower", "rate": "higher"}
    assert run.source == f"pytest-benchmark {version}"
    assert run.created == told["datetime"]
    assert run.commit == Commit(sha=told["commit_info"]["id"], branch="main", dirty=False)
    assert run.environment.python == "3.11.7"
    assert run.notes == ()


def test_saved_result_has_summaries_for_rounds() -> None:
    """A file of `--benchmark-save` holds no rounds: its figures are a summary, and a note says so."""
    path = GOLDEN / "5.3.1-saved.json"
    run = read(path)
    stats = json.loads(path.read_bytes())["benchmarks"][0]["stats"]
    sample = run.benchmarks[0].samples[0]
    assert not sample.rounds
    assert sample.summary == Summary(**{key: stats[key] for key in ("mean", "median", "min", "max", "stddev")})
    assert run.notes == ("7 of 7 benchmarks contain a summary only, without their rounds",)


def test_roots_shorten_ids(write_result: WriteResult) -> None:
    """An id leaves out the benchmark root, as a run of the same suite does."""
    path = write_result()
    assert read(path).benchmarks[0].id == "benches/queue/one"
    assert read(path, roots=("benches",)).benchmarks[0].id == "queue/one"


def test_environment_is_taken_over(write_result: WriteResult) -> None:
    """CPU, cores, system, interpreter and revision come from machine_info and commit_info."""
    run = read(write_result())
    assert run.environment == Environment(
        cpu="A CPU", cores=4, os="Linux 6.1.0", python="3.13.1", implementation="CPython"
    )
    assert run.commit == Commit(sha="a" * 40, branch="main", dirty=True)


@pytest.mark.parametrize("odd", [None, [], "x", 3, {"cpu": None, "system": 3, "id": None}, {"cpu": {"count": True}}])
def test_unusual_machine_is_unknown(write_result: WriteResult, odd: object) -> None:
    """What a project's hooks put into machine_info or commit_info never refuses a file."""
    run = read(write_result(top={"machine_info": odd, "commit_info": odd, "version": odd, "datetime": odd}))
    assert run.environment == Environment()
    assert run.commit is None
    assert len(run.benchmarks) == 1


def test_unversioned_commit_is_none(write_result: WriteResult) -> None:
    """pytest-benchmark's words for an unknown revision are not taken for one."""
    run = read(write_result(top={"commit_info": {"id": "unversioned", "branch": "(unknown)", "dirty": False}}))
    assert run.commit is None


def test_rounds_are_counted_not_believed(write_result: WriteResult) -> None:
    """Fewer rounds than claimed count as many as they are, and the note names a benchmark."""
    run = read(write_result({"stats": {"rounds": 9000}}))
    assert len(run.benchmarks[0].samples[0].rounds) == 3
    assert "benches/queue/one claims 9000, but has 3" in run.notes[0]


def test_mark_of_omission_is_no_round(write_result: WriteResult) -> None:
    """A text behind the rounds that says that more were there is not an error."""
    run = read(write_result({"stats": {"rounds": 9, "data": [0.1, 0.2, "... omitted"]}}))
    assert run.benchmarks[0].samples[0].rounds.tolist() == [0.1, 0.2]


@pytest.mark.parametrize("absent", [..., None, []])
def test_no_rounds_leave_a_summary(write_result: WriteResult, absent: object) -> None:
    """Rounds that are left out, null or empty all mean that there is a summary only."""
    run = read(write_result({"stats": {"data": absent}}))
    assert run.benchmarks[0].samples[0].summary == Summary(mean=0.002, median=0.002, min=0.001, max=0.003, stddev=5e-4)


def test_old_format_is_read(write_result: WriteResult) -> None:
    """Version 2.5 has no extra_info, params, param and total."""
    path = write_result(
        {"extra_info": ..., "params": ..., "param": ..., "options": ..., "stats": {"total": ..., "data": ...}}
    )
    assert read(path).benchmarks[0].samples[0].calls == 7


def test_one_round_without_spread(write_result: WriteResult) -> None:
    """One round with a standard deviation of 0 is a result."""
    stats = {"data": ..., "rounds": 1, "stddev": 0, "min": 0.1, "max": 0.1, "mean": 0.1, "median": 0.1}
    assert read(write_result({"stats": stats})).benchmarks[0].samples[0].summary is not None


def test_infinite_ops_do_no_harm(write_result: WriteResult) -> None:
    """Figures that nothing reads may be infinite, and a mean too where the rounds are there."""
    stats = {"ops": float("inf"), "mean": float("nan"), "q1": -float("inf")}
    assert len(read(write_result({"stats": stats})).benchmarks[0].samples[0].rounds) == 3


@pytest.mark.parametrize("data", [[0.1, 0.2, "more"], [0.1, "...", 0.2], ["...", "..."]])
def test_other_texts_among_rounds_are_invalid(write_result: WriteResult, data: list[object]) -> None:
    """Only a mark of omission behind the last round is understood."""
    assert "benchmarks[0].stats.data[" in fault(write_result({"stats": {"data": data}}))


@pytest.mark.parametrize("time", [0, 0.0, -1, -1e-9, float("nan"), float("inf"), None, True, "0.1", [0.1]])
def test_round_that_is_no_time_is_invalid(write_result: WriteResult, time: object) -> None:
    """The message names file, index, benchmark and what is allowed."""
    message = fault(write_result({"fullname": "a.py::other"}, {"stats": {"data": [0.1, 0.2, time, 0.3]}}))
    assert "benchmarks[1].stats.data[2]: " in message
    assert "benches/bench_queue.py::test_one" in message
    assert "finite number of seconds above 0" in message


def test_index_is_exact_in_a_long_array(write_result: WriteResult) -> None:
    """Arrays are read in pieces; an error still names the index in the whole."""
    data: list[object] = [0.001234567890123] * 200_000
    data[150_001] = -2.5
    assert "benchmarks[0].stats.data[150001]: is -2.5" in fault(write_result({"stats": {"data": data}}))
    data[150_001] = {"a": [1, 2, 3]}
    assert "benchmarks[0].stats.data[150001]: Expected `float`" in fault(write_result({"stats": {"data": data}}))


@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": "), (" ,\n\t ", " :\r\n ")])
def test_long_array_is_read_exactly(write_result: WriteResult, separators: tuple[str, str]) -> None:
    """Every number of an array of several pieces arrives, in order and unchanged, however it is laid out."""
    data = [100 / 3 + index for index in range(150_000)]
    path = write_result({"stats": {"data": data}})
    path.write_text(json.dumps(json.loads(path.read_bytes()), separators=separators))
    assert read(path).benchmarks[0].samples[0].rounds.tolist() == data


@pytest.mark.parametrize("blanks", [1, 2**20 - 8, 2**20, 3 * 2**20])
def test_blanks_of_any_length_are_skipped(tmp_path: Path, blanks: int) -> None:
    """A piece of an array may hold nothing but blanks, or no comma: the numbers around it still arrive."""
    path = tmp_path / "result.json"
    gap = " " * blanks
    path.write_text(f'{{"benchmarks": [{{"fullname": "a", "stats": {{"data": [{gap}1, 2,{gap}3{gap}, 4{gap}]}}}}]}}')
    assert read(path).benchmarks[0].samples[0].rounds.tolist() == [1, 2, 3, 4]


@pytest.mark.parametrize("key", ["mean", "median", "min", "max"])
@pytest.mark.parametrize("time", [0, -1, float("nan"), float("inf"), "0.1"])
def test_summary_that_is_no_time_is_invalid(write_result: WriteResult, key: str, time: object) -> None:
    """Where there are no rounds the summary is checked as they would be."""
    message = fault(write_result({"stats": {"data": ..., key: time}}))
    assert f"benchmarks[0].stats.{key}: " in message
    assert "benches/bench_queue.py::test_one" in message


def test_entry_without_any_times_is_invalid(write_result: WriteResult) -> None:
    """Neither rounds nor a mean or a median: there is nothing to judge."""
    message = fault(write_result({"stats": {"data": ..., "mean": ..., "median": ...}}))
    assert "benchmarks[0].stats: contains neither rounds (data) nor a mean or a median" in message


@pytest.mark.parametrize("calls", [0, -1, 1.5, "3", None])
def test_impossible_iterations_are_invalid(write_result: WriteResult, calls: object) -> None:
    """Iterations are calls a round, so at least one."""
    assert "benchmarks[0].stats.iterations: " in fault(write_result({"stats": {"iterations": calls}}))


def test_declarations_are_taken_over(write_result: WriteResult) -> None:
    """operations, size, parallelism and metrics are read from extra_info; the rest of it is the suite's own."""
    info = {
        "operations": 1000,
        "size": 50,
        "parallelism": 4,
        "metrics": {"hits": 3, "rate": {"value": 0.5, "better": "higher"}},
        "note": {"anything": [None, "x"]},
    }
    run = read(write_result({"extra_info": info, "params": {"n": 7}}))
    (benchmark,) = run.benchmarks
    assert (benchmark.operations, benchmark.size, benchmark.parallelism) == (1000, 50, 4)
    assert benchmark.samples[0].metrics == {"hits": 3, "rate": 0.5}
    assert benchmark.better == {"hits": "lower", "rate": "higher"}


@pytest.mark.parametrize(
    ("params", "size"),
    [
        ({"n": 7}, 7),
        ({"n": 7, "name": "x", "flag": True, "none": None}, 7),
        ({"n": 7, "m": 8}, None),
        ({"n": "7"}, None),
        ({"n": 10**400}, None),
        ({"n": float("nan")}, None),
        ({}, None),
        (None, None),
    ],
)
def test_size_is_the_only_numeric_parameter(
    write_result: WriteResult, params: dict[str, object] | None, size: float | None
) -> None:
    """Without a declared size, one numeric parameter is it, and two are none."""
    assert read(write_result({"params": params})).benchmarks[0].size == size


@pytest.mark.parametrize(
    ("info", "place"),
    [
        ({"operations": "many"}, "operations"),
        ({"operations": 0}, "operations"),
        ({"operations": float("inf")}, "operations"),
        ({"size": [1]}, "size"),
        ({"size": True}, "size"),
        ({"size": 10**400}, "size"),
        ({"parallelism": -2}, "parallelism"),
        ({"parallelism": 0.5}, "parallelism"),
        ({"metrics": 3}, "metrics"),
        ({"metrics": {"rate": "fast"}}, "metrics.rate"),
        ({"metrics": {"rate": float("nan")}}, "metrics.rate"),
        ({"metrics": {"rate": {"value": 1, "better": "up"}}}, "metrics.rate"),
    ],
)
def test_a_wrong_declaration_declares_nothing(write_result: WriteResult, info: dict[str, object], place: str) -> None:
    """extra_info is the suite's own: what does not fit is counted and named, and the rounds count."""
    run = read(write_result({"extra_info": {"operations": 5, "metrics": {"hits": 3}, **info}}))
    (benchmark,) = run.benchmarks
    assert benchmark.samples[0].rounds.tolist() == [0.001, 0.003, 0.002]
    assert benchmark.operations == (None if place == "operations" else 5)
    assert (benchmark.size, benchmark.parallelism) == (None, None)
    assert benchmark.samples[0].metrics == ({} if place.startswith("metrics") else {"hits": 3})
    (note,) = run.notes
    assert note.startswith("1 part of the file could not be read and was left out: ")
    assert f"benches/bench_queue.py::test_one extra_info.{place}: " in note


def test_a_metric_that_is_none_leaves_the_others(write_result: WriteResult) -> None:
    """Of several metrics that a benchmark reports the sound ones count."""
    info = {"metrics": {"hits": 3, "recall": float("nan"), "kind": "text"}}
    run = read(write_result({"extra_info": info}))
    assert run.benchmarks[0].samples[0].metrics == {"hits": 3}


def test_short_names_may_repeat(write_result: WriteResult) -> None:
    """Benchmarks are told apart by their full name, which the short name does not have to be."""
    run = read(write_result({"fullname": "a.py::t"}, {"fullname": "b.py::t"}))
    assert [benchmark.id for benchmark in run.benchmarks] == ["a/t", "b/t"]


def test_duplicates_are_invalid(write_result: WriteResult) -> None:
    """Of two entries of one id neither is its measurement: the reason names both, and the others are judged."""
    reason = fault(write_result({"fullname": "x.py::y"}, {"fullname": "a/bench_b.py::t"}, {"fullname": "a/b.py::t"}))
    assert "2 entries of the file have this name (a/bench_b.py::t, a/b.py::t)" in reason


def test_no_benchmark_is_refused(write_result: WriteResult) -> None:
    """A suite that ran under xdist, or disabled, measured nothing: that is no pass."""
    message = refusal(write_result(top={"benchmarks": []}))
    assert "contains no benchmarks" in message
    assert "xdist" in message
    assert "--benchmark-disable" in message


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"fullname": ...}, "benchmarks[0]: Object missing required field `fullname`"),
        ({"fullname": ""}, "benchmarks[0].fullname: is empty"),
        ({"fullname": 3}, "benchmarks[0].fullname: Expected `str`, got `int` 3"),
    ],
)
def test_a_file_of_nothing_but_nameless_entries_is_refused(
    write_result: WriteResult, change: dict[str, Any], place: str
) -> None:
    """It is of another format, or none; the message holds the key path."""
    assert place in refusal(write_result(change))
    named = read(write_result(change, {})).benchmarks
    assert [(one.id, one.samples[0].outcome) for one in named] == [
        ("benchmarks[0]", TestOutcome.INVALID),
        ("benches/queue/one", TestOutcome.MEASURED),
    ]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"params": [1]}, "benchmarks[0].params: "),
        ({"extra_info": "x"}, "benchmarks[0].extra_info: "),
        ({"stats": {"data": "x"}}, "benchmarks[0].stats.data: "),
        ({"stats": {"rounds": "x"}}, "benchmarks[0].stats.rounds: "),
        ({"stats": []}, "benchmarks[0].stats: "),
    ],
)
def test_entry_of_another_form_is_invalid(write_result: WriteResult, change: dict[str, Any], place: str) -> None:
    """The reason holds the key path."""
    assert place in fault(write_result(change))


@pytest.mark.parametrize("benchmarks", [None, 3, {}, "x", [3], [None], [[]]])
def test_benchmarks_of_another_form_are_refused(write_result: WriteResult, benchmarks: object) -> None:
    """The message holds the key path."""
    assert ": benchmarks" in refusal(write_result(top={"benchmarks": benchmarks}))


def test_half_a_surrogate_pair_is_read(tmp_path: Path) -> None:
    """Python writes names of undecodable bytes as halves of surrogate pairs, which strict JSON refuses."""
    path = tmp_path / "result.json"
    path.write_bytes(
        rb'{"benchmarks": [{"fullname": "a.py::t[\udc80-\ud83d\ude00-\\ud800]", "params": {"p": "\udc80"},'
        rb'"stats": {"data": [1.5], "ops": NaN}}]}'
    )
    assert read(path).benchmarks[0].id == "a/t[\ufffd-\U0001f600-\\ud800]"


def test_nan_in_a_name_stays(tmp_path: Path) -> None:
    """Only bare constants are mended, not those within a text, also behind an escaped quote."""
    path = tmp_path / "result.json"
    name = 'a.py::t[NaN-\\"-Infinity, NaN, ]'
    path.write_text(f'{{"benchmarks": [{{"fullname": "{name}", "stats": {{"data": [1.5], "ops": -Infinity}}}}]}}')
    assert read(path).benchmarks[0].node_id == 'a.py::t[NaN-"-Infinity, NaN, ]'


FOUND = {
    "bencher-3.2.2-short-data.json": (4, 17),
    "cachew-0003.json": (32, 0),
    "cachew-0007.json": (256, 0),
    "cattrs-full-data.json": (64, None),
    "dynamo-one-round.json": (4, 0),
    "infocf-0001.json": (5, 0),
    "infocf-0002.json": (13, 0),
    "ionelmc-2.5.0.json": (1, 0),
    "lagom-full-data.json": (4, None),
    "semaphore-duplicate-names.json": (56, 0),
    "tubular-a.json": (22, 0),
    "tubular-b.json": (84, 0),
}


@pytest.mark.parametrize("name", sorted(FOUND))
def test_files_of_others_are_read(name: str) -> None:
    """Every benchmark of every real file is there, under its full name, with the rounds that the file holds."""
    path = unpacked() / "pytest-benchmark" / name
    run = read(path)
    told = json.loads(path.read_bytes())["benchmarks"]
    count, rounds = FOUND[name]
    assert len(run.benchmarks) == count
    assert [benchmark.node_id for benchmark in run.benchmarks] == [entry["fullname"] for entry in told]
    held = sum(len(benchmark.samples[0].rounds) for benchmark in run.benchmarks)
    assert held == (sum(len(entry["stats"]["data"]) for entry in told) if rounds is None else rounds)
    for benchmark, entry in zip(run.benchmarks, told, strict=True):
        (sample,) = benchmark.samples
        assert sample.calls == entry["stats"]["iterations"]
        assert sample.rounds or (sample.summary is not None and sample.summary.mean == entry["stats"]["mean"])
