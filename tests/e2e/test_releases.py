"""What is installed is what changes: releases of a package, and commits that change a lock file only, from an index."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.conftest import Project
from tests.environments import Environment
from tests.repository import Repository
from tests.wheels import Index

from hivegate.flows.environments import SESSION_NEEDS

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.timed, pytest.mark.slow]

_PROJECT = "[project]\nname = 'own'\nversion = '0'\n[dependency-groups]\nodd = ['library=={}']\n"
_WORK = "def work():\n    return sum(range({}))\n"
_BENCH = "import {0}\n\ndef bench_work(benchmark):\n    benchmark({0}.work)\n"
_OPTIONS = ("--budget", "50%", "--max-time", "1m")


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    """Give an index in which `library` became slower in 1.1."""
    made = Index(tmp_path_factory.mktemp("index") / "wheels")
    for version, turns in (("1.0", 10_000), ("1.1", 30_000)):
        made.add("library", version, _WORK.format(turns))
    return made


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Give a project that measures itself, by a function that the library does the work of."""
    made = Project(tmp_path / "project")
    made.write("pyproject.toml", _PROJECT.format("1.0"))
    made.write("own.py", "from library import work\n")
    made.write(".gitignore", ".hivegate\n__pycache__\n")
    made.write("benches/bench_own.py", _BENCH.format("own"))
    return made


def test_two_releases_are_measured_by_the_suite_at_hand(index: Index, tmp_path: Path) -> None:
    """The report names both; a suite that does not load the package proves nothing."""
    suite = Project(tmp_path / "suite")
    suite.write("benches/bench_library.py", _BENCH.format("library"))
    suite.write("benches/bench_other.py", "def bench_other(benchmark):\n    benchmark(sum, range(1000))\n")
    releases = ("library==1.0", "library==1.1", *_OPTIONS)
    answer = suite.hivegate("compare", *releases, "--select", "library/*", env=index.variables)
    assert answer.status == 1, answer
    result = suite.result("compare")
    assert result["base"] == "library 1.0 (head is library 1.1)"
    assert {side: one["origin"] for side, one in result["loaded"].items()} == {
        "base": "library 1.0, from an index",
        "head": "library 1.1, from an index",
    }
    (verdict,) = result["verdicts"]
    assert verdict["outcome"] == "slower"
    assert verdict["change"]["low"] > 2
    profiled = suite.hivegate("profile", "--tool", "py-spy", "--seconds", "1", env=index.variables)
    assert "changed in work site-packages/library.py:2:" in profiled.out, profiled
    assert "+    return sum(range(30000))" in profiled.out
    other = suite.hivegate("compare", *releases, "--select", "other/*", env=index.variables)
    assert other.status == 3, other
    assert "no file of library was loaded" not in answer.out
    assert "no file of library was loaded on head, so its releases were not compared" in " ".join(other.out.split())


def test_a_release_that_is_not_there_is_told(index: Index, project: Project) -> None:
    """With the side, and how to see what there is."""
    answer = project.hivegate("compare", "library==1.0", "library==7", *_OPTIONS, env=index.variables)
    assert answer.status == 3, answer
    assert "head: library==7 cannot be installed" in answer.err
    assert "pip index versions library" in answer.err


def test_a_commit_that_changes_what_is_installed_is_judged_by_that(
    index: Index, project: Project, tmp_path: Path
) -> None:
    """The dependency's name and versions stand in the report; the group is the one that a noxfile registers."""
    developed = Environment(tmp_path / "developed")
    (developed.packages / "library.py").write_text(_WORK.format(1))
    options = ("--python", developed.python, *_OPTIONS)
    repository = Repository.new(project.folder)
    repository.commit()
    repository.commit({"pyproject.toml": _PROJECT.format("1.1")})
    registered = {SESSION_NEEDS: '{"groups": ["odd"], "requirements": ["pytest-benchmark"]}'}
    answer = project.hivegate("compare", "HEAD^", *options, env=index.variables | registered)
    assert answer.status == 1, answer
    result = project.result("compare")
    assert [one["outcome"] for one in result["verdicts"]] == ["slower"]
    assert "from base's environment to head's: library 1.0 -> 1.1" in result["notes"]
