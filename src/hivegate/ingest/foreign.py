"""Results of other tools: recognised, and refused by name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from hivegate.errors import ResultsError

if TYPE_CHECKING:
    from hivegate.ingest.document import Document

_READS = "hivegate reads pytest-benchmark's results (pytest --benchmark-json=FILE) and its own runs"
_HEAD = 4096


class _Signature(msgspec.Struct, frozen=True, kw_only=True):
    """Keys of the top level, and a key that the first entry of one of them has."""

    what: str
    keys: frozenset[str]
    inside: tuple[str, str] | None = None


def _signature(what: str, keys: str, inside: tuple[str, str] | None = None) -> _Signature:
    return _Signature(what=what, keys=frozenset(keys.split()), inside=inside)


_OBJECTS = (
    _signature("a verdict of hivegate, not a run", "schema verdicts"),
    _signature("a pyperf result", "benchmarks", ("benchmarks", "runs")),
    _signature("a pyperf result", "runs metadata"),
    _signature("a Google Benchmark result", "context benchmarks"),
    _signature("a hyperfine result", "results", ("results", "command")),
    _signature("an asv result", "results params"),
    _signature("an asv result", "results commit_hash"),
    _signature("asv's description of a machine", "arch cpu machine ram"),
    _signature("a criterion estimate", "mean median std_dev"),
    _signature("a criterion estimate", "Mean Median StdDev"),
    _signature("a criterion estimate of a change", "mean median"),
    _signature("a criterion estimate of a change", "Mean Median"),
    _signature("a criterion sample", "iters times"),
    _signature("criterion's description of a benchmark", "group_id full_id"),
)
_TEXTS = (
    ("a page of github-action-benchmark", re.compile(rb"\s*window\.BENCHMARK_DATA\s*=")),
    ("a JMH result", re.compile(rb'\s*\[\s*\{[^\[]{0,200}"jmhVersion"')),
    ("a custom result for github-action-benchmark", re.compile(rb'\s*\[\s*\{[^\[{}]*"unit"\s*:')),
    ("a criterion sample", re.compile(rb"\s*\[\s*\[\s*\d[\d.]*\s*,")),
    ("output of Go's benchmarks", re.compile(rb"(?s)(?:.*\n)?(?:goos: |Unit \S+ |Benchmark\S+\s+\d+\s)")),
)


def refuse_foreign(document: Document) -> None:
    """Raise `ResultsError` for a result of another tool, and for what is no JSON object at all."""
    if document.members is None:
        _refuse_text(document)
        return
    for signature in _OBJECTS:
        if signature.keys <= document.members.keys() and _has_inside(document, signature):
            raise ResultsError(f"is {signature.what} ({document.some_keys()}); {_READS}", where=document.where)


def _refuse_text(document: Document) -> None:
    head = document.text[:_HEAD]
    for what, pattern in _TEXTS:
        if pattern.match(head):
            raise ResultsError(f"is {what}; {_READS}", where=document.where)
    begin = head.lstrip()[:20].decode(errors="replace")
    found = "is JSON of another kind" if begin[:1] in '["' else "is not JSON"
    raise ResultsError(f"{found}: it begins with {begin!r}; an object is allowed", where=document.where, hint=_READS)


def _has_inside(document: Document, signature: _Signature) -> bool:
    if signature.inside is None:
        return True
    member, key = signature.inside
    try:
        entries = msgspec.json.decode((document.members or {})[member], type=list[msgspec.Raw])
        return bool(entries) and key in msgspec.json.decode(entries[0], type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, RecursionError):
        return False
