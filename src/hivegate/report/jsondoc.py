"""The result as JSON: the document of design.md, for programs, and the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from hivegate.decode import decode_json
from hivegate.errors import ResultsError, UsageError
from hivegate.model.reason import AdviceCode, ReasonCode
from hivegate.model.verdict import RESULT_SCHEMA, GateResult
from hivegate.report.messages import advice_text, reason_text

if TYPE_CHECKING:
    from hivegate.model.verdict import Verdict
    from hivegate.report.bundle import Bundle

_ENDS = ("low", "high")
_REASONS = frozenset(code.value for code in ReasonCode if code is not ReasonCode.OTHER)
_ADVICE = frozenset(code.value for code in AdviceCode if code is not AdviceCode.OTHER)


def render_json(result: GateResult) -> str:
    """Spell a result as indented JSON with outcomes in lower case; infinite ends of an interval become null.

    Reasons and advice stand there as codes for programs, and in words for people.
    """
    document = _fields(result) | {"verdicts": [_verdict_document(verdict) for verdict in result.verdicts]}
    raw = msgspec.json.encode(document)
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
        _take_words(verdict)
    return decode_json(msgspec.json.encode(document), GateResult, where=where, error=ResultsError)


def _open_ends(verdict: object) -> None:
    """Drop ends that are null, for an end that is not given is infinite."""
    for key in ("estimate", "change", "measured"):
        numbers = verdict.get(key) if isinstance(verdict, dict) else None
        if isinstance(numbers, dict):
            for end in _ENDS:
                if numbers.get(end, 0.0) is None:
                    del numbers[end]


def _fields(struct: msgspec.Struct) -> dict[str, object]:
    return {name: getattr(struct, name) for name in struct.__struct_fields__}


def _verdict_document(verdict: Verdict) -> dict[str, object]:
    parameters = msgspec.to_builtins(verdict.reason)
    code = parameters.pop("code")
    words = {"code": code, "reason": reason_text(verdict), "parameters": parameters}
    advice = {"advice_code": verdict.advice, "advice": advice_text(verdict)}
    document: dict[str, object] = {}
    for name, value in _fields(verdict).items():
        document |= {"reason": words, "advice": advice}.get(name, {name: value})
    return document


def _take_words(verdict: object) -> None:
    """Go from words to codes where they are known; those of another version stay in words."""
    if not isinstance(verdict, dict) or "reason" not in verdict:
        return
    code, text = verdict.pop("code", None), verdict["reason"]
    advice_code, advice = verdict.pop("advice_code", None), verdict.pop("advice", "")
    parameters = verdict.pop("parameters", {})
    known = isinstance(code, str) and code in _REASONS
    if isinstance(parameters, dict):
        verdict["reason"] = {**parameters, "code": code} if known else {"code": ReasonCode.OTHER.value, "text": text}
    else:
        verdict["reason"] = parameters  # of the wrong type, which is refused with the others
        return
    if isinstance(advice_code, str) and advice_code in _ADVICE:
        verdict["advice"] = advice_code
    elif advice:
        verdict["advice"] = AdviceCode.OTHER.value
        verdict["reason"]["hint"] = advice
