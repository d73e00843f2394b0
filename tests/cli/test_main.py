"""What the command does beside its work: help, versions, wrong words, and its own defects."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Project

COMMANDS = ["bench", "run", "check", "compare", "aa-test", "profile", "report", "explain"]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_with_an_example(project: Project, command: str) -> None:
    """``--help`` of a command says what it does and shows an example."""
    answer = project.hivegate(command, "--help")
    assert answer.status == 0
    assert "Example: " in answer.out


@pytest.mark.parametrize("words", [["no-such-command"], ["bench", "--no-such-option"], ["bench", "--passes", "1"]])
def test_wrong_words_are_a_usage_error(project: Project, words: list[str]) -> None:
    """A command or an option that is not known, or a value out of its range, is exit status 2."""
    assert project.hivegate(*words).status == 2


def test_a_path_that_is_not_there_is_named(project: Project) -> None:
    """A suite that is nowhere is exit status 2 and says where it was looked for."""
    project.write("targets.yaml", "schema: 1\n")
    answer = project.hivegate("bench")
    assert answer.status == 2
    assert "benches" in answer.err
    assert "paths = [...]" in answer.err


def test_an_unknown_setting_is_named(project: Project) -> None:
    """A misspelt key of ``[tool.hivegate]`` is exit status 2 with the likely one."""
    project.write("pyproject.toml", "[tool.hivegate]\npasess = 5\n")
    project.write("targets.yaml", "schema: 1\n")
    answer = project.hivegate("bench")
    assert answer.status == 2
    assert "did you mean passes?" in answer.err


def test_a_defect_of_hivegate_is_never_a_verdict(project: Project) -> None:
    """An error that nobody foresaw ends with 70, not with the 1 that says that a benchmark failed."""
    code = (
        "import sys\n"
        "import hivegate.targets\n"
        "def broken(_): raise RuntimeError('unforeseen')\n"
        "hivegate.targets.load_targets = broken\n"
        "from hivegate.cli.main import main\n"
        "sys.argv = ['hivegate', 'explain', 'a']\n"
        "sys.exit(main())\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=project.folder, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 70
    assert "Internal error, not a benchmark failure" in ended.stderr


def test_help_waits_for_nothing_that_only_work_needs() -> None:
    """Every command's parser loads without the libraries that measure, judge, draw and keep."""
    code = (
        "import sys, click\n"
        "from hivegate.cli.main import hivegate\n"
        "context = click.Context(hivegate)\n"
        "assert all(hivegate.get_command(context, name) for name in hivegate.list_commands(context))\n"
        "print(*{name.partition('.')[0] for name in sys.modules})\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"jinja2", "nox", "numpy", "pytest", "rich", "sqlalchemy"}
    assert heavy & set(ended.stdout.split()) == set()
