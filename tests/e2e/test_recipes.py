"""The recipes for GitHub fail closed: their own shell lines are run, and their conditions evaluated by act."""

from __future__ import annotations

import datetime as dt
import os
import re
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from tests.act import LABEL, ROOT, Ran, run_workflow
from tests.documents import blocks
from tests.github_server import REPOSITORY, github_server
from tests.repository import Repository

if TYPE_CHECKING:
    from pathlib import Path

SHOWN = [(one.file.name, one.text) for one in blocks("yaml") if re.search(r"^jobs:", one.text, re.MULTILINE)]
GATES = [(name, text) for name, text in SHOWN if "pull_request" in yaml.safe_load(text)[True]]
PULL, RUN, HEAD = 12, 77, "4" * 40
OWN = [
    (path.name, path.read_text(encoding="utf-8"))
    for path in (
        ROOT / ".github" / "workflows" / "gate.yml",
        ROOT / ".github" / "workflows" / "ci.yml",
        ROOT / "src" / "hivegate" / "adopt" / "templates" / "hivegate.yml",
    )
]


def parsed(text: str) -> dict[Any, Any]:
    """Read a workflow; YAML 1.1 takes the key `on` for true."""
    return dict(yaml.safe_load(text))


def recipe(name: str) -> str:
    """Find the one workflow of a document that gates, or the one of a name."""
    return next(text for file, text in [*GATES, *SHOWN] if file == name or f"name: {name}\n" in text)


def executed(folder: Path, workflow: dict[Any, Any], event: str, payload: dict[str, Any], **env: str) -> Ran:
    """Execute a workflow in a repository that has nothing else."""
    workflow["on"] = workflow.pop(True)
    project = Repository.new(folder / "project")
    project.commit({".github/workflows/recipe.yml": yaml.safe_dump(workflow)})
    return run_workflow(project.folder, "recipe.yml", event, payload, **env)


@pytest.mark.parametrize(("name", "text"), [*GATES, *OWN], ids=lambda value: value if len(value) < 40 else "")
def test_a_merge_queue_is_gated_and_a_required_check_always_reports(name: str, text: str) -> None:  # noqa: ARG001
    """Each reacts to merge_group, and none is behind a filter of paths or branches, where it would never report."""
    triggers = parsed(text)[True]
    assert {"pull_request", "merge_group"} <= set(triggers)
    assert set(triggers["pull_request"] or ()) <= {"types"}
    assert not triggers["merge_group"]


@pytest.mark.parametrize(
    ("measured", "expected"), [("true", "success"), ("false", "failure"), ("kill -9 $$", "failure"), (None, "failure")]
)
def test_the_shards_recipe_fails_where_a_shard_did(tmp_path: Path, measured: str | None, expected: str) -> None:
    """The job that judges runs whatever became of the others, and is red where one of them is, or was skipped."""
    workflow = parsed(recipe("shards.md"))
    judge, measure = workflow["jobs"]["judge"], workflow["jobs"]["measure"]
    measure["steps"] = [{"run": measured or "true"}]
    if measured is None:
        measure["if"] = "${{ false }}"
    judge["steps"] = [step for step in judge["steps"] if step.get("name") == "Require every shard"]
    assert len(judge["steps"]) == 1
    assert {measure["runs-on"], judge["runs-on"]} == {LABEL}
    assert executed(tmp_path, workflow, "pull_request", {}).steps.get("Require every shard") == expected


@pytest.mark.parametrize(
    ("event", "labels", "attempt", "asked"),
    [
        ("pull_request", [], "1", False),
        ("pull_request", ["bug", "performance-later"], "1", False),
        ("pull_request", ["bug", "performance"], "1", True),
        ("pull_request", [], "2", True),
        ("merge_group", [], "1", True),
    ],
)
def test_what_nobody_asked_for_is_red_and_not_skipped(
    tmp_path: Path, event: str, labels: list[str], attempt: str, *, asked: bool
) -> None:
    """A required check that is skipped counts as passed; a label, another attempt or a queue has it measured."""
    workflow = parsed(recipe("on-demand.md"))
    steps = workflow["jobs"]["gate"]["steps"]
    assert [step.get("name") for step in (steps[0], steps[-1])] == ["Wait to be asked", "Measure and judge"]
    workflow["jobs"]["gate"]["steps"] = [steps[0], {"name": "Measure and judge", "run": "true"}]
    payload = {"pull_request": {"number": PULL, "labels": [{"name": name} for name in labels]}}
    ran = executed(tmp_path, workflow, event, payload, GITHUB_RUN_ATTEMPT=attempt)
    assert ran.jobs == ["success" if asked else "failure"]
    assert ("Measure and judge" in ran.steps) is asked


@pytest.mark.parametrize(
    ("body", "pull", "started"), [("/performance", {}, [RUN]), ("see /performance", {}, []), ("/performance", None, [])]
)
def test_the_recipe_for_comments_starts_what_a_comment_asks_for(
    tmp_path: Path, body: str, pull: dict[str, str] | None, started: list[int]
) -> None:
    """By its own condition and its own action; whom that obeys is a matter of `hivegate rerun`."""
    workflow = parsed(recipe("ask"))
    payload = {
        "issue": {"number": PULL} | ({} if pull is None else {"pull_request": {"url": "https://api.github.com/x"}}),
        "comment": {"user": {"login": "ana"}, "created_at": "2026-12-01T11:00:00Z", "body": body},
    }
    with github_server() as server:
        server.add_pull(PULL, HEAD)
        server.add_run(RUN, HEAD, conclusion="failure")
        server.permissions = {"ana": "write"}
        executed(tmp_path, workflow, "issue_comment", payload, GITHUB_API_URL=server.url, GITHUB_REPOSITORY=REPOSITORY)
        assert server.started == started
        assert bool(server.asked) is (body == "/performance" and pull is not None)


def test_the_nightly_recipe_keeps_an_issue(tmp_path: Path) -> None:
    """Its own condition and action, for a night that failed and left nothing."""
    workflow = parsed(recipe("nightly-issue"))
    with github_server() as server:
        server.add_run(RUN, HEAD, event="schedule", head_branch="main", conclusion="failure")
        server.authors = ["ana"]
        payload = {"workflow_run": {"id": RUN, "event": "schedule"}}
        executed(tmp_path, workflow, "workflow_run", payload, GITHUB_API_URL=server.url, GITHUB_REPOSITORY=REPOSITORY)
        assert [one["title"] for one in server.issues] == ["Performance of main: INCONCLUSIVE"]


def test_the_nightly_recipe_compares_with_a_week_ago(tmp_path: Path) -> None:
    """Its own lines of git; where the branch did not move for a week, nothing is measured."""
    steps = parsed(recipe("nightly"))["jobs"]["nightly"]["steps"]
    [look] = [step["run"] for step in steps if step.get("id") == "changes"]
    assert {step.get("if") for step in steps[-2:]} == {"${{ steps.changes.outputs.base != '' }}"}
    repository = Repository.new(tmp_path / "project")
    output = tmp_path / "output"
    made, bases = [], []
    for days in (30, 9, 8, 6, 0):
        date = f"{dt.datetime.now(dt.UTC) - dt.timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}"
        (repository.folder / "x").write_text(date, encoding="utf-8")
        repository.git("add", "x")
        dated = {**os.environ, "GIT_COMMITTER_DATE": date}
        subprocess.run(["git", "commit", "-qm", "x"], cwd=repository.folder, env=dated, check=True, capture_output=True)
        made.append(repository.git("rev-parse", "HEAD").strip())
        bases.append(written_by(repository.folder, look, output))
    assert bases == ["", "", "", f"base={made[2]}\n", f"base={made[2]}\n"]


@pytest.mark.parametrize(
    ("changed", "found"), [("packages/shop/x.py", True), ("packages/other/x.py", False), (".github/x.yml", True)]
)
def test_the_monorepo_recipe_measures_what_changed_and_what_cannot_be_told(
    tmp_path: Path, changed: str, *, found: bool
) -> None:
    """Its own line of git; without a base it measures."""
    steps = parsed(recipe("monorepo.md"))["jobs"]["gate"]["steps"]
    [look] = [step["run"] for step in steps if step.get("id") == "changes"]
    repository = Repository.new(tmp_path)
    repository.commit({"README.md": "x"})
    assert looked(tmp_path, look)
    repository.commit({changed: "x"})
    assert looked(tmp_path, look) is found


def looked(folder: Path, line: str) -> bool:
    """Say whether the monorepo's step found changes."""
    return written_by(folder, line, folder.parent / "output") == "found=true\n"


def written_by(folder: Path, line: str, output: Path) -> str:
    """Run a step as the runner does; returns its outputs."""
    output.write_text("", encoding="utf-8")
    variables = {"PACKAGE": "shop", "GITHUB_OUTPUT": str(output), "PATH": "/usr/local/bin:/usr/bin:/bin"}
    done = subprocess.run(["bash", "-e", "-c", line], cwd=folder, env=variables, capture_output=True, check=False)
    assert done.returncode == 0
    return output.read_text(encoding="utf-8")
