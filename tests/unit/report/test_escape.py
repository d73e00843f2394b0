"""Untrusted text made inert."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hivegate.report.escape import markdown_text, printable, shorten


@given(st.text(max_size=400), st.integers(8, 200))
def test_printable_text_is_one_short_line_that_moves_nothing(text: str, longest: int) -> None:
    """Whatever comes in, no control, format, surrogate or private character comes out."""
    shown = printable(text, longest)
    assert len(shown) <= longest
    assert not {unicodedata.category(char) for char in shown} & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    assert bool(shown) == bool(text)
    assert printable(shown, longest) == shown


@given(st.text(max_size=400))
def test_markdown_text_holds_nothing_that_markdown_or_html_reads(text: str) -> None:
    """Letters, digits and what begins nothing where it stands are left; all else is an entity."""
    spelled = re.sub(r"&#\d+;", "", markdown_text(text))
    assert re.fullmatch(r"[\w ,;()/%?'.=:+-]*", spelled)


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("swarm_primitives/snapshot_reads[10]", "swarm_primitives/snapshot_reads&#91;10&#93;"),
        ("+10 % (-2.50 .. +12.5 us; 6 pairs): a=1", "+10 % (-2.50 .. +12.5 us; 6 pairs): a=1"),
        ("_a_ a_ b", "&#95;a&#95; a&#95; b"),
        ("- a", "&#45; a"),
        ("+ a", "&#43; a"),
        ("1. a", "1&#46; a"),
        ("1) a", "1&#41; a"),
        ("===", "&#61;&#61;&#61;"),
        ("---", "&#45;&#45;&#45;"),
        ("www.a.b", "www&#46;a&#46;b"),
        ("http://a", "http&#58;//a"),
        ("::x", "&#58;&#58;x"),
        ("&lt;", "&#38;lt;"),
        ("@me #1 GH-1", "&#64;&#8203;me &#35;&#8203;1 GH&#8203;-1"),
    ],
)
def test_signs_are_left_where_they_begin_nothing(text: str, spelled: str) -> None:
    """Numbers and names stay readable in the source; what begins a list, a rule, a link or emphasis does not stay."""
    assert markdown_text(text) == spelled


@pytest.mark.parametrize(
    ("text", "longest", "shown"),
    [("short", 10, "short"), ("suite/benchmark[size-1000]", 16, "suite/…ize-1000]")],
)
def test_long_text_loses_its_middle(text: str, longest: int, shown: str) -> None:
    """The suite and the parameters stay."""
    assert shorten(text, longest) == shown
    assert len(shorten(text, longest)) <= longest


def test_megabytes_of_nothing_are_not_read() -> None:
    """A name of many megabytes is cut before it is looked at, and the cut is shown."""
    assert printable("a" + "\u200b" * 20_000_000 + "b") == "a…b"
    assert len(printable("x" * 20_000_000)) == 160


def test_spaces_and_lines_fold_and_nothing_visible_becomes_a_question_mark() -> None:
    """A detail of many lines is one line; a name of control characters alone is still something to point at."""
    assert printable("a\n\t  b\r\nc") == "a b c"
    assert printable("\x1b\u202e") == "?"
    assert printable("") == ""


@pytest.mark.parametrize(
    "code", [0x3164, 0x115F, 0x1160, 0xFFA0, 0x2800, 0x34F, 0xFE00, 0xFE0F, 0x180B, 0x17B4, 0xE0100]
)
def test_what_is_drawn_as_nothing_is_shown_as_an_escape(code: int) -> None:
    """Two names that differ by a letter that cannot be seen do not look the same."""
    assert printable(f"sort{chr(code)}") == f"sort\\u{{{code:x}}}"
    assert f"{code:x}" in markdown_text(f"sort{chr(code)}")
