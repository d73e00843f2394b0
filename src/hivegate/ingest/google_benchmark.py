"""Results of Google Benchmark (``--benchmark_out_format=json``).

Repetitions run in one process, so they are rounds of one pass. Where a file holds only aggregates, their mean, median
and standard deviation are a summary of that pass.
"""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING

import msgspec

from hivegate.errors import ResultsError
from hivegate.ingest.assemble import (
    Count,
    assemble,
    benchmark_of,
    count_or_none,
    invalid,
    name_in,
    read_entry,
    refuse_too_many,
    text_or_none,
    told_of,
)
from hivegate.ingest.summaries import summary_in
from hivegate.ingest.units import read_unit, time_in
from hivegate.model.run import Doubles, Environment, Sample, TestOutcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hivegate.ingest.document import Document
    from hivegate.model.run import Benchmark, Run

_OF_A_FAMILY = ("BigO", "RMS")  # complexity over several sizes is no benchmark
_FIGURES = {"mean": "mean", "median": "median", "stddev": "spread"}
_OLD_AGGREGATES = tuple(f"_{name}" for name in _FIGURES)
_RATE = "_per_second"
_NO_NUMBERS = (b'"NaN"', b'"Infinity"', b'"-Infinity"', b"null")


class _Entry(msgspec.Struct, gc=False):
    name: str
    run_name: str | None = None
    run_type: str | None = None
    aggregate_name: str | None = None
    aggregate_unit: str | None = None
    family_index: float | None = None
    per_family_instance_index: float | None = None
    repetitions: float | None = None
    repetition_index: float | None = None
    threads: Count | None = None
    iterations: float | None = None
    real_time: float | None = None
    cpu_time: float | str | None = None
    time_unit: str = "ns"
    error_occurred: bool = False
    error_message: str = ""
    skipped: bool = False
    skip_message: str = ""


_KNOWN = frozenset(_Entry.__struct_fields__)


class _Found(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An entry, where it stands, and its counters."""

    at: str
    entry: _Entry
    counters: dict[str, float]


def decode(document: Document, _roots: tuple[str, ...]) -> Run:
    """Read every benchmark; raises `ResultsError` for what is no sound result."""
    members = document.members or {}
    groups: dict[str, list[_Found]] = {}
    unread: dict[str, str] = {}
    aggregates: dict[str, str] = {}
    parts = document.objects(members["benchmarks"], "benchmarks")
    refuse_too_many(document, len(parts), "passes")
    for index, raw in enumerate(parts):
        at = f"benchmarks[{index}]"
        try:
            document.refuse_repeated(raw, at)
            entry = document.decode(raw, _Entry, at)
        except ResultsError as fault:
            name = name_in(raw, "run_name", "name") or at
            if name_in(raw, "run_type") == "aggregate":
                aggregates.setdefault(name, fault.message)
            else:
                unread.setdefault(name, fault.message)
            continue
        if entry.aggregate_name not in _OF_A_FAMILY:
            found = _Found(at=at, entry=entry, counters=_counters(document, raw, at, entry.name))
            groups.setdefault(_name(entry, groups), []).append(found)
    for name, message in aggregates.items():
        if name in groups:
            document.drop(f"{name} {message}")
        else:
            unread.setdefault(name, message)
    refuse_too_many(document, len(groups), "benchmarks")
    context = told_of(document, members["context"], "context")
    version = text_or_none(context.get("library_version")) or text_or_none(context.get("libbenchmark_version"))
    return assemble(
        document,
        [
            *(
                read_entry(found[0].at, name, functools.partial(_benchmark, document, name, found))
                for name, found in groups.items()
                if name not in unread
            ),
            *(invalid(name, detail) for name, detail in unread.items()),
        ],
        source=f"Google Benchmark {version}" if version else "Google Benchmark",
        created=text_or_none(context.get("date")),
        environment=Environment(cores=count_or_none(context.get("num_cpus"))),
    )


def _name(entry: _Entry, groups: dict[str, list[_Found]]) -> str:
    """Find the benchmark of an entry; before 1.5 an aggregate was told by its name alone, behind its repetitions."""
    if entry.run_name is not None:
        return entry.run_name
    name, underscore, figure = entry.name.rpartition("_")
    if entry.run_type is None and f"{underscore}{figure}" in _OLD_AGGREGATES and len(groups.get(name, ())) > 1:
        entry.run_type, entry.aggregate_name = "aggregate", figure
        return name
    return entry.name


def _benchmark(document: Document, name: str, found: list[_Found]) -> Benchmark:
    runs = [one for one in found if one.entry.run_type in {None, "iteration"}]
    sample = _of_repetitions(document, runs) if runs else _of_aggregates(document, found)
    rates = {counter: "higher" for counter in sample.metrics if counter.endswith(_RATE)}
    return benchmark_of(name, [sample], better=rates, threads=found[0].entry.threads)


def _of_repetitions(document: Document, runs: Sequence[_Found]) -> Sample:
    for one in runs:
        if one.entry.error_occurred or one.entry.skipped:
            outcome = TestOutcome.FAILED if one.entry.error_occurred else TestOutcome.SKIPPED
            return Sample(outcome=outcome, detail=one.entry.error_message or one.entry.skip_message)
    repetitions = [one.entry.repetition_index for one in runs if one.entry.repetition_index is not None]
    if len(set(repetitions)) < len(repetitions):
        raise document.fault(f"{runs[-1].at}: is another entry of the same name and repetition", "rename one of them")
    rounds = [_time(document, one) for one in runs]
    times = [one.entry.cpu_time for one in runs]
    cpu = None
    if all(isinstance(time, float) and time >= 0 for time in times):
        cpu = sum(float(time or 0.0) * _seconds(document, one) for time, one in zip(times, runs, strict=True)) / len(
            runs
        )
    elif any(isinstance(time, str) for time in times):
        document.drop(f"{runs[0].entry.name} {runs[0].at}.cpu_time: is no number")
    calls = max(one.entry.iterations or 1 for one in runs)
    return Sample(
        rounds=Doubles(rounds),
        calls=int(min(max(1.0, calls), 1e15)),
        cpu=cpu if cpu is not None and math.isfinite(cpu) else None,
        wall=sum(rounds) / len(rounds),
        metrics=_means(document, runs),
    )


def _of_aggregates(document: Document, found: Sequence[_Found]) -> Sample:
    figures: dict[str, float] = {}
    for one in found:
        figure = _FIGURES.get(one.entry.aggregate_name or "")
        if figure is not None and one.entry.real_time is not None:
            figures[figure] = one.entry.real_time * _seconds(document, one)
    if not figures.keys() & {"mean", "median"}:
        names = ", ".join(sorted({one.entry.aggregate_name or "?" for one in found}))
        return Sample(
            outcome=TestOutcome.NOT_MEASURED, detail=f"the file contains aggregates only, without a mean: {names}"
        )
    mean = next((one.counters for one in found if one.entry.aggregate_name == "mean"), {})
    return Sample(summary=summary_in(document, found[0].at, **figures), metrics=mean)


def _time(document: Document, one: _Found) -> float:
    if one.entry.real_time is None:
        raise document.fault(f"{one.at}.real_time: is missing")
    return time_in(document, f"{one.at}.real_time", _seconds(document, one), one.entry.real_time)


def _seconds(document: Document, one: _Found) -> float:
    seconds = read_unit(one.entry.time_unit).seconds
    if seconds is None or "/" in one.entry.time_unit:
        raise document.fault(f"{one.at}.time_unit: is {one.entry.time_unit!r}; expected ns, us, ms or s")
    return seconds


def _counters(document: Document, raw: msgspec.Raw, at: str, benchmark: str) -> dict[str, float]:
    """Read a user's counters and rates; one that is infinite or not a number is not measured."""
    counters = {}
    for name, value in document.decode(raw, dict[str, msgspec.Raw], at).items():
        if name in _KNOWN or bytes(memoryview(value)[:1]) not in b'-0123456789n"':
            continue
        try:
            counters[name] = document.decode(value, float, f"{at}.{name}")
        except ResultsError as fault:
            if bytes(value) in _NO_NUMBERS or bytes(memoryview(value)[:1]) != b'"':  # other texts are labels
                document.drop(f"{benchmark} {fault.message}")
    return counters


def _means(document: Document, runs: Sequence[_Found]) -> dict[str, float]:
    names = dict.fromkeys(name for run in runs for name in run.counters)
    shared = [name for name in names if all(name in run.counters for run in runs)]
    for name in names.keys() - set(shared):
        document.drop(f"{runs[0].entry.name} {name}: is not in every repetition")
    return {name: math.fsum(run.counters[name] / len(runs) for run in runs) for name in shared}
