"""`hivegate report`, started as a person or a workflow starts it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import msgspec
import pytest
from tests import results

from hivegate.cli.output import wants_color
from hivegate.flows.report.render import FORMATS
from hivegate.model.profile import Cause, Profile, Profiles
from hivegate.report.jsondoc import render_json

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Project

_SOURCE = """
class TestReads:
    @staticmethod
    def helper():
        pass

    def test_many(self, benchmark):
        benchmark(sum, [1])


async def test_alone(benchmark):
    pass
"""


@pytest.fixture
def measured(project: Project) -> Project:
    """Give a project with a red result of targets and one of a comparison."""
    latest = project.folder / ".hivegate" / "latest"
    latest.mkdir(parents=True)
    (latest / "bench.json").write_text(render_json(results.red()), encoding="utf-8")
    (latest / "compare.json").write_text(render_json(results.changed()), encoding="utf-8")
    return project


BOTH = (".hivegate/latest/bench.json", ".hivegate/latest/compare.json")


@pytest.mark.parametrize("form", ["text", *FORMATS])
def test_each_format_is_written(measured: Project, form: str) -> None:
    """Whatever the verdict, a report ends with 0 and is all there is in the file."""
    answer = measured.hivegate("report", "--format", form, BOTH[0], "--out", "out/report")
    assert answer == (0, "", "")
    assert (measured.folder / "out" / "report").stat().st_size > 2


def test_several_results_are_one_report(measured: Project) -> None:
    """The summary of bench and compare has one verdict, the worst; so has the comment, and the XML."""
    summary = measured.hivegate("report", "--format", "markdown", *BOTH).out
    assert summary.startswith("## ❌ hivegate: FAILED\n")
    assert "### Slower than main, 1234567" in summary
    assert measured.hivegate("report", "--format", "comment", *BOTH).out.startswith("<!-- hivegate:v1 -->\n")
    xml = measured.hivegate("report", "--format", "junit", *BOTH).out
    assert [suite.get("name") for suite in ET.fromstring(xml)] == ["targets", "against main, 1234567"]  # noqa: S314  our own


def test_without_a_name_it_is_the_result_that_was_written_last(measured: Project) -> None:
    """After a comparison, the report is of the comparison."""
    latest = measured.folder / ".hivegate" / "latest"
    os.utime(latest / "bench.json", (1e9, 1e9))
    assert measured.hivegate("report").out.startswith("SLOWER")
    os.utime(latest / "compare.json", (9e8, 9e8))
    assert measured.hivegate("report").out.startswith("FAILED")


@pytest.mark.parametrize("command", [("report",), ("report", *BOTH)])
def test_quiet_is_one_line_a_result(measured: Project, command: tuple[str, ...]) -> None:
    """The verdict, what it counts, and base."""
    answer = measured.hivegate(*command, "--quiet")
    assert answer.status == 0
    lines = answer.out.splitlines()
    assert len(lines) == max(1, len(command) - 1)
    assert lines[-1] == "SLOWER  2 slower, 1 inconclusive, 1 faster, 2 passed, against main, 1234567"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--format", "comment", "--artifacts", "http://a.b"), "is not a valid https address"),
        (("--format", "comment", "--artifacts", "https://a.b/x)](y"), "is not a valid https address"),
        (("--format", "comment", "--artifacts", 'https://a.b/"x'), "is not a valid https address"),
        (("--format", "comment", "--artifacts", "https://u:p@a.b/"), "is not a valid https address"),
        (("--format", "json", *BOTH), "json is the format of one result"),
        (("--format", "junit", "-q"), "--quiet is of text"),
        (("--format", "markdown", *(BOTH * 5)), "at most 8"),
        (("--store", "--out", "x"), "--store takes one result and no --out"),
        (("nosuch.json",), "nosuch.json: no such file"),
        (("--profiles", BOTH[0], BOTH[1]), "missing required field `folder`"),
    ],
)
def test_misuse_is_told(measured: Project, arguments: tuple[str, ...], said: str) -> None:
    """Bad input ends with 2 and a message that teaches."""
    answer = measured.hivegate("report", *arguments)
    assert answer.status == 2
    assert said in answer.err
    assert answer.out == ""


def test_no_result_yet(project: Project) -> None:
    """A project without a result is told how to get one."""
    answer = project.hivegate("report")
    assert answer.status == 2
    assert "measure first: hivegate bench" in answer.err


def with_nodes(folder: Path) -> None:
    """Keep a comparison whose slow benchmarks are defined in a file of the project."""
    names = ["benches/bench_a.py::TestReads::test_many[a/b::c]", "benches/bench_a.py::test_alone", "../x.py::test_b"]
    changed = results.changed()
    nodes = iter([*names, *["benches/nosuch.py::test_c"] * 9])
    verdicts = tuple(
        msgspec.structs.replace(one, node_id=next(nodes) if one.outcome.value == "slower" else None)
        for one in changed.verdicts
    )
    text = render_json(msgspec.structs.replace(changed, verdicts=verdicts))
    (folder / ".hivegate" / "latest" / "compare.json").write_text(text, encoding="utf-8")


def test_annotations_point_at_the_functions(measured: Project) -> None:
    """A slowdown is shown on the line of its benchmark, named from the root of what GitHub checked out."""
    measured.write("benches/bench_a.py", _SOURCE)
    with_nodes(measured.folder)
    workspace = {"GITHUB_WORKSPACE": str(measured.folder.parent)}
    answer = measured.hivegate("report", "--format", "annotations", BOTH[1], env=workspace)
    places = re.findall(r"^::error file=([^,]+),line=(\d+),", answer.out, re.MULTILINE)
    file = f"{measured.folder.name}/benches/bench_a.py"
    assert sorted(places) == [(file, "11"), (file, "7")]
    measured.write("benches/bench_a.py", "def broken(:\n")
    answer = measured.hivegate("report", "--format", "annotations", BOTH[1])
    assert re.findall(r"^::error file=([^,]+),title=", answer.out, re.MULTILINE) == ["benches/bench_a.py"] * 2


def test_causes_are_told_of_profiles_that_are_younger_than_the_result(measured: Project) -> None:
    """Profiles of an older revision explain nothing; those that are named are believed."""
    made = Profile(
        benchmark="hive_coordination/consensus_latency[10]",
        kind="py-spy",
        top=(Cause(function="count", file="src/work.py", line=14, share=0.5),),
    )
    file = measured.write(".hivegate/profiles/profiles.json", "")
    file.write_bytes(msgspec.json.encode(Profiles(folder="p", profiles=(made,))))
    title = "Where the time and the memory go"
    assert title in measured.hivegate("report", "--format", "markdown", BOTH[0]).out
    os.utime(file, (1e9, 1e9))
    assert title not in measured.hivegate("report", "--format", "markdown", BOTH[0]).out
    named = ("--profiles", ".hivegate/profiles/profiles.json")
    assert title in measured.hivegate("report", "--format", "markdown", *named, BOTH[0]).out


@pytest.mark.parametrize(
    ("env", "colored"),
    [
        ({}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"FORCE_COLOR": "0"}, False),
        ({"FORCE_COLOR": "false"}, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": ""}, True),
    ],
)
def test_colour_is_asked_for_or_forbidden(
    monkeypatch: pytest.MonkeyPatch,
    env: dict[str, str],
    colored: bool,  # noqa: FBT001  pytest passes it by name
) -> None:
    """What is no terminal has no colour but by FORCE_COLOR; NO_COLOR wins over it; an empty variable is none."""
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    assert wants_color() is colored


def test_forced_colour_reaches_a_pipe(measured: Project) -> None:
    """Services whose logs show colour get it."""
    assert measured.hivegate("report", "-q", BOTH[0], env={"FORCE_COLOR": "1"}).out.startswith(
        "\x1b[1;31mFAILED\x1b[0m  3"
    )


def test_logs_are_grouped_and_files_are_not(measured: Project) -> None:
    """GitHub folds what passed in its log; a file that standard output is led to keeps the plain text."""
    github = {**os.environ, "GITHUB_ACTIONS": "true"}
    shown = measured.hivegate("report", BOTH[1], env=github).out
    assert shown.count("::group::2 within their budgets\n") == shown.count("::endgroup::\n") == 1
    assert "::group::" not in measured.hivegate("report", BOTH[1]).out
    file = measured.folder / "report.txt"
    with file.open("wb") as out:
        command = [sys.executable, "-m", "hivegate", "report", BOTH[1]]
        subprocess.run(command, cwd=measured.folder, env=github, stdout=out, check=True, timeout=60)
    assert "::group::" not in file.read_text(encoding="utf-8")


@pytest.mark.parametrize("command", [["bench"], ["check", "x.json"], ["compare"]], ids=" ".join)
def test_quiet_and_verbose_exclude_each_other(project: Project, command: list[str]) -> None:
    """Contradictions are refused before anything is measured."""
    answer = project.hivegate(*command, "-q", "-v")
    assert answer.status == 2
    assert "--verbose and --quiet cannot be combined" in answer.err


def test_quiet_measuring_prints_the_verdict_alone(suite: Callable[..., Project]) -> None:
    """No progress, no table: one line, and the exit status; checking the run again says the same."""
    project = suite(
        "def test_sum(benchmark):\n    benchmark(sum, range(10))\n",
        "targets:\n  - {benchmark: toy/sum, metric: p50, max: 1 min}\n",
    )
    answer = project.hivegate("bench", "--passes", "3", "-q")
    assert answer == (0, "PASSED  1 passed\n", "")
    assert project.hivegate("check", ".hivegate/latest/run.json", "-q") == (0, "PASSED  1 passed\n", "")
    assert project.hivegate("check", ".hivegate/latest/run.json", "-v").out.startswith("PASSED  1 passed\n2 passes")
