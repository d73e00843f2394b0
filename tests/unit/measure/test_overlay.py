"""Laying over: both revisions run head's benchmarks, and each keeps its own code."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.repository import Repository

from hivegate.measure.overlay import overlay_benchmarks
from hivegate.measure.revisions import base_tree, find_base
from hivegate.measure.subject import Subject

if TYPE_CHECKING:
    from pathlib import Path

Files = dict[str, "str | None"]


def laid(repository: Repository, *paths: str, inside: str = "") -> dict[str, str]:
    """Lay head over HEAD^1 and read what the base's tree then has."""
    project = repository.folder / inside
    subject = Subject(project=project, python="python", paths=paths, roots=paths)
    with base_tree(project, find_base(project, "HEAD^1")) as tree:
        overlay_benchmarks(project, tree, subject)
        top = tree.parents[len(project.relative_to(repository.folder).parts) - 1] if inside else tree
        return {
            file.relative_to(top).as_posix(): file.read_text()
            for file in sorted(top.rglob("*"))
            if file.is_file() and ".git" not in file.relative_to(top).parts
        }


def repository_of(folder: Path, base: Files, head: Files, uncommitted: Files | None = None) -> Repository:
    """Make a repository with two commits and a state of the working tree."""
    repository = Repository.new(folder)
    repository.commit(base)
    repository.commit(head)
    repository.write(uncommitted or {})
    return repository


def test_a_folder_of_benchmarks_becomes_head_s_as_a_whole(tmp_path: Path) -> None:
    """What changed, came, was renamed or lies about uncommitted is as in head; what git ignores stays out."""
    repository = repository_of(
        tmp_path,
        {
            "code.py": "old",
            "benches/bench_a.py": "old",
            "benches/gone.py": "old",
            ".gitignore": "*.tmp\n/benches/cache\n",
        },
        {"code.py": "new", "benches/bench_a.py": "new", "benches/gone.py": None, "benches/deep/data.json": "new"},
        {
            "benches/bench_a.py": "newer",
            "benches/untracked.py": "newer",
            "benches/a.tmp": "",
            "benches/cache/x": "",
            "benches/__pycache__/x.pyc": "",
        },
    )
    found = laid(repository, "benches")
    assert found.pop(".gitignore")
    assert found == {
        "code.py": "old",
        "benches/bench_a.py": "newer",
        "benches/untracked.py": "newer",
        "benches/deep/data.json": "new",
    }


def test_a_tracked_file_is_laid_over_though_a_pattern_ignores_it(tmp_path: Path) -> None:
    """What was added by force belongs to head."""
    repository = Repository.new(tmp_path)
    repository.commit({".gitignore": "*.bin\ndata\n", "benches/bench_a.py": ""})
    repository.write({"benches/x.bin": "1", "benches/data/y": "1", "benches/data/z": "1"})
    repository.git("add", "-f", "benches/x.bin", "benches/data/y")
    repository.commit()
    found = laid(repository, "benches")
    assert {"benches/x.bin", "benches/data/y"} <= found.keys()
    assert "benches/data/z" not in found


def test_configuration_and_conftests_on_the_way_come_along(tmp_path: Path) -> None:
    """Both sides run under head's configuration; what head dropped does not live on in the base."""
    repository = repository_of(
        tmp_path,
        {"conftest.py": "old", "perf/conftest.py": "old", "pytest.ini": "[pytest]", "perf/speed/bench_a.py": "old"},
        {
            "conftest.py": "new",
            "perf/conftest.py": None,
            "pytest.ini": None,
            "pyproject.toml": "[tool.pytest.ini_options]",
            "tox.ini": "",
            "perf/speed/bench_a.py": "new",
            "other/conftest.py": "new",
        },
    )
    assert laid(repository, "perf/speed") == {
        "conftest.py": "new",
        "pyproject.toml": "[tool.pytest.ini_options]",
        "tox.ini": "",
        "perf/speed/bench_a.py": "new",
    }


def test_a_single_file_is_only_itself(tmp_path: Path) -> None:
    """Beside a file that was named everything stays the base's; a node id names its file."""
    base: Files = {"benches/bench_a.py": "old", "benches/bench_b.py": "old", "benches/shared.py": "old"}
    head: Files = dict.fromkeys(base, "new")
    repository = repository_of(tmp_path, base, head)
    assert laid(repository, "benches/bench_a.py::test_x") == {**base, "benches/bench_a.py": "new"}


def test_of_the_root_only_benchmarks_are_laid_over(tmp_path: Path) -> None:
    """The project's root as a path must not bring head's code into the base, nor leave base's own tests there."""
    base: Files = {
        "toy.py": "old",
        "pkg/__init__.py": "old",
        "pkg/core.py": "old",
        "pkg/test_core.py": "old",
        "pkg/testing/tools.py": "old",
        "bench_top.py": "old",
        "test_gone.py": "old",
        "sub/conftest.py": "old",
        "benches/bench_a.py": "old",
        "benches/shared.py": "old",
    }
    head: Files = {**dict.fromkeys(base, "new"), "test_gone.py": None, "sub/conftest.py": None, "sub/x_test.py": "new"}
    repository = repository_of(tmp_path, base, head, {".venv/pyvenv.cfg": "", ".venv/bench_x.py": ""})
    repository.write({"env/pyvenv.cfg": "", "env/bench_x.py": ""})
    code = dict.fromkeys(("toy.py", "pkg/__init__.py", "pkg/core.py", "pkg/testing/tools.py"), "old")
    benchmarks = ("pkg/test_core.py", "bench_top.py", "benches/bench_a.py", "benches/shared.py", "sub/x_test.py")
    assert laid(repository, ".") == {**code, **dict.fromkeys(benchmarks, "new")}


@pytest.mark.parametrize("name", [".hidden", "__pycache__", "link"])
def test_what_pytest_does_not_enter_stays_the_base_s(tmp_path: Path, name: str) -> None:
    """Nothing is collected in hidden folders, caches and links, so nothing there is laid over."""
    repository, folder = Repository.new(tmp_path), name
    if name == "link":  # to a folder that is not entered itself
        folder = ".real"
        (tmp_path / "link").symlink_to(folder)
    base: Files = {"bench_a.py": "old", f"{folder}/bench_b.py": "old"}
    repository.commit(base)
    repository.commit(dict.fromkeys(base, "new"))
    found = laid(repository, ".")
    assert found["bench_a.py"] == "new"
    assert {text for file, text in found.items() if file != "bench_a.py"} == {"old"}


@pytest.mark.parametrize("path", ["src", "pkg", "packages"])
def test_a_folder_that_holds_code_keeps_it(tmp_path: Path, path: str) -> None:
    """Laid over as a whole it would compare head with itself, and every slowdown would read as none."""
    base: Files = {
        "src/toy/core.py": "old",
        "src/toy/tests/test_core.py": "old",
        "pkg/__init__.py": "old",
        "pkg/core.py": "old",
        "pkg/tests/test_core.py": "old",
        "packages/a/pyproject.toml": "old",
        "packages/a/core.py": "old",
        "packages/a/tests/test_core.py": "old",
    }
    repository = repository_of(tmp_path, base, dict.fromkeys(base, "new"))
    found = laid(repository, path)
    assert [name for name, text in found.items() if text == "new"] == [
        name for name in sorted(base) if name.startswith(f"{path}/") and "tests/" in name
    ]


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("pyproject.toml", "[tool.pytest.ini_options]\npython_files = ['speed_*.py']\n"),
        ("pyproject.toml", "[tool.pytest.ini_options]\npython_files = 'x_*.py speed_*.py'\n"),
        ("pyproject.toml", "[tool.pytest]\npython_files = ['speed_*.py']\n"),
        ("pytest.toml", "[pytest]\npython_files = ['speed_*.py']\n"),
        ("pytest.ini", "[pytest]\npython_files = speed_*.py\n"),
        ("tox.ini", "[pytest]\npython_files =\n  x_*.py\n  speed_*.py\n"),
        ("setup.cfg", "[tool:pytest]\npython_files = speed_*.py\n"),
    ],
)
def test_the_project_s_own_names_of_benchmark_files_count(tmp_path: Path, file: str, text: str) -> None:
    """What the configuration lets pytest collect is a benchmark file."""
    repository = repository_of(
        tmp_path, {file: text, "speed_a.py": "old", "a.py": "old"}, {"speed_a.py": "new", "a.py": "new"}
    )
    assert laid(repository, ".") == {file: text, "speed_a.py": "new", "a.py": "old"}


@pytest.mark.parametrize("text", ["[pytest\n", "\udcff", "[tool.pytest]\npython_files = 3\n", "tool = 1\n"])
def test_a_broken_configuration_is_left_to_pytest(tmp_path: Path, text: str) -> None:
    """Pytest refuses it with its own words; laying over goes on."""
    repository_of(tmp_path, {"bench_a.py": "old"}, {"bench_a.py": "new"})
    for name in ("pytest.ini", "pyproject.toml"):
        (tmp_path / name).write_bytes(text.encode("utf-8", "surrogateescape"))
    with base_tree(tmp_path, find_base(tmp_path, "HEAD^1")) as tree:
        overlay_benchmarks(tmp_path, tree, Subject(project=tmp_path, python="", paths=(".",), roots=(".",)))
        assert (tree / "bench_a.py").read_text() == "new"


def test_configuration_above_the_project_comes_along(tmp_path: Path) -> None:
    """In a repository of several projects the root's configuration and conftest are head's too, a neighbour's not."""
    base: Files = {
        "pyproject.toml": "old",
        "conftest.py": "old",
        "packages/one/core.py": "old",
        "packages/one/benches/bench_a.py": "old",
        "packages/two/conftest.py": "old",
    }
    repository = repository_of(tmp_path, base, dict.fromkeys(base, "new"))
    assert laid(repository, "benches", inside="packages/one") == {
        **dict.fromkeys(base, "new"),
        "packages/one/core.py": "old",
        "packages/two/conftest.py": "old",
    }


def test_a_link_in_the_base_leads_nothing_out_of_it(tmp_path: Path) -> None:
    """Where the base has a link, head's file is written in its place, not where it leads."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "conftest.py").write_text("untouched")
    repository = Repository.new(tmp_path / "project")
    (repository.folder / "perf").symlink_to(outside)
    (repository.folder / "conftest.py").symlink_to(outside / "conftest.py")
    repository.commit()
    (repository.folder / "perf").unlink()
    (repository.folder / "conftest.py").unlink()
    repository.commit({"conftest.py": "new", "perf/conftest.py": "new", "perf/bench_a.py": "new"})
    assert laid(repository, "perf/bench_a.py") == {
        "conftest.py": "new",
        "perf/conftest.py": "new",
        "perf/bench_a.py": "new",
    }
    assert [one.name for one in outside.iterdir()] == ["conftest.py"]
    assert (outside / "conftest.py").read_text() == "untouched"
