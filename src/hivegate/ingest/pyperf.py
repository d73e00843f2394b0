"""Results of pyperf, formats 6 (pyperf 0.9.6) and 1.0.

pyperf starts worker processes one after the other; each run that holds values is one of them, so it is a pass, and
its values are rounds. A value is already divided by the loops. Runs without values only calibrated or warmed up.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import msgspec

from hivegate.ingest.assemble import (
    Count,
    assemble,
    benchmark_of,
    count_or_none,
    name_in,
    read_entry,
    refuse_too_many,
    text_or_none,
    told_of,
)
from hivegate.ingest.numbers import read_times
from hivegate.ingest.units import Unit, sample_in
from hivegate.model.run import Environment, Sample, TestOutcome

if TYPE_CHECKING:
    from hivegate.ingest.document import Document
    from hivegate.model.run import Benchmark, Run

_VERSIONS: tuple[object, ...] = (6, "1.0")
_ABSENT = msgspec.Raw(b"[]")
_UNITS = {"second": Unit(metric="s", seconds=1.0), "byte": Unit(metric="bytes"), "integer": Unit(metric="value")}


class _Metadata(msgspec.Struct, gc=False):
    """What pyperf may write once for the file, for a benchmark or for a run."""

    name: str | None = None
    unit: str | None = None
    loops: Count | None = None
    inner_loops: Count | None = None

    def over(self, outer: _Metadata) -> _Metadata:
        """Take from `outer` what is not told here."""
        told = {name: value for name, value in msgspec.structs.asdict(self).items() if value is not None}
        return msgspec.structs.replace(outer, **told)


class _Run(msgspec.Struct, gc=False):
    metadata: _Metadata = msgspec.field(default_factory=_Metadata)
    values: msgspec.Raw = _ABSENT


class _Benchmark(msgspec.Struct, gc=False):
    runs: msgspec.Raw
    metadata: _Metadata = msgspec.field(default_factory=_Metadata)


def decode(document: Document, _roots: tuple[str, ...]) -> Run:
    """Read every benchmark; raises `ResultsError` for an older format and for what is no sound result."""
    members = document.members or {}
    version = document.plain(members.get("version", msgspec.Raw(b"null")), "version")
    if version not in _VERSIONS:
        raise document.fault(
            f"version: is {version!r} of pyperf's format; 6 and '1.0' are supported",
            "rewrite it: python -m pyperf convert",
        )
    document.refuse_repeated(members.get("metadata", _ABSENT), "metadata")  # holds for each of them
    outer = document.decode(members.get("metadata", msgspec.Raw(b"{}")), _Metadata, "metadata")
    benchmarks: list[Benchmark] = []
    passes = 0
    parts = document.objects(members["benchmarks"], "benchmarks")
    refuse_too_many(document, len(parts), "benchmarks")
    for index, raw in enumerate(parts):
        at = f"benchmarks[{index}]"
        name = _name_of(raw) or outer.name
        benchmarks.append(read_entry(at, name, functools.partial(_read_benchmark, document, raw, at, outer)))
        passes += len(benchmarks[-1].samples)
        refuse_too_many(document, passes, "passes")
    told = told_of(document, members.get("metadata"), "metadata")
    tool = text_or_none(told.get("perf_version"))
    return assemble(document, benchmarks, source=f"pyperf {tool}" if tool else "pyperf", environment=_environment(told))


def _name_of(raw: msgspec.Raw) -> str | None:
    try:
        return name_in(msgspec.json.decode(raw, type=dict[str, msgspec.Raw])["metadata"], "name")
    except (KeyError, msgspec.DecodeError, RecursionError):
        return None


def _read_benchmark(document: Document, raw: msgspec.Raw, at: str, outer: _Metadata) -> Benchmark:
    document.refuse_repeated(raw, at)
    found = document.decode(raw, _Benchmark, at)
    about = found.metadata.over(outer)
    if about.name is None:
        raise document.fault(f"{at}.metadata.name: is missing; pyperf names every benchmark that it writes")
    samples: list[Sample] = []
    runs = document.objects(found.runs, f"{at}.runs")
    refuse_too_many(document, len(runs), "passes")
    for index, raw_run in enumerate(runs):
        place = f"{at}.runs[{index}]"
        run = document.decode(raw_run, _Run, place)
        inner = run.metadata.over(about)
        if inner.unit not in {None, *_UNITS}:
            raise document.fault(f"{place}.metadata.unit: is {inner.unit!r}; expected one of {', '.join(_UNITS)}")
        values = read_times(document, run.values, f"{place}.values")
        if not values:
            continue
        calls = (inner.loops or 1) * (inner.inner_loops or 1)
        unit = _UNITS[inner.unit or "second"]
        samples.append(sample_in(document, f"{place}.values", unit, values, calls=calls, pass_index=len(samples)))
    if not samples:
        samples = [Sample(outcome=TestOutcome.NOT_MEASURED, detail="the file contains no values")]
    return benchmark_of(about.name, samples)


def _environment(told: dict[str, object]) -> Environment:
    version = text_or_none(told.get("python_version"))
    return Environment(
        cpu=text_or_none(told.get("cpu_model_name")),
        cores=count_or_none(told.get("cpu_count")),
        os=text_or_none(told.get("platform")),
        python=version.partition(" ")[0] if version else None,
        implementation=text_or_none(told.get("python_implementation")),
    )
