"""The pages in a real browser."""

import re
import subprocess
from pathlib import Path

import pytest
from tests.chromium import find_chromium

from hivegate.model.profile import Increase
from hivegate.profile.difference import Shift
from hivegate.profile.flame import Flame, Frame, Stack
from hivegate.profile.increases import Difference
from hivegate.profile.page import Caption, difference_page, flame_page

QUIET = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--virtual-time-budget=2000",
    "--dump-dom",
]
NAME = "</script><img src=x onerror=\"document.title='broken'\">"


def flame() -> Flame:
    """Make a flame whose names are all hostile."""
    root = Frame(NAME)
    stacks: dict[Stack, int] = {(root, Frame(NAME, NAME, 3)): 60, (root, Frame("other", "o.py", 1)): 40}
    return Flame(benchmark=NAME, stacks=stacks, seen=120, per_call=0.01)


def drawn(page: str, folder: Path) -> str:
    """Let the browser draw a page; returns the document that came of it."""
    path = folder / "page.html"
    path.write_text(page, encoding="utf-8")
    command = [find_chromium(), *QUIET, f"--user-data-dir={folder / 'browser'}", path.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, timeout=90, check=True).stdout


@pytest.mark.parametrize("kind", ["flame", "difference"])
def test_the_page_draws_itself_under_its_own_policy(kind: str, tmp_path: Path) -> None:
    """Every frame and every row is there, the policy lets our script run, and a hostile name stays text."""
    one, beside = flame(), Caption(headline=kind, facts={"Time": NAME}, notes=[NAME])
    increases = Increase(
        function=NAME, file=NAME, line=3, source=NAME, base=1.0, head=2.0, error=0.1, hunks=(f"+{NAME}",)
    )
    moved = Shift(function=NAME, file=NAME, base=1.0, head=2.0, error=0.1)
    difference = Difference(base=one, head=one, moved=(moved,), increases=(increases,))
    page = flame_page(one, beside) if kind == "flame" else difference_page(difference, beside)
    document = drawn(page, tmp_path)
    assert len(re.findall(r'<div class="frame', document)) == 3
    assert 'aria-label="other, 4 ms per call, 40 %' in document
    assert document.count('class="hunk"') == (kind == "difference")
    assert "<img" not in document
    assert "<title>broken" not in document
