"""`hivegate history` with runs: added, told of, exported, imported and pruned, as a person does it."""

from __future__ import annotations

import html
import json
import random
import re
import shutil
from typing import TYPE_CHECKING

import msgspec
import pytest
from tests.conftest import Project
from tests.measured import benchmark, run
from tests.repository import Repository

from hivegate.ingest import write_run
from hivegate.model.run import Commit, Environment

if TYPE_CHECKING:
    from pathlib import Path

MACHINE = Environment(cpu="Z80", cores=2, os="Linux 6.1.0", python="3.11.7", implementation="CPython")
COMMITS = 36
SLOWER, REWRITTEN = 15, 26  # commits at which the code and the benchmark are changed
BENCH = """
def setup(): pass

class TestTotals:
    def test_sum(self, benchmark):
        '''{doc}'''
        benchmark(sum, range({size}))  # {doc}
"""


def seconds(number: int, base: float, chance: random.Random) -> float:
    """Tell what a benchmark took at a commit: a tenth more from one on, twice as much when it was rewritten."""
    slower = 1.2 if number >= SLOWER else 1.0
    return base * slower * chance.gauss(1, 0.004)


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Make a project with a repository whose commits were all measured and added, the newest first."""
    project = Project(tmp_path_factory.mktemp("measured"))
    project.write("pyproject.toml", "[project]\nname = 'toy'\nversion = '0'\n")
    repository = Repository.new(project.folder)
    chance = random.Random(7)  # noqa: S311  reproducible input, no secret
    files = []
    for number in range(COMMITS):
        text = BENCH.format(doc=f"words {number}", size=20 if number >= REWRITTEN else 10)
        sha = repository.commit({"benches/bench_toy.py": text, "code.py": f"VERSION = {number}"}, f"Change {number}")
        rewritten = 2.0 if number >= REWRITTEN else 1.0
        made = run(
            benchmark("toy/TestTotals.sum", [seconds(number, 1e-3 * rewritten, chance) for _ in range(3)]),
            benchmark("toy/steady", [1e-4 * chance.gauss(1, 0.004) for _ in range(3)]),
            commit=Commit(sha=sha, branch="main"),
            created=f"2026-02-01T{number // 60:02}:{number % 60:02}:00+00:00",
            environment=MACHINE,
        )
        node = "benches/bench_toy.py::TestTotals::test_sum"
        first = msgspec.structs.replace(made.benchmarks[0], node_id=node)
        made = msgspec.structs.replace(made, benchmarks=(first, *made.benchmarks[1:]))
        files.append(project.folder / f"run-{number:03}.json")
        files[-1].write_bytes(write_run(made))
    answer = project.hivegate("history", "add", *map(str, reversed(files)))
    assert (answer.status, answer.out, answer.err) == (0, f"{COMMITS} runs added\n", "")
    return project


@pytest.fixture
def history(measured: Project, tmp_path: Path) -> Project:
    """Give a copy of that project."""
    shutil.copytree(measured.folder, tmp_path / "copy")
    return Project(tmp_path / "copy")


def shas(project: Project) -> list[str]:
    """List the commits of a project, the oldest first."""
    return Repository(project.folder).git("log", "--reverse", "--format=%H").splitlines()


def test_the_trend_names_the_commits_and_the_rewritten_benchmark(history: Project) -> None:
    """The slowdown is dated to its commit with the commit's subject; the rewriting of the benchmark is named as such.

    Comments and docstrings, which every commit changes, are no rewriting.
    """
    commits = shas(history)
    told = history.hivegate("history", "trend")
    assert (told.status, told.err) == (0, "")
    slower, rewritten = (f"{commits[at - 1][:12]}..{commits[at][:12]} (1 commit)" for at in (SLOWER, REWRITTEN))
    assert re.search(
        rf"\+(19|20|21) % worse .* {re.escape(slower)}, .*\n    {commits[SLOWER][:12]} Change {SLOWER}\n", told.out
    )
    body = "the benchmark's own code was changed between them"
    assert re.search(rf"\+(9\d|10\d) % worse .* {re.escape(rewritten)}, .*\n    {body}\n", told.out)
    assert "1 series without individual changes" in told.out
    assert told.out.count("worse") == 2


def test_the_trend_as_json_has_the_points_and_the_changes(history: Project) -> None:
    """Programs read the same: series with points, changes with causes, and the counts of commits between."""
    told = json.loads(history.hivegate("history", "trend", "toy/TestTotals*", "--json", "-").out)
    (machine,) = told["environments"]
    (trend,) = machine["trends"]
    assert len(trend["series"]["points"]) == machine["runs"] == COMMITS
    assert [(one["index"], one["cause"]) for one in trend["changes"]] == [(SLOWER, "code"), (REWRITTEN, "benchmark")]
    assert set(machine["commits_between"].values()) == {1}


def test_wrong_names_are_answered_with_the_right_ones(history: Project) -> None:
    """A misspelt benchmark, metric, machine, branch or run is a usage error with what there is."""
    for arguments, said in (
        (("trend", "toy/TestTotals.sun"), "did you mean toy/TestTotals.sum"),
        (("trend", "--metric", "p51"), "p50"),
        (("trend", "--environment", "zzz"), "no environment has a key that begins with 'zzz'"),
        (("trend", "--branch", "other"), "no run on the branch 'other'"),
        (("show", "abcdef123"), "no run is 'abcdef123'"),
        (("prune",), "give --before DATE, --keep N or both"),
        (("add", "--report", "javascript:alert(1)", "run-000.json"), "is not a valid https address"),
    ):
        answer = history.hivegate("history", *arguments)
        assert (answer.status, answer.out) == (2, "")
        assert said in answer.err


def test_runs_are_shown_newest_first_and_one_in_full(history: Project) -> None:
    """The list has machines, commits and subjects; one run is found by its commit."""
    commits = shas(history)
    listed = history.hivegate("history", "show", "--limit", "2").out.splitlines()
    assert listed[1].endswith("Z80; 2 cores; Linux 6.1; CPython 3.11.7")
    assert [commits[-1][:12] in listed[4], commits[-2][:12] in listed[5]] == [True, True]
    assert listed[4].endswith(f"Change {COMMITS - 1}")
    assert listed[6] == f"and {COMMITS - 2} older"
    one = history.hivegate("history", "show", commits[3][:10]).out
    assert commits[3] in one
    assert re.search(r"[\d.]+ (ms|us) +p50 +toy/TestTotals\.sum\n", one)


def test_an_export_is_imported_elsewhere_whole(history: Project) -> None:
    """What was exported makes an equal store, in which importing it again adds nothing."""
    assert history.hivegate("history", "export", "--out", "all.jsonl").status == 0
    lines = (history.folder / "all.jsonl").read_bytes()
    history.write("pyproject.toml", "[tool.hivegate]\nhistory = 'other.db'\n")
    assert history.hivegate("history", "import", "all.jsonl").out == f"{COMMITS} runs added\n"
    assert history.hivegate("history", "import", "all.jsonl").out == f"0 runs added, {COMMITS} already stored\n"
    assert history.hivegate("history", "export").out.encode() == lines
    (history.folder / "cut.jsonl").write_bytes(lines[:-100])
    cut = history.hivegate("history", "import", "cut.jsonl")
    assert cut.out == f"0 runs added, {COMMITS - 1} already stored; 1 file left out\n"
    assert f"cut.jsonl:{COMMITS}" in cut.err


def test_old_runs_are_pruned_when_asked(history: Project) -> None:
    """--dry-run only tells; --keep leaves the newest of each machine; --before counts by the commits' days."""
    today = Repository(history.folder).git("log", "-1", "--format=%cs")
    dry = history.hivegate("history", "prune", "--keep", "10", "--dry-run").out
    assert dry == f"{COMMITS - 10} runs would be removed, {today} to {today}\n"
    assert history.hivegate("history", "prune", "--keep", "10").out == dry.replace("would be ", "")
    assert history.hivegate("history", "prune", "--before", "2001-01-01").out == "0 runs removed\n"
    assert history.hivegate("history", "prune", "--before", "2999-01-01").out.startswith("10 runs removed")
    assert history.hivegate("history", "trend").status == 2


def test_a_failed_verdict_says_since_when(history: Project) -> None:
    """A limit that the slowdown broke names the commits; the verdict and the exit status stay what they are."""
    commits = shas(history)
    history.write(
        "targets.yaml",
        """
        schema: 1
        targets:
          - {benchmark: toy/TestTotals.sum, metric: p50, max: 1.1 ms}
          - {benchmark: toy/steady, metric: p50, max: 50 us}
          - {benchmark: toy/steady, metric: mean, max: 1 s}
        """,
    )
    newest = f"run-{COMMITS - 1:03}.json"
    with_history = history.hivegate("check", newest, "--json", "with.json")
    between = f"between {commits[SLOWER - 1][:12]} and {commits[SLOWER][:12]}"
    told = " ".join(with_history.out.split())
    assert re.search(rf"so since its p50 moved by \+(19|20|21) % {between}", told)
    assert f"so in all {COMMITS} runs of the history" in told
    for format_ in ("text", "markdown", "html", "junit"):
        report = history.hivegate("report", "with.json", "--format", format_).out
        told = " ".join(re.sub(r"<[^>]+>|\\", "", html.unescape(report)).split())
        assert "moved by +" in told, format_
        assert between in told, format_
    since = [one["since"] for one in json.loads((history.folder / "with.json").read_bytes())["verdicts"]]
    assert [between in (one or "") for one in since].count(True) == 1
    history.write("pyproject.toml", "[tool.hivegate]\nhistory = 'none.db'\n")
    without = history.hivegate("check", newest, "--json", "without.json")
    assert "since" not in without.out
    assert with_history.status == without.status == 1
    results = [
        json.loads((history.folder / name).read_text(encoding="utf-8")) for name in ("with.json", "without.json")
    ]
    for result in results:
        for verdict in result["verdicts"]:
            del verdict["since"]
    assert results[0] == results[1]


def test_a_history_that_cannot_be_read_is_a_note(history: Project) -> None:
    """A broken history changes no verdict; the report says that since when is not known, and why."""
    history.write("targets.yaml", "schema: 1\ntargets:\n  - {benchmark: toy/steady, metric: p50, max: 50 us}\n")
    history.write("broken.db", "no database at all\n" * 10)
    history.write("pyproject.toml", "[tool.hivegate]\nhistory = 'broken.db'\n")
    answer = history.hivegate("check", "run-000.json")
    assert answer.status == 1
    assert re.search(r"since when is not known: .*broken\.db: is not a SQLite database", " ".join(answer.out.split()))


def test_ten_times_one_percent_is_judged_from_the_history(project: Project) -> None:
    """Steps as small as the noise are seen together: drift fails on the newest run, and what stayed flat passes.

    Where the history is short it is inconclusive, and without one it is missing: never passed.
    """
    chance = random.Random(3)  # noqa: S311  reproducible input, no secret
    for number in range(88):
        made = run(
            *(
                benchmark(f"s/{name}", [1e-3 * step ** (number // 8) * chance.gauss(1, 0.01) for _ in range(3)])
                for name, step in (("drifting", 1.01), ("steady", 1.0), ("other", 1.0), ("third", 1.0))
            ),
            created=f"2026-03-{1 + number // 24:02}T{number % 24:02}:00:00+00:00",
            commit=Commit(sha=f"{number + 1:040x}", branch="main"),
            environment=MACHINE,
        )
        (project.folder / f"run-{number:03}.json").write_bytes(write_run(made))
    files = sorted(project.folder.glob("run-*.json"))
    assert project.hivegate("history", "add", *map(str, files[:-1])).status == 0
    project.write("targets.yaml", "schema: 1\ntargets:\n  - {benchmark: s/*, metric: drift, max: 5 %}\n")

    def outcomes() -> dict[str, str]:
        told = json.loads(project.hivegate("check", str(files[-1]), "--json", "-").out)
        return {one["benchmark"]: one["outcome"] for one in told["verdicts"]}

    flat = {"s/steady": "passed", "s/other": "passed", "s/third": "passed"}
    assert outcomes() == {"s/drifting": "failed", **flat}
    shown = " ".join(project.hivegate("check", str(files[-1])).out.split())
    assert re.search(
        r"drift: (8|9|10)(\.\d+)? % \(.*; 88 runs\).*the best level, [\d.]+ (us|ms), was held from 2026-03-0", shown
    )
    assert project.hivegate("history", "prune", "--keep", "12").status == 0
    assert set(outcomes().values()) == {"inconclusive"}
    project.write("pyproject.toml", "[tool.hivegate]\nhistory = 'none.db'\n")
    assert set(outcomes().values()) == {"missing"}


def test_a_machine_that_got_slower_is_not_the_code(project: Project) -> None:
    """Where most benchmarks move together it is the machine; what one does alone is dated to its commit."""
    repository = Repository.new(project.folder)
    chance = random.Random(5)  # noqa: S311  reproducible input, no secret
    alone, together = 10, 20
    for number in range(30):
        sha = repository.commit({"code.py": f"VERSION = {number}"}, f"Change {number}")
        machine = 1.08 if number >= together else 1.0
        made = run(
            *(
                benchmark(
                    f"s/{name}",
                    [1e-3 * machine * (1.2 if name == "a" and number >= alone else 1) * chance.gauss(1, 0.004)] * 2,
                )
                for name in "abcde"
            ),
            commit=Commit(sha=sha, branch="main"),
            environment=MACHINE,
        )
        (project.folder / f"run-{number:03}.json").write_bytes(write_run(made))
    assert project.hivegate("history", "add", *map(str, sorted(project.folder.glob("run-*.json")))).status == 0
    told = project.hivegate("history", "trend")
    commits = shas(project)
    between = f"{commits[alone - 1][:12]}..{commits[alone][:12]} (1 commit)"
    assert re.search(
        rf"s/a\n.*\n +\+(19|20|21) % worse .* {re.escape(between)}, .*\n +[0-9a-f]{{12}} Change {alone}\n", told.out
    )
    assert re.search(r"machine change on .*: most benchmarks moved by \+(7|8|9)", told.out)
    assert "4 series without individual changes" in told.out


def test_bench_then_add_keeps_the_verdicts(project: Project) -> None:
    """The latest run is added with what was judged of it, once."""
    project.write("benches/bench_toy.py", "def test_sum(benchmark): benchmark(sum, range(100))\n")
    project.write("targets.yaml", "schema: 1\ntargets:\n  - {benchmark: toy/sum, metric: p50, max: 1 ns}\n")
    assert project.hivegate("history", "add").status == 2
    assert project.hivegate("bench", "--passes", "3").status == 1
    assert project.hivegate("history", "add", "--report", "https://example.org/1").out == "1 run added\n"
    assert project.hivegate("history", "add").out == "0 runs added, 1 already stored\n"
    shown = project.hivegate("history", "show", "1").out
    assert "; failed" in shown.splitlines()[0]
    assert "https://example.org/1" in shown
    assert re.search(r"failed +toy/sum +\S", shown)
