"""The end of every reader: benchmarks become a run, if they can be told apart and there are any."""

from __future__ import annotations

import datetime as dt
import math
import re
from typing import TYPE_CHECKING, Annotated

import msgspec

from hivegate.errors import ResultsError
from hivegate.ingest.document import GIVEN_TWICE, shorten
from hivegate.ingest.repeated_keys import repeated_keys
from hivegate.model.run import Benchmark, Environment, Run, Sample, TestOutcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from hivegate.ingest.document import Document
    from hivegate.model.run import Commit

# A benchmark takes about a kilobyte and a pass a third of that, however little a file says of them: this bounds what a
# hostile file can cost.
_MOST = {"benchmarks": 30_000, "passes": 100_000, "metrics": 100_000, "keys": 100}
Count = Annotated[int, msgspec.Meta(ge=1, le=10**15)]  # calls of a round, threads, cores
_SHOWN = 300
_LONGEST_TOLD = 1000
_NAMED = 5  # of what a note counts
_POSITION = re.compile(r"[\w.]*\[\d+\]")  # stands for a name where an entry has none


def benchmark_of(
    name: str,
    samples: Sequence[Sample],
    *,
    better: dict[str, str] | None = None,
    params: Sequence[str] = (),
    operations: float | None = None,
    threads: int | None = None,
) -> Benchmark:
    """Name a benchmark as its tool does, parameters in brackets; the only number among them is its size."""
    named = f"{name}[{'-'.join(params)}]" if params else name
    return Benchmark(
        id=named,
        node_id=named,
        samples=tuple(samples),
        operations=operations,
        size=_only_number(params),
        parallelism=threads if threads is not None and threads > 1 else None,
        better=better or {},
    )


def read_entry(at: str, name: str | None, read: Callable[[], Benchmark]) -> Benchmark:
    """Read one entry of a file; what is no measurement becomes an invalid benchmark, and the others are read.

    It is named by the position `at` where it has no `name`.
    """
    try:
        return read()
    except ResultsError as fault:
        return invalid(name or at, f"{fault.message} ({fault.hint})" if fault.hint else fault.message)


def invalid(name: str, detail: str) -> Benchmark:
    """Make a benchmark of which a file holds no measurement, and say why."""
    return Benchmark(id=name, node_id=name, samples=(invalid_sample(detail),))


def invalid_sample(detail: str, pass_index: int = 0) -> Sample:
    """Make the sample of a pass of which a file holds no measurement, and say why."""
    return Sample(outcome=TestOutcome.INVALID, detail=detail, pass_index=pass_index)


def name_in(raw: msgspec.Raw | bytes, *keys: str) -> str | None:
    """Find the name of an entry, however odd the rest of it is: the first of its `keys` that is a text."""
    try:
        members = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
        names = [msgspec.json.decode(members[key]) for key in keys if bytes(members.get(key, b""))[:1] == b'"']
        # Which of two names is the one, nobody knows.
        twice = any(bytes(raw).count(b'"%b"' % key.encode()) > 1 for key in keys)
        repeated = set(repeated_keys(raw, inside=False)) if twice else set()
    except (msgspec.DecodeError, RecursionError):
        return None
    return None if repeated & set(keys) else next((name for name in names if name.strip()), None)


def assemble(
    document: Document,
    benchmarks: Sequence[Benchmark],
    *,
    source: str,
    created: str | None = None,
    commit: Commit | None = None,
    environment: Environment | None = None,
    notes: Sequence[str] = (),
    twins: str = "rename one of them",
) -> Run:
    """Make a run; raises `ResultsError` where it is empty or too large, or where no entry has so much as a name.

    Benchmarks that share an id, and one without any, are invalid. What the document dropped is counted in a note.
    """
    if not benchmarks:
        raise document.fault("contains no benchmarks", "was every benchmark filtered out when the file was written?")
    refuse_too_many(document, len(benchmarks), "benchmarks")
    if all(_POSITION.fullmatch(benchmark.id) and is_invalid(benchmark) for benchmark in benchmarks):
        raise document.fault(benchmarks[0].samples[0].detail)
    notes = (*notes, *named_note(document.dropped, "could not be read and {were} left out"))
    document.dropped.clear()
    return Run(
        source=source,
        created=created,
        commit=commit,
        environment=environment or Environment(),
        benchmarks=told_apart(benchmarks, twins),
        notes=notes,
    )


def told_apart(benchmarks: Sequence[Benchmark], hint: str) -> tuple[Benchmark, ...]:
    """Make one invalid benchmark of those that share an id, and name one without any by its position."""
    grouped: dict[str, list[Benchmark]] = {}
    for index, benchmark in enumerate(benchmarks):
        if benchmark.id.strip():
            grouped.setdefault(benchmark.id, []).append(benchmark)
        else:
            grouped[f"[{index}]"] = [invalid(f"[{index}]", f"the name of benchmark {index} is empty")]
    return tuple(group[0] if len(group) == 1 else _duplicates(name, group, hint) for name, group in grouped.items())


def is_invalid(benchmark: Benchmark) -> bool:
    """Return whether a file holds nothing for a benchmark but what is no measurement."""
    return all(sample.outcome is TestOutcome.INVALID for sample in benchmark.samples)


def named_note(names: Sequence[str], what: str) -> Iterable[str]:
    """Count and name parts of a file in one note, which says `what` of them; none where there are none."""
    if names:
        said = what.format(were="was" if len(names) == 1 else "were")
        more = f"; and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        parts = "part of the file" if len(names) == 1 else "parts of the file"
        yield f"{len(names)} {parts} {said}: {'; '.join(names[:_NAMED])}{more}"


def _duplicates(name: str, group: Sequence[Benchmark], hint: str) -> Benchmark:
    nodes = [shorten(node, _SHOWN) for node in dict.fromkeys(benchmark.node_id for benchmark in group)]
    of = f" ({', '.join(nodes[:_NAMED])})" if len(nodes) > 1 else ""
    return invalid(name, f"{len(group)} entries of the file have this name{of}, so none is its measurement ({hint})")


def refuse_too_many(document: Document, number: int, what: str) -> None:
    """Raise `ResultsError` for more ``benchmarks``, ``passes``, ``metrics`` or ``keys`` than any result has."""
    if number > _MOST[what]:
        raise document.fault(f"contains {number} {what}; at most {_MOST[what]} are supported")


def iso_time(milliseconds: object) -> str | None:
    """Format a time since the epoch as ISO 8601; None for what is no such time."""
    if isinstance(milliseconds, bool) or not isinstance(milliseconds, int | float):
        return None
    try:
        return dt.datetime.fromtimestamp(milliseconds / 1000, dt.UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        return None


def told_of(document: Document, raw: msgspec.Raw | None, at: str) -> dict[str, object]:
    """Read what a tool tells of a machine or a revision; what is no object, and what is long in it, is unknown."""
    if raw is None or bytes(memoryview(raw)[:1]) != b"{":
        return {}
    members = document.decode(raw, dict[str, msgspec.Raw], at)
    repeated = document.repeated_names(raw)
    for name in sorted(repeated):
        document.drop(f"{at}: {GIVEN_TWICE.format(name)}")
    short = {
        name: one for name, one in members.items() if len(memoryview(one)) <= _LONGEST_TOLD and name not in repeated
    }
    return {name: document.plain(one, f"{at}.{name}") for name, one in short.items()}


def text_or_none(value: object) -> str | None:
    """Keep a text that says something; what a tool tells of a machine is of any kind, and no verdict rests on it."""
    return value.strip() or None if isinstance(value, str) else None


def count_or_none(value: object) -> int | None:
    """Keep a whole number above 0, also one that is written as a text."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= len("1000000"):
        value = int(value)
    return value if type(value) is int and 0 < value < 10**9 else None


def _only_number(params: Sequence[str]) -> float | None:
    numbers = []
    for text in params:
        try:
            numbers.append(float(text))
        except ValueError:
            continue
    return numbers[0] if len(numbers) == 1 and 0 < numbers[0] < math.inf else None
