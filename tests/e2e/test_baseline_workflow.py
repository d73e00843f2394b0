"""The workflow that keeps what main measures: on a branch of its own, without races, drawn as a site."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest
from tests.act import ROOT, make_project, run_workflow
from tests.repository import Repository

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.timed

RECORDS = ROOT / ".github" / "records"
BRANCH = "hivegate-history"


@pytest.fixture
def server(tmp_path: Path) -> Repository:
    """Make the repository that all push to."""
    made = Repository(tmp_path / "server.git")
    made.folder.mkdir()
    made.git("init", "-q", "--bare", "-b", "main")
    return made


def clone(server: Repository, folder: Path) -> Repository:
    """Make a checkout of one commit of its own."""
    made = Repository.new(folder)
    made.git("remote", "add", "origin", server.folder.as_uri())
    made.commit({"README": "a project"})
    return made


def records(project: Repository, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Start the script as the workflow does."""
    return subprocess.run(
        [RECORDS, *arguments], cwd=project.folder, capture_output=True, text=True, timeout=120, check=False
    )


def kept(server: Repository) -> list[str]:
    """List the files on the branch."""
    return server.git("ls-tree", "-r", "--name-only", BRANCH).splitlines()


def test_records_that_are_pushed_at_once_are_all_kept(server: Repository, tmp_path: Path) -> None:
    """Five jobs find no branch and push together: every record is there, in one line of history, alone."""
    jobs = []
    for number in range(5):
        project = clone(server, tmp_path / f"job{number}")
        project.write({"record": f"{number}\n"})
        command = [str(RECORDS), "keep", "record", f"runs/{number}.jsonl"]
        jobs.append(subprocess.Popen(command, cwd=project.folder, stderr=subprocess.PIPE, text=True))
    for job in jobs:
        assert (job.wait(timeout=120), job.stderr and job.stderr.close()) == (0, None)
    assert kept(server) == [f"runs/{number}.jsonl" for number in range(5)]
    assert server.git("rev-list", "--count", BRANCH) == "5"
    assert server.git("rev-list", "--merges", "--count", BRANCH) == "0"
    for number in range(5):
        assert server.git("show", f"{BRANCH}:runs/{number}.jsonl") == str(number)


def test_keeping_leaves_the_checkout_alone(server: Repository, tmp_path: Path) -> None:
    """Neither the branch that is checked out nor its index knows of it, and what was kept is read back."""
    project = clone(server, tmp_path / "job")
    assert records(project, "read", "before").returncode == 0
    assert list((project.folder / "before").iterdir()) == []
    before = project.git("rev-parse", "HEAD")
    assert records(project, "keep", "README", "runs/one.jsonl").returncode == 0
    assert project.git("status", "--porcelain") == ""
    assert (project.git("rev-parse", "HEAD"), project.git("branch", "--list")) == (before, "* main")
    assert records(project, "read", "after").returncode == 0
    assert (project.folder / "after" / "runs" / "one.jsonl").read_text() == "a project"


def test_a_server_that_refuses_is_an_error(server: Repository, tmp_path: Path) -> None:
    """A remote that is not there is no empty history."""
    project = clone(server, tmp_path / "job")
    project.git("remote", "set-url", "origin", (tmp_path / "nowhere.git").as_uri())
    for arguments in (["keep", "README", "runs/one.jsonl"], ["read", "kept"]):
        done = records(project, *arguments)
        assert done.returncode != 0
        assert "nowhere.git" in done.stderr


def test_main_is_measured_kept_and_drawn(server: Repository, tmp_path: Path) -> None:
    """A push to main leaves one record by commit and run on the branch, and a site that shows the benchmark."""
    project = make_project(tmp_path / "work" / "project", {})
    project.git("remote", "set-url", "origin", server.folder.as_uri())
    project.git("push", "-q", "origin", "main")
    sha = project.git("rev-parse", "HEAD")
    event = {"ref": "refs/heads/main", "after": sha, "repository": {"full_name": "hive/engine"}}
    ran = run_workflow(project.folder, "baseline.yml", "push", event)
    assert ran.jobs == ["success"] * 4
    [name] = kept(server)
    assert name.startswith(f"runs/{sha}-")
    record = json.loads(server.git("show", f"{BRANCH}:{name}"))
    assert record["commit"]["sha"] == sha
    assert "totals/total" in {level["benchmark"] for level in record["levels"]}
    site = ran.artifacts / "site"
    assert "totals/total" in "".join(file.read_text(errors="replace") for file in site.rglob("*") if file.is_file())
