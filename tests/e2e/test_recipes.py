"""The recipes for GitHub fail closed: their own shell lines are run, and their conditions evaluated by act."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from tests.act import LABEL, ROOT, run_workflow
from tests.documents import blocks
from tests.repository import Repository

if TYPE_CHECKING:
    from pathlib import Path

SHOWN = [(one.file.name, one.text) for one in blocks("yaml") if re.search(r"^jobs:", one.text, re.MULTILINE)]
GATES = [(name, text) for name, text in SHOWN if "workflow_run" not in text and "pull_request" in text]
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
    """Find the one workflow of a document."""
    [text] = [text for file, text in GATES if file == name]
    return text


@pytest.mark.parametrize(("name", "text"), [*GATES, *OWN], ids=lambda value: value if len(value) < 40 else "")
def test_a_merge_queue_is_gated_and_a_required_check_always_reports(name: str, text: str) -> None:  # noqa: ARG001
    """Each reacts to merge_group, and none is behind a filter of paths or branches, where it would never report."""
    triggers = parsed(text)[True]
    assert {"pull_request", "merge_group"} <= set(triggers)
    assert not triggers["pull_request"]
    assert not triggers["merge_group"]


@pytest.mark.parametrize(
    ("measured", "expected"), [("true", "success"), ("false", "failure"), ("kill -9 $$", "failure")]
)
def test_the_shards_recipe_fails_where_a_shard_did(tmp_path: Path, measured: str, expected: str) -> None:
    """The job that judges runs whatever became of the others, and is red where one of them is."""
    workflow = parsed(recipe("shards.md"))
    judge, measure = workflow["jobs"]["judge"], workflow["jobs"]["measure"]
    measure["steps"] = [{"run": measured}]
    judge["steps"] = [step for step in judge["steps"] if step.get("name") == "Require every shard"]
    assert len(judge["steps"]) == 1
    workflow["on"] = workflow.pop(True)
    assert {measure["runs-on"], judge["runs-on"]} == {LABEL}
    project = Repository.new(tmp_path / "project")
    project.commit({".github/workflows/shards.yml": yaml.safe_dump(workflow)})
    ran = run_workflow(project.folder, "shards.yml")
    assert ran.steps.get("Require every shard") == expected


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
    """Run the step as the runner does, and say whether it found changes."""
    output = folder.parent / "output"
    output.write_text("", encoding="utf-8")
    variables = {"PACKAGE": "shop", "GITHUB_OUTPUT": str(output), "PATH": "/usr/local/bin:/usr/bin:/bin"}
    done = subprocess.run(["bash", "-e", "-c", line], cwd=folder, env=variables, capture_output=True, check=False)
    assert done.returncode == 0
    return output.read_text(encoding="utf-8") == "found=true\n"
