"""What the benchmarks' environment needs, as the project's own files say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hivegate.adopt.requirements import find_requirements
from hivegate.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

PROJECT = "[project]\nname = 'toy'\nversion = '0'\n"


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, "pytest-benchmark"),
        ({"pyproject.toml": PROJECT}, "-e . pytest-benchmark"),
        (
            {"requirements/test.txt": "pytest-cov", "requirements/codspeed.txt": "-r test.txt\npytest-codspeed"},
            "-r requirements/codspeed.txt pytest-benchmark",
        ),
        (
            {"pyproject.toml": PROJECT + "[dependency-groups]\nlint = ['ruff']\ntest = ['pytest_Benchmark>=5', 'x']\n"},
            "-e . --group test",
        ),
        (
            {
                "pyproject.toml": PROJECT
                + "[dependency-groups]\ndev = ['pytest-benchmark']\nbench = ['Pytest.Benchmark']"
            },
            "-e . --group bench",
        ),
        (
            {
                "pyproject.toml": PROJECT
                + "[dependency-groups]\nall = [{include-group='all'}, {include-group='b'}]\nb = ['pytest-benchmark']"
            },
            "-e . --group all",
        ),
        (
            {"pyproject.toml": PROJECT + "[project.optional-dependencies]\ntests = ['pytest-benchmark[histogram]']\n"},
            "-e .[tests]",
        ),
        (
            {"pyproject.toml": PROJECT + "[project.optional-dependencies]\ndev = ['pytest-socket']\ncrypto = ['x']\n"},
            "-e .[dev] pytest-benchmark",
        ),
        ({"setup.cfg": "[options.extras_require]\ntest =\n  pytest\n  pytest-benchmark==5\n"}, "-e .[test]"),
        ({"requirements/test.txt": "-r base.txt\npytest\n"}, "-r requirements/test.txt pytest-benchmark"),
        ({"setup.py": "", "requirements-dev.txt": "pytest-benchmark # fast\n"}, "-e . -r requirements-dev.txt"),
    ],
)
def test_the_arguments_of_pip(tmp_path: Path, files: dict[str, str], words: str) -> None:
    """What names pytest-benchmark is taken; else what is named as tests are, with pytest-benchmark beside it."""
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert " ".join(find_requirements(tmp_path).words()) == words


def test_a_group_is_spelled_out_for_an_old_pip(tmp_path: Path) -> None:
    """Before 25.1 pip has no --group, and a fresh environment may have such a one."""
    text = PROJECT + "[dependency-groups]\ntest = ['pytest-benchmark>=5', {include-group = 'more'}]\nmore = ['x<2']\n"
    (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
    assert find_requirements(tmp_path).words(old_pip=True) == ["-e", ".", "pytest-benchmark>=5", "x<2"]


def test_a_broken_pyproject_is_named(tmp_path: Path) -> None:
    """A pyproject.toml that is none is an error with its place, not a guess."""
    (tmp_path / "pyproject.toml").write_text("[project", encoding="utf-8")
    with pytest.raises(UsageError, match=r"pyproject.toml: cannot be read: .+\n  fix it"):
        find_requirements(tmp_path)
