"""``hivegate try``: a change is measured while it is written, in real pairs, and nothing is judged."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from typing import IO, TYPE_CHECKING

import pytest
from tests.repository import Repository

if TYPE_CHECKING:
    from tests.conftest import Project

pytestmark = [pytest.mark.timed, pytest.mark.slow]

TOY = "def work():\n    return sum(range({turns}))\n"
FILES: dict[str, str | None] = {
    ".gitignore": ".hivegate\n__pycache__\n",
    "pyproject.toml": "[project]\nname = 'toy'\nversion = '0'\n",
    "toy.py": TOY.format(turns=20_000),
    "benches/bench_toy.py": "import toy\n\ndef bench_work(benchmark): benchmark(toy.work)\n",
}
LINE = re.compile(r"toy/work  \S+ \ws -> \S+ \ws, (\S+)x (faster|slower) \(")


def test_a_change_is_told_against_head_and_against_the_last_try(project: Project) -> None:
    """It ends with 0 whatever it shows, has both values and the factor, and leaves no tree behind."""
    made = Repository(project.folder)
    made.git("init", "-q", "-b", "main")
    made.commit(FILES)
    assert project.hivegate("try", "toy/work").status == 2  # nothing differs
    assert project.hivegate("try", "toy/work", "--last").status == 2  # nothing was tried
    made.write({"toy.py": TOY.format(turns=100)})
    answer = project.hivegate("try", "toy/work")
    first, *lines = answer.out.splitlines()
    assert (answer.status, first.startswith("against HEAD, ")) == (0, True), answer
    assert lines[0].endswith("faster (so far)")
    assert {found[2] for found in map(LINE.match, lines) if found} == {"faster"}, answer
    made.write({"toy.py": TOY.format(turns=20_000).replace("range", "range, \n")})
    answer = project.hivegate("try", "toy/work", "--last")
    assert (answer.status, "toy/work  not measured: head: " in answer.out) == (3, True), answer
    assert answer.out.startswith("against the last try\n")
    assert made.worktrees() == [str(project.folder)]
    assert project.hivegate("try", "toy/wrok").status == 2


def test_each_save_is_tried_again(project: Project) -> None:
    """A save that breaks the code is told and waited out; Ctrl-C ends it, and base's tree is removed."""
    made = Repository(project.folder)
    made.git("init", "-q", "-b", "main")
    made.commit(FILES)
    made.write({"toy.py": TOY.format(turns=100)})
    watching = subprocess.Popen(
        [sys.executable, "-m", "hivegate", "try", "toy/work", "--watch"],
        cwd=project.folder,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with watching:
        assert watching.stdout is not None
        _until(watching.stdout, "x faster")
        made.write({"toy.py": "def work(:\n"})
        _until(watching.stdout, "SyntaxError")
        made.write({"toy.py": TOY.format(turns=400_000)})
        _until(watching.stdout, "x slower")
        watching.send_signal(signal.SIGINT)
        watching.stdout.read()
        assert watching.wait(timeout=120) == 130
    assert made.worktrees() == [str(project.folder)]


def _until(stream: IO[str], wanted: str) -> None:
    """Read until a line has what is wanted; the end of the output fails."""
    lines = []
    for line in stream:
        lines.append(line)
        if wanted in line:
            return
    pytest.fail(f"no {wanted!r} in: {''.join(lines)}")
