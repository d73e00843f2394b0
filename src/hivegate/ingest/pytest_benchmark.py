"""Results of pytest-benchmark 2.5 to 5.3.

Their times are seconds per call, already divided by the iterations of a round. `stats.data` is the truth about
rounds: `stats.rounds` is only a claim (bencher's own sample holds 5 of 68,536).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import msgspec

from hivegate.errors import ResultsError
from hivegate.ingest.assemble import assemble, invalid, is_invalid, name_in, refuse_too_many
from hivegate.ingest.document import shorten
from hivegate.ingest.numbers import ALLOWED, read_times
from hivegate.ingest.pytest_machine import Origin, read_origin
from hivegate.model.declaration import Declaration, declare_fitting
from hivegate.model.identity import benchmark_id
from hivegate.model.run import Benchmark, Doubles, Run, Sample, Summary

if TYPE_CHECKING:
    from hivegate.ingest.document import Document

_DECLARED = ("operations", "size", "parallelism", "metrics")
_SHOWN = 300
_ABSENT = msgspec.Raw(b"null")
_TWINS = "rename one of them; files are told apart by folder and stem without bench_ or test_"
_UNDECLARED = Declaration()


class _Stats(msgspec.Struct, gc=False):
    data: msgspec.Raw = _ABSENT
    rounds: int | None = None
    iterations: int = 1


class _Entry(msgspec.Struct, gc=False):
    fullname: str
    stats: _Stats
    params: dict[str, msgspec.Raw] | None = None
    extra_info: dict[str, msgspec.Raw] | None = None


class _Figures(msgspec.Struct, gc=False):
    mean: float | None = None
    median: float | None = None
    min: float | None = None
    max: float | None = None
    stddev: float | None = None


class _Summarised(msgspec.Struct, gc=False):
    """An entry once more, for what matters only where its rounds are absent: else a NaN here does no harm."""

    stats: _Figures


class _ReadBenchmark(msgspec.Struct, gc=False):
    """A benchmark, and the number of rounds that the file claims for it."""

    benchmark: Benchmark
    claimed: int | None


def decode(document: Document, roots: tuple[str, ...]) -> Run:
    """Read every benchmark, keyed on its full name; raises `ResultsError` for the first that is not sound."""
    members = document.members or {}
    entries = document.objects(members["benchmarks"], "benchmarks")
    if not entries:
        raise document.fault(
            "contains no benchmarks",
            "was the suite run under xdist (-n), with --benchmark-disable or --benchmark-skip?",
        )
    refuse_too_many(document, len(entries), "benchmarks")
    read = [_read_or_invalid(document, raw, index, roots) for index, raw in enumerate(entries)]
    run = assemble(document, [one.benchmark for one in read], source="", twins=_TWINS)
    origin: Origin = read_origin(members)
    return Run(
        source=origin.source,
        created=origin.created,
        commit=origin.commit,
        environment=origin.environment,
        benchmarks=run.benchmarks,
        notes=(*_notes([one for one in read if not is_invalid(one.benchmark)]), *run.notes),
    )


def _read_or_invalid(document: Document, raw: msgspec.Raw, index: int, roots: tuple[str, ...]) -> _ReadBenchmark:
    at = f"benchmarks[{index}]"
    try:
        return _read_entry(document, raw, at, roots)
    except ResultsError as fault:
        node = name_in(raw, "fullname") or at
        detail = f"{fault.message} ({fault.hint})" if fault.hint else fault.message
        benchmark = msgspec.structs.replace(invalid(benchmark_id(node, roots), detail), node_id=node)
        return _ReadBenchmark(benchmark=benchmark, claimed=None)


def _read_entry(document: Document, raw: msgspec.Raw, at: str, roots: tuple[str, ...]) -> _ReadBenchmark:
    document.refuse_repeated(raw, at)
    entry = document.decode(raw, _Entry, at)
    if not entry.fullname:
        raise document.fault(f"{at}.fullname: is empty; expected a pytest node id")
    declaration = _declaration(document, entry, at)
    sample = _sample(document, raw, entry.stats, declaration, at)
    benchmark = Benchmark(
        id=benchmark_id(entry.fullname, roots),
        node_id=entry.fullname,
        samples=(sample,),
        operations=declaration.operations,
        size=declaration.size,
        parallelism=declaration.parallelism,
        better=declaration.better,
    )
    return _ReadBenchmark(benchmark=benchmark, claimed=entry.stats.rounds)


def _sample(document: Document, raw: msgspec.Raw, stats: _Stats, declaration: Declaration, at: str) -> Sample:
    if stats.iterations < 1:
        raise document.fault(f"{at}.stats.iterations: is {stats.iterations}; expected a whole number of at least 1")
    absent = len(memoryview(stats.data)) == len(memoryview(_ABSENT))
    rounds = Doubles() if absent else read_times(document, stats.data, f"{at}.stats.data")
    return Sample(
        rounds=rounds,
        calls=stats.iterations,
        summary=None if rounds else _summary(document, raw, at),
        metrics=declaration.metrics,
    )


def _summary(document: Document, raw: msgspec.Raw, at: str) -> Summary:
    figures = document.decode(raw, _Summarised, at).stats
    if figures.mean is None and figures.median is None:
        raise document.fault(
            f"{at}.stats: contains neither rounds (data) nor a mean or a median; one of them is needed"
        )
    for name in ("mean", "median", "min", "max"):
        value = getattr(figures, name)
        if value is not None and not 0 < value < math.inf:
            raise document.fault(f"{at}.stats.{name}: is {value!r}; {ALLOWED}")
    if figures.stddev is not None and not 0 <= figures.stddev < math.inf:
        raise document.fault(f"{at}.stats.stddev: is {figures.stddev!r}; expected a finite number of at least 0")
    return Summary(mean=figures.mean, median=figures.median, min=figures.min, max=figures.max, stddev=figures.stddev)


def _declaration(document: Document, entry: _Entry, at: str) -> Declaration:
    extra = entry.extra_info or {}
    told: dict[str, Any] = {
        key: document.plain(extra[key], f"{at}.extra_info.{key}") for key in _DECLARED if key in extra
    }
    numbers = _numeric(entry.params or {})
    if not told and not numbers:
        return _UNDECLARED
    declaration, misfits = declare_fitting(told, numbers)
    for fault in misfits:
        document.drop(f"{entry.fullname} {fault.where}: {shorten(fault.message, _SHOWN)}")
    return declaration


def _numeric(params: dict[str, msgspec.Raw]) -> dict[str, object]:
    # Parameters are the suite's own: what cannot be read as a number is simply none.
    numbers: dict[str, object] = {}
    for name, raw in params.items():
        text = bytes(raw)
        if text[:1] in b"-0123456789":
            try:
                numbers[name] = msgspec.json.decode(text, type=float)
            except msgspec.DecodeError:
                continue
    return numbers


def _notes(read: list[_ReadBenchmark]) -> tuple[str, ...]:
    bare = [one for one in read if not one.benchmark.samples[0].rounds]
    unlike = [
        one
        for one in read
        if (held := len(one.benchmark.samples[0].rounds)) and one.claimed is not None and one.claimed != held
    ]
    notes = []
    if bare:
        notes.append(f"{len(bare)} of {len(read)} benchmarks contain a summary only, without their rounds")
    if unlike:
        first = unlike[0]
        notes.append(
            f"{len(unlike)} of {len(read)} benchmarks claim another number of rounds than the file contains. "
            f"{first.benchmark.id} claims {first.claimed}, but has {len(first.benchmark.samples[0].rounds)}"
        )
    return tuple(notes)
