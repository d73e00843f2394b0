"""The reference of reports shows what is rendered; ``python -m tests.refresh_documents`` writes its examples anew."""

from __future__ import annotations

import re

import pytest
from tests.documents import ROOT
from tests.refresh_documents import example

from hivegate.flows.report.render import FORMATS

TEXT = (ROOT / "docs" / "reference" / "reports.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"<!-- format: (\S+) -->\n```text\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)


def test_every_format_is_described() -> None:
    """The table has each format that the command takes, and no other."""
    assert set(re.findall(r"^\| `([a-z-]+)` \|", TEXT, re.MULTILINE)) == {"text", *FORMATS}


@pytest.mark.parametrize(("form", "text"), SHOWN, ids=[form for form, _ in SHOWN])
def test_examples_are_what_is_rendered(form: str, text: str) -> None:
    """An example is the very text that the format makes of the example's results."""
    assert rounded(text) == rounded(example(form))


def rounded(text: str) -> str:
    """Round its fractions to nine digits: the quantiles of t differ in the last between versions of scipy."""
    return re.sub(r"\d+\.\d+", lambda number: f"{float(number[0]):.9g}", text)


def test_each_section_shows_an_example() -> None:
    """What a reader must parse or paste is shown."""
    assert {form for form, _ in SHOWN} >= {"text", "comment", "junit", "annotations"}
