"""Results of hyperfine.

Each time is one whole process of the command, with a memory layout of its own: it is a pass with one round of one call.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import msgspec

from hivegate.errors import ResultsError
from hivegate.ingest.assemble import assemble, benchmark_of, name_in, read_entry, refuse_too_many
from hivegate.ingest.numbers import read_numbers, read_times
from hivegate.ingest.summaries import summary_in
from hivegate.model.run import Doubles, Sample, TestOutcome

if TYPE_CHECKING:
    from hivegate.ingest.document import Document
    from hivegate.model.run import Benchmark, Run

_ABSENT = msgspec.Raw(b"[]")
_MEMORY = "memory_usage_byte"


class _Figures(msgspec.Struct, gc=False):
    """What stands in for the times where there are none: else a NaN here does no harm."""

    mean: float | None = None
    median: float | None = None
    min: float | None = None
    max: float | None = None
    stddev: float | None = None


class _Result(msgspec.Struct, gc=False):
    command: str
    times: msgspec.Raw = _ABSENT
    exit_codes: list[int | None] | None = None
    memory_usage_byte: msgspec.Raw = _ABSENT


def decode(document: Document, _roots: tuple[str, ...]) -> Run:
    """Read every command; raises `ResultsError` for what is no sound result."""
    results = document.objects((document.members or {})["results"], "results")
    refuse_too_many(document, len(results), "benchmarks")
    benchmarks: list[Benchmark] = []
    passes = 0
    for index, raw in enumerate(results):
        at = f"results[{index}]"
        benchmarks.append(read_entry(at, name_in(raw, "command"), functools.partial(_read, document, raw, at)))
        passes += len(benchmarks[-1].samples)
        refuse_too_many(document, passes, "passes")
    return assemble(document, benchmarks, source="hyperfine", twins="name them: hyperfine --command-name")


def _read(document: Document, raw: msgspec.Raw, at: str) -> Benchmark:
    document.refuse_repeated(raw, at)
    result = document.decode(raw, _Result, at)
    times = read_times(document, result.times, f"{at}.times")
    failed = [code for code in result.exit_codes or () if code != 0]
    if not times and failed:
        return benchmark_of(result.command, [Sample(outcome=TestOutcome.FAILED, detail=_said(failed[0]))])
    if not times:
        figures = document.decode(raw, _Figures, at)
        summary = summary_in(
            document,
            at,
            mean=figures.mean,
            median=figures.median,
            least=figures.min,
            most=figures.max,
            spread=figures.stddev,
        )
        return benchmark_of(result.command, [Sample(summary=summary)])
    refuse_too_many(document, len(times), "passes")
    codes = result.exit_codes if result.exit_codes is not None else [0] * len(times)
    if len(codes) != len(times):
        raise document.fault(f"{at}: contains {len(times)} times, but {len(codes)} exit_codes")
    memory = _memory(document, result, len(times), f"{at}.{_MEMORY}")
    samples = [
        Sample(
            pass_index=index,
            outcome=TestOutcome.MEASURED if code == 0 else TestOutcome.FAILED,
            detail="" if code == 0 else _said(code),
            rounds=Doubles((time,)),
            metrics={_MEMORY: memory[index]} if memory else {},
        )
        for index, (time, code) in enumerate(zip(times, codes, strict=True))
    ]
    return benchmark_of(result.command, samples)


def _memory(document: Document, result: _Result, times: int, at: str) -> Doubles:
    try:
        memory = read_numbers(document, result.memory_usage_byte, at)
    except ResultsError as fault:
        document.drop(f"{result.command} {fault.message}")
        return Doubles()
    if len(memory) not in {0, times}:
        document.drop(f"{result.command} {at}: contains {len(memory)} values for {times} times")
        return Doubles()
    return memory


def _said(code: int | None) -> str:
    return "the command was killed by a signal" if code is None else f"the command exited with status {code}"
