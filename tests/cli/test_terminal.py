"""What a person sees at a real terminal, narrow ones too: colour, width, progress."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from typing import TYPE_CHECKING

import pytest
from rich.cells import cell_len
from tests import results

from hivegate.report.jsondoc import render_json

if TYPE_CHECKING:
    from pathlib import Path

_LONG = "suite/a_name_that_is_longer_than_any_terminal_is_wide[with-parameters-that-go-on-and-on-and-on-漢字漢字]"
_PROGRESS = f"""
from hivegate.cli.output import watching
from hivegate.model.events import Advanced, Noted, Started
import time
with watching() as on_progress:
    on_progress(Started(stage="pass 1", steps=12))
    for number in range(12):
        on_progress(Advanced(what={_LONG!r}))
    on_progress(Noted(message="two inconclusive after 5 passes; \\x1b[31mmeasuring them on [bold]"))
    time.sleep(0.6)
"""
_DECIDED = """
from hivegate.cli.output import watching
from hivegate.model.events import Decided, Started
import time
with watching() as on_progress:
    on_progress(Started(stage="pairs 1 to 4", steps=2))
    on_progress(Decided(what="a\\x1b[31m", outcome="slower", text="3.0x slower", failed=True))
    on_progress(Decided(what="b", outcome="passed"))
    on_progress(Started(stage="pairs 5 to 8", steps=2))
    time.sleep(0.6)
"""
_HANGING = """
import hivegate.cli.output as output
from hivegate.model.events import Advanced, Began, Started
import time
output._BETWEEN = 0.2
with output.watching() as on_progress:
    on_progress(Started(stage="pass 1", steps=12))
    on_progress(Began(what="a"))
    on_progress(Advanced(what="a"))
    on_progress(Began(what="b"))
    time.sleep(0.5)
"""
_ESCAPE = re.compile(r"\x1b\[[\d;?]*[A-Za-z]")


def shown(folder: Path, *command: str, columns: int, **env: str) -> str:
    """Run a command at a terminal of its own and return all that it wrote there."""
    outer, inner = pty.openpty()
    fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    ours = {name: value for name, value in os.environ.items() if name not in {"CI", "COLUMNS"}}
    with subprocess.Popen(
        [sys.executable, *command], cwd=folder, env={**ours, "TERM": "xterm", **env}, stdout=inner, stderr=inner
    ) as running:
        os.close(inner)
        written = b""
        while chunk := _read(outer):
            written += chunk
        assert running.wait(60) == 0, written
    os.close(outer)
    return written.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux says so when the last writer has left
        return b""


def lines_of(text: str) -> list[str]:
    """Split what was written into what stood on a line, without its colours."""
    return re.split(r"[\r\n]+", _ESCAPE.sub("", text))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keep results to be shown."""
    made = tmp_path_factory.mktemp("terminal")
    for scene in (results.red, results.changed):
        (made / f"{scene.__name__}.json").write_text(render_json(scene()), encoding="utf-8")
    return made


@pytest.mark.parametrize("columns", [40, 60, 80])
def test_no_line_is_wider_than_the_terminal(folder: Path, columns: int) -> None:
    """At a real terminal only names and commands that must be copied in one piece are left to it to wrap."""
    text = shown(folder, "-m", "hivegate", "report", "red.json", "changed.json", columns=columns)
    assert "\x1b[1;31mFAILED" in text
    for line in lines_of(text):
        longest_word = max(map(cell_len, line.strip().split(" ")))
        assert cell_len(line) <= columns or longest_word > columns - 3, line


@pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"TERM": "dumb"}], ids=str)
def test_colour_can_be_refused(folder: Path, env: dict[str, str]) -> None:
    """NO_COLOR and a terminal without colours get none, and bars of plain signs."""
    text = shown(folder, "-m", "hivegate", "report", "changed.json", columns=80, **env)
    assert "\x1b" not in text
    assert "o-" in text


@pytest.mark.parametrize("columns", [40, 60, 100])
def test_a_long_name_does_not_push_out_how_far_it_is(folder: Path, columns: int) -> None:
    """Progress stays on one line: what is counted and since when, then as much of the name as there is room for."""
    found = lines_of(shown(folder, "-c", _PROGRESS, columns=columns))
    assert all(cell_len(line) <= columns for line in found if "inconclusive" not in line)
    last = [line for line in found if line.startswith("pass 1")][-1]
    assert "12/12" in last
    assert "suite/a_" in last
    assert ("━" in last) == (columns >= 70)


def test_notes_between_are_told_and_inert(folder: Path) -> None:
    """What happened stays above the bar, and text of others colours nothing."""
    text = shown(folder, "-c", _PROGRESS, columns=100)
    assert "two inconclusive after 5 passes; [31mmeasuring them on [bold]" in _ESCAPE.sub("", text)
    assert "\x1b[31mmeasuring" not in text


def test_a_failure_is_red_at_once_and_colour_can_be_refused(folder: Path) -> None:
    """What is certain stays above the bar, with its figures; NO_COLOR keeps the bar, without colour."""
    text = shown(folder, "-c", _DECIDED, columns=80)
    assert "\x1b[31mslower a[31m: 3.0x slower" in text
    assert "pairs 5 to 8, 2 decided" in _ESCAPE.sub("", text)
    plain = shown(folder, "-c", _DECIDED, columns=80, NO_COLOR="1")
    assert "━" in plain
    assert not re.search(r"\x1b\[[\d;]*3\d", plain)
    assert "slower a[31m: 3.0x slower" in plain


def test_a_log_names_what_runs(folder: Path) -> None:
    """Where nothing ends for a while, it says what has begun: a hang has a name."""
    text = shown(folder, "-c", _HANGING, columns=80, CI="true")
    assert text.splitlines()[:2] == ["hivegate: pass 1 (12 benchmarks)", "hivegate:   1 of 12 done, b runs"]


@pytest.mark.parametrize("env", [{"TERM": "dumb"}, {"CI": "true"}], ids=str)
def test_plain_lines_where_a_bar_is_not_wanted(folder: Path, env: dict[str, str]) -> None:
    """A log of a service gets a line a stage, and nothing that moves."""
    text = shown(folder, "-c", _PROGRESS, columns=80, **env)
    assert text.splitlines()[0] == "hivegate: pass 1 (12 benchmarks)"
    assert "\x1b" not in text
