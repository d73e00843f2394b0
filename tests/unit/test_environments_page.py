"""The page of what was measured in two environments."""

from __future__ import annotations

import msgspec
from tests.proofs.environments import EVIDENCE
from tests.proofs.environments_page import Trial, render


def test_the_page_says_what_the_evidence_holds() -> None:
    """Nobody writes a figure into it by hand."""
    trials = [msgspec.json.decode(line, type=Trial) for line in EVIDENCE.read_bytes().splitlines()]
    assert EVIDENCE.with_name("ENVIRONMENTS.md").read_text(encoding="utf-8") == render(trials)
