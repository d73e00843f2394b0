"""Results of asv, formats 1 and 2.

asv pools the samples of its processes and does not tell which came from which, so a file is one pass. What a benchmark
measures is told by its name alone, as asv itself understands it: `time_`, `mem_`, `peakmem_`, `track_`.
"""

from __future__ import annotations

import itertools
import math
import re
from typing import TYPE_CHECKING, TypeVar

import msgspec

from hivegate.errors import ResultsError
from hivegate.ingest.assemble import (
    assemble,
    benchmark_of,
    count_or_none,
    invalid,
    invalid_sample,
    iso_time,
    refuse_too_many,
    text_or_none,
    told_of,
)
from hivegate.ingest.document import GIVEN_TWICE
from hivegate.ingest.numbers import read_times
from hivegate.ingest.summaries import summary_in
from hivegate.ingest.units import Unit, sample_in
from hivegate.model.run import Commit, Environment, Sample, TestOutcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hivegate.ingest.document import Document
    from hivegate.model.run import Benchmark, Run

_VERSIONS = (1, 2)
_NOTHING = msgspec.Raw(b"null")
_KINDS = (
    (re.compile(r"(?:time|timeraw)_.+|(?:Time|Timeraw)[A-Z_].+"), Unit(metric="s", seconds=1.0)),
    (re.compile(r"(?:mem|peakmem)_.+|(?:Mem|PeakMem)[A-Z_].+"), Unit(metric="bytes")),
)
_OTHER = Unit(metric="value")  # a file of results does not hold the unit of what is tracked
_MOST_PARAMETERS = 10_000
_VERSION = re.compile(r"\d+(?:\.\d+)+")

T = TypeVar("T")


class _Stats(msgspec.Struct, gc=False):
    """What format 1 keeps beside a result, which is the median of the samples."""

    number: int | None = None
    mean: float | None = None
    min: float | None = None
    max: float | None = None
    std: float | None = None


class _Entry(msgspec.Struct, gc=False):
    """One benchmark over all its parameters, in the words of format 1."""

    result: list[float | str | None] | float | str | None = None
    params: list[list[str]] | None = None
    stats: list[_Stats | None] | None = None
    samples: list[msgspec.Raw] | None = None
    stats_number: list[int | None] | None = None
    started_at: float | None = None


def decode(document: Document, _roots: tuple[str, ...]) -> Run:
    """Read every benchmark and combination of parameters; raises `ResultsError` for what is no sound result."""
    members = document.members or {}
    version = document.plain(members.get("version", _NOTHING), "version")
    if version not in _VERSIONS:
        raise document.fault(f"version: is {version!r} of asv's format; 1 and 2 are supported")
    columns = None
    if "result_columns" in members:
        columns = document.decode(members["result_columns"], list[str], "result_columns")
    results = document.decode(members["results"], dict[str, msgspec.Raw], "results")
    refuse_too_many(document, len(results), "benchmarks")
    benchmarks: list[Benchmark] = []
    started: list[object] = list(told_of(document, members.get("started_at"), "started_at").values())
    repeated = document.repeated_names(members["results"])
    for name, raw in results.items():
        try:
            if name in repeated:
                raise document.fault(GIVEN_TWICE.format(name))
            document.refuse_repeated(raw, f"results.{name}")
            entry = _entry(document, raw, f"results.{name}", columns)
            benchmarks.extend(_read(document, name, entry))
            started.append(entry.started_at)
        except ResultsError as fault:
            benchmarks.append(invalid(name, fault.message))
        refuse_too_many(document, len(benchmarks), "benchmarks")
    return assemble(
        document,
        benchmarks,
        source="asv",
        created=iso_time(min((one for one in started if isinstance(one, int | float)), default=None)),
        commit=_commit(document, members),
        environment=_environment(document, members),
    )


def _entry(document: Document, raw: msgspec.Raw, at: str, columns: list[str] | None) -> _Entry:
    first = bytes(memoryview(raw)[:1])
    if first == b"[" and columns is not None:
        values = document.decode(raw, list[msgspec.Raw], at)
        named = dict(zip(columns, values, strict=False))
        parts = {
            field.name: document.decode(named[field.name], field.type, f"{at}.{field.name}")
            for field in msgspec.structs.fields(_Entry)
            if field.name in named
        }
        return _Entry(**parts)
    if first == b"{":
        return document.decode(raw, _Entry, at)
    return _Entry(result=document.decode(raw, float | str | None, at))  # type: ignore[arg-type]  # a union is a type


def _read(document: Document, name: str, entry: _Entry) -> list[Benchmark]:
    at = f"results.{name}"
    params = entry.params or []
    number = math.prod(len(one) for one in params)
    if number > _MOST_PARAMETERS:
        raise document.fault(f"{at}.params: are {number} combinations; at most {_MOST_PARAMETERS} are supported")
    results = entry.result if isinstance(entry.result, list) else [entry.result] * number
    if len(results) != number:
        raise document.fault(f"{at}.result: contains {len(results)} values for {number} combinations of params")
    benchmarks = []
    for index, (chosen, value) in enumerate(zip(itertools.product(*params), results, strict=True)):
        try:
            sample = _sample(document, f"{at}.result[{index}]", name, entry, index, value)
        except ResultsError as fault:
            sample = invalid_sample(fault.message)
        benchmarks.append(benchmark_of(name, [sample], params=chosen))
    return benchmarks


def _sample(document: Document, at: str, name: str, entry: _Entry, index: int, value: float | str | None) -> Sample:
    if value is None:
        return Sample(outcome=TestOutcome.FAILED, detail="asv recorded a failure")
    if isinstance(value, str):
        if value == "NaN":
            return Sample(outcome=TestOutcome.SKIPPED, detail="asv recorded that it was skipped")
        raise document.fault(f"{at}: is {value!r}; expected a number, null or NaN")
    unit = _unit(name)
    if unit.seconds is None:
        return sample_in(document, at, unit, [value])
    raw = _at(entry.samples, index)
    times = read_times(document, raw, f"{at}.samples") if raw is not None and bytes(raw) != b"null" else None
    stats = _at(entry.stats, index) or _Stats()
    calls = stats.number or _at(entry.stats_number, index) or 1
    if times:
        return Sample(rounds=times, calls=min(max(1, calls), 10**15))
    summary = summary_in(document, at, mean=stats.mean, median=value, least=stats.min, most=stats.max, spread=stats.std)
    return Sample(summary=summary)


def _at(values: Sequence[T] | None, index: int) -> T | None:
    return None if values is None or index >= len(values) else values[index]


def _unit(name: str) -> Unit:
    function = name.rpartition(".")[2]
    return next((unit for pattern, unit in _KINDS if pattern.fullmatch(function)), _OTHER)


def _commit(document: Document, members: dict[str, msgspec.Raw]) -> Commit | None:
    sha = text_or_none(document.plain(members.get("commit_hash", _NOTHING), "commit_hash"))
    return None if sha is None else Commit(sha=sha)


def _environment(document: Document, members: dict[str, msgspec.Raw]) -> Environment:
    told = told_of(document, members.get("params"), "params")
    python = text_or_none(told.get("python")) or ""  # a path where asv took an interpreter that was there
    return Environment(
        cpu=text_or_none(told.get("cpu")),
        cores=count_or_none(told.get("num_cpu")),
        os=text_or_none(told.get("os")),
        python=python if _VERSION.fullmatch(python) else None,
    )
