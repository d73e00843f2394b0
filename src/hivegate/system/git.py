"""Git, asked through its command."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from hivegate.errors import UsageError
from hivegate.system import process

if TYPE_CHECKING:
    from pathlib import Path

_PATIENCE = 30.0  # seconds; git answers these questions in milliseconds


class Revision(NamedTuple):
    """A commit, the branch that is checked out, and whether tracked files differ from it."""

    sha: str
    branch: str | None
    dirty: bool


def describe(folder: Path) -> Revision | None:
    """Tell which revision a folder is at; None outside a repository, without a commit or without git."""
    sha = _ask(folder, "rev-parse", "HEAD")
    if sha is None:
        return None
    branch = _ask(folder, "rev-parse", "--abbrev-ref", "HEAD")
    changes = _ask(folder, "status", "--porcelain", "--untracked-files=no")
    return Revision(sha=sha, branch=None if branch == "HEAD" else branch, dirty=bool(changes))


def _ask(folder: Path, *arguments: str) -> str | None:
    try:
        answer = process.run(["git", *arguments], cwd=folder, overdue=process.deadline(_PATIENCE))
    except UsageError:
        return None
    return answer.output.strip() if answer.returncode == 0 else None
