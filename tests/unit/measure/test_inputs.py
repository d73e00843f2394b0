"""What decides an environment is found in the difference of two revisions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.repository import Repository

from hivegate.measure.inputs import InputChanges, input_changes, missing_data, untracked_data
from hivegate.measure.revisions import bring_data

if TYPE_CHECKING:
    from pathlib import Path

_PROJECT = """
[build-system]
requires = ["setuptools"]
[project]
name = "toy"
version = "1"
dependencies = ["six"]
"""


def changes(tmp_path: Path, name: str, old: str | None, new: str | None, folder: str = ".") -> InputChanges:
    """Commit a file as it was, give it what it is, and compare as a comparison does."""
    repository = Repository.new(tmp_path / "project")
    base = repository.commit({"keep": "", **({name: old} if old is not None else {})})
    repository.git("worktree", "add", "-q", str(tmp_path / "base"), base)
    repository.write({name: new} if new is not None or old is not None else {})
    return input_changes(repository.folder / folder, tmp_path / "base" / folder, base)


@pytest.mark.parametrize(
    "name",
    [
        *("uv.lock", "poetry.lock", "pdm.lock", "pylock.toml", "pylock.dev.toml", "Pipfile.lock", "pixi.lock"),
        *("requirements.txt", "requirements-dev.txt", "dev_requirements.txt", "requirements/codspeed.txt"),
        *("requirements/test.in", "constraints.txt", "environment.yml", "environment-dev.yaml", "conda-lock.yml"),
    ],
)
def test_a_file_that_says_what_is_installed(tmp_path: Path, name: str) -> None:
    """Changed, added and removed are alike."""
    for number, (old, new) in enumerate((("a\n", "b\n"), (None, "b\n"), ("a\n", None))):
        assert changes(tmp_path / str(number), name, old, new).installed == (name,)


@pytest.mark.parametrize(
    "name",
    [
        *("toy/_fast.c", "src/toy/_fast.pyx", "src/lib.rs", "src/toy/a.hpp", "x.f90", "Cargo.lock", "Cargo.toml"),
        *("meson.build", "src/meson.build", "CMakeLists.txt", "setup.py"),
    ],
)
def test_a_file_that_is_built(tmp_path: Path, name: str) -> None:
    """Wherever it lies in the project, but not in a suite or the documentation."""
    assert changes(tmp_path, name, "a\n", "b\n").build == (name,)
    for number, aside in enumerate(("tests", "docs", "benches", "examples")):
        assert changes(tmp_path / str(number), f"{aside}/{name}", "a\n", "b\n").build == ()


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('["six"]', '["six>=2"]', "project.dependencies"),
        ('name = "toy"', 'requires-python = ">=3.12"\nname = "toy"', "project.requires-python"),
        ("[project]", '[dependency-groups]\ndev = ["x"]\n[project]', "dependency-groups"),
        ("[project]", '[project.optional-dependencies]\nall = ["x"]\n[project]', "project.optional-dependencies"),
        ('["setuptools"]', '["setuptools>=77"]', "build-system"),
        ("[project]", '[tool.poetry.group.dev.dependencies]\nx = "1"\n[project]', "tool.poetry.group"),
        ("[project]", '[tool.uv.sources]\nsix = { path = "six" }\n[project]', "tool.uv.sources"),
    ],
)
def test_a_table_that_says_what_is_installed_or_how_it_is_built(tmp_path: Path, old: str, new: str, told: str) -> None:
    """Each table by its name."""
    found = changes(tmp_path, "pyproject.toml", _PROJECT, _PROJECT.replace(old, new))
    assert found.installed == (f"{told} of pyproject.toml",)


def test_other_changes_leave_one_environment_to_both(tmp_path: Path) -> None:
    """Code, a version, a setting of a tool: as most pull requests are."""
    later = _PROJECT.replace('version = "1"', 'version = "2"') + "[tool.ruff]\nline-length = 99\n"
    assert changes(tmp_path / "a", "pyproject.toml", _PROJECT, later).deciding == ()
    found = changes(tmp_path / "b", "src/toy/core.py", "A = 1\n", "A = 2\n")
    assert (found.deciding, found.sources) == ((), ("src/toy/core.py",))


def test_a_package_of_a_monorepo_has_its_own_files_and_those_above_it(tmp_path: Path) -> None:
    """What another package installs is not its concern; the lock of the workspace is."""
    for number, (name, concerns) in enumerate(
        [("uv.lock", True), ("packages/a/uv.lock", True), ("packages/b/uv.lock", False), ("packages/b/x.c", False)]
    ):
        folder = tmp_path / str(number)
        Repository.new(folder / "project").write({"packages/a/keep": ""})
        assert bool(changes(folder, name, "a\n", "b\n", "packages/a").deciding) is concerns


def test_a_submodule_comes_from_head_where_both_want_the_same(tmp_path: Path) -> None:
    """`git worktree add` leaves it empty; one that both want differently stays so."""
    library = Repository.new(tmp_path / "library")
    library.commit({"data.txt": "1"})
    project = Repository.new(tmp_path / "project")
    project.git("submodule", "add", "-q", str(library.folder), "vendor/data")
    base = project.commit()
    for number in (1, 2):
        tree = tmp_path / f"base{number}"
        project.git("worktree", "add", "-q", str(tree), base)
        assert missing_data(tree) == ("vendor/data",)
        bring_data(project.folder, tree)
        assert (missing_data(tree) == ()) is (number == 1)
        library.commit({"data.txt": "2"})
        inner = Repository(project.folder / "vendor" / "data")
        inner.git("pull", "-q")
        project.commit()


def test_a_pointer_of_lfs_is_named_and_replaced_by_head_s_file(tmp_path: Path) -> None:
    """Without git-lfs a checkout holds the pointer; a benchmark would read it as its data."""
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"
    project = Repository.new(tmp_path / "project")
    base = project.commit({".gitattributes": "*.bin -filter # filter=lfs\n", "data.bin": pointer})
    tree = tmp_path / "base"
    project.git("worktree", "add", "-q", str(tree), base)
    assert missing_data(tree) == ("data.bin",)
    project.write({"data.bin": "the data"})
    bring_data(project.folder, tree)
    assert (tree / "data.bin").read_text() == "the data"


@pytest.mark.parametrize("inside", [".", "package"])
def test_data_that_git_does_not_track_is_named_by_the_error_on_base(tmp_path: Path, inside: str) -> None:
    """Ignored and forgotten files that head has; what head tracks, or lacks as well, base misses for other reasons."""
    repository = Repository.new(tmp_path / "project")
    base_sha = repository.commit({f"{inside}/keep": "", ".gitignore": "data\n"})
    repository.commit({f"{inside}/new.json": "1"})
    repository.write({f"{inside}/data/rows.json": "1", f"{inside}/forgotten.json": "1"})
    repository.git("worktree", "add", "-q", str(tmp_path / "base"), base_sha)
    head, base = repository.folder / inside, tmp_path / "base" / inside

    def named(path: object) -> str:
        said = f"failed: FileNotFoundError: [Errno 2] No such file or directory: {str(path)!r} (a.py:3)"
        return untracked_data(said, head, base)

    assert named("data/rows.json") == named(base / "data" / "rows.json") == "data/rows.json"
    assert named("forgotten.json") == "forgotten.json"
    assert {named(path) for path in ("new.json", "nowhere.json", "keep", "/etc/hostname", "../project/keep")} == {""}
    assert untracked_data("failed: ValueError: no", head, base) == ""
