"""The base: which revision it is, and what is said where it is not there. All repositories are real."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest
from tests.repository import Repository

from hivegate.errors import MeasureError, UsageError
from hivegate.measure.revisions import Base, find_base

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def nowhere_special(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run as on a developer's machine, also where the tests themselves run for a pull request."""
    for name in ("GITHUB_EVENT_NAME", "GITHUB_SHA", "GITHUB_BASE_REF", "GIT_DIR"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """Give a repository with two commits on main."""
    made = Repository.new(tmp_path / "project")
    made.commit({"code.py": "1\n"})
    made.commit({"code.py": "2\n"})
    return made


def sha(repository: Repository, name: str) -> str:
    """Resolve a revision."""
    return repository.git("rev-parse", name)


def obey(repository: Repository, fault: Exception) -> None:
    """Run the command that an error's hint gives, as a reader would, up to hivegate itself."""
    found = re.search(r"(git fetch .*?)(?: && hivegate.*)?$", str(fault), re.MULTILINE)
    assert found is not None, str(fault)
    subprocess.run(found[1], shell=True, cwd=repository.folder, check=True, capture_output=True)  # noqa: S602


def test_a_commit_by_its_sha_is_called_as_readers_know_it(repository: Repository) -> None:
    """As the release, the branch or the commit before that it is; else by its sha, which is not said twice."""
    repository.commit({"code.py": "3\n"})
    first, second = (sha(repository, name) for name in ("HEAD^^", "HEAD^"))
    assert find_base(repository.folder, second).name == f"the commit before, {second[:7]}"
    assert find_base(repository.folder, first).name == first[:7]
    repository.git("tag", "v1", first)
    assert find_base(repository.folder, first).name == f"v1, {first[:7]}"


def test_a_branch_is_compared_with_where_it_left_main(repository: Repository) -> None:
    """The merge base is the base: neither main's newer commits nor the branch's older ones count."""
    left = sha(repository, "HEAD")
    repository.git("checkout", "-q", "-b", "feature")
    repository.commit({"code.py": "3\n"})
    repository.commit({"code.py": "4\n"})
    repository.git("checkout", "-q", "main")
    repository.commit({"other.py": ""})
    repository.git("checkout", "-q", "feature")
    base = find_base(repository.folder, None)
    assert base == Base(sha=left, name=f"merge base with main, {left[:7]}", why="it is where HEAD left main")


def test_a_branch_with_changes_keeps_its_merge_base(repository: Repository) -> None:
    """On a branch uncommitted changes are one more part of head."""
    left = sha(repository, "HEAD")
    repository.git("checkout", "-q", "-b", "feature")
    repository.commit({"code.py": "3\n"})
    repository.write({"code.py": "4\n"})
    assert find_base(repository.folder, None).sha == left


def test_main_is_compared_with_the_commit_before(repository: Repository) -> None:
    """On the default branch itself the base is the commit before, and an untracked file changes nothing."""
    repository.write({"notes.txt": ""})
    base = find_base(repository.folder, None)
    before = sha(repository, "HEAD^1")
    assert (base.sha, base.name) == (before, f"the commit before, {before[:7]}")
    assert base.why == "main itself is checked out"


def test_changes_on_main_are_compared_with_head(repository: Repository) -> None:
    """A dirty tree on the default branch is compared with its commit."""
    repository.write({"code.py": "3\n"})
    base = find_base(repository.folder, None)
    assert (base.sha, base.name) == (sha(repository, "HEAD"), f"HEAD, {sha(repository, 'HEAD')[:7]}")
    assert "working tree differs" in base.why


def test_a_detached_head_on_main_is_main(repository: Repository) -> None:
    """A machine that checks main's commit out without its branch gets what main gets."""
    repository.git("checkout", "-q", "--detach")
    assert find_base(repository.folder, None).sha == sha(repository, "HEAD^1")


def test_the_first_commit_has_no_base(tmp_path: Path) -> None:
    """There is nothing before the first commit; with changes on top it is the base itself."""
    repository = Repository.new(tmp_path)
    first = repository.commit({"code.py": "1\n"})
    with pytest.raises(UsageError, match="HEAD is the first commit"):
        find_base(repository.folder, None)
    repository.write({"code.py": "2\n"})
    assert find_base(repository.folder, None).sha == first


def test_the_nearer_of_main_here_and_main_at_the_remote(repository: Repository, tmp_path: Path) -> None:
    """A stale main of one's own does not put others' changes into head, nor does a stale remote one's own."""
    clone = repository.clone(tmp_path / "clone")
    newer = repository.commit({"code.py": "3\n"})
    clone.git("fetch", "-q")
    clone.git("checkout", "-q", "--no-track", "-b", "feature", "origin/main")
    clone.commit({"mine.py": ""})
    assert find_base(clone.folder, None).sha == newer
    clone.git("checkout", "-q", "main")
    unpushed = clone.commit({"code.py": "4\n"})
    clone.git("checkout", "-q", "-b", "second")
    clone.commit({"mine.py": "1"})
    assert find_base(clone.folder, None).sha == unpushed


def test_the_remote_says_what_the_default_branch_is(tmp_path: Path) -> None:
    """A default branch of any name is known from the remote, also where it was never checked out."""
    origin = Repository.new(tmp_path / "origin")
    origin.git("checkout", "-q", "-b", "hauptast")
    left = origin.commit({"code.py": "1\n"})
    clone = origin.clone(tmp_path / "clone")
    clone.git("checkout", "-q", "-b", "feature")
    clone.git("branch", "-D", "-q", "hauptast")
    clone.commit({"code.py": "2\n"})
    assert find_base(clone.folder, None).name == f"merge base with hauptast, {left[:7]}"
    assert find_base(clone.folder, None, branch="feature").sha == left


@pytest.mark.parametrize("told_by", ["reference", "environment"])
def test_a_pull_request_is_compared_with_its_target(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, told_by: str
) -> None:
    """The merge commit that GitHub makes has the target as its first parent, however old the branch is."""
    merge = merged_pull_request(repository)
    if told_by == "reference":
        repository.git("update-ref", "refs/remotes/pull/7/merge", merge)
    else:
        monkeypatch.setenv("GITHUB_EVENT_NAME", "pull_request")
        monkeypatch.setenv("GITHUB_SHA", merge)
    base = find_base(repository.folder, None)
    assert base.sha == sha(repository, "main")
    assert base.name.startswith("main, ")
    assert "pull request" in base.why


def merged_pull_request(repository: Repository) -> str:
    """Make a branch, go on on main, and merge them on no branch."""
    repository.git("checkout", "-q", "-b", "feature", "HEAD^1")
    repository.commit({"mine.py": ""})
    repository.git("checkout", "-q", "--detach", "main")
    repository.git("merge", "-q", "--no-ff", "-m", "Merge", "feature")
    return sha(repository, "HEAD")


def test_any_other_merge_is_a_commit_like_others(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """A branch that merged main is compared with main, even where its own head was checked out for a pull request."""
    repository.git("checkout", "-q", "-b", "feature", "HEAD^1")
    mine = repository.commit({"mine.py": ""})
    repository.git("merge", "-q", "--no-ff", "-m", "Merge main", "main")
    repository.git("checkout", "-q", "--detach")
    monkeypatch.setenv("GITHUB_EVENT_NAME", "pull_request")
    monkeypatch.setenv("GITHUB_SHA", "0" * 40)
    base = find_base(repository.folder, None)
    assert base.sha == sha(repository, "main") != mine


def test_the_target_of_a_pull_request_may_be_another_branch(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where GitHub names the target it is that, not the default branch."""
    repository.git("checkout", "-q", "-b", "stable")
    released = repository.commit({"code.py": "fixed\n"})
    repository.git("checkout", "-q", "-b", "backport")
    repository.commit({"code.py": "fixed again\n"})
    monkeypatch.setenv("GITHUB_BASE_REF", "stable")
    assert find_base(repository.folder, None).name == f"merge base with stable, {released[:7]}"


@pytest.mark.parametrize("name", ["v1", "old", "HEAD~1", "sha", "short"])
def test_what_is_asked_for_is_taken(repository: Repository, name: str) -> None:
    """A tag (also an annotated one), a branch, a relative name and a commit are each a base."""
    wanted = sha(repository, "HEAD^1")
    repository.git("tag", "-a", "-m", "one", "v1", wanted)
    repository.git("branch", "old", wanted)
    asked = {"sha": wanted, "short": wanted[:9]}.get(name, name)
    assert find_base(repository.folder, asked).sha == wanted


def test_a_branch_of_the_remote_needs_no_prefix(repository: Repository, tmp_path: Path) -> None:
    """What exists only at the remote is found there, and called so."""
    repository.git("branch", "stable", "HEAD^1")
    clone = repository.clone(tmp_path / "clone")
    assert find_base(clone.folder, "stable").name.startswith("origin/stable, ")


@pytest.mark.parametrize("asked", ["--upload-pack=touch x", "-h", "--", "", "--all", "--git-dir"])
def test_an_option_is_no_revision(repository: Repository, asked: str) -> None:
    """What begins with a dash is refused before git sees it."""
    with pytest.raises(UsageError, match="is not a revision"):
        find_base(repository.folder, asked)


@pytest.mark.parametrize("asked", ["nosuch", "HEAD:code.py", "HEAD..HEAD^1", "a b", "x; touch y", "HEAD~99"])
def test_what_is_no_commit_is_refused(repository: Repository, asked: str) -> None:
    """A name that stands for nothing, a file, a range: each is an error that quotes it."""
    with pytest.raises(UsageError, match="is not a commit of this clone") as caught:
        find_base(repository.folder, asked)
    assert repr(asked) in caught.value.message
    assert not (repository.folder / "y").exists()


def test_no_repository_and_no_commit_are_told_apart(tmp_path: Path) -> None:
    """A plain folder is no repository; a new repository has no commit."""
    with pytest.raises(UsageError, match="is not in the working tree of a git repository"):
        find_base(tmp_path, None)
    Repository.new(tmp_path)
    with pytest.raises(UsageError, match="no commit yet"):
        find_base(tmp_path, None)


def test_a_hook_of_another_repository_misleads_nobody(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Git's variables of a hook that runs hivegate do not change which repository is asked."""
    other = Repository.new(tmp_path / "other")
    other.commit({"x": ""})
    monkeypatch.setenv("GIT_DIR", str(other.folder / ".git"))
    found = find_base(repository.folder, None).sha
    monkeypatch.delenv("GIT_DIR")
    assert found == sha(repository, "HEAD^1")


def test_unrelated_histories_and_unknown_defaults_are_said(tmp_path: Path) -> None:
    """Without a common ancestor, and without a branch that could be the default, the reader is to name a base."""
    repository = Repository.new(tmp_path)
    repository.commit({"code.py": ""})
    repository.git("checkout", "-q", "--orphan", "island")
    repository.commit({"code.py": "1"})
    with pytest.raises(UsageError, match="HEAD and main have no common ancestor"):
        find_base(repository.folder, None)
    repository.git("branch", "-D", "-q", "main")
    with pytest.raises(UsageError, match="the default branch is unknown"):
        find_base(repository.folder, None)
    with pytest.raises(UsageError, match="the branch gone is not in this clone"):
        find_base(repository.folder, None, branch="gone")


def test_the_parent_that_a_shallow_clone_lacks_is_fetched_by_the_command_shown(
    repository: Repository, tmp_path: Path
) -> None:
    """With a depth of one HEAD^1 is named, and after the command of the message it is there."""
    clone = repository.clone(tmp_path / "clone", "--depth=1")
    with pytest.raises(MeasureError, match=r"HEAD\^1, .{7}, is not in this shallow clone") as caught:
        find_base(clone.folder, None)
    assert "fetch-depth: 2" in str(caught.value)
    obey(clone, caught.value)
    assert find_base(clone.folder, None).sha == sha(repository, "HEAD^1")


def test_the_merge_base_that_a_shallow_clone_lacks_is_fetched_by_the_command_shown(
    repository: Repository, tmp_path: Path
) -> None:
    """A clone of one branch knows neither main nor where it was left; after the command it knows both."""
    left = sha(repository, "HEAD")
    repository.git("checkout", "-q", "-b", "feature")
    repository.commit({"code.py": "3\n"})
    repository.commit({"code.py": "4\n"})
    repository.git("checkout", "-q", "main")
    repository.commit({"other.py": ""})
    clone = repository.clone(tmp_path / "clone", "--depth=1", "--branch=feature")
    with pytest.raises(MeasureError, match=r"the merge base with .* is not in this shallow clone") as caught:
        find_base(clone.folder, None)
    assert "fetch-depth: 0" in str(caught.value)
    obey(clone, caught.value)
    assert find_base(clone.folder, None).sha == left


@pytest.mark.parametrize("asked", ["v1", "stable"])
def test_a_name_that_a_shallow_clone_lacks_is_fetched_by_the_command_shown(
    repository: Repository, tmp_path: Path, asked: str
) -> None:
    """The command fetches a tag as well as a branch, and FETCH_HEAD, as it says, is then the base."""
    repository.git("tag", "v1", "HEAD^1")
    repository.git("branch", "stable", "HEAD^1")
    clone = repository.clone(tmp_path / "clone", "--depth=1")
    with pytest.raises(UsageError, match="is not a commit of this shallow clone") as caught:
        find_base(clone.folder, asked)
    assert "hivegate compare FETCH_HEAD" in str(caught.value)
    obey(clone, caught.value)
    assert find_base(clone.folder, "FETCH_HEAD").sha == sha(repository, "HEAD^1")


def test_a_relative_name_beyond_a_shallow_clone_needs_its_history(repository: Repository, tmp_path: Path) -> None:
    """HEAD~1 cannot be fetched by its name; the command brings the history."""
    clone = repository.clone(tmp_path / "clone", "--depth=1")
    with pytest.raises(MeasureError, match="HEAD~1 is not in this shallow clone") as caught:
        find_base(clone.folder, "HEAD~1")
    obey(clone, caught.value)
    assert find_base(clone.folder, "HEAD~1").sha == sha(repository, "HEAD^1")
