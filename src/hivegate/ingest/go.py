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
from hivegate.ingest.units import FINITE, read_unit
from hivegate.model.run import Doubles, Environment, Sample, TestOutcome

if TYPE_CHECKING:
    from hivegate.ingest.document import Document
    from hivegate.model.run import Benchmark, Run

_CONFIG = re.compile(r"([a-z][^\sA-Z:]{0,63}):(?:\s+(.*))?")
_UNIT = re.compile(r"Unit\s+(\S+)\s+(.*)")
_VALUES = r"(\d{1,15})((?:\s++\S++\s++\S++)++)\s*"
_RESULT = re.compile(rf"Benchmark(\S++)\s++{_VALUES}")
_REST = re.compile(rf"\s*{_VALUES}")  # of a line that the benchmark's own output has broken in two
_BEGUN = re.compile(r"Benchmark((?![a-z])\S+)(.*)")
_INSIDE = re.compile(r"\bBenchmark((?![a-z])\S+)\s+\d+\s+[\d.]+\s+\S*/")
_ENDED = re.compile(r".*--- (FAIL|SKIP): (?:Benchmark)?(\S+).*")
# With its tab, or with what only go test says behind it: a benchmark may print "FAIL to connect".
_PACKAGE_ENDED = re.compile(r"(ok|FAIL)(?:[ ]*\t|\s+(?=\S+\s+(?:\d|\[|\()))(\S+)(?:\s+(.*))?")
_DEATH = re.compile(r"panic: |fatal error: |signal: |exit status |\*\*\* Test killed")
_DEADLY = re.compile(r"panic: |fatal error: |signal: |\*\*\* Test killed")
_TRACE = re.compile(r"\S+\.Benchmark((?![a-z])\w+)(?:\.func[\d.]+)*\(.*")
_COLOUR = re.compile(r"\x1b\[[\d;]*[A-Za-z]")
_PROCESSORS = re.compile(r"-(\d{1,6})$")
_NEVER_MIXED = "split the file: one name with two configurations is not one benchmark"
_SHOWN = 160
_DEEPEST = 50  # benchmarks within benchmarks
_NO_PACKAGE = "go test"


class _Series(msgspec.Struct, gc=False):
    """The lines of one benchmark in one process; `outcome` is of the first line that tells another than a result."""

    calls: int = 1
    outcome: TestOutcome = TestOutcome.MEASURED
    detail: str = ""
    times: Doubles = msgspec.field(default_factory=Doubles)
    metrics: dict[str, Doubles] = msgspec.field(default_factory=dict)
    unsound: set[str] = msgspec.field(default_factory=set)

    def end(self, outcome: TestOutcome, detail: str) -> None:
        """Say that it was not measured; a failure counts more than what cannot be read."""
        if self.outcome is TestOutcome.MEASURED or (outcome is TestOutcome.FAILED and self.outcome is not outcome):
            self.outcome, self.detail = outcome, detail


class _Known(msgspec.Struct, gc=False):
    """One benchmark: what was configured when it was first met, its processes, and whether its name ends in theirs."""

    config: dict[str, str]
    suffixed: bool = False
    passes: dict[int, _Series] = msgspec.field(default_factory=dict)


class _Process:
    """What one run of a package has said so far and has not yet been put down to a benchmark."""

    def __init__(self) -> None:
        self.begun: dict[str, str] = {}  # without a result as yet, and what stands in its place
        self.failing: list[str] = []  # told before the head of their process, which names the package
        self.skipping: list[str] = []
        self.suffixed: set[str] = set()  # those of them whose name ends in the number of processors
        self.why = ""  # the first line that tells of its death
        self.traced = ""  # the benchmark that the trace of a panic names
        self.passed: bool | None = None
        self.active = False


class _Reader:
    """Reads line by line what holds until it is said otherwise: the package, the configuration, the process."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._process = _Process()
        self._ended_of: dict[str, int] = {}  # processes, by package
        self._metrics = 0
        self.config: dict[str, str] = {}
        self.better: dict[str, str] = {}
        self.found: dict[tuple[str, str], _Known] = {}

    def line(self, number: int, text: str) -> None:
        """Take one line; what is neither a result, an end nor configuration is output of the tests."""
        text = _COLOUR.sub("", text) if "\x1b" in text else text
        if (result := _RESULT.fullmatch(text)) is not None:
            self._result(f"line {number}: {result[1][:200]}", result[1], int(result[2]), result[3].split())
        elif not self._is_progress(text) and not self._is_death(text) and not self._is_broken(number, text):
            if (unit := _UNIT.fullmatch(text)) is not None:
                self._unit(unit[1], unit[2].split())
            elif (config := _CONFIG.fullmatch(text)) is not None:
                self._configure(config[1], (config[2] or "").strip())

    def _is_progress(self, text: str) -> bool:
        """Take a line that says of a package or a benchmark that it begins or ends."""
        if (package := _PACKAGE_ENDED.fullmatch(text)) is not None:
            self._close(package[2], failed=package[1] == "FAIL", why=package[3] or "")
        elif text in {"PASS", "FAIL"}:
            self._process.passed = text == "PASS" and self._process.passed is not False
        elif (ended := _ENDED.fullmatch(text)) is not None and not text.startswith("Benchmark"):
            self._test_ended(text, ended)
        elif (begun := _BEGUN.fullmatch(text)) is not None:
            self._begin(text, begun[1], begun[2].strip())
        else:
            return False
        return True

    def _is_death(self, text: str) -> bool:
        """Take a line that says how a process dies."""
        process = self._process
        if _DEATH.match(text):
            process.why = process.why or text[:_SHOWN]
        elif process.why and not process.traced and (trace := _TRACE.fullmatch(text)) is not None:
            process.traced = trace[1]
        else:
            return False
        return True

    def _is_broken(self, number: int, text: str) -> bool:
        """Take the end of a result that output broke in two; name a result that stands in another text."""
        begun = self._process.begun
        if begun and "/op" in text and (rest := _REST.fullmatch(text)) is not None:
            name = next(reversed(begun))
            self._result(f"line {number}: {name[:200]}", name, int(rest[1]), rest[2].split())
        elif (inside := _INSIDE.search(text)) is not None:
            self._document.drop(f"line {number}: {text.strip()[:_SHOWN]}")
            self._begin(text, inside[1], text.strip())
        else:
            return False
        return True

    def finish(self) -> None:
        """End the process that the file ends in; where it does not say how it ended, by what it said of its death."""
        process = self._process
        if process.active or process.why or process.failing or process.skipping:
            failed = process.passed is False or (process.passed is None and bool(_DEADLY.match(process.why)))
            self._close(self.config.get("pkg", ""), failed=failed)

    def _close(self, package: str, *, failed: bool, why: str = "") -> None:
        """End a process: what failed or was begun is missing; its package is where no benchmark explains a failure."""
        process, self._process = self._process, _Process()
        why = process.why or why or "go test ended with FAIL"
        explained: set[str] = set()
        for outcome, names in ((TestOutcome.FAILED, process.failing), (TestOutcome.SKIPPED, process.skipping)):
            for name in names:
                if name not in explained:  # a parent fails with its child
                    self._series(package, name, suffixed=name in process.suffixed).end(outcome, "")
                explained |= {name, name.rpartition("/")[0]}
        ended = self._ended_names(package) if process.begun else set()
        ended |= {_PROCESSORS.sub("", name) for name in explained}
        unfinished = [name for name in process.begun if _PROCESSORS.sub("", name) not in ended]
        if failed and not unfinished and process.traced:
            unfinished = [process.traced]
        for name in unfinished:
            said = process.begun.get(name, "")
            what = f"it was begun, and then: {why}" if failed else f"its line has no result: {said[:_SHOWN]!r}"
            outcome = TestOutcome.FAILED if failed else TestOutcome.INVALID
            self._series(package, name, suffixed=True).end(outcome, what)
        if failed and not unfinished and (not process.failing or _DEADLY.match(process.why)):
            self._series(package, "").end(TestOutcome.FAILED, f"go test failed, and no benchmark explains it: {why}")
        self._ended_of[package] = self._ended_of.get(package, 0) + 1

    def _ended_names(self, package: str) -> set[str]:
        """Name what a process has brought to an end, without the number of processors, and whatever it is a part of."""
        index = self._ended_of.get(package, 0)
        names = set()
        for (of, name), known in self.found.items():
            if of == package and index in known.passes:
                plain = _PROCESSORS.sub("", name)
                for _ in range(_DEEPEST):
                    names.add(plain)
                    plain = plain.rpartition("/")[0]
        return names

    def _configure(self, key: str, value: str) -> None:
        self._start()
        if key not in self.config:
            refuse_too_many(self._document, len(self.config), "keys")
        if key == "pkg" and self._process.begun:
            self._close(self.config.get("pkg", ""), failed=False)
        self.config = {**self.config, key: value}  # benchmarks keep the old one

    def _start(self) -> None:
        """Begin another process, where one has ended."""
        if self._process.passed is not None:
            self.finish()
            self._process = _Process()

    def _begin(self, text: str, name: str, rest: str) -> None:
        self._start()
        self._process.active = True
        if (ended := _ENDED.fullmatch(rest)) is not None:
            self._process.suffixed.add(ended[2])
            self._test_ended(text, ended)
            return
        refuse_too_many(self._document, len(self._process.begun) + 1, "benchmarks")
        self._process.begun.setdefault(name, rest)
        if _DEATH.match(rest):
            self._process.why = self._process.why or rest[:_SHOWN]

    def _test_ended(self, text: str, ended: re.Match[str]) -> None:
        self._start()
        process = self._process
        if f" Benchmark{ended[2]}" in text:
            refuse_too_many(self._document, len(process.failing) + len(process.skipping) + 1, "benchmarks")
            (process.failing if ended[1] == "FAIL" else process.skipping).append(ended[2])
        elif ended[1] == "FAIL":
            process.why = process.why or text.strip()[:_SHOWN]

    def _unit(self, unit: str, facts: list[str]) -> None:
        for fact in facts:
            if fact in {"better=higher", "better=lower"}:
                self.better[unit] = fact.removeprefix("better=")

    def _series(self, package: str, name: str, *, suffixed: bool = False) -> _Series:
        known = self.found.get((package, name))
        if known is None:
            refuse_too_many(self._document, len(self.found) + 1, "benchmarks")
            known = self.found[package, name] = _Known(config=self.config)
        known.suffixed |= suffixed
        return known.passes.setdefault(self._ended_of.get(package, 0), _Series())

    def _mixed(self, at: str, before: dict[str, str]) -> str:
        for key, value in self.config.items():
            if before.get(key, value) != value:
                again = f"{key}: {value[:80]!r}, before with {before[key][:80]!r}"
                return f"{at} is measured again with {again} ({_NEVER_MIXED})"
        return ""

    def _result(self, at: str, name: str, calls: int, pairs: list[str]) -> None:
        self._start()
        self._process.active = True
        self._process.begun.pop(name, None)
        package = self.config.get("pkg", "")
        series = self._series(package, name, suffixed=True)
        before = self.found[package, name].config
        if before is not self.config and (mixed := self._mixed(at, before)):
            series.end(TestOutcome.INVALID, mixed)
            return
        series.calls = max(series.calls, calls)
        for text, unit in zip(pairs[::2], pairs[1::2], strict=True):
            value = _number(text)
            seconds = read_unit(unit).seconds if unit.endswith("/op") else None
            if seconds is not None and (value is None or not 0 < value * seconds < math.inf):
                series.end(TestOutcome.INVALID, f"{at} has {text[:40]!r} {unit[:40]}; expected a finite number above 0")
            elif value is None or not math.isfinite(value):
                self._document.drop(f"{at} has {text[:40]!r} {unit[:40]}; {FINITE}")
                series.unsound.add(unit)
            elif seconds is not None:
                series.times.append(value * seconds)
            elif unit in series.metrics:
                series.metrics[unit].append(value)
            else:
                self._metrics += 1
                refuse_too_many(self._document, self._metrics, "metrics")
                series.metrics[unit] = Doubles((value,))


def decode(document: Document, _roots: tuple[str, ...]) -> Run:
    """Read every benchmark, and what was begun and did not end; raises `ResultsError` where there is none."""
    reader = _Reader(document)
    for number, line in lines_of(document):
        reader.line(number, line)
    reader.finish()
    measured = {name for (_, name), known in reader.found.items() if any(map(_is_measured, known.passes.values()))}
    suffixed = measured or {name for (_, name), known in reader.found.items() if known.suffixed}
    processors = {found[1] if (found := _PROCESSORS.search(name)) else "" for name in suffixed}
    alike = len(processors) == 1  # else -cpu asked for several, and each is a benchmark of its own
    plain_names = {_PROCESSORS.sub("", name) for name in suffixed}
    passes: dict[str, dict[int, _Series]] = {}
    for (package, name), known in reader.found.items():
        stripped = _PROCESSORS.sub("", name)
        with_processors = known.suffixed or stripped in plain_names
        plain = stripped if alike and with_processors else name
        merged = passes.setdefault("/".join(part for part in (package, plain) if part) or _NO_PACKAGE, {})
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


def _is_measured(series: _Series) -> bool:
    return bool(len(series.times) or series.metrics)


def _merged(one: _Series | None, other: _Series) -> _Series:
    """Bring a failure, which is told without the number of processors, to its benchmark."""
    if one is None:
        return other
    measured = msgspec.structs.replace(one if _is_measured(one) else other)
    for series in (one, other):
        if series.outcome is not TestOutcome.MEASURED:
            measured.end(series.outcome, series.detail)
    return measured


def _benchmark(name: str, passes: dict[int, _Series], told: dict[str, str]) -> Benchmark:
    samples = [
        Sample(
            pass_index=index,
            outcome=series.outcome,
            detail=series.detail,
            rounds=series.times,
            calls=series.calls,
            metrics={
                unit: math.fsum(value / len(values) for value in values)
                for unit, values in series.metrics.items()
                if unit not in series.unsound
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
