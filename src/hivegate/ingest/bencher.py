"""Bencher Metric Format: benchmarks of measures of one value each.

The format holds no units; Bencher's own two measures have theirs by definition. A value is one measurement of one
process as far as anybody can tell, so a file is one pass; its bounds mean something else with every tool and are left.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from hivegate.ingest.assemble import assemble, benchmark_of, refuse_too_many
from hivegate.ingest.summaries import summary_in
from hivegate.ingest.units import Unit, custom_unit, sample_in
from hivegate.model.run import Sample

if TYPE_CHECKING:
    from hivegate.ingest.document import Document
    from hivegate.model.run import Benchmark, Run

_LATENCY, _THROUGHPUT = "latency", "throughput"
_NANOSECONDS = 1e-9
_PER_SECOND = Unit(metric="ops/s", per_second=1.0)


class _Value(msgspec.Struct, gc=False):
    value: float


def decode(document: Document, _roots: tuple[str, ...]) -> Run:
    """Read every benchmark; raises `ResultsError` for what is no sound result."""
    members = document.members or {}
    refuse_too_many(document, len(members), "benchmarks")
    return assemble(document, [_read(document, name, raw) for name, raw in members.items()], source="Bencher")


def _read(document: Document, name: str, raw: msgspec.Raw) -> Benchmark:
    measures = {key: one.value for key, one in document.decode(raw, dict[str, _Value], name).items()}
    summary, throughput = None, None
    metrics: dict[str, float] = {}
    for key, value in measures.items():
        at = f"{name}.{key}.value"
        if key == _LATENCY:
            summary = summary_in(document, at, seconds=_NANOSECONDS, mean=value)
        elif key == _THROUGHPUT:
            throughput = sample_in(document, at, _PER_SECOND, [value]).throughput
        else:
            metrics |= sample_in(document, at, custom_unit(key), [value]).metrics
    return benchmark_of(name, [Sample(summary=summary, throughput=throughput, metrics=metrics)])
