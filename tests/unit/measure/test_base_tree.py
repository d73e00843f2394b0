"""The base's tree: what it holds, and that nothing of it stays behind."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from tests.repository import Repository

from hivegate.errors import MeasureError, UsageError
from hivegate.measure.revisions import Base, base_tree, find_base

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_HOLD = """
import sys
from pathlib import Path
from hivegate.measure.revisions import base_tree, find_base
project = Path(sys.argv[1])
with base_tree(project, find_base(project, "HEAD")) as tree:
    print(tree, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """Give a repository whose code says which commit it is."""
    made = Repository.new(tmp_path / "project")
    made.commit({"code.py": "1\n"})
    made.commit({"code.py": "2\n"})
    return made


def base_of(repository: Repository, name: str = "HEAD^1") -> Base:
    """Find a base by its name."""
    return find_base(repository.folder, name)


def trees(repository: Repository) -> list[str]:
    """List what stands in the folder of trees."""
    folder = repository.folder / ".hivegate" / "trees"
    return sorted(one.name for one in folder.iterdir() if one.is_dir())


@contextlib.contextmanager
def holder(repository: Repository) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run a process that holds a tree; yields it and the tree's name."""
    command = [sys.executable, "-c", _HOLD, str(repository.folder)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline().strip().rpartition("/")[2]
        finally:
            process.kill()


def test_the_tree_is_the_base_and_goes_away(repository: Repository) -> None:
    """The base's files stand beside head's, which stay as they are; afterwards nothing is left, nor known to git."""
    repository.write({"code.py": "changed\n"})
    with base_tree(repository.folder, base_of(repository)) as tree:
        assert tree.parent == repository.folder / ".hivegate" / "trees"
        assert (tree / "code.py").read_text() == "1\n"
        assert (repository.folder / "code.py").read_text() == "changed\n"
        assert len(repository.worktrees()) == 2
        assert repository.git("status", "--porcelain") == "M code.py"
    assert trees(repository) == []
    assert repository.worktrees() == [str(repository.folder)]
    assert repository.git("branch", "--list") == "* main"


def test_head_itself_can_be_the_base(repository: Repository) -> None:
    """Base and head may be one commit: uncommitted changes are what differs."""
    repository.write({"code.py": "changed\n"})
    with base_tree(repository.folder, find_base(repository.folder, None)) as tree:
        assert (tree / "code.py").read_text() == "2\n"


@pytest.mark.parametrize("fault", [RuntimeError, KeyboardInterrupt, SystemExit])
def test_the_tree_goes_away_whatever_happens(repository: Repository, fault: type[BaseException]) -> None:
    """An error, Ctrl-C and an exit inside leave nothing, also where the tree was written to."""

    def fail(tree: Path) -> None:
        (tree / "left").mkdir()
        (tree / "left" / "behind").write_text("")
        raise fault

    with pytest.raises(fault), base_tree(repository.folder, base_of(repository)) as tree:
        fail(tree)
    assert trees(repository) == []
    assert len(repository.worktrees()) == 1


def test_ctrl_c_in_a_real_process_leaves_nothing(repository: Repository) -> None:
    """A process that is interrupted while it holds a tree removes it."""
    with holder(repository) as (process, name):
        assert trees(repository) == [name]
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) != 0
    assert trees(repository) == []
    assert len(repository.worktrees()) == 1


def test_what_a_killed_process_left_is_removed_at_the_next_start(repository: Repository) -> None:
    """A tree whose process is dead is stale, also where git had not finished to make it, or to forget it."""
    for left in ("all of it", "half of it", "what git knows of it"):
        with holder(repository) as (process, name):
            process.kill()
            process.wait(timeout=60)
        assert trees(repository) == [name]
        if left == "what git knows of it":
            shutil.rmtree(repository.folder / ".hivegate" / "trees" / name)
        if left == "half of it":
            (repository.folder / ".git" / "worktrees" / name / "locked").write_text("initializing")
            (repository.folder / ".hivegate" / "trees" / name / ".git").unlink()
        with base_tree(repository.folder, base_of(repository)) as tree:
            assert trees(repository) == [tree.name]
            assert repository.worktrees() == [str(repository.folder), str(tree)]
        assert len(repository.worktrees()) == 1


def test_the_tree_of_a_process_that_lives_stays(repository: Repository) -> None:
    """Two comparisons of one project at the same time have a tree each."""
    with holder(repository) as (_, name):
        with base_tree(repository.folder, base_of(repository, "HEAD")) as tree:
            assert trees(repository) == sorted([name, tree.name])
        assert trees(repository) == [name]


@pytest.mark.parametrize("number", [1, os.getpid(), 10**30], ids=["first", "own", "none"])
def test_a_tree_that_nobody_holds_is_stale(repository: Repository, number: int) -> None:
    """Whatever lives under its number now: numbers are given again, and in containers every run has the same."""
    base = base_of(repository)
    assert base.sha is not None
    name = f"{base.sha[:12]}-{number}"
    repository.write({f".hivegate/trees/{name}/code.py": "old\n"})
    with base_tree(repository.folder, base) as tree:
        assert trees(repository) == [tree.name]
        assert (tree / "code.py").read_text() == "1\n"


@pytest.mark.parametrize("name", ["conftest.py", "pytest.toml", "tox.ini"])
def test_a_file_above_the_trees_is_refused(repository: Repository, name: str) -> None:
    """Pytest would load it on base alone, where base has no configuration of its own: a commit may bring it."""
    repository.write({f".hivegate/trees/{name}": ""})
    with pytest.raises(UsageError, match=re.escape(name)) as refused, base_tree(repository.folder, base_of(repository)):
        pass
    assert "git rm --cached" in refused.value.hint
    assert (repository.folder / ".hivegate" / "trees" / name).exists()


def test_what_else_lies_among_the_trees_stays(repository: Repository) -> None:
    """Only folders that are named as trees are removed."""
    repository.write({".hivegate/trees/notes/mine.txt": ""})
    with base_tree(repository.folder, base_of(repository)):
        pass
    assert trees(repository) == ["notes"]


def test_a_project_below_the_root_gets_its_own_folder(tmp_path: Path) -> None:
    """Of a repository with several projects the folder of this one is yielded, and the tree lies in this one."""
    repository = Repository.new(tmp_path)
    repository.commit({"packages/one/code.py": "1\n", "packages/two/code.py": "1\n"})
    repository.commit({"packages/one/code.py": "2\n", "packages/three/code.py": "2\n"})
    one = tmp_path / "packages" / "one"
    with base_tree(one, base_of(repository)) as tree:
        assert tree.relative_to(one / ".hivegate" / "trees").parts[1:] == ("packages", "one")
        assert (tree / "code.py").read_text() == "1\n"
        assert (tree.parent / "two" / "code.py").exists()
    three = tmp_path / "packages" / "three"
    with (
        pytest.raises(MeasureError, match="packages/three does not exist in the base"),
        base_tree(three, base_of(repository)),
    ):
        pass
    assert len(repository.worktrees()) == 1


def test_sources_that_a_build_wrote_are_there(repository: Repository) -> None:
    """A version module and metadata that git ignores come along; compiled code and environments do not."""
    repository.commit({".gitignore": "_version.py\n*.egg-info\n*.so\n.venv\n/gone\n", "toy/core.py": ""})
    repository.commit({"code.py": "3\n", "fresh/core.py": ""})
    repository.write({f"fresh/part{number}.egg-info/PKG-INFO": "" for number in range(20)})  # base has no such folder
    repository.write({"toy/_version.py": "7", "toy.egg-info/PKG-INFO": "", "toy/fast.so": "", ".venv/a.py": ""})
    repository.write({"gone/a.py": ""})
    with base_tree(repository.folder, base_of(repository)) as tree:
        assert (tree / "toy" / "_version.py").read_text() == "7"
        assert (tree / "toy.egg-info" / "PKG-INFO").exists()
        assert not any((tree / one).exists() for one in ("toy/fast.so", ".venv", "gone", "fresh"))


def test_hooks_of_the_repository_do_not_run(repository: Repository) -> None:
    """A checkout for measuring is no checkout of the user's."""
    hook = repository.folder / ".git" / "hooks" / "post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {repository.folder}/ran\n")
    hook.chmod(0o755)
    with base_tree(repository.folder, base_of(repository)):
        pass
    assert not (repository.folder / "ran").exists()


def test_a_commit_that_is_not_there_is_said_with_git_s_words(repository: Repository) -> None:
    """A base that git cannot check out is an error, and leaves nothing."""
    with (
        pytest.raises(UsageError, match="git could not check out 111111111111"),
        base_tree(repository.folder, Base(sha="1" * 40, name="", why="")),
    ):
        pass
    assert trees(repository) == []


def test_a_shallow_clone_will_do(repository: Repository, tmp_path: Path) -> None:
    """A clone with just head and base has all that is needed."""
    clone = repository.clone(tmp_path / "clone", "--depth=2")
    with base_tree(clone.folder, find_base(clone.folder, None)) as tree:
        assert (tree / "code.py").read_text() == "1\n"


def test_a_worktree_can_be_the_project(repository: Repository, tmp_path: Path) -> None:
    """Who works in a worktree of the repository compares there."""
    repository.git("worktree", "add", "-q", "-b", "feature", str(tmp_path / "feature"))
    other = Repository(tmp_path / "feature")
    other.commit({"code.py": "3\n"})
    with base_tree(other.folder, find_base(other.folder, None)) as tree:
        assert tree.is_relative_to(other.folder)
        assert (tree / "code.py").read_text() == "2\n"
    assert len(repository.worktrees()) == 2
