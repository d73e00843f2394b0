"""Histories of other tools are imported run by run, with their commits, times and machines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.disks import mounted
from tests.real_files import unpacked
from tests.records import record

from hivegate.errors import HistoryError, ResultsError
from hivegate.flows.history.runs import AddedRuns, AddOptions, add_runs, import_runs
from hivegate.flows.project import Project, Settings
from hivegate.history.exported import render_record
from hivegate.history.queries import list_environments, list_runs, list_series, load_records
from hivegate.history.store import open_store
from hivegate.model.events import Noted

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hivegate.model.events import Event
    from hivegate.model.record import Record

PLACE = "history.db"


def imported(folder: Path, *paths: Path, branch: str | None = None) -> tuple[AddedRuns, list[str]]:
    """Import into a store of the folder; returns what came of it, and what was noted."""
    notes: list[str] = []

    def on_progress(event: Event) -> None:
        if isinstance(event, Noted):
            notes.append(event.message)

    return import_runs(Project(folder=folder, settings=Settings(history=PLACE)), paths, branch, on_progress), notes


def records(folder: Path) -> list[Record]:
    """Read every run back, in the order of their revisions."""
    store = open_store(PLACE, folder=folder, create=False)
    return list(load_records(store, list_runs(store)))


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str, Any], Path]:
    """Give a writer of JSON files."""

    def write(name: str, content: Any) -> Path:  # noqa: ANN401  any JSON
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return path

    return write


def pytest_result(seconds: float, sha: str, time: str, branch: str = "main") -> dict[str, Any]:
    """Make a file of pytest-benchmark's storage."""
    stats = {"rounds": 3, "iterations": 1, "data": [seconds] * 3}
    entry = {"group": None, "name": "test_a", "fullname": "benches/bench_s.py::test_a", "stats": stats}
    return {
        "version": "5.1.0",
        "datetime": "2026-05-05T10:00:00+00:00",
        "machine_info": {"python_version": "3.12.1", "system": "Linux", "release": "6.1", "cpu": {"brand_raw": "Z80"}},
        "commit_info": {"id": sha, "time": time, "branch": branch, "dirty": False},
        "benchmarks": [entry | {"params": None, "param": None, "extra_info": {}, "options": {}}],
    }


def asv_result(seconds: float, sha: str, date: int, **fields: Any) -> dict[str, Any]:  # noqa: ANN401  any JSON
    """Make a result file of asv's first format."""
    params = {"machine": "box", "cpu": "Z80", "num_cpu": "2", "os": "Linux 6.1", "python": "3.12"}
    return {
        "version": 1,
        "commit_hash": sha,
        "date": date,
        "params": params,
        "requirements": {"numpy": "2.0"},
        "results": {"time_a": seconds, "time_b": {"result": [seconds * 2], "params": []}},
        **fields,
    }


def page(*entries: dict[str, Any]) -> str:
    """Make a page of github-action-benchmark."""
    return "window.BENCHMARK_DATA = " + json.dumps({"lastUpdate": 1, "entries": {"Python": list(entries)}})


def entry(value: float, sha: str, date: int) -> dict[str, Any]:
    """Make an entry of such a page."""
    commit = {"id": sha, "timestamp": f"2026-01-0{date}T12:00:00+02:00", "message": f"Say {sha}\n\nmore"}
    benches = [{"name": "benches/bench_s.py::test_a", "value": value, "unit": "iter/sec", "range": "stddev: 1"}]
    return {"commit": commit, "date": 1_760_000_000_000 + date, "tool": "pytest", "benches": benches}


def test_a_storage_folder_of_pytest_benchmark(tmp_path: Path, written: Callable[[str, Any], Path]) -> None:
    """Each file is a run, in the order of the commits and not of the files, under hivegate's own ids."""
    folder = "storage/Linux-CPython-3.12-64bit"
    written(f"{folder}/0001_b.json", pytest_result(0.002, "b" * 40, "2026-05-02T00:00:00+02:00"))
    written(f"{folder}/0002_a.json", pytest_result(0.001, "a" * 40, "2026-05-01T00:00:00+02:00"))
    added, notes = imported(tmp_path, tmp_path / "storage")
    assert (added, notes) == (AddedRuns(new=2, known=0), [])
    first, second = records(tmp_path)
    assert (first.commit.sha[0], second.commit.sha[0]) == ("a", "b")  # type: ignore[union-attr]  # both have one
    assert first.committed == "2026-04-30T22:00:00+00:00"
    assert {one.benchmark for one in first.levels} == {"s/a"}
    assert [one.value for one in first.levels if one.metric.name == "p50"] == [0.001]
    assert first.nodes == {"s/a": "benches/bench_s.py::test_a"}


def test_a_folder_of_asv(tmp_path: Path, written: Callable[[str, Any], Path]) -> None:
    """The date in a file is the commit's; machine and requirements tell series apart; what lies beside is no result."""
    day = 86_400_000
    written("results/box/machine.json", {"machine": "box", "version": 1})
    written("results/box/aaaa-env.json", asv_result(0.1, "a" * 40, 20_000 * day, started_at={"time_a": 20_500 * day}))
    written("results/box/bbbb-env.json", asv_result(0.2, "b" * 40, 20_001 * day))
    written("results/box/bbbb-env2.json", asv_result(0.2, "b" * 40, 20_001 * day, requirements={"numpy": "1.0"}))
    written("results/benchmarks.json", {"version": 2})
    assert imported(tmp_path, tmp_path / "results", branch="main")[0] == AddedRuns(new=3, known=0)
    assert imported(tmp_path, tmp_path / "results", branch="main")[0] == AddedRuns(new=0, known=3)
    first = records(tmp_path)[0]
    assert (first.committed, first.created) == ("2024-10-04T00:00:00+00:00", "2026-02-16T00:00:00+00:00")
    assert first.commit is not None
    assert (first.commit.branch, first.environment.runner) == ("main", "asv machine box")
    store = open_store(PLACE, folder=tmp_path, create=False)
    assert sorted(one.runs for one in list_environments(store)) == [1, 2]
    assert {one.benchmark for one in list_series(store)} == {"time_a", "time_b"}


def test_asv_results_of_older_benchmarks_are_left_out(tmp_path: Path, written: Callable[[str, Any], Path]) -> None:
    """What was measured before a benchmark was rewritten is not of the same series, as asv itself sees it."""
    versions = {"time_a": "old", "time_b": "same"}
    written("results/box/aaaa-env.json", asv_result(0.1, "a" * 40, 1, benchmark_version=versions))
    written("results/benchmarks.json", {"time_a": {"version": "new"}, "time_b": {"version": "same"}, "version": 2})
    imported(tmp_path, tmp_path / "results")
    (only,) = records(tmp_path)
    assert {one.benchmark for one in only.levels} == {"time_b"}


def test_a_page_of_github_action_benchmark(tmp_path: Path, written: Callable[[str, Any], Path]) -> None:
    """Each entry is a run, with the commit's time and the first line of its message; rates become times."""
    data = written("dev/bench/data.js", page(entry(100.0, "a" * 40, 1), entry(50.0, "b" * 40, 2)))
    assert imported(tmp_path, data, branch="main")[0] == AddedRuns(new=2, known=0)
    first, second = records(tmp_path)
    assert (first.committed, first.subject) == ("2026-01-01T10:00:00+00:00", f"Say {'a' * 40}")
    means = [one.value for run in (first, second) for one in run.levels if one.metric.name == "mean"]
    assert means == [0.01, 0.02]
    assert {one.benchmark for one in second.levels} == {"s/a"}


def test_what_cannot_be_read_is_named_and_the_rest_kept(tmp_path: Path, written: Callable[[str, Any], Path]) -> None:
    """A broken file, a file of something else and a link are left out by name; good ones beside them are kept."""
    good = written("mixed/0001_good.json", pytest_result(0.001, "a" * 40, "2026-05-01T00:00:00+00:00"))
    written("mixed/0002_cut.json", '{"benchmarks": [')
    written("mixed/0003_other.json", {"some": "thing"})
    (tmp_path / "mixed" / "0004_link.json").symlink_to(good)
    added, notes = imported(tmp_path, tmp_path / "mixed")
    assert added == AddedRuns(new=1, known=0, unread=2)
    assert ["0002_cut.json" in notes[0], "0003_other.json" in notes[1]] == [True, True]


def test_a_benchmark_that_is_none_is_named_and_the_rest_of_its_file_kept(
    tmp_path: Path, written: Callable[[str, Any], Path]
) -> None:
    """A time of zero costs its benchmark; a file of nothing else is left out as one that cannot be read."""
    written("results/aaaa-env.json", asv_result(0.1, "a" * 40, 1, results={"time_a": 0, "time_b": 0.2}))
    written("results/bbbb-env.json", asv_result(0.1, "b" * 40, 2, results={"time_a": 0}))
    added, notes = imported(tmp_path, tmp_path / "results")
    assert added == AddedRuns(new=1, known=0, unread=1)
    assert [note.partition("results/")[2].partition(";")[0] for note in notes] == [
        "aaaa-env.json: time_a: results.time_a.result[0].median: is 0.0",
        "bbbb-env.json: time_a: results.time_a.result[0].median: is 0.0",
    ]


def test_what_was_kept_before_the_disk_was_full_is_told(tmp_path: Path) -> None:
    """A long import is kept batch by batch: how much is there is said, so that it can be done again without fear."""
    export = tmp_path / "all.jsonl"
    runs = [record(number, {f"s/{level}": 1.0 for level in range(500)}) for number in range(300)]
    export.write_bytes(b"".join(map(render_record, runs)))
    (tmp_path / "disk").mkdir()
    with mounted(tmp_path / "disk", 8) as done:
        if not done:
            pytest.skip("only root can mount a small disk")
        with pytest.raises(HistoryError, match="nothing of this was stored, but 200 runs were stored before"):
            imported(tmp_path / "disk", export)
        assert records(tmp_path / "disk") == runs[:200]


@pytest.mark.parametrize("content", [None, {"some": "thing"}])
def test_nothing_to_import_is_an_error(
    tmp_path: Path, written: Callable[[str, Any], Path], content: dict[str, str] | None
) -> None:
    """An empty folder, and one in which nothing is a result, are not taken for done."""
    (tmp_path / "storage").mkdir()
    if content is not None:
        written("storage/a.json", content)
    with pytest.raises(ResultsError, match=r"contains no result files|none of 1 files"):
        imported(tmp_path, tmp_path / "storage")


def test_a_history_of_asv(tmp_path: Path) -> None:
    """Twelve revisions of three years, measured by asv on one machine, in the order of their commits."""
    added, notes = imported(tmp_path, unpacked() / "asv" / "history")
    assert (added, notes) == (AddedRuns(new=12, known=0), [])
    found = records(tmp_path)
    times = [one.committed or "" for one in found]
    assert times == sorted(times)
    assert [found[0].committed, found[-1].committed] == ["2018-11-26T16:00:42+00:00", "2021-05-14T17:06:03+00:00"]
    assert all(len(one.levels) > 20 for one in found)


def test_histories_of_github_action_benchmark(tmp_path: Path) -> None:
    """Pages of three projects: every entry is a run, also in the dialect without a tool, machine by machine."""
    for name, runs in (("pytest", 35), ("pisa", 10), ("dialect", 24)):
        folder = tmp_path / name
        folder.mkdir()
        added, notes = imported(folder, unpacked() / "github-action-benchmark" / f"{name}.data.js", branch="main")
        assert (added, notes) == (AddedRuns(new=runs, known=0), [])
    store = open_store(PLACE, folder=tmp_path / "dialect", create=False)
    assert sorted(one.runs for one in list_environments(store)) == [2, 10, 12]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"created": "2026-02-30T00:00:00+00:00"}, "is no time"),
        ({"committed": "2026-13-01T00:00:00+00:00"}, "is no time"),
        ({"created": "9999-12-31T00:00:00+00:00"}, "not between 1970 and today"),
        ({"committed": "0001-01-01T00:00:00+00:00"}, "not between 1970 and today"),
        ({"environment": {"cores": 10**30}}, "cores"),
        ({"environment": {"cores": -4}}, "cores"),
        ({"value": -5.0}, "no such measurement"),
        ({"low": -1e-9}, "no such measurement"),
    ],
)
def test_what_no_run_can_have_is_left_out(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    """A run of the year 9999 would be the newest for ever; a good file beside it is kept."""
    line = json.loads(render_record(record(1, {"s/a": 1.0})))
    (tmp_path / "good.jsonl").write_text(json.dumps(line) + "\n", encoding="utf-8")
    line["levels"][0] |= {key: value for key, value in change.items() if key in {"value", "low"}}
    line["environment"] |= change.get("environment", {})
    line |= {key: value for key, value in change.items() if key in {"created", "committed"}}
    (tmp_path / "bad.jsonl").write_text(json.dumps(line) + "\n", encoding="utf-8")
    added, notes = imported(tmp_path, tmp_path / "bad.jsonl", tmp_path / "good.jsonl")
    assert (added.new, added.unread) == (1, 1)
    assert any(said in note or "cores" in note for note in notes)


def test_a_result_of_the_future_is_not_added(tmp_path: Path) -> None:
    """Nothing of what was named with it is stored, either."""
    made = {"name": "a", "fullname": "benches/bench_a.py::bench_a", "stats": {"data": [0.1, 0.1, 0.1]}}
    for year in (2026, 9999):
        known = {"machine_info": {}, "commit_info": {}, "datetime": f"{year}-06-01T00:00:00", "version": "5.0"}
        (tmp_path / f"{year}.json").write_text(json.dumps({"benchmarks": [made], **known}), encoding="utf-8")
    project = Project(folder=tmp_path)
    with pytest.raises(ResultsError, match=r"9999\.json: created: .* is not between 1970 and today"):
        add_runs(project, AddOptions(files=(tmp_path / "2026.json", tmp_path / "9999.json")))
    assert add_runs(project, AddOptions(files=(tmp_path / "2026.json",))) == AddedRuns(new=1, known=0)
