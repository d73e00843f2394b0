"""Git tells the revision; where it cannot, nothing is made up."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from hivegate.system import git

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def run(folder: Path, *arguments: str) -> str:
    """Run git with an author of its own."""
    author = ("-c", "user.name=a", "-c", "user.email=a@b")
    ended = subprocess.run(["git", *author, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return ended.stdout.strip()


def test_a_commit_is_described(tmp_path: Path) -> None:
    """Sha, branch and whether tracked files changed are told; an untracked file changes nothing."""
    run(tmp_path, "init", "-q", "-b", "trunk")
    (tmp_path / "file").write_text("1")
    run(tmp_path, "add", "file")
    run(tmp_path, "commit", "-q", "-m", "first")
    sha = run(tmp_path, "rev-parse", "HEAD")
    (tmp_path / "untracked").write_text("")
    assert git.describe(tmp_path) == git.Revision(sha=sha, branch="trunk", dirty=False)
    (tmp_path / "file").write_text("2")
    run(tmp_path, "checkout", "-q", "--detach")
    assert git.describe(tmp_path) == git.Revision(sha=sha, branch=None, dirty=True)


def test_no_repository_and_no_commit_are_none(tmp_path: Path) -> None:
    """A plain folder and a repository without a commit have no revision."""
    assert git.describe(tmp_path) is None
    run(tmp_path, "init", "-q")
    assert git.describe(tmp_path) is None


def test_what_decides_a_checkout_has_a_digest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings of the repository and the user, and attributes; not commits."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    (tmp_path / "home" / ".config" / "git").mkdir(parents=True)
    project = tmp_path / "project"
    project.mkdir()
    run(project, "init", "-q")
    (project / "file").write_text("1")
    digests = [git.digest_of_settings(project)]
    run(project, "add", "file")
    run(project, "commit", "-q", "-m", "first")
    assert git.digest_of_settings(project) == digests[0]
    run(project, "config", "filter.slow.smudge", "sed s/1/2/")
    digests.append(git.digest_of_settings(project))
    run(project, "config", "--global", "core.autocrlf", "true")
    digests.append(git.digest_of_settings(project))
    (project / ".git" / "info" / "attributes").write_text("*.py filter=slow")
    digests.append(git.digest_of_settings(project))
    (tmp_path / "home" / ".config" / "git" / "attributes").write_text("*.py filter=slow")
    digests.append(git.digest_of_settings(project))
    assert len(set(digests)) == len(digests)


def test_a_commit_is_what_its_sha_says(tmp_path: Path) -> None:
    """Git can be told to show another in its place; we do not want to see that."""
    run(tmp_path, "init", "-q")
    shas = []
    for text in ("1", "2"):
        (tmp_path / "file").write_text(text)
        run(tmp_path, "add", "file")
        run(tmp_path, "commit", "-q", "-m", text)
        shas.append(run(tmp_path, "rev-parse", "HEAD"))
    run(tmp_path, "replace", *shas)
    assert git.read_file(tmp_path, shas[0], "file") == "1"
