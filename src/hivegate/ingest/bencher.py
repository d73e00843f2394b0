"""Bencher Metric Format: benchmarks of measures of one value each.

The format holds no units; Bencher's own two measures have theirs by definition. A value is one measurement of one
process as far as anybody can tell, so a file is one pass; its bounds mean something else with every tool and are left.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import msgspec

from hivegate.errors import ResultsError
from hivegate.ingest.assemble import assemble, benchmark_of, invalid, read_entry, refuse_too_many
from hivegate.ingest.document import GIVEN_TWICE
from hivegate.ingest.units import Unit, custom_unit, sample_in, time_in
from hivegate.model.run import Sample, Summary

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
    repeated = document.repeated_names(document.text)
    benchmarks = [
        invalid(name, GIVEN_TWICE.format(name))
        if name in repeated
        else read_entry(name, name, functools.partial(_read, document, name, raw))
        for name, raw in members.items()
    ]
    return assemble(document, benchmarks, source="Bencher")


def _read(document: Document, name: str, raw: msgspec.Raw) -> Benchmark:
    document.refuse_repeated(raw, name)
    sample = Sample()
    faults: list[str] = []
    for key, measure in document.decode(raw, dict[str, msgspec.Raw], name).items():
        at = f"{name}.{key}"
        try:
            sample = _with_measure(document, at, sample, key, document.decode(measure, _Value, at).value)
        except ResultsError as fault:
            faults.append(fault.message)
    if sample == Sample():
        raise document.fault(faults[0] if faults else f"{name}: contains no measure")
    for message in faults:
        document.drop(message)
    return benchmark_of(name, [sample])


def _with_measure(document: Document, at: str, sample: Sample, key: str, value: float) -> Sample:
    place = f"{at}.value"
    if key == _LATENCY:
        summary = Summary(mean=time_in(document, place, _NANOSECONDS, value))
        return msgspec.structs.replace(sample, summary=summary)
    if key == _THROUGHPUT:
        throughput = sample_in(document, place, _PER_SECOND, [value]).throughput
        return msgspec.structs.replace(sample, throughput=throughput)
    unit = custom_unit(key)
    if unit.metric in sample.metrics:
        raise document.fault(f"{at}: several measures are called {unit.metric}, since their names cannot be used")
    return msgspec.structs.replace(
        sample, metrics={**sample.metrics, **sample_in(document, place, unit, [value]).metrics}
    )
