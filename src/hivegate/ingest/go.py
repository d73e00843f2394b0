"""Output of Go's benchmarks (`go test -bench`), also as `go test -json`.

``-count`` repeats in one process, so repetitions are rounds of one pass; every further run of `go test` on the package
in the same file, told by the ``PASS`` that ends it, is another pass. What a line reports beside ``ns/op`` is a custom
metric named by its unit.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

import msgspec

from hivegate.ingest.assemble import assemble, benchmark_of, refuse_too_many
from hivegate.ingest.go_lines import lines_of
from hivegate.ingest.units import FINITE, read_unit, times_in
from hivegate.model.run import Doubles, Environment, Sample, TestOutcome

if TYPE_CHECKING:
    from hivegate.ingest.document import Document
    from hivegate.model.run import Benchmark, Run

_CONFIG = re.compile(r"([a-z][^\sA-Z:]{0,63}):(?:\s+(.*))?")
_UNIT = re.compile(r"Unit\s+(\S+)\s+(.*)")
_RESULT = re.compile(r"Benchmark(\S++)\s++(\d{1,15})((?:\s++\S++\s++\S++)++)\s*")
_FAILED = re.compile(r"\s*--- FAIL: Benchmark(\S+)")
_ENDED = re.compile(r"(?:PASS|FAIL|ok\s+\S+|FAIL\s+\S+)\b.*")
_PROCESSORS = re.compile(r"-(\d{1,6})$")
_NEVER_MIXED = "split the file: one name with two configurations is not one benchmark"


class _Series(msgspec.Struct, gc=False):
    """The lines of one benchmark in one process."""

    calls: int = 1
    failed: bool = False
    times: Doubles = msgspec.field(default_factory=Doubles)
    metrics: dict[str, Doubles] = msgspec.field(default_factory=dict)


class _Known(msgspec.Struct, gc=False):
    """One benchmark: what was configured when it was first met, and its processes."""

    config: dict[str, str]
    passes: dict[int, _Series] = msgspec.field(default_factory=dict)


class _Reader:
    """Reads line by line what holds until it is said otherwise: the package, the configuration, the process."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._ended = False
        self._ended_of: dict[str, int] = {}  # processes, by package
        self._failing: list[str] = []  # told before the head of their process, which names the package
        self._explained: set[tuple[str, str]] = set()
        self._metrics = 0
        self.config: dict[str, str] = {}
        self.better: dict[str, str] = {}
        self.found: dict[tuple[str, str], _Known] = {}

    def line(self, number: int, text: str) -> None:
        """Take one line; what is neither a result nor configuration is output of the tests."""
        if (result := _RESULT.fullmatch(text)) is not None:
            self._result(f"line {number}: {result[1][:200]}", result[1], int(result[2]), result[3].split())
        elif (failed := _FAILED.fullmatch(text)) is not None:
            self._failing.append(failed[1])
        elif (unit := _UNIT.fullmatch(text)) is not None:
            self._unit(unit[1], unit[2].split())
        elif _ENDED.fullmatch(text):
            self._ended = True
        elif (config := _CONFIG.fullmatch(text)) is not None:
            self._configure(config[1], (config[2] or "").strip())

    def finish(self) -> None:
        """Make a failed benchmark of every failure that was told, but not of a parent of one, which fails with it."""
        package = self.config.get("pkg", "")
        for name in self._failing:
            if (package, name) not in self._explained:
                self._series("", package, name).failed = True
            self._explained.add((package, name.rpartition("/")[0]))
        self._failing.clear()

    def _configure(self, key: str, value: str) -> None:
        self._start()
        if key not in self.config:
            refuse_too_many(self._document, len(self.config), "keys")
        self.config = {**self.config, key: value}  # benchmarks keep the old one
        if key == "pkg":
            self.finish()

    def _start(self) -> None:
        """Begin another process of the package, where one has ended."""
        if self._ended:
            package = self.config.get("pkg", "")
            self._ended_of[package] = self._ended_of.get(package, 0) + 1
            self._ended = False

    def _unit(self, unit: str, facts: list[str]) -> None:
        for fact in facts:
            if fact in {"better=higher", "better=lower"}:
                self.better[unit] = fact.removeprefix("better=")

    def _series(self, at: str, package: str, name: str) -> _Series:
        known = self.found.get((package, name))
        if known is None:
            refuse_too_many(self._document, len(self.found) + 1, "benchmarks")
            known = self.found[package, name] = _Known(config=self.config)
        if known.config is not self.config:
            self._refuse_mixed(at, known.config)
        return known.passes.setdefault(self._ended_of.get(package, 0), _Series())

    def _refuse_mixed(self, at: str, before: dict[str, str]) -> None:
        for key, value in self.config.items():
            if before.get(key, value) != value:
                raise self._document.fault(
                    f"{at} is measured again with {key}: {value[:80]!r}, before with {before[key][:80]!r}", _NEVER_MIXED
                )

    def _result(self, at: str, name: str, calls: int, pairs: list[str]) -> None:
        self._start()
        series = self._series(at, self.config.get("pkg", ""), name)
        series.calls = max(series.calls, calls)
        for text, unit in zip(pairs[::2], pairs[1::2], strict=True):
            value = _number(text)
            if value is None or not math.isfinite(value):
                raise self._document.fault(f"{at} has {text[:40]!r} {unit[:40]}; {FINITE}")
            seconds = read_unit(unit).seconds if unit.endswith("/op") else None
            if seconds is not None:
                series.times.extend(times_in(self._document, f"{at} {unit}", seconds, [value]))
            elif unit in series.metrics:
                series.metrics[unit].append(value)
            else:
                self._metrics += 1
                refuse_too_many(self._document, self._metrics, "metrics")
                series.metrics[unit] = Doubles((value,))


def decode(document: Document, _roots: tuple[str, ...]) -> Run:
    """Read every benchmark; raises `ResultsError` for what is no sound result."""
    reader = _Reader(document)
    for number, line in lines_of(document):
        reader.line(number, line)
    reader.finish()
    measured = [
        name for (_, name), known in reader.found.items() if not all(one.failed for one in known.passes.values())
    ]
    processors = {found[1] if (found := _PROCESSORS.search(name)) else "" for name in measured}
    alike = len(processors) == 1  # else -cpu asked for several, and each is a benchmark of its own
    passes: dict[str, dict[int, _Series]] = {}
    for (package, name), known in reader.found.items():
        plain = _PROCESSORS.sub("", name) if alike and name in measured else name
        merged = passes.setdefault(f"{package}/{plain}" if package else plain, {})
        for index, series in known.passes.items():
            merged[index] = _merged(merged.get(index), series)
    benchmarks = [_benchmark(name, found, reader.better) for name, found in passes.items()]
    system = " ".join(reader.config[key] for key in ("goos", "goarch") if reader.config.get(key))
    return assemble(
        document,
        benchmarks,
        source="Go",
        environment=Environment(cpu=reader.config.get("cpu") or None, os=system or None),
    )


def _merged(one: _Series | None, other: _Series) -> _Series:
    """Bring a failure, which is told without the number of processors, to its benchmark."""
    if one is None:
        return other
    measured = one if len(one.times) or one.metrics else other
    return msgspec.structs.replace(measured, failed=one.failed or other.failed)


def _benchmark(name: str, passes: dict[int, _Series], told: dict[str, str]) -> Benchmark:
    samples = [
        Sample(
            pass_index=index,
            outcome=TestOutcome.FAILED if series.failed else TestOutcome.MEASURED,
            rounds=series.times,
            calls=series.calls,
            metrics={
                unit: math.fsum(value / len(values) for value in values) for unit, values in series.metrics.items()
            },
        )
        for index, series in sorted(passes.items())
    ]
    units = dict.fromkeys(unit for series in passes.values() for unit in series.metrics)
    better = {unit: told.get(unit) or read_unit(unit).better.get(unit, "lower") for unit in units}
    return benchmark_of(name, samples, better=better)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
