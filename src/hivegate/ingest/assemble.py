"""The end of every reader: benchmarks become a run, if they can be told apart and there are any."""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING, Annotated

import msgspec

from hivegate.ingest.document import shorten
from hivegate.model.run import Benchmark, Environment, Run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hivegate.ingest.document import Document
    from hivegate.model.run import Commit, Sample

# A benchmark takes about a kilobyte and a pass a third of that, however little a file says of them: this bounds what a
# hostile file can cost.
_MOST = {"benchmarks": 30_000, "passes": 100_000, "metrics": 100_000, "keys": 100}
Count = Annotated[int, msgspec.Meta(ge=1, le=10**15)]  # calls of a round, threads, cores
_SHOWN = 300
_LONGEST_TOLD = 1000


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
    """Make a run; raises `ResultsError` where it is empty or too large, or where two benchmarks share an id."""
    if not benchmarks:
        raise document.fault("contains no benchmarks", "was every benchmark filtered out when the file was written?")
    refuse_too_many(document, len(benchmarks), "benchmarks")
    seen: dict[str, int] = {}
    for index, one in enumerate(benchmarks):
        if not one.id:
            raise document.fault(f"the name of benchmark {index} is empty")
        if (first := seen.setdefault(one.id, index)) != index:
            raise document.fault(
                f"the benchmarks {first} and {index} have the same name, {shorten(one.id, _SHOWN)}", twins
            )
    return Run(
        source=source,
        created=created,
        commit=commit,
        environment=environment or Environment(),
        benchmarks=tuple(benchmarks),
        notes=tuple(notes),
    )


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
    short = {name: one for name, one in members.items() if len(memoryview(one)) <= _LONGEST_TOLD}
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
