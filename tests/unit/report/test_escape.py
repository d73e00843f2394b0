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


@given(st.text(max_size=400))
def test_markdown_text_holds_nothing_that_markdown_or_html_reads(text: str) -> None:
    """Letters, digits and what begins nothing are left, - _ . inside words among it; all else is an entity."""
    spelled = markdown_text(text)
    assert re.fullmatch(r"([^\W_]|[ ,(/%)]|&#\d+;|(?<=[^\W_])[-_](?=[^\W_])|(?<=\d)\.(?=\d))*", spelled)
    assert not re.search(r"\d\)", spelled)


@pytest.mark.parametrize(
    ("text", "longest", "shown"),
    [("short", 10, "short"), ("suite/benchmark[size-1000]", 16, "suite/…ize-1000]")],
)
def test_long_text_loses_its_middle(text: str, longest: int, shown: str) -> None:
    """The suite and the parameters stay."""
    assert shorten(text, longest) == shown
    assert len(shorten(text, longest)) <= longest


def test_spaces_and_lines_fold_and_nothing_visible_becomes_a_question_mark() -> None:
    """A detail of many lines is one line; a name of control characters alone is still something to point at."""
    assert printable("a\n\t  b\r\nc") == "a b c"
    assert printable("\x1b\u202e") == "?"
    assert printable("") == ""
