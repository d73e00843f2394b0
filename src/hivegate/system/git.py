"""Git, asked through its command."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from hivegate.errors import UsageError
from hivegate.system import process

if TYPE_CHECKING:
    from collections.abc import Mapping

_PATIENCE = 30.0  # seconds; git answers these questions in milliseconds
_CHECKOUT_PATIENCE = 900.0  # seconds; a large repository on a slow disk
_USUAL = ("main", "master", "trunk", "develop")
# What git sets for its hooks: it would answer for the hook's repository instead of the folder's.
_OF_HOOKS = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR")

# No program of the user's runs because we ask: no hook, and no watcher of the file system.
_OURS_ALONE = ("-c", f"core.hooksPath={os.devnull}", "-c", "core.fsmonitor=false")
_MOST_LINKS = 5  # from one file to the next
_LARGEST_FILE = 2**20
_LARGEST_LIST = 16 * 2**20


class Revision(NamedTuple):
    """A commit, the branch that is checked out, and whether tracked files differ from it."""

    sha: str
    branch: str | None
    dirty: bool


def describe(folder: Path) -> Revision | None:
    """Return which revision a folder is at; None outside a repository, without a commit or without git."""
    sha = ask(folder, "rev-parse", "HEAD")
    if sha is None:
        return None
    branch = ask(folder, "rev-parse", "--abbrev-ref", "HEAD")
    changes = ask(folder, "status", "--porcelain", "--untracked-files=no")
    return Revision(sha=sha, branch=None if branch == "HEAD" else branch, dirty=bool(changes))


def toplevel(folder: Path) -> Path:
    """Find the root of the working tree that a folder lies in; raises `UsageError` with git's words outside one."""
    answer = _run(folder, "rev-parse", "--show-toplevel")
    if answer.returncode != 0 or not answer.output.strip():
        raise UsageError(
            "is not in the working tree of a git repository", where=str(folder), hint=answer.output.strip()
        )
    return Path(answer.output.rstrip("\n"))


def root_of(folder: Path) -> Path:
    """Find the root of the working tree that a folder lies in; outside a repository it is the folder itself."""
    try:
        return toplevel(folder)
    except UsageError:
        return folder


def resolve(folder: Path, name: str) -> str | None:
    """Find the commit that a name stands for; None where there is none. No name is taken for an option."""
    return ask(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}") or None


def parents(folder: Path, sha: str) -> tuple[str, ...]:
    """List the parents that a commit records, also those that a shallow clone does not have."""
    header = (ask(folder, "cat-file", "commit", sha) or "").partition("\n\n")[0]
    return tuple(line.removeprefix("parent ") for line in header.splitlines() if line.startswith("parent "))


def has_commit(folder: Path, sha: str) -> bool:
    """Return whether a commit is in the clone."""
    return ask(folder, "cat-file", "-e", f"{sha}^{{commit}}") is not None


def snapshot(folder: Path) -> str | None:
    """Keep what is tracked, as it stands in the working tree, as a commit of no branch; None where it is HEAD's."""
    return ask(folder, "-c", "user.name=hivegate", "-c", "user.email=hivegate@localhost", "stash", "create") or None


def is_shallow(folder: Path) -> bool:
    """Return whether the clone's history is cut."""
    return ask(folder, "rev-parse", "--is-shallow-repository") == "true"


def remote(folder: Path) -> str | None:
    """Name the remote that the project is shared through: origin, or the only one."""
    names = (ask(folder, "remote") or "").splitlines()
    return "origin" if "origin" in names else names[0] if len(names) == 1 else None


def default_branch(folder: Path) -> str | None:
    """Name the default branch: what the remote calls so, else the first usual name that exists here."""
    shared = remote(folder)
    head = ask(folder, "symbolic-ref", "--quiet", f"refs/remotes/{shared}/HEAD") if shared else None
    if head:
        return head.removeprefix(f"refs/remotes/{shared}/")
    configured = ask(folder, "config", "init.defaultBranch")
    names = (configured, *_USUAL) if configured else _USUAL
    refs = {name: {f"refs/heads/{name}", f"refs/remotes/{shared}/{name}"} for name in names}
    told = ask(folder, "for-each-ref", "--format=%(refname)", *(ref for two in refs.values() for ref in two)) or ""
    there = set(told.splitlines())
    return next((name for name in names if refs[name] & there), None)


def tips(folder: Path, branch: str) -> tuple[str, ...]:
    """Find the commits that a branch is at, here and as the remote was seen last."""
    shared = remote(folder)
    refs = (f"refs/heads/{branch}", *([f"refs/remotes/{shared}/{branch}"] if shared else []))
    return tuple(dict.fromkeys(sha for sha in (resolve(folder, ref) for ref in refs) if sha))


def ancestry(folder: Path, branch: str) -> dict[str, int]:
    """Find the place of each commit of a branch, ancestors first; of a very long one the end, of none nothing."""
    found = tips(folder, branch)
    command = ("rev-list", "--topo-order", "--reverse", f"--max-count={_LARGEST_LIST // 64}", *found, "--")
    answer = _run(folder, *command, kept=_LARGEST_LIST) if found else None
    if answer is None or answer.returncode != 0:
        return {}
    return {sha: place for place, sha in enumerate(answer.output.split())}


def merge_base(folder: Path, sha: str, others: tuple[str, ...]) -> str | None:
    """Find the best common ancestor of a commit and any of others; None where they share none in this clone."""
    found = ask(folder, "merge-base", sha, *others) if others else None
    return found.splitlines()[0] if found else None


def references_at(folder: Path, sha: str) -> tuple[str, ...]:
    """List the full names of the references at a commit."""
    return tuple((ask(folder, "for-each-ref", f"--points-at={sha}", "--format=%(refname)") or "").splitlines())


def ignored(folder: Path) -> frozenset[Path]:
    """List what git ignores below a folder; a folder that is ignored as a whole stands for its files.

    Of an uncommonly long list only the end is known.
    """
    listed = ask(folder, "ls-files", "--others", "--ignored", "--exclude-standard", "--directory", "-z") or ""
    return frozenset(folder / name for name in listed.split("\0") if name)


def untracked_files(folder: Path) -> tuple[str, ...]:
    """List the files below a folder that git neither tracks nor ignores."""
    return _listed(folder, "ls-files", "--others", "--exclude-standard", "-z")


def tracked_files(folder: Path) -> tuple[str, ...]:
    """List the files that git tracks below a folder."""
    return _listed(folder, "ls-files", "-z")


def object_at(folder: Path, path: str) -> str:
    """Name what git tracks at a path: the commit of a submodule, the content of a file; "" where nothing is."""
    entries = _listed(folder, "ls-files", "--stage", "-z", "--", path)
    return entries[0].split()[1] if entries else ""


def submodules(folder: Path) -> tuple[str, ...]:
    """List the submodules of a working tree, which `git worktree add` leaves empty."""
    entries = _listed(folder, "ls-files", "--stage", "-z")
    return tuple(entry.partition("\t")[2] for entry in entries if entry.startswith("160000 "))


def _listed(folder: Path, *arguments: str) -> tuple[str, ...]:
    """Ask git for names, each with a zero behind it."""
    return tuple(name for name in (ask(folder, *arguments) or "").split("\0") if name)


def read_file(folder: Path, sha: str, path: str) -> str | None:
    """Read a text file of a commit by its path from a folder; a link to another is followed, None where there is none.

    Raises `UsageError` for what is larger than what is read, or no UTF-8.
    """
    for _ in range(_MOST_LINKS):
        entry = ask(folder, "ls-tree", "-z", sha, "--", f"./{path}")
        mode, _, rest = (entry or "").partition(" ")
        if mode not in {"100644", "100755", "120000"}:
            return None
        blob = rest.split()[1]
        if int(ask(folder, "cat-file", "-s", blob) or 0) > _LARGEST_FILE:
            raise UsageError("is too large to be read", where=f"{sha[:7]}:{path}")
        answer = _run(folder, "cat-file", "blob", blob, kept=_LARGEST_FILE, errors=False)
        if answer.returncode != 0 or "\ufffd" in answer.output:
            raise UsageError("cannot be read, or is not UTF-8", where=f"{sha[:7]}:{path}")
        if mode != "120000":
            return answer.output
        path = os.path.normpath(Path(path).parent / answer.output)
    return None


def changed_files(folder: Path, sha: str) -> tuple[str, ...]:
    """List, from the root of the repository, the files of the working tree that are not as in a commit, new ones too.

    Raises `UsageError` with git's words where they cannot be listed.
    """
    top = toplevel(folder)
    listed: list[str] = []
    for command in (
        ("diff", "--name-only", "--no-renames", "--no-ext-diff", "--no-textconv", "-z", sha, "--"),
        ("ls-files", "--others", "--exclude-standard", "-z"),
    ):
        answer = _run(top, *command, patience=_CHECKOUT_PATIENCE, kept=_LARGEST_LIST, errors=False)
        if answer.returncode != 0:
            raise UsageError(f"git {command[0]} {answer.cause}", where=str(top))
        if len(answer.output) >= _LARGEST_LIST:
            raise UsageError("more files differ than are listed", where=str(top), hint="compare with a nearer base")
        listed += (name for name in answer.output.split("\0") if name)
    return tuple(sorted(dict.fromkeys(listed)))


def differing_sources(folder: Path) -> tuple[str, ...]:
    """List the Python files of a working tree that are not as in its commit, new ones too; what is ignored is not."""
    changed = _listed(folder, "diff", "--name-only", "--no-ext-diff", "--no-textconv", "-z", "HEAD", "--", "*.py")
    return (*changed, *_listed(folder, "ls-files", "--others", "--exclude-standard", "-z", "--", "*.py"))


def add_worktree(folder: Path, path: Path, sha: str) -> None:
    """Check a commit out into a new folder, on no branch; raises `UsageError` with git's words."""
    command = ("worktree", "add", "--quiet", "--detach", str(path), sha)
    answer = _run(folder, *command, patience=_CHECKOUT_PATIENCE)
    if answer.returncode != 0:
        raise UsageError(f"git could not check out {sha[:12]}", where=str(path), hint=answer.output.strip())


def worktrees(folder: Path) -> tuple[Path, ...]:
    """List the working trees that a repository knows, be their folders there or not."""
    listed = ask(folder, "worktree", "list", "--porcelain") or ""
    return tuple(Path(line.removeprefix("worktree ")) for line in listed.splitlines() if line.startswith("worktree "))


def forget_worktree(folder: Path, path: Path) -> None:
    """Make the repository forget a worktree whose folder is gone; one that it does not know is no error."""
    # Twice --force: what was killed while it was made is still locked.
    _run(folder, "worktree", "remove", "--force", "--force", str(path))


def digest_of_settings(folder: Path) -> str:
    """Digest what decides how files are checked out: git's settings from all of their places, and its attributes."""
    attributes = ask(folder, "rev-parse", "--git-path", "info/attributes") or ""
    user = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config", "git", "attributes")
    told = hashlib.sha256((ask(folder, "config", "--list", "--show-scope", "--null") or "").encode())
    for file in (folder / attributes, user):
        told.update(b"\0" + (file.read_bytes() if file.is_file() else b""))
    return told.hexdigest()


def difference(old: Path, new: Path) -> str:
    """Compare two files, committed or not, and spell what differs as git does; one that does not exist is empty.

    Of an uncommonly long difference only the end is known.
    """
    paths = (str(one.resolve()) if one.is_file() else os.devnull for one in (old, new))
    options = ("--no-index", "--no-color", "--no-ext-diff", "--no-textconv", "--unified=3")
    return _run(new.parent if new.parent.is_dir() else Path.cwd(), "diff", *options, "--", *paths).output


def ask(folder: Path, *arguments: str) -> str | None:
    """Ask git a question; None where it fails, or where there is no git. Of a long answer only the end is known."""
    try:
        answer = _run(folder, *arguments)
    except UsageError:
        return None
    return answer.output.strip() if answer.returncode == 0 else None


def perform(folder: Path, *arguments: str, variables: Mapping[str, str] | None = None) -> str:
    """Have git do something that may take minutes; returns the end of what it printed.

    Raises `UsageError` with its words where it fails.
    """
    answer = _run(folder, *arguments, patience=_CHECKOUT_PATIENCE, variables=variables)
    if answer.returncode != 0:
        verb = next((one for one in arguments if not one.startswith("-") and "=" not in one), "")
        raise UsageError(f"git {verb} {answer.cause}", where=str(folder), hint=answer.output.strip())
    return answer.output.strip()


def _run(
    folder: Path,
    *arguments: str,
    patience: float = _PATIENCE,
    variables: Mapping[str, str] | None = None,
    kept: int = process.TAIL,
    errors: bool = True,
) -> process.Finished:
    environment = {name: value for name, value in os.environ.items() if name not in _OF_HOOKS}
    environment |= {
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_REPLACE_OBJECTS": "1",  # a commit is what its sha says
        **(variables or {}),
    }
    return process.run(
        ["git", *_OURS_ALONE, *arguments],
        cwd=folder,
        env=environment,
        overdue=process.deadline(patience),
        kept=kept,
        errors=errors,
    )
