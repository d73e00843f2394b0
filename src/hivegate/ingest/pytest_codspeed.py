"""Results of pytest-codspeed's wall time (``.codspeed/results_….json``), told by their `creator`.

A benchmark is measured in the one process of pytest, so it is one pass. Its rounds are not kept, only their figures.
"""

from __future__ import annotations

import contextlib
import functools
from typing import TYPE_CHECKING

import msgspec

from hivegate.ingest.assemble import (
    Count,
    assemble,
    benchmark_of,
    name_in,
    read_entry,
    refuse_too_many,
    text_or_none,
    told_of,
)
from hivegate.ingest.summaries import summary_in
from hivegate.model.identity import benchmark_id
from hivegate.model.run import Environment, Sample

if TYPE_CHECKING:
    from hivegate.ingest.document import Document
    from hivegate.model.run import Benchmark, Run

_NANOSECONDS = 1e-9
_WALL_TIME = "walltime"


class _Sysconfig(msgspec.Struct, frozen=True, gc=False):
    py_version: str | None = None


class _Python(msgspec.Struct, gc=False):
    """The interpreter: in one place of older versions, and in another of newer ones."""

    version: str | None = None
    sysconfig: _Sysconfig = _Sysconfig()


class _Stats(msgspec.Struct, gc=False):
    mean_ns: float
    median_ns: float
    min_ns: float | None = None
    max_ns: float | None = None
    stdev_ns: float | None = None
    iter_per_round: Count = 1


class _Entry(msgspec.Struct, gc=False):
    uri: str
    stats: _Stats


def decode(document: Document, roots: tuple[str, ...]) -> Run:
    """Read every benchmark; raises `ResultsError` for another instrument than the wall time, which keeps no times."""
    members = document.members or {}
    kind = told_of(document, members.get("instrument"), "instrument").get("type")
    if kind != _WALL_TIME or "benchmarks" not in members:
        raise document.fault(
            f"is of pytest-codspeed's instrument {kind!r}, which keeps no times",
            "use pytest --codspeed --codspeed-mode=walltime, or measure with hivegate bench",
        )
    entries = document.objects(members["benchmarks"], "benchmarks")
    refuse_too_many(document, len(entries), "benchmarks")
    creator = told_of(document, members.get("creator"), "creator")
    python = _Python()
    with contextlib.suppress(msgspec.DecodeError, RecursionError):
        python = msgspec.json.decode(members.get("python", b"{}"), type=_Python)
    return assemble(
        document,
        [_read_or_invalid(document, raw, f"benchmarks[{index}]", roots) for index, raw in enumerate(entries)],
        source=f"pytest-codspeed {text_or_none(creator.get('version')) or ''}".rstrip(),
        environment=Environment(python=text_or_none(python.version) or text_or_none(python.sysconfig.py_version)),
    )


def _read_or_invalid(document: Document, raw: msgspec.Raw, at: str, roots: tuple[str, ...]) -> Benchmark:
    node = name_in(raw, "uri", "name")
    benchmark = read_entry(at, node and benchmark_id(node, roots), functools.partial(_read, document, raw, at, roots))
    return msgspec.structs.replace(benchmark, node_id=node or at)


def _read(document: Document, raw: msgspec.Raw, at: str, roots: tuple[str, ...]) -> Benchmark:
    document.refuse_repeated(raw, at)
    entry = document.decode(raw, _Entry, at)
    stats = entry.stats
    summary = summary_in(
        document,
        f"{at}.stats",
        seconds=_NANOSECONDS,
        mean=stats.mean_ns,
        median=stats.median_ns,
        least=stats.min_ns,
        most=stats.max_ns,
        spread=stats.stdev_ns,
    )
    return benchmark_of(benchmark_id(entry.uri, roots), [Sample(summary=summary, calls=stats.iter_per_round)])
