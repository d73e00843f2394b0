"""Real git repositories for the tests."""

from __future__ import annotations

import subprocess
import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_AUTHOR = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "protocol.file.allow=always")


class Repository:
    """A repository in a folder, made by git itself."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def new(cls, folder: Path) -> Repository:
        """Make an empty repository whose default branch is main."""
        folder.mkdir(parents=True, exist_ok=True)
        made = cls(folder)
        made.git("init", "-q", "-b", "main")
        return made

    def git(self, *arguments: str) -> str:
        """Run git; its failure is the test's."""
        ended = subprocess.run(
            ["git", *_AUTHOR, *arguments], cwd=self.folder, capture_output=True, text=True, check=False
        )
        assert ended.returncode == 0, ended.stderr
        return ended.stdout.strip()

    def write(self, files: dict[str, str | None]) -> None:
        """Write files by their names; None deletes one."""
        for name, text in files.items():
            path = self.folder / name
            if text is None:
                path.unlink()
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(textwrap.dedent(text), encoding="utf-8")

    def commit(self, files: dict[str, str | None] | None = None, message: str = "a change") -> str:
        """Write files and commit everything; returns the commit."""
        self.write(files or {})
        self.git("add", "--all")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    def clone(self, folder: Path, *options: str) -> Repository:
        """Clone it the way a server would be cloned."""
        self.git("clone", "-q", *options, self.folder.as_uri(), str(folder))
        return Repository(folder)

    def worktrees(self) -> list[str]:
        """List the folders that the repository knows as its working trees."""
        lines = self.git("worktree", "list", "--porcelain").splitlines()
        return [line.removeprefix("worktree ") for line in lines if line.startswith("worktree ")]
