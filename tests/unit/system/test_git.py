"""Git tells the revision; where it cannot, nothing is made up."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from hivegate.system import git

if TYPE_CHECKING:
    from pathlib import Path


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
