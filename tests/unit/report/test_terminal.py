"""The result at a terminal; the golden files are what a person sees, remade with ``HIVEGATE_REMAKE=1``."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from rich.cells import cell_len
from tests import results
from tests.measured import benchmark, bundle, gate, run, target, targets

from hivegate.report.markdown import render_summary
from hivegate.report.terminal import render_terminal

if TYPE_CHECKING:
    from collections.abc import Callable

    from hivegate.model.verdict import GateResult

GOLDEN = Path(__file__).parents[2] / "golden" / "report"
SCENES = [results.red, results.green, results.needing_more, results.changed]
scenes = pytest.mark.parametrize("scene", SCENES, ids=[scene.__name__ for scene in SCENES])
formats = pytest.mark.parametrize(
    ("render", "ending"), [(render_terminal, "txt"), (lambda result: render_summary(bundle(result)), "md")]
)


@scenes
@formats
def test_report_reads_as_agreed(
    scene: Callable[[], GateResult], render: Callable[[GateResult], str], ending: str
) -> None:
    """A red, a green and an inconclusive result, 80 columns wide and without colour, letter by letter."""
    path = GOLDEN / f"{scene.__name__}.{ending}"
    text = render(scene())
    if os.environ.get("HIVEGATE_REMAKE"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@scenes
@pytest.mark.parametrize("width", [40, 50, 60, 80, 100])
def test_no_line_is_wider_than_the_terminal(scene: Callable[[], GateResult], width: int) -> None:
    """Only a name that is longer than a line, which must be copied in one piece, is left to the terminal to wrap."""
    for line in render_terminal(scene(), width=width, verbose=True).splitlines():
        longest_word = max(map(cell_len, line.strip().split(" ")))
        assert cell_len(line) <= width or longest_word > width - 2, line


def test_verdict_comes_first_and_the_worst_of_the_broken_before_the_others() -> None:
    """Whoever reads one line knows; whoever reads one block knows the worst."""
    lines = render_terminal(results.red()).splitlines()
    assert lines[0] == "FAILED  3 failed, 1 crashed, 1 missing, 1 invalid, 1 warning, 1 waived"
    words = [line.split("  ")[0] for line in lines if re.match(r"[A-Z]{4,}", line)]
    expected = ["FAILED", "FAILED", "FAILED", "FAILED", "WARNING"]
    assert words == [*expected, "CRASHED", "INVALID", "MISSING", "WAIVED"]


def test_passed_is_folded_until_it_is_asked_for() -> None:
    """A green run of a thousand targets is a few lines; -v lists them."""
    many = run(*(benchmark(f"s/b[{number}]", [1e-3] * 3) for number in range(1000)))
    result = gate(targets(target("s/*", maximum=1.0)), many)
    assert len(render_terminal(result).splitlines()) < 12
    assert "s/b[567]" in render_terminal(result, verbose=True)


def test_a_thousand_failures_show_the_worst_twenty() -> None:
    """Beyond that a terminal is the wrong place, and it says which is the right one."""
    many = run(*(benchmark(f"s/b[{number}]", [2.0 + number] * 3) for number in range(1000)))
    text = render_terminal(gate(targets(target("s/*", maximum=1.0)), many))
    assert text.count("\nFAILED  s/b[") == 20
    assert "s/b[999]" in text
    assert "and 980 more like these" in text


def test_colour_only_where_asked() -> None:
    """Without colour there is no escape at all; with colour the verdict has one."""
    assert "\x1b" not in render_terminal(results.red())
    assert "\x1b[1;31mFAILED" in render_terminal(results.red(), color=True)


@pytest.mark.parametrize("color", [False, True])
def test_hostile_names_are_inert(color: bool) -> None:  # noqa: FBT001  pytest passes it by name
    """A name, a failure's detail and a machine's description cannot move the cursor, colour, link or turn the line."""
    text = render_terminal(results.hostile(), color=color)
    without_own = re.sub(r"\x1b\[[\d;]*m", "", text)
    assert "[31mred" in without_own
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069]", without_own)
    assert "[bold]" in without_own
    assert "\x1b[31m" not in text
    assert "z\u0301\u0301\u0301" not in text
