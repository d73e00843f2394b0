"""The page of what was said of unchanged code."""

from __future__ import annotations

import msgspec
from tests.proofs.unchanged import EVIDENCE, Trial, render


def test_the_page_says_what_the_evidence_holds() -> None:
    """Nobody writes a figure into it by hand."""
    trials = [msgspec.json.decode(line, type=Trial) for line in EVIDENCE.read_bytes().splitlines()]
    assert EVIDENCE.with_name("UNCHANGED.md").read_text(encoding="utf-8") == render(trials)
