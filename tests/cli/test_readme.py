"""The README says only what is so."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests import pictures
from tests.documents import ROOT, Block, blocks, lacks

from hivegate.flows.workspace import load_result
from hivegate.model.verdict import Outcome
from hivegate.report.jsondoc import render_json
from hivegate.report.terminal import render_terminal
from hivegate.targets import parse_targets

README = ROOT / "README.md"
RESULT = Path(__file__).parent / "readme_result.json"
SET_UP = "python3 -m venv .venv && .venv/bin/pip install nox && .venv/bin/nox -s "


def shell_blocks() -> list[Block]:
    """Find the commands that the README and CONTRIBUTING give to be typed."""
    return blocks("bash")


def test_the_report_is_what_a_real_result_reads_like() -> None:
    """The report that the README opens with is the terminal's, 80 columns wide, of a result that is kept here."""
    shown = next(block.text for block in blocks("text") if block.file == README)
    assert shown == render_terminal(load_result(RESULT), width=80)
    assert max(map(len, shown.splitlines())) <= 80


def test_the_targets_are_those_of_the_report() -> None:
    """The README's targets.yaml names the targets, limits and tiers that its report judges."""
    text = next(block.text for block in blocks("yaml") if block.file == README)
    written = {(one.name, one.limit.text, one.tier) for one in parse_targets(text, "README.md").targets}
    verdicts = [one for one in load_result(RESULT).verdicts if one.limit is not None]
    assert {(one.name, one.limit.text, one.tier) for one in verdicts if one.limit} == written


def test_two_lines_set_everything_up() -> None:
    """Both commands of the README, bench and tests, are one line that starts from nothing but python3."""
    lines = [block.text.strip() for block in shell_blocks() if block.file == README and SET_UP in block.text]
    assert lines == [SET_UP + "bench", SET_UP + "tests"]


def test_ci_runs_the_readmes_test_command() -> None:
    """What CI runs holds the README's test command, word for word, and may not go on after its failure."""
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert f"\n{SET_UP}tests || exit" in script


@pytest.mark.parametrize("block", [one for one in shell_blocks() if "nox" in one.text], ids=str)
def test_every_session_that_is_named_exists(block: Block) -> None:
    """Each `nox -s` of a document names sessions of the noxfile."""
    named = [name for words in re.findall(r"nox -s ([\w ]+)", block.text) for name in words.split()]
    assert named
    # nox refuses to list a session that it does not know
    subprocess.run(
        [sys.executable, "-m", "nox", "-f", ROOT / "noxfile.py", "--list", "-s", *named], check=True, timeout=60
    )


def test_the_outcomes_are_all_explained() -> None:
    """The README's table has every outcome that judging absolute targets can have, and no other."""
    comparing = {Outcome.SLOWER, Outcome.FASTER, Outcome.UNCHANGED}
    table = re.search(r"\| outcome \| meaning \|\n\|[-|]+\|\n((?:\|.*\n)+)", README.read_text(encoding="utf-8"))
    assert table
    named = {row.split("|")[1].strip() for row in table[1].splitlines()}
    assert named == {one.value for one in Outcome if one not in comparing}


def test_the_result_is_a_run_of_this_format() -> None:
    """The kept result is read whole: nothing in it is unknown to the format, so nobody can have made it up."""
    result = load_result(RESULT)
    assert result.exit_status == 1
    assert lacks(json.loads(render_json(result)), json.loads(RESULT.read_text(encoding="utf-8"))) == []


def test_the_pictures_are_those_of_the_kept_result() -> None:
    """What the README shows of a terminal is what the terminal shows; when this fails: python -m tests.pictures."""
    named = re.findall(r"!\[[^\]]+\]\((docs/_static/[\w.]+)\)", README.read_text(encoding="utf-8"))
    assert [Path(one).name for one in named] == ["terminal.svg", "comment.png", "page.png"]
    assert all((ROOT / one).stat().st_size > 5_000 for one in named)
    assert (pictures.PICTURES / "terminal.svg").read_text(encoding="utf-8") == pictures.terminal()
    assert "http" not in pictures.terminal().replace("http://www.w3.org/2000/svg", "")
