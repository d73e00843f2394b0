"""Which format a document is of: told by its content, before anything of the format's reader is imported."""

from __future__ import annotations

import contextlib
import importlib
import itertools
import re
from typing import TYPE_CHECKING

import msgspec

from hivegate.errors import ResultsError
from hivegate.ingest.foreign import refuse_foreign

if TYPE_CHECKING:
    from collections.abc import Callable

    from hivegate.ingest.document import Document
    from hivegate.model.run import Run

_HEAD = 65_536
_MOST_TRIED = 20


class _Object(msgspec.Struct, frozen=True, kw_only=True):
    """A reader, the keys of its top level, and a key that one of the first entries of one of them has."""

    reader: str
    keys: frozenset[str]
    inside: tuple[str, str] | None = None


class _Value(msgspec.Struct, gc=False):
    value: msgspec.Raw


def _object(reader: str, keys: str, inside: tuple[str, str] | None = None) -> _Object:
    return _Object(reader=reader, keys=frozenset(keys.split()), inside=inside)


# The first that fits is taken: pytest-benchmark's `benchmarks` says the least.
_OBJECTS = (
    _object("run_json", "format schema"),
    _object("pytest_codspeed", "creator instrument"),
    _object("pyperf", "benchmarks", ("benchmarks", "runs")),
    _object("google_benchmark", "context benchmarks"),
    _object("hyperfine", "results", ("results", "command")),
    _object("asv", "results params"),
    _object("asv", "results commit_hash"),
    _object("criterion", "mean median std_dev"),
    _object("criterion", "Mean Median StdDev"),
    _object("criterion", "iters times"),
    _object("github_action_benchmark", "entries repoUrl"),
    _object("pytest_benchmark", "benchmarks"),
)
_TEXTS = (
    ("github_action_benchmark", re.compile(rb"\s*window\.BENCHMARK_DATA\s*=")),
    ("jmh", re.compile(rb'(?s)\s*\[(?:\s*null\s*,)*\s*\{.*"primaryMetric"\s*:')),
    ("github_action_benchmark", re.compile(rb'\s*\[(?:\s*null\s*,)*\s*\{[^\[{}]*"unit"\s*:')),
    ("criterion", re.compile(rb"\s*\[\s*\[\s*\d[\d.e]*\s*,")),
    ("go", re.compile(rb'(?s)(?:.*\n)?\{[^\n]*"Action"\s*:\s*"(?:start|run|output|pass|fail|skip|build-)')),
    (
        "go",
        re.compile(
            rb"(?s)(?:.*\n)?(?:\x1b\[[\d;]*m)?(?:goos: |pkg: |Unit \S+ |Benchmark\S*[ \t]+\d+[ \t]+\S+[ \t]+\S|"
            rb"(?:FAIL|ok  )\t\S|--- (?:FAIL|SKIP): Benchmark)"
        ),
    ),
)


def decode(document: Document, roots: tuple[str, ...]) -> Run:
    """Read a document with the reader of its format; raises `ResultsError` for what is of none."""
    refuse_foreign(document)
    reader = _reader(document)
    if reader is None:
        raise _unknown(document)
    if document.members is not None and reader != "bencher":  # whose keys are names, each refused alone
        document.refuse_repeated_names(document.text)
    read: Callable[[Document, tuple[str, ...]], Run] = importlib.import_module(f"hivegate.ingest.{reader}").decode
    return read(document, roots)


def _reader(document: Document) -> str | None:
    if document.members is None:
        head = document.text[:_HEAD]
        return next((reader for reader, pattern in _TEXTS if pattern.match(head)), None)
    known = document.members.keys()
    for one in _OBJECTS:
        if one.keys <= known and _has_inside(document, one.inside):
            return one.reader
    return "bencher" if _is_of_values(document) else None


def _has_inside(document: Document, inside: tuple[str, str] | None) -> bool:
    if inside is None:
        return True
    member, key = inside
    try:
        entries = document.objects((document.members or {})[member], member)
    except ResultsError:
        return False
    for entry in entries[:_MOST_TRIED]:
        with contextlib.suppress(msgspec.DecodeError, RecursionError):
            if key in msgspec.json.decode(entry, type=dict[str, msgspec.Raw]):
                return True
    return False


def _is_of_values(document: Document) -> bool:
    """Return whether a member is a benchmark as Bencher writes it: nothing but measures with a value each."""
    for member in itertools.islice((document.members or {}).values(), _MOST_TRIED):
        with contextlib.suppress(msgspec.DecodeError, RecursionError):
            if msgspec.json.decode(member, type=dict[str, _Value]):
                return True
    return False


def _unknown(document: Document) -> ResultsError:
    hint = (
        "create one with: pytest --benchmark-json=FILE, or: hivegate run --out FILE; "
        "other formats: docs/reference/formats.md"
    )
    if document.members is not None:
        return document.fault(f"unknown format: its keys are {document.some_keys()}", hint)
    begin = document.text[:64].lstrip()[:20].decode(errors="replace")
    found = "is JSON of an unknown format" if begin[:1] in '["{' else "is not JSON"
    return document.fault(f"{found}: it begins with {begin!r}", hint)
