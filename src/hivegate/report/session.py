"""The record of one session: what was measured, when, where and how it ended, for programs."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from hivegate.report.jsondoc import render_json

if TYPE_CHECKING:
    from hivegate.model.verdict import GateResult

# History: 1 first.
SESSION_SCHEMA = 1


def render_session(result: GateResult, *, created: str) -> str:
    """Spell the record as indented JSON; equal results of one time have one session id."""
    counts = Counter(verdict.outcome.value for verdict in result.verdicts)
    record = {
        "schema": SESSION_SCHEMA,
        "session": f"bench-{hashlib.sha256(f'{created} {render_json(result)}'.encode()).hexdigest()[:16]}",
        "created": created,
        "commit": result.commit,
        "outcome": result.outcome,
        "exit_status": result.exit_status,
        "partial": result.partial,
        "passes": result.run_statistics.passes,
        "counts": dict(sorted(counts.items())),
        "not_selected": len(result.not_selected),
        "environment": result.environment,
    }
    return msgspec.json.format(msgspec.json.encode(record), indent=2).decode() + "\n"
