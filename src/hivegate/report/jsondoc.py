"""The result as JSON: the document of design.md, for programs, and the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from hivegate.decode import decode_json
from hivegate.errors import ResultsError, UsageError
from hivegate.model.verdict import RESULT_SCHEMA, GateResult

if TYPE_CHECKING:
    from hivegate.report.bundle import Bundle

_ENDS = ("low", "high")


def render_json(result: GateResult) -> str:
    """Spell a result as indented JSON with outcomes in lower case; infinite ends of an interval become null."""
    raw = msgspec.json.encode(result)
    return msgspec.json.format(raw, indent=2).decode() + "\n"


def render_only(bundle: Bundle) -> str:
    """Spell the one result of a bundle; raises `UsageError` for several, which are no result."""
    if len(bundle.results) > 1:
        raise UsageError("json is the format of one result", hint="name one, or take another --format")
    return render_json(bundle.results[0])


def parse_json(data: bytes, *, where: str) -> GateResult:
    """Read what `render_json` wrote; raises `ResultsError` with the key path for anything else."""
    document = decode_json(data, dict[str, Any], where=where, error=ResultsError)
    schema = document.get("schema")
    if schema != RESULT_SCHEMA:
        raise ResultsError(
            f"schema: is {schema!r}; this hivegate reads results of schema {RESULT_SCHEMA}",
            where=where,
            hint="name a result, as bench --json writes it; update hivegate where the schema is newer",
        )
    verdicts = document.get("verdicts")
    for verdict in verdicts if isinstance(verdicts, list) else ():
        _open_ends(verdict)
    return decode_json(msgspec.json.encode(document), GateResult, where=where, error=ResultsError)


def _open_ends(verdict: object) -> None:
    """Drop ends that are null, for an end that is not given is infinite."""
    for key in ("estimate", "change"):
        numbers = verdict.get(key) if isinstance(verdict, dict) else None
        if isinstance(numbers, dict):
            for end in _ENDS:
                if numbers.get(end, 0.0) is None:
                    del numbers[end]
