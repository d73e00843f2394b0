"""The hive's reference and the page of its examples are those of its code."""

from __future__ import annotations

import pytest
from tests.documents import ROOT
from tests.hive_reference import HIVE_PAGES, render_page


@pytest.mark.parametrize("name", HIVE_PAGES)
def test_a_page_is_that_of_the_code(name: str) -> None:
    """When this fails, run: python -m tests.refresh_documents."""
    text = (ROOT / name).read_text(encoding="utf-8")
    assert text == render_page(text)


def test_every_example_is_on_the_page() -> None:
    """And no other."""
    text = (ROOT / HIVE_PAGES[0]).read_text(encoding="utf-8")
    assert all(f"<!-- example: {file.name} -->" in text for file in (ROOT / "hive" / "examples").glob("*.py"))
