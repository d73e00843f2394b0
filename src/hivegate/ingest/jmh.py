"""Results of JMH (``-rf json``).

Each fork is a Java process of its own, so it is a pass, and its iterations are rounds. A throughput stays one: it is
better when higher, and with several threads its inverse is no time of a call.
"""

from __future__ import annotations

import contextlib
import functools
import math
import re
from typing import TYPE_CHECKING

import msgspec

from hivegate.errors import ResultsError
from hivegate.ingest.assemble import Count, assemble, benchmark_of, name_in, read_entry, refuse_too_many
from hivegate.ingest.jmh_histogram import read_calls
from hivegate.ingest.numbers import read_numbers
from hivegate.ingest.units import Unit, custom_unit, read_unit, sample_in
from hivegate.model.run import Doubles, Environment, Sample

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hivegate.ingest.document import Document
    from hivegate.model.run import Benchmark, Run

_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,9})?) (\w{1,9})")
_NOTHING = msgspec.Raw(b"null")


class _Subject(msgspec.Struct, gc=False):
    """What is measured, and how: several modes may measure one benchmark."""

    benchmark: str
    mode: str
    params: dict[str, str] | None = None


class _Metric(msgspec.Struct, gc=False, rename="camel"):
    score: float | str
    score_unit: str
    raw_data: msgspec.Raw = _NOTHING
    raw_data_histogram: msgspec.Raw = _NOTHING


class _Entry(msgspec.Struct, gc=False, rename="camel"):
    primary_metric: _Metric
    secondary_metrics: msgspec.Raw = _NOTHING
    forks: int = 0
    threads: Count | None = None
    measurement_batch_size: Count = 1
    measurement_time: str = ""


class _Vendor(msgspec.Struct, gc=False, rename="camel"):
    """Who measured."""

    jmh_version: str = ""
    jdk_version: str = ""
    vm_name: str = ""


def decode(document: Document, _roots: tuple[str, ...]) -> Run:
    """Read every benchmark with its parameters; raises `ResultsError` for what is no sound result."""
    parts = document.objects(document.text, "")
    refuse_too_many(document, len(parts), "benchmarks")
    modes: dict[str, set[str | None]] = {}
    for raw in parts:
        modes.setdefault(name_in(raw, "benchmark") or "", set()).add(name_in(raw, "mode"))
    benchmarks: list[Benchmark] = []
    passes, first = 0, _Vendor()
    for index, raw in enumerate(parts):
        at = f"[{index}]"
        name = name_in(raw, "benchmark") or ""
        named = f"{name}:{name_in(raw, 'mode')}" if len(modes[name]) > 1 else name
        read = functools.partial(_read, document, raw, at, named, 1 / len(parts))
        benchmarks.append(read_entry(at, _with_params(raw, named) if name else None, read))
        passes += len(benchmarks[-1].samples)
        refuse_too_many(document, passes, "passes")
    with contextlib.suppress(msgspec.DecodeError, IndexError):
        first = msgspec.json.decode(parts[0], type=_Vendor)
    return assemble(
        document,
        benchmarks,
        source=f"JMH {first.jmh_version}".rstrip(),
        environment=Environment(implementation=f"{first.vm_name} {first.jdk_version}".strip() or None),
    )


def _with_params(raw: msgspec.Raw, named: str) -> str:
    """Name an entry that cannot be read as `benchmark_of` names it, where its parameters can be read."""
    with contextlib.suppress(msgspec.DecodeError, RecursionError):
        params = msgspec.json.decode(raw, type=_Subject).params
        return f"{named}[{'-'.join(params.values())}]" if params else named
    return named


def _read(document: Document, raw: msgspec.Raw, at: str, named: str, share: float) -> Benchmark:
    document.refuse_repeated(raw, at)
    subject, entry = document.decode(raw, _Subject, at), document.decode(raw, _Entry, at)
    metric = entry.primary_metric
    unit = read_unit(metric.score_unit)
    place = f"{at}.primaryMetric"
    if bytes(metric.raw_data_histogram) != b"null":
        samples = read_calls(document, metric.raw_data_histogram, f"{place}.rawDataHistogram", unit, share)
    else:
        samples = [
            sample_in(
                document,
                f"{place}.rawData[{fork}]",
                unit,
                values,
                calls=_calls(subject, entry, unit, values),
                pass_index=fork,
            )
            for fork, values in enumerate(_forks(document, metric, place))
        ]
    if 0 < len(samples) < entry.forks:
        raise document.fault(f"{place}: contains {len(samples)} of {entry.forks} forks, so the others failed")
    better = dict(unit.better)
    for name, other in _secondary(document, entry, at, named).items():
        place = f"{at}.secondaryMetrics.{name}"
        try:
            samples = _with_secondary(document, place, samples, name, document.decode(other, _Metric, place), better)
        except ResultsError as fault:
            document.drop(f"{named} {fault.message}")
    params = list((subject.params or {}).values())
    return benchmark_of(named, samples, better=better, params=params, threads=entry.threads)


def _secondary(document: Document, entry: _Entry, at: str, named: str) -> dict[str, msgspec.Raw]:
    try:
        found = document.decode(entry.secondary_metrics, dict[str, msgspec.Raw] | None, f"{at}.secondaryMetrics")  # type: ignore[arg-type]  # a union is a type
    except ResultsError as fault:
        document.drop(f"{named} {fault.message}")
        return {}
    return found or {}


def _forks(document: Document, metric: _Metric, at: str) -> list[Doubles]:
    """Read the values of each fork; the score alone where the file holds no more."""
    refuse_too_many(document, bytes(metric.raw_data).count(b"["), "passes")
    parts = document.decode(metric.raw_data, list[msgspec.Raw] | None, f"{at}.rawData") or []  # type: ignore[arg-type]
    forks = [read_numbers(document, raw, f"{at}.rawData[{index}]") for index, raw in enumerate(parts)]
    if any(len(one) for one in forks):
        return [one for one in forks if len(one)]
    if isinstance(metric.score, str):
        raise document.fault(f"{at}.score: is {metric.score!r}, and there is no rawData; expected a number")
    return [Doubles((metric.score,))]


def _with_secondary(
    document: Document, at: str, samples: list[Sample], name: str, metric: _Metric, better: dict[str, str]
) -> list[Sample]:
    """Add what a profiler of JMH measured: a custom metric of each fork, named with its unit."""
    plain = name.lstrip("\u00b7+")
    if isinstance(metric.score, str) and bytes(metric.raw_data) == b"null":
        return samples
    forks = _forks(document, metric, at)
    if len(forks) != len(samples):
        raise document.fault(f"{at}: contains {len(forks)} forks, the benchmark has {len(samples)}")
    unit = custom_unit(f"{plain} {metric.score_unit}")
    if read_unit(metric.score_unit).per_second:
        better[unit.metric] = "higher"
    added = (sample_in(document, f"{at}[{index}]", unit, values).metrics for index, values in enumerate(forks))
    return [
        msgspec.structs.replace(sample, metrics={**sample.metrics, **metrics})
        for sample, metrics in zip(samples, added, strict=True)
    ]


def _calls(subject: _Subject, entry: _Entry, unit: Unit, values: Sequence[float]) -> int:
    """Return how many calls a round is the mean of; of timed iterations about as many as fit into their time."""
    if subject.mode == "ss":
        return entry.measurement_batch_size
    found = _DURATION.fullmatch(entry.measurement_time)
    duration = read_unit(found[2]).seconds if found else None
    if found is None or duration is None or not unit.seconds or not 0 < values[0] < math.inf:
        return 2  # more than one, and nobody knows how many
    return int(min(max(2.0, float(found[1]) * duration / (values[0] * unit.seconds)), 1e15))
