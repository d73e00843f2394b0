"""Several result files of one suite, taken as passes of one run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from hivegate.errors import ResultsError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hivegate.model.run import Benchmark, Run

_SHOWN = 5  # ids that an error names


def combine(runs: Sequence[tuple[str, Run]]) -> Run:
    """Join named runs, each file's samples as later passes; raises `ResultsError` where benchmarks are not the same."""
    if not runs:
        raise UsageError("no result file was given")
    (first_name, first), *others = runs
    for name, run in others:
        _refuse_unlike(first_name, first, name, run)
    joined = {benchmark.id: benchmark for benchmark in first.benchmarks}
    for place, (_, run) in enumerate(others, start=1):
        for benchmark in run.benchmarks:
            joined[benchmark.id] = _append(joined[benchmark.id], benchmark, place)
    notes = tuple(dict.fromkeys(note for _, run in runs for note in run.notes))
    return msgspec.structs.replace(first, benchmarks=tuple(joined.values()), notes=notes)


def _refuse_unlike(first_name: str, first: Run, name: str, run: Run) -> None:
    ids, others = {one.id for one in first.benchmarks}, {one.id for one in run.benchmarks}
    if ids != others:
        only_first, only_this = sorted(ids - others), sorted(others - ids)
        parts = [
            f"only {file} has {', '.join(names[:_SHOWN])}{f' and {len(names) - _SHOWN} more' * (len(names) > _SHOWN)}"
            for file, names in ((first_name, only_first), (name, only_this))
            if names
        ]
        common = "no benchmark" if not ids & others else "not the same benchmarks"
        raise ResultsError(
            f"has {common} in common with {first_name}: {'; '.join(parts)}",
            where=name,
            hint="several files are passes of one suite; to compare two revisions use: hivegate compare",
        )
    if first.environment.python != run.environment.python:
        raise ResultsError(
            f"was measured under Python {run.environment.python}, {first_name} under {first.environment.python}",
            where=name,
            hint="judge them one by one",
        )


def _append(known: Benchmark, more: Benchmark, place: int) -> Benchmark:
    # Passes of one file stay passes of one file: the index only has to keep files apart and order them.
    base = 1 + max((sample.pass_index for sample in known.samples), default=place - 1)
    samples = tuple(msgspec.structs.replace(sample, pass_index=base + sample.pass_index) for sample in more.samples)
    return msgspec.structs.replace(known, samples=known.samples + samples, memory=known.memory + more.memory)
