"""The Python API and the command are the same calls: the same files and history give the same result."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.measured import benchmark, run

import hivegate
from hivegate.ingest import write_run
from hivegate.model.run import Commit, Environment, Run
from hivegate.report.jsondoc import render_json

if TYPE_CHECKING:
    from tests.conftest import Project

MACHINE = Environment(cpu="Z80", cores=4, os="Linux 6.1.0", python="3.11.7", implementation="CPython")
HISTORY, SLOWER = 15, 11
TARGETS = """
    schema: 1
    targets:
      - {benchmark: b/a, metric: drift, max: 10 %}
      - {benchmark: b/a, metric: p50, max: 1.1 ms}
"""


def measured(number: int, chance: random.Random) -> Run:
    """Make the run of a numbered commit; from the twelfth on it is slower."""
    times = [1e-3 * (1.3 if number >= SLOWER else 1.0) * chance.gauss(1, 0.01) for _ in range(3)]
    return run(
        benchmark("b/a", times),
        commit=Commit(sha=f"{number + 1:040x}", branch="main"),
        created=f"2026-02-01T00:{number:02}:00+00:00",
        environment=MACHINE,
    )


@pytest.fixture
def followed(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Make a project with a history of fifteen runs, slower from the twelfth on, and one more in last.json."""
    monkeypatch.chdir(project.folder)
    project.write("targets.yaml", TARGETS)
    chance = random.Random(15)  # noqa: S311  reproducible input, no secret
    files = []
    for number in range(HISTORY):
        files.append(project.folder / f"r{number}.json")
        files[-1].write_bytes(write_run(measured(number, chance)))
    (project.folder / "last.json").write_bytes(write_run(measured(HISTORY, chance)))
    added = hivegate.add_runs(here(project), hivegate.AddOptions(files=tuple(files)))
    assert (added.new, added.known) == (HISTORY, 0)
    return project


def here(project: Project) -> hivegate.Project:
    """Find the project as a program does."""
    return hivegate.find_project(project.folder)


def last(project: Project) -> Path:
    """Name the newest run's file as a person would."""
    return (project.folder / "last.json").relative_to(project.folder)


def test_check_gives_the_verdict_of_the_command(followed: Project) -> None:
    """Drift is read from the history and since when is said, whoever asks."""
    checked = hivegate.check(here(followed), hivegate.CheckOptions(files=(last(followed),)))
    answer = followed.hivegate("check", "last.json", "--json", "-")
    assert json.loads(render_json(checked.gate)) == json.loads(answer.out)
    assert answer.status == checked.gate.exit_status == 1
    drift, limit = checked.gate.verdicts
    assert drift.estimate is not None
    assert drift.estimate.n == HISTORY + 1
    assert "so since its p50 moved by +3" in (limit.since or "")


def test_drift_without_a_history_is_missing_whoever_asks(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a history neither passes what nobody followed."""
    monkeypatch.chdir(project.folder)
    project.write("targets.yaml", TARGETS)
    (project.folder / "last.json").write_bytes(write_run(measured(0, random.Random(1))))  # noqa: S311  input
    checked = hivegate.check(here(project), hivegate.CheckOptions(files=(last(project),)))
    answer = project.hivegate("check", "last.json", "--json", "-")
    assert json.loads(render_json(checked.gate)) == json.loads(answer.out)
    assert checked.gate.verdicts[0].outcome is hivegate.Outcome.MISSING


def test_explain_knows_the_ids_of_the_command(followed: Project) -> None:
    """Pytest's name of a benchmark means the same to both."""
    explained = hivegate.explain(here(followed), "benches/bench_b.py::test_a")
    assert explained.benchmark == "b/a"
    assert [target.metric.name for target in explained.targets] == ["drift", "p50"]
    assert followed.hivegate("explain", "benches/bench_b.py::test_a").out.startswith("b/a\n")


def test_a_report_is_that_of_the_command(followed: Project) -> None:
    """Text and Markdown of a result are the same bytes."""
    assert followed.hivegate("check", "last.json", "--json", "result.json").status == 1
    for form in ("text", "markdown", "json"):
        options = hivegate.ReportOptions(results=(followed.folder / "result.json",), form=form)
        expected = followed.hivegate("report", "result.json", "--format", form).out
        assert hivegate.render_report(here(followed), options) == expected


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (hivegate.BenchOptions(passes=1), "expected 3 to 1000"),
        (hivegate.RunOptions(shard=(3, 2)), "there is no shard 3/2"),
        (hivegate.RunOptions(durations=Path("d.json")), "--durations balances shards"),
        (hivegate.CompareOptions(shard=(1, 2)), "a shard is not a verdict on the whole suite"),
        (hivegate.ReportOptions(form="pdf"), "unknown format 'pdf'"),
        (hivegate.MergeOptions(files=()), "there is nothing to merge"),
        (hivegate.CheckOptions(files=()), "there is nothing to check"),
    ],
    ids=lambda one: "" if isinstance(one, str) else type(one).__name__,
)
def test_options_that_the_command_refuses_are_refused(followed: Project, options: object, message: str) -> None:
    """A program that asks for what makes no sense gets an error that says what is allowed, and no traceback."""
    followed.write("benches/bench_b.py", "def test_a(benchmark): benchmark(int)\n")
    flows = {
        hivegate.BenchOptions: hivegate.bench,
        hivegate.RunOptions: hivegate.run,
        hivegate.CompareOptions: hivegate.compare,
        hivegate.ReportOptions: hivegate.render_report,
        hivegate.MergeOptions: hivegate.merge,
        hivegate.CheckOptions: hivegate.check,
    }
    with pytest.raises(hivegate.HivegateError) as refused:
        flows[type(options)](here(followed), options)  # type: ignore[index, operator]
    assert message in str(refused.value)
    assert refused.value.exit_status == 2


def test_a_relative_folder_is_no_project(project: Project) -> None:
    """It would be another one as soon as the current folder changes."""
    with pytest.raises(hivegate.HivegateError, match="absolute path"):
        hivegate.Project(folder=last(project))
