"""The sign of each outcome in Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hivegate.model.verdict import Outcome, Severity

if TYPE_CHECKING:
    from hivegate.report.view import Row

MARKS = {
    Outcome.PASSED: "✅",
    Outcome.FASTER: "🚀",
    Outcome.FAILED: "❌",
    Outcome.SLOWER: "❌",
    Outcome.INCONCLUSIVE: "❔",
    Outcome.CRASHED: "💥",
    Outcome.MISSING: "🚫",
    Outcome.INVALID: "🚫",
    Outcome.WAIVED: "📝",
    Outcome.REVIEW: "👀",
    Outcome.NEW: "🆕",
    Outcome.UNCHANGED: "💤",
}


def mark_of(row: Row) -> str:
    """Choose the sign of a verdict: what fails without breaking the gate is a warning."""
    return "⚠️" if row.outcome is Outcome.FAILED and row.severity < Severity.BROKEN else MARKS[row.outcome]
