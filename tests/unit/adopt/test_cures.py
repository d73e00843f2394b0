"""The one command that installs what a suite misses, by the project's own files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hivegate.adopt.cures import cure, missing_modules

if TYPE_CHECKING:
    from pathlib import Path

PROJECT = """
[project]
name = "p"
version = "0"
optional-dependencies.compare = ["mistune>3", "Common_Mark"]
[dependency-groups]
bench = ["tool-x==1", {include-group = "more"}]
more = ["other>=2"]
"""


AUTOMATION = {
    "tox.ini": """
[testenv:bench]
deps =
    {[testenv]deps}
    -r{toxinidir}/etc/of-tox.pip
    py311,bench: only-tox<3  # for the benchmarks
    PyYAML>=6
""",
    "etc/of-tox.pip": "of_tox_file==2\n",
    "noxfile.py": """
@nox.session
def bench(session):
    session.install("-e", ".", *["in_nox"], "-c", "option-value")
""",
    ".github/workflows/bench.yml": """
jobs:
  bench:
    steps:
      - run: |
          python -m pip install --quiet -c option-value.txt \\
            'in-workflow==1.0' && pytest
""",
}


@pytest.mark.parametrize(
    ("detail", "module"),
    [
        ("ModuleNotFoundError: No module named 'mistune' (/a/test_x.py:3)", "mistune"),
        ("E   ModuleNotFoundError: No module named 'a.b'", "a.b"),
        ("could not import 'tool_x': No module named 'tool_x'", "tool_x"),
        ("pytest-codspeed needs to be installed", "pytest-codspeed"),
        ("numpy is not installed.", "numpy"),
        ("ImportError: cannot import name 'x'", None),
        ("too slow", None),
    ],
)
def test_what_is_missing_is_read_from_the_reason(detail: str, module: str | None) -> None:
    """As Python, pytest and people say it."""
    assert missing_modules([detail])[:1] == ([] if module is None else [module])


@pytest.mark.parametrize(
    ("modules", "command"),
    [
        (["mistune"], "python -m pip install -e '.[compare]'"),
        (["mistune", "common_mark"], "python -m pip install -e '.[compare]'"),
        (["tool_x"], "python -m pip install tool-x==1"),
        (["other"], "python -m pip install 'other>=2'"),
        (["pytest_codspeed.plugin"], "python -m pip install -r requirements/codspeed.txt"),
        (["yaml"], "python -m pip install 'PyYAML>=6'"),
        (["only_tox"], "python -m pip install 'only-tox<3'"),
        (["of_tox_file"], "python -m pip install -r etc/of-tox.pip"),
        (["in_nox"], "python -m pip install in_nox"),
        (["in_workflow.x"], "python -m pip install in-workflow==1.0"),
        (["option_value"], "python -m pip install option-value"),
        (["sklearn.tree"], "python -m pip install scikit-learn"),
        (["nobody_names.it"], "python -m pip install nobody-names"),
        ([], ""),
    ],
)
def test_the_file_that_names_it_is_the_cure(tmp_path: Path, modules: list[str], command: str) -> None:
    """An extra, a member of a group, a file, or what tox, Nox or a workflow installs; else the module's own name."""
    for name, text in AUTOMATION.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "codspeed.txt").write_text("pytest-codspeed==4\n")
    details = [f"No module named '{module}'" for module in modules]
    assert cure(tmp_path, "python", details) == command
