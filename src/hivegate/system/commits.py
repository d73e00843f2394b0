"""What git knows of commits: when, what about, what between, and how a file was then.

Names of commits may come from files of others: only hexadecimal ones are handed to git, so none is an option.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from hivegate.system import git

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_SHA = re.compile(r"[0-9a-f]{7,64}")
_AT_ONCE = 100  # commits asked for in one call: its answer fits what is kept of an output
_FORMAT = "--format=%H%x1f%cI%x1f%s"
_LONGEST_SUBJECT = 200
_MOST_LISTED = 200  # commits of a range that are looked into


class CommitDescription(NamedTuple):
    """When a commit was made, in ISO 8601 with its zone, and the first line of its message."""

    committed: str
    subject: str


class TouchedFile(NamedTuple):
    """A file that a commit changed, and its content before and after as git's names; all zeros where there was none."""

    path: str
    old: str
    new: str


class ListedCommit(NamedTuple):
    """A commit, the first line of its message and the files that it changed; a merge changes none of its own."""

    sha: str
    subject: str
    files: tuple[TouchedFile, ...]


def describe(folder: Path, shas: Iterable[str]) -> dict[str, CommitDescription]:
    """Look commits up; those that the clone does not have are left out. One call of git for a hundred."""
    wanted = [sha for sha in dict.fromkeys(shas) if _SHA.fullmatch(sha)]
    found: dict[str, CommitDescription] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        chosen = wanted[start : start + _AT_ONCE]
        answer = git.ask(folder, "log", "--no-walk", "--ignore-missing", _FORMAT, *chosen, "--")
        for line in (answer or "").splitlines():
            sha, _, rest = line.partition("\x1f")
            committed, _, subject = rest.partition("\x1f")
            for prefix in chosen:
                if sha.startswith(prefix):
                    found[prefix] = CommitDescription(committed, subject[:_LONGEST_SUBJECT])
    return found


def count_between(folder: Path, older: str, newer: str) -> int | None:
    """Count the commits after one up to another; None where the clone does not have both, or one is no ancestor."""
    if not is_ancestor(folder, older, newer):
        return None
    answer = git.ask(folder, "rev-list", "--count", f"{older}..{newer}", "--")
    return int(answer) if answer and answer.isdigit() else None


def list_between(folder: Path, older: str, newer: str) -> tuple[ListedCommit, ...] | None:
    """List the commits after one up to another, the newest first; None where they are unknown or very many."""
    count = count_between(folder, older, newer)
    if count is None or count > _MOST_LISTED:
        return None
    options = ("--raw", "--no-abbrev", "--no-renames", "--no-ext-diff", "--format=%x01%H%x1f%s")
    answer = git.ask(folder, "-c", "core.quotePath=false", "log", *options, f"{older}..{newer}", "--")
    found = []
    for text in (answer or "").split("\x01")[1:]:
        head, *lines = text.split("\n")
        sha, _, subject = head.partition("\x1f")
        rows = [line.partition("\t") for line in lines if line.startswith(":")]
        files = tuple(TouchedFile(path, *told.split()[2:4]) for told, _, path in rows)
        found.append(ListedCommit(sha, subject[:_LONGEST_SUBJECT], files))
    return tuple(found) if len(found) == count else None


def blob(folder: Path, name: str) -> str | None:
    """Read a file's content by git's name for it; None where the clone has none."""
    return git.ask(folder, "cat-file", "blob", name) if _SHA.fullmatch(name) and name.strip("0") else None


def is_ancestor(folder: Path, older: str, newer: str) -> bool:
    """Return whether one commit is known to be an ancestor of another, or the same."""
    if not (_SHA.fullmatch(older) and _SHA.fullmatch(newer)):
        return False
    return git.ask(folder, "merge-base", "--is-ancestor", older, newer) is not None


def text_at(folder: Path, sha: str, path: str) -> str | None:
    """Read a file as it was at a commit, its path relative to the folder; None where it was not there.

    Of an uncommonly long file only the end is known.
    """
    if not _SHA.fullmatch(sha) or path.startswith("/") or "\0" in path or ".." in path.split("/"):
        return None
    return git.ask(folder, "show", "--no-textconv", f"{sha}:./{path}")


def remote_url(folder: Path) -> str | None:
    """Return the location of the remote that the project is shared through."""
    shared = git.remote(folder)
    return git.ask(folder, "remote", "get-url", shared) if shared else None
