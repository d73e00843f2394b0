"""The page of what was found in histories of known truth."""

from __future__ import annotations

import msgspec
from tests.proofs.trends import EVIDENCE, count_modes, count_years
from tests.proofs.trends_page import Count, render


def test_the_page_says_what_the_evidence_holds() -> None:
    """Nobody writes a figure into it by hand."""
    counts = [msgspec.json.decode(line, type=Count) for line in EVIDENCE.read_bytes().splitlines()]
    assert EVIDENCE.with_name("TRENDS.md").read_text(encoding="utf-8") == render(counts)


def test_a_few_years_and_modes_are_told_as_the_page_says() -> None:
    """A sample of the proof: what is put in is found, and of what stays nothing is told."""
    years = list(count_years(3))
    assert sum(one.found for one in years) >= 11
    assert sum(one.invented for one in years) <= 1
    assert sum(one.called for one in count_modes(4) if one.case.endswith("of 1")) <= 1
