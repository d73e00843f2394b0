"""Revisions: which one is the base, and its own tree beside head's."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
from typing import TYPE_CHECKING

import msgspec

from hivegate.errors import MeasureError, UsageError
from hivegate.measure.inputs import is_pointer, missing_data
from hivegate.measure.overlay import overlay_benchmarks
from hivegate.system import git
from hivegate.system.files import write_atomic
from hivegate.system.holding import held, sweep

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

__all__ = ["THIS_TREE", "Base", "base_tree", "find_base", "overlay_benchmarks", "refuse_equal"]

THIS_TREE = "."  # asked for as base: the tree as it stands, to be run in another environment

_SHORT = 7  # characters of a sha that a reader sees
_PULL_REQUEST = re.compile(r"refs/(remotes/)?pull/\d+/merge")
_REFERENCE = re.compile(r"refs/(?:tags/(?P<tag>.+)|(?:heads|remotes/[^/]+)/(?P<branch>.+))")
_BEFORE = frozenset({"HEAD^", "HEAD^1", "HEAD~", "HEAD~1", "@^", "@^1", "@~", "@~1"})
_RELATIVE = re.compile(r"(HEAD|@)[\^~][\^~0-9]*")
_TREE = re.compile(r"[0-9a-f]{12}-\d+")
_COMPILED = (".so", ".pyd")
_OURS = frozenset({".gitignore", "pytest.ini"})
_NAME_IT = "pass one: hivegate compare BASE"
_EVERYTHING = 'git fetch --unshallow {remote} "+refs/heads/*:refs/remotes/{remote}/*"'
_IN_ACTIONS = "in GitHub Actions: give actions/checkout `fetch-depth: 0`"


class Base(msgspec.Struct, frozen=True, kw_only=True):
    """The revision that head is compared with, how to call it, and why it was taken; without `sha` head's own tree."""

    sha: str | None
    name: str
    why: str


def find_base(project: Path, asked: str | None, *, branch: str | None = None) -> Base:
    """Find the base: what was asked for, else what this revision is about to change.

    That is the first parent of a pull request's merge commit, the merge base with the default branch (or `branch`),
    and on that branch itself the commit before, or HEAD when the working tree differs from it. Raises `UsageError`
    for what is no revision, `MeasureError` with the command that fetches it for one that this clone lacks. The tree
    itself needs no repository.
    """
    if asked == THIS_TREE:
        return Base(sha=None, name="this tree", why="as requested")
    git.toplevel(project)
    head = git.describe(project)
    if head is None:
        raise UsageError(
            "the repository has no commit yet", where=str(project), hint="commit first, so that HEAD is the base"
        )
    if asked is not None:
        return _asked(project, head, asked)
    if _is_pull_request(project, head):
        return _parent(project, head, why="HEAD merges a pull request into its first parent")
    main = os.environ.get("GITHUB_BASE_REF") or branch or git.default_branch(project)
    if head.branch is not None and head.branch == main:
        return _before(project, head, why=f"{main} itself is checked out")
    shared = _merge_base(project, head, main)
    if shared == head.sha:
        return _before(project, head, why=f"HEAD is part of {main}")
    return _base(shared, f"merge base with {main}", f"it is where HEAD left {main}")


def refuse_equal(project: Path, base: Base) -> None:
    """Raise `UsageError` where head is its base's commit and no file differs: a comparison would pass in any case."""
    head = git.describe(project)
    if head is not None and head.sha == base.sha and not git.changed_files(project, head.sha):
        raise UsageError(
            f"base and head are the same commit, {head.sha[:_SHORT]}, and no file differs: nothing to compare",
            where=str(project),
            hint="name another base, such as HEAD^1; what this machine can detect: hivegate aa-test",
        )


def _base(sha: str, name: str, why: str) -> Base:
    short = sha[:_SHORT]
    return Base(sha=sha, name=short if name == short else f"{name}, {short}", why=why)


def _asked(project: Path, head: git.Revision, asked: str) -> Base:
    if asked.startswith("-") or not asked:
        raise UsageError(f"{asked!r} is not a revision", hint="pass a branch, a tag or a commit: hivegate compare main")
    remote = git.remote(project)
    for name in (asked, f"{remote}/{asked}"):
        sha = git.resolve(project, name)
        if sha is not None:
            return _base(sha, _readable(project, sha, name), "as requested")
    if _RELATIVE.fullmatch(asked) and git.is_shallow(project):
        raise _cut_off(project, f"{asked} is not in this shallow clone (HEAD is {head.sha[:_SHORT]})")
    depth = "--depth=1 " if git.is_shallow(project) else ""
    fetch = f"git fetch {depth}{remote} {shlex.quote(asked)} && hivegate compare FETCH_HEAD"
    raise UsageError(
        f"{asked!r} is not a commit of this {'shallow ' if depth else ''}clone",
        where=str(project),
        hint=f"fetch it: {fetch}" if remote else "list the commits: git log --oneline --all",
    )


def _is_pull_request(project: Path, head: git.Revision) -> bool:
    if head.branch is not None or len(git.parents(project, head.sha)) != 2:  # noqa: PLR2004  a merge of two
        return False
    environment = os.environ
    event = environment.get("GITHUB_EVENT_NAME") == "pull_request"
    if event and environment.get("GITHUB_SHA", head.sha) == head.sha:
        return True
    return any(_PULL_REQUEST.fullmatch(name) for name in git.references_at(project, head.sha))


def _before(project: Path, head: git.Revision, *, why: str) -> Base:
    if head.dirty:
        return _base(head.sha, "HEAD", f"{why}, and the working tree differs from it")
    return _parent(project, head, why=why)


def _parent(project: Path, head: git.Revision, *, why: str) -> Base:
    before = git.parents(project, head.sha)
    if not before:
        raise UsageError("HEAD is the first commit: there is no base before it", where=str(project), hint=_NAME_IT)
    if not git.has_commit(project, before[0]):
        remote = git.remote(project) or "origin"
        raise MeasureError(
            f"HEAD^1, {before[0][:_SHORT]}, is not in this shallow clone",
            hint=f"fetch it: git fetch --depth=1 {remote} {before[0]}\n"
            "  in GitHub Actions: give actions/checkout `fetch-depth: 2`",
        )
    merged_into = os.environ.get("GITHUB_BASE_REF") if _is_pull_request(project, head) else None
    return _base(before[0], merged_into or _readable(project, before[0], "HEAD^1"), why)


def _readable(project: Path, sha: str, asked: str) -> str:
    """Name a commit that was counted from HEAD, or by its sha, as readers know it: release, branch, or the one before.

    What counts from HEAD means another commit tomorrow, and nothing to who reads a comment.
    """
    if not _RELATIVE.fullmatch(asked) and asked != sha:
        return asked
    references = [found for name in git.references_at(project, sha) if (found := _REFERENCE.fullmatch(name))]
    tag = next((found["tag"] for found in references if found["tag"]), None)
    branch = next((found["branch"] for found in references if found["branch"] not in {None, "HEAD"}), None)
    before = asked in _BEFORE or (asked == sha and git.parents(project, "HEAD")[:1] == (sha,))
    return tag or branch or ("the commit before" if before else asked[:_SHORT] if asked == sha else asked)


def _merge_base(project: Path, head: git.Revision, main: str | None) -> str:
    tips = git.tips(project, main) if main else ()
    found = git.merge_base(project, head.sha, tips)
    if found is not None:
        return found
    if git.is_shallow(project):
        raise _cut_off(project, f"the merge base with {main or 'the default branch'} is not in this shallow clone")
    if main is None:
        raise UsageError("the default branch is unknown, so there is no base", where=str(project), hint=_NAME_IT)
    if not tips:
        raise UsageError(
            f"the branch {main} is not in this clone",
            where=str(project),
            hint=f"fetch it: git fetch {git.remote(project) or 'origin'} {shlex.quote(main)}"
            f":refs/remotes/{git.remote(project) or 'origin'}/{shlex.quote(main)}",
        )
    raise UsageError(f"HEAD and {main} have no common ancestor", where=str(project), hint=_NAME_IT)


def _cut_off(project: Path, message: str) -> MeasureError:
    command = _EVERYTHING.format(remote=git.remote(project) or "origin")
    return MeasureError(message, hint=f"fetch it: {command}\n  {_IN_ACTIONS}")


@contextlib.contextmanager
def base_tree(project: Path, base: Base) -> Iterator[Path]:
    """Check the base out under `.hivegate/trees/`, one at a time in a process; yields the project's folder in it.

    The tree is removed on every way out; what a killed process left is removed at the start. Sources that git ignores
    because a build writes them (`_version.py`) are taken from head: the base could not be imported without. Where the
    base is head's own tree, nothing is checked out.
    """
    if base.sha is None:
        yield project
        return
    top = git.toplevel(project)
    inside = project.resolve().relative_to(top.resolve())
    trees = project.resolve() / ".hivegate" / "trees"
    write_atomic(trees / ".gitignore", "*\n", error=UsageError)
    # Pytest looks for its configuration upward; without this it would find head's for a base that has none.
    write_atomic(trees / "pytest.ini", "", error=UsageError)
    _refuse_strangers(trees)
    _remove_stale(project, trees)
    tree = trees / f"{base.sha[:12]}-{os.getpid()}"
    with held(lambda: _new_folder(tree)):
        try:
            git.add_worktree(project, tree, base.sha)
            if not (tree / inside).is_dir():
                raise MeasureError(f"{inside} does not exist in the base ({base.name})", hint="pass a later base")
            _bring_generated(top, tree)
            yield tree / inside
        finally:
            _remove(project, tree)


def _refuse_strangers(trees: Path) -> None:
    """Raise `UsageError` for a file above the trees: pytest takes a conftest or its configuration there for base's."""
    strangers = sorted(file.name for file in trees.iterdir() if file.name not in _OURS and not file.is_dir())
    if strangers:
        raise UsageError(
            "was not written by hivegate, and pytest might load it on base alone",
            where=str(trees / strangers[0]),
            hint="remove it, also from the repository: git rm --cached",
        )


def _new_folder(path: Path) -> Path:
    path.mkdir()
    return path


def _remove_stale(project: Path, trees: Path) -> None:
    found = (folder for folder in trees.iterdir() if _TREE.fullmatch(folder.name))
    sweep(found, lambda folder: _remove(project, folder))
    for tree in git.worktrees(project):  # of one that was killed when the folder was gone
        if tree.parent == trees and not tree.exists():
            git.forget_worktree(project, tree)


def _remove(project: Path, tree: Path) -> None:
    # What cannot be deleted now is stale at the next start.
    shutil.rmtree(tree, ignore_errors=True)
    git.forget_worktree(project, tree)


def bring_compiled(project: Path, base_project: Path, names: Iterable[str]) -> bool:
    """Copy what head compiled next to its sources into the base's tree: for sources and settings that are equal.

    Returns whether base has all of the `names` then, which are without layout and ending; it lacks what a build leaves
    in a folder of its own.
    """
    top, tree = git.toplevel(project), git.toplevel(base_project)
    for source in git.ignored(top):
        target = tree / source.relative_to(top)
        if source.suffix in _COMPILED and source.is_file() and target.parent.is_dir() and not target.exists():
            shutil.copy2(source, target)
    places = [f"{layout}{{}}*{ending}" for layout in ("", "src/", "python/", "lib/") for ending in _COMPILED]
    return all(any(any(base_project.glob(place.format(name))) for place in places) for name in names)


def bring_data(project: Path, base_project: Path) -> None:
    """Fill base's submodules, and its files of Git LFS, from head's working tree where both revisions want the same."""
    top, tree = git.toplevel(project), git.toplevel(base_project)
    for path in missing_data(tree):
        source, target = top / path, tree / path
        if git.object_at(top, path) != git.object_at(tree, path) or not source.exists() or is_pointer(source):
            continue
        if source.is_dir():
            shutil.copytree(source, target, symlinks=True, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".git"))
        else:
            shutil.copy2(source, target)


def _bring_generated(top: Path, tree: Path) -> None:
    for source in git.ignored(top):
        target = tree / source.relative_to(top)
        if not target.parent.is_dir() or target.exists():
            continue
        if source.suffix == ".py" and source.is_file():
            shutil.copy2(source, target)
        elif source.suffix == ".egg-info" and source.is_dir():
            shutil.copytree(source, target)
