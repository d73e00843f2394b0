"""The tutorial, done as a stranger does it: every file written, every command typed, in the order of the page."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from tests.documents import ROOT

from hivegate.model.verdict import Outcome

pytestmark = pytest.mark.timed

PAGE = ROOT / "docs" / "tutorial" / "first-gate.md"
STEP = re.compile(r"(?:^<!-- (\w+): ([^\n]+) -->\n)?^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
INSTALLING = ".venv/bin/pip install"


class Step(NamedTuple):
    """One block of the page, and what its comment says of it: the file that it is, or the status that it ends with."""

    kind: str
    about: str
    language: str
    text: str


class Done(NamedTuple):
    """What is left of the tutorial: the project, and what each block of commands printed."""

    project: Path
    printed: dict[str, str]


def steps() -> list[Step]:
    """Take the page apart."""
    return [Step(*found) for found in STEP.findall(PAGE.read_text(encoding="utf-8"))]


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Done:
    """Do the whole tutorial; only the making of the environment is left out, for the tests have one."""
    start = tmp_path_factory.mktemp("tutorial")
    project = start / "words"
    environment = {
        **os.environ,
        "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])),
        "PYTHONPATH": str(project / "src"),  # in place of the editable installation
        "COLUMNS": "80",
        "NO_COLOR": "1",
        **{
            f"GIT_{who}_{what}": "tutorial@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
        },
    }
    printed: dict[str, str] = {}
    for step in steps():
        if step.language != "bash":
            follow(project, step)
        elif INSTALLING not in step.text:
            ran = subprocess.run(
                ["bash", "-e", "-c", step.text],
                cwd=project if project.exists() else start,
                env=environment,
                capture_output=True,
                text=True,
                timeout=900,  # all of it takes a minute on a machine that does nothing else
                check=False,
            )
            assert ran.returncode == int(step.about or 0), step.text + ran.stdout + ran.stderr
            printed[step.text] = printed.get(step.text, "") + ran.stdout
    return Done(project, printed)


def follow(project: Path, step: Step) -> None:
    """Write what a block shows: a file, or lines of targets.yaml below or instead of the first that begins so."""
    if step.kind == "prints":
        return
    if step.kind == "file":
        (project / step.about).write_text(step.text, encoding="utf-8")
        return
    targets = project / "targets.yaml"
    text = targets.read_text(encoding="utf-8")
    line = next(f"{one}\n" for one in text.splitlines() if one.strip().startswith(step.about))
    written = line + step.text if step.kind == "below" else step.text
    targets.write_text(f"{text}\n".replace(line, written, 1), encoding="utf-8")


def test_every_block_is_a_step() -> None:
    """A block of commands, a file, or what a command prints: nothing on the page is left out by this test."""
    kinds = {"bash": {"", "exit"}, "python": {"file"}, "toml": {"file"}, "yaml": {"below", "instead"}}
    kinds["text"] = {"prints"}
    assert all(step.kind in kinds[step.language] for step in steps())
    assert PAGE.read_text(encoding="utf-8").count("\n```") == 2 * len(steps())


def test_the_installation_is_what_there_is() -> None:
    """The one line that is not run here installs this project with an extra that it has."""
    line = next(step.text for step in steps() if INSTALLING in step.text)
    assert "'/path/to/hivegate[profile]'" in line
    assert "\nprofile = [" in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_the_change_is_caught_named_and_mended(done: Done) -> None:
    """The suite passes; the slow change is slower, and the profile names its function; mended, nothing is slower."""
    bench = done.printed["hivegate bench\n"]
    assert bench.startswith("PASSED")
    slower = done.printed["hivegate compare main\n"]
    assert slower.startswith("SLOWER")
    assert any("split src/words.py" in text for command, text in done.printed.items() if "hivegate profile" in command)
    result = json.loads((done.project / ".hivegate" / "latest" / "compare.json").read_text(encoding="utf-8"))
    assert Outcome.SLOWER.value not in {verdict["outcome"] for verdict in result["verdicts"]}


def shape(text: str) -> str:
    """Leave of a text what does not differ from machine to machine: no numbers and units, and no breaks of lines."""
    numbers = re.sub(r"[-+<]?\d[\d.]*( ?(ns|us|ms|s|x( slower)?|%))?(?!\w)", "N", text)
    return re.sub(r"\s+", " ", numbers).strip()


def test_what_is_shown_is_printed(done: Done) -> None:
    """What the page shows of an output is a part of it, but for its numbers."""
    shown = [step for step in steps() if step.kind == "prints"]
    assert len(shown) == 2
    for step in shown:
        assert shape(step.text) in shape(done.printed[f"{step.about}\n"])


def test_what_is_needed_on_github_is_there(done: Done) -> None:
    """The workflows that the page names were written, and everything is committed."""
    folder = done.project / ".github" / "workflows"
    assert {one.name for one in folder.iterdir()} == {"hivegate.yml", "hivegate-comment.yml"}
    left = subprocess.run(
        ["git", "status", "--porcelain"], cwd=done.project, capture_output=True, text=True, check=True
    )
    assert left.stdout == ""
