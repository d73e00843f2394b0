"""hivegate's own runs as JSON: what is written can be read, and what is read can be written.

Every number is finite and every time is above 0. A document names its format and its schema, and holds the fields of
`Run`; a key that is unknown is refused, since a later schema would have announced it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import msgspec

from hivegate.errors import ResultsError
from hivegate.ingest.assemble import invalid, name_in, told_apart
from hivegate.ingest.numbers import ALLOWED, first_wrong
from hivegate.model.declaration import DIRECTIONS
from hivegate.model.identity import closest
from hivegate.model.run import RUN_SCHEMA, Benchmark, Doubles, Run, Sample, Speed, TestOutcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hivegate.ingest.document import Document

FORMAT = "hivegate run"

_KEY_COMPARED = 80

_FIELDS = {field.name: field.type for field in msgspec.structs.fields(Run)}
_NUMBERS = ("throughput", "cpu", "wall", "kernel", "reference")


def write_run(run: Run) -> bytes:
    """Write a run that `read` gives back equal; raises `ResultsError` where it holds what is no measurement."""
    for index, benchmark in enumerate(run.benchmarks):
        for fault in _faults(benchmark):
            raise ResultsError(f"benchmarks[{index}]{fault}", where="the run to be written")
    document = {"format": FORMAT, **msgspec.structs.asdict(run)}
    return msgspec.json.encode(document, enc_hook=_plain) + b"\n"


def decode(document: Document, _roots: tuple[str, ...] = ()) -> Run:
    """Read a run; raises `ResultsError` for a newer schema and an unknown key.

    A benchmark that holds what is no measurement is invalid, as are those that share an id.
    """
    members = dict(document.members or {})
    _refuse_other_schema(document, members.pop("format"), members["schema"])
    unknown = sorted(members.keys() - _FIELDS.keys())
    if unknown:
        near = closest(unknown[0][:_KEY_COMPARED], list(_FIELDS))
        hint = f"did you mean {near}?" if near else f"allowed keys: {', '.join(sorted(_FIELDS))}"
        raise document.fault(f"{unknown[0]}: unknown key", hint)
    parts = document.objects(members.pop("benchmarks", msgspec.Raw(b"[]")), "benchmarks")
    benchmarks = told_apart(
        [_benchmark(document, raw, f"benchmarks[{index}]") for index, raw in enumerate(parts)], "measure again"
    )
    rest: dict[str, Any] = {key: document.decode(raw, _FIELDS[key], key) for key, raw in members.items()}
    return Run(benchmarks=benchmarks, **rest)


def _refuse_other_schema(document: Document, form: msgspec.Raw, raw: msgspec.Raw) -> None:
    found = document.decode(form, str, "format")
    if found != FORMAT:
        raise document.fault(f"format: is {found!r}; expected {FORMAT!r}")
    schema = document.decode(raw, int, "schema")
    if schema > RUN_SCHEMA:
        raise document.fault(
            f"schema: is {schema}, written by a newer hivegate; this one supports up to {RUN_SCHEMA}",
            "update hivegate, or measure again with this version",
        )
    if schema < 1:
        raise document.fault(f"schema: is {schema}; expected 1 to {RUN_SCHEMA}")


def _benchmark(document: Document, raw: msgspec.Raw, at: str) -> Benchmark:
    name = name_in(raw, "id")
    try:
        document.refuse_repeated(raw, at)
        benchmark = document.decode(raw, Benchmark, at, dec_hook=_compact)
    except ResultsError as fault:
        if "Invalid enum value" in fault.message:
            fault.hint = f"allowed outcomes: {', '.join(outcome.value for outcome in TestOutcome)}"
        if name is None or "unknown field" in fault.message:  # a later schema would have announced it
            raise
        return invalid(name, f"{fault.message} ({fault.hint})" if fault.hint else fault.message)
    wrong = next(_faults(benchmark), None)
    return benchmark if wrong is None else invalid(benchmark.id, f"{at}{wrong}")


def _faults(benchmark: Benchmark) -> Iterator[str]:
    yield from _declaration_faults(benchmark)
    places = [sample.pass_index for sample in benchmark.samples]
    if len(set(places)) < len(places):
        yield ".samples: two of them are of one pass"
    for index, counted in enumerate(benchmark.instructions):
        number = counted.instructions
        if number is not None and not 0 <= number < math.inf:
            yield f".instructions[{index}].instructions: is {number!r}; expected a finite number of at least 0"
    for index, sample in enumerate(benchmark.samples):
        for fault in _sample_faults(sample):
            yield f".samples[{index}]{fault}"


def _declaration_faults(benchmark: Benchmark) -> Iterator[str]:
    if not benchmark.id:
        yield ".id: is empty"
    for key in ("operations", "size", "parallelism"):
        value = getattr(benchmark, key)
        if value is not None and not 0 < value < math.inf:
            yield f".{key}: is {value!r}; expected a finite number above 0"
    for name, direction in benchmark.better.items():
        if direction not in DIRECTIONS:
            yield f".better.{name}: is {direction!r}; expected {' or '.join(DIRECTIONS)}"


def _sample_faults(sample: Sample) -> Iterator[str]:
    for key, times in (("rounds", sample.rounds), ("single_calls", sample.single_calls)):
        wrong = first_wrong(times)
        if wrong is not None:
            yield f".{key}[{wrong}]: is {times[wrong]!r}; {ALLOWED}"
    for key, speed, times in (
        ("speed", sample.speed, sample.rounds),
        ("single_speed", sample.single_speed, sample.single_calls),
    ):
        if speed is not None:
            for fault in _speed_faults(speed, len(times)):
                yield f".{key}{fault}"
    if sample.calls < 1:
        yield f".calls: is {sample.calls}; expected a whole number of at least 1"
    numbers: dict[str, float | None] = {f".{key}": getattr(sample, key) for key in _NUMBERS}
    numbers |= {f".metrics.{name}": value for name, value in sample.metrics.items()}
    if sample.summary is not None:
        numbers |= {f".summary.{key}": value for key, value in msgspec.structs.asdict(sample.summary).items()}
    for place, number in numbers.items():
        if number is not None and not math.isfinite(number):
            yield f"{place}: is {number!r}; expected a finite number"


def _speed_faults(speed: Speed, rounds: int) -> Iterator[str]:
    wrong = first_wrong(speed.turns)
    if wrong is not None:
        yield f".turns[{wrong}]: is {speed.turns[wrong]!r}; {ALLOWED}"
    places = list(speed.places)
    if len(places) < 2 or places != sorted(places) or places[0] != 0 or places[-1] != rounds:  # noqa: PLR2004  two ends
        yield f".places: expected two or more whole numbers from 0 to {rounds}, the number of rounds, in order"
    if len(speed.turns) != len(places):
        yield f".turns: are {len(speed.turns)}; expected one for each of the {len(places)} places"
    if len(speed.lost) != len(places) - 1 or not all(0 <= lost < math.inf for lost in speed.lost):
        yield f".lost: expected {max(0, len(places) - 1)} finite numbers of at least 0, one between every two places"
    for key in ("elapsed", "waited", "others"):
        if not 0 <= getattr(speed, key) < math.inf:
            yield f".{key}: is {getattr(speed, key)!r}; expected a finite number of at least 0"


def _plain(value: object) -> object:
    if isinstance(value, Doubles):
        return value.tolist()
    raise NotImplementedError(f"a run cannot contain {type(value).__name__}")


def _compact(kind: type, value: object) -> object:
    if kind is not Doubles:
        raise NotImplementedError(f"a run cannot contain {kind.__name__}")
    try:
        return Doubles(msgspec.convert(value, list[float]))
    except msgspec.ValidationError as fault:
        # Of this kind msgspec would take it for its own and drop the path that leads here.
        raise ValueError(str(fault)) from fault
