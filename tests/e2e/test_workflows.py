"""The workflows, executed step by step on this machine by act, on a small project of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from tests.act import ROOT, Ran, find_tool, make_project, run_workflow
from tests.documents import blocks
from tests.github_server import PULL_BRANCH, REPOSITORY, GithubServer, github_server, repository, zipped
from tests.repository import Repository

from hivegate.report.comment import MARKER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.timed

BASE = {
    "totals.py": "def total(count):\n    return sum(range(count))\n",
    "targets.yaml": """
        schema: 1
        targets:
          - name: Not twice as slow as the loop
            benchmark: totals/total
            metric: cpu_time
            relative_to: totals/total_by_loop
            max: 200 %
          - {benchmark: totals/total_by_loop, max: 1 s}
        budgets:
          - {benchmark: totals/total, budget: 50 %}
          - {benchmark: totals/total_by_loop, budget: none}
    """,
}
SLOW = {"totals.py": "def total(count):\n    return [sum(range(count)) for _ in range(8)][0]\n"}
PYTHONS = ["3.11", "3.12", "3.13"]
SESSIONS = (ROOT / "tests" / "e2e" / "small_project" / "noxfile.py").read_text(encoding="utf-8")
EMPTY = "import nox\n" + "".join(
    f"\n\n@nox.session(python=False)\ndef {name}(session: nox.Session) -> None:\n    pass\n"
    for name in ("bench", "compare", "profile", "report", "verdict")
)
HOSTILE = {
    "noxfile.py": EMPTY,
    "secrets.py": "def token_hex(size):\n    return 'known'\n",
    "hivegate/__init__.py": "",
    "hivegate/__main__.py": "",
    "targets.yaml": BASE["targets.yaml"].replace("budget: 50 %", "budget: 900 %"),
    "benches/conftest.py": """
        import os

        for name in ("GITHUB_ENV", "GITHUB_PATH", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_TOKEN"):
            if name in os.environ:
                print("EVIL")
                with open(os.environ[name], "a") as file:
                    file.write("EVIL=1\\n")
    """,
}
FORK, PULL, RUN = "stranger/engine", 12, 77
HEAD = "4" * 40
SCRIPT = "<script>alert(1)</script>"


def documented(name: str) -> str:
    """Read a workflow that the reference, or the guide of what runs on demand, shows to other projects."""
    shown = (one for page in ("github.md", "on-demand.md") for one in blocks("yaml") if one.file.name == page)
    return next(one.text for one in shown if one.text.startswith(f"name: {name}\n"))


@pytest.fixture(scope="module")
def gate(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Ran]:
    """Give a runner of the gate on a pull request that changes some files."""

    def run(head: dict[str, str], **changed: str) -> Ran:
        base = BASE | {f".github/workflows/{name}.yml": text for name, text in changed.items()}
        project = make_project(tmp_path_factory.mktemp("gate") / "project", base, head)
        return run_workflow(project.folder, "gate.yml", "pull_request", {"pull_request": {"number": PULL}})

    return run


@pytest.fixture(scope="module")
def green(gate: Callable[..., Ran]) -> Ran:
    """Run the gate on a pull request that slows nothing, as another project does, by the action and without Nox."""
    install = "python -m pip install --quiet -e . pytest-benchmark"  # the tests' environment is made already
    assert install in documented("gate")
    return gate({"NEWS": "Nothing is slower."}, gate=documented("gate").replace(install, "true"))


@pytest.fixture(scope="module")
def red(gate: Callable[..., Ran]) -> Ran:
    """Run the gate on a pull request that slows a function."""
    return gate(SLOW)


def result(ran: Ran, name: str) -> dict[str, Any]:
    """Read a result from the artifact, which holds nothing but what the comment is made of."""
    with zipfile.ZipFile(ran.artifacts / "hivegate-result.zip") as archive:
        assert set(archive.namelist()) <= {"latest/bench.json", "latest/compare.json", "profiles/profiles.json"}
        return dict(json.loads(archive.read(f"latest/{name}.json")))


def test_the_gate_passes_what_slows_nothing(green: Ran) -> None:
    """The job is green, the summary says so first, nothing is profiled, and both results are kept."""
    assert green.jobs == ["success"]
    assert green.summary.startswith("## ✅ hivegate: PASSED")
    assert "Profile what failed" not in green.steps
    assert result(green, "bench")["exit_status"] == 0
    assert [one["outcome"] for one in result(green, "compare")["verdicts"]] == ["passed"]


def test_the_gate_goes_red_where_one_scenario_is_slowed(red: Ran) -> None:
    """It fails by its target and by its base, the second is judged although the first failed, and both are told."""
    assert red.jobs == ["failure"]
    assert (red.steps["Judge against the targets"], red.steps["Judge against the base"]) == ("failure", "failure")
    assert red.summary.startswith("## ❌ hivegate: FAILED")
    assert "Not twice as slow as the loop" in red.summary
    assert "### Slower than " in red.summary
    assert result(red, "bench")["exit_status"] == result(red, "compare")["exit_status"] == 1


def test_the_gate_points_at_the_line_that_was_changed(red: Ran) -> None:
    """What failed is an annotation of the runner at the line of the change, after the ban on commands is over."""
    [error, *_] = [one for one in red.events if one.get("command") == "error"]
    assert error["kvPairs"]["file"] == "totals.py"


def test_the_gate_profiles_what_failed(red: Ran) -> None:
    """A red gate leaves the profiles of the failed benchmark in an artifact, beside what was measured."""
    assert red.steps["Profile what failed"] == "success"
    with zipfile.ZipFile(red.artifacts / "hivegate-profiles.zip") as archive:
        names = archive.namelist()
        assert "latest/run.json" in names
        assert any(b"total" in archive.read(name) for name in names if name.startswith("profiles/"))


def test_a_gate_that_could_not_measure_is_red(gate: Callable[..., Ran]) -> None:
    """A project whose suite cannot be imported has no result; the gate is red and its summary says why."""
    ran = gate({"totals.py": "raise SystemError('broken')\n"})
    assert ran.jobs == ["failure"]
    assert ran.summary == "".join(
        f"## 🚫 hivegate {name} left no result, so nothing passed\n" for name in ("bench", "compare")
    )
    assert not (ran.artifacts / "hivegate-result.zip").exists()


def test_a_pull_request_cannot_judge_itself(gate: Callable[..., Ran]) -> None:
    """Its noxfile judges nothing, its modules and programs lend us nothing, and what it left behind changes nothing.

    The noxfile's sessions are empty, `secrets` and `hivegate` are the project's, the budget is nine times as large, and
    the conftest writes to the runner's files wherever it finds them.
    """
    ran = gate(SLOW | HOSTILE)
    assert ran.jobs == ["failure"]
    assert ran.summary.startswith("## ❌ hivegate: FAILED")
    assert "What this change alters about its own judging" in ran.summary
    assert "noxfile changed: noxfile&#46;py" in ran.summary
    assert not result(ran, "bench")["partial"]
    assert result(ran, "bench")["exit_status"] == 1
    assert [one["outcome"] for one in result(ran, "compare")["verdicts"]] == ["review"]
    assert not any("EVIL" in line for line in ran.printed())


def test_nothing_is_measured_where_git_s_settings_changed_meanwhile(tmp_path: Path) -> None:
    """What is installed or measured could have git check base out as suits it, by a filter for instance."""
    project = Repository.new(tmp_path / "project")
    project.commit({"pyproject.toml": "[project]\nname = 'toy'\nversion = '0'\n"})
    given = {**os.environ, "HIVEGATE": sys.executable, "RUNNER_TEMP": str(tmp_path)}

    def call(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
        command = [str(ROOT / ".github" / "actions" / "gate" / "call"), *words]
        env = {**given, **more}
        return subprocess.run(command, cwd=project.folder, env=env, capture_output=True, text=True, check=False)

    digest = call("git").stdout.strip()
    project.git("config", "filter.slow.smudge", "sed s/1/2/")
    refused = call("compare", "HEAD", GIT_SETTINGS=digest)
    assert (refused.returncode, "changed git's settings" in refused.stdout) == (2, True)
    assert "nothing to compare" in call("compare", "HEAD", GIT_SETTINGS=call("git").stdout.strip()).stderr


def test_what_a_pull_request_prints_commands_nothing(red: Ran) -> None:
    """A workflow command in the output of a measured project is ignored by the runner."""
    seen = {event.get("command") for event in red.events if "injected" in event.get("raw", "")}
    assert seen == {"ignored"}


def test_a_log_under_the_ban_shows_no_raw_commands_of_ours(red: Ran, green: Ran) -> None:
    """Within the ban the marks of a group would be text, so hivegate prints none; it still knows where it runs."""
    for ran in (red, green):
        assert not any("::group::" in line for line in ran.printed())
        assert result(ran, "bench")["environment"]["runner"] == "github-actions"


@pytest.fixture
def server() -> Iterator[GithubServer]:
    """Serve a repository with two pull requests, one of them of a fork."""
    with github_server() as served:
        served.add_pull(11, "5" * 40)
        served.add_pull(PULL, HEAD, source=FORK)
        yield served


@pytest.fixture(scope="module")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the default branch, as it is without any pull request, with the reference's workflow beside ours."""
    other = {".github/workflows/other.yml": documented("gate-comment")}
    return make_project(tmp_path_factory.mktemp("trusted") / "project", BASE | other).folder


def tell(
    trusted: Path, server: GithubServer, run: int = RUN, event: str = "pull_request", workflow: str = "gate-comment.yml"
) -> Ran:
    """Execute the workflow that comments, for a run of the fork's pull request that has ended."""
    told = {"id": run, "event": event, "head_branch": PULL_BRANCH, "head_repository": repository(FORK)}
    payload = {"action": "completed", "workflow_run": told}
    return run_workflow(trusted, workflow, "workflow_run", payload, GITHUB_API_URL=server.url)


def test_the_verdict_is_told_on_the_pull_request_and_edited_by_the_next_run(
    red: Ran, green: Ran, trusted: Path, server: GithubServer
) -> None:
    """The artifacts of both gates, as they left them: the slow one is told, the next one replaces it in its place."""
    for run, ran, conclusion in ((RUN, red, "failure"), (RUN + 1, green, "success")):
        server.add_run(run, HEAD, source=FORK, conclusion=conclusion)
        server.add_artifact(run, (ran.artifacts / "hivegate-result.zip").read_bytes())
    assert tell(trusted, server).jobs == ["success"]
    [body] = server.bodies(PULL)
    assert body.startswith(f"{MARKER}\n## ❌ hivegate: FAILED\n")
    assert "Not twice as slow as the loop" in body
    assert "totals&#46;py" in body  # the cause, from the profile
    assert f"https://github.com/{REPOSITORY}/actions/runs/{RUN}>" in body
    assert tell(trusted, server, RUN + 1, workflow="other.yml").jobs == ["success"]
    [body] = server.bodies(PULL)
    assert body.startswith(f"{MARKER}\n## ✅ hivegate: PASSED\n")
    assert server.bodies(11) == []


def test_a_forks_hostile_artifact_is_refused(trusted: Path, server: GithubServer) -> None:
    """The job is red, and the comment says that something was refused, in our words alone."""
    server.add_run(RUN, HEAD, source=FORK)
    server.add_artifact(
        RUN, zipped({"latest/bench.json": json.dumps({"schema": 2, "pull_request": 11, "outcome": SCRIPT})})
    )
    assert tell(trusted, server).jobs == ["failure"]
    [body] = server.bodies(PULL)
    assert "The result of this run was refused" in body
    assert "script" not in body
    assert server.bodies(11) == []


def test_other_events_are_not_told(trusted: Path, server: GithubServer) -> None:
    """A gate that ran for a push has no pull request: the job is skipped."""
    server.add_run(RUN, HEAD)
    assert tell(trusted, server, event="push").steps == {}
    assert not server.asked


@pytest.mark.parametrize(("status", "result"), [(0, "success"), (1, "failure")])
def test_ci_is_what_the_script_says_on_every_python(tmp_path: Path, status: int, result: str) -> None:
    """Each supported Python has its job, which ends as .ci/run ends; so have the next two, which may fail."""
    reached = tmp_path / "reached"  # act may lose the last words of a step that fails
    project = make_project(tmp_path / "project", {".ci/run": f"#!/bin/sh\necho $$ >> '{reached}'\nexit {status}\n"})
    (project.folder / ".ci" / "run").chmod(0o755)
    ran = run_workflow(project.folder, "ci.yml", job="checks")
    assert ran.jobs.count(result) >= len(PYTHONS)
    assert {f"asked for Python {one}" for one in (*PYTHONS, "3.14", "3.15")} <= set(ran.printed())
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))["jobs"]
    assert {name: job["strategy"]["matrix"]["python"] for name, job in jobs.items()} == dict.fromkeys(jobs, PYTHONS)
    unclaimed = [one for one in jobs["checks"]["strategy"]["matrix"]["include"] if one["unclaimed"]]
    assert [one["python"] for one in unclaimed] == ["3.14", "3.15"]
    assert len(reached.read_text(encoding="utf-8").split()) == len(ran.jobs)


def test_the_workflows_have_no_known_fault(tmp_path: Path) -> None:
    """Zizmor, at its most pedantic, finds nothing in the workflows, the actions, and what the reference shows."""
    zizmor = find_tool("zizmor", "zizmor")
    shown = [tmp_path / f"{name}.yml" for name in ("gate", "gate-comment", "ask", "nightly", "nightly-issue")]
    for file in shown:
        text = documented(file.stem).replace("@COMMIT", f"@{'4' * 40} # v1.0.0")
        file.write_text(text, encoding="utf-8")
    done = subprocess.run(
        [zizmor, "--offline", "--persona=pedantic", str(ROOT / ".github"), *map(str, shown)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
