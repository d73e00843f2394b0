"""Several result files of one suite, taken as passes of one run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from hivegate.errors import ResultsError, UsageError
from hivegate.model.run import Benchmark, Commit, Environment, Run, Sample
from hivegate.model.subject import joined_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hivegate.model.comparison import Comparison

_SHOWN = 5  # ids that an error names
_DECIDING = ("python", "implementation")  # of another interpreter the same code is another subject


def combine(runs: Sequence[tuple[str, Run]]) -> Run:
    """Join named runs, each file's samples as later passes.

    Raises `ResultsError` for files of unlike benchmarks, of unlike revisions or interpreters, and for one that holds
    the measurements of another: a copy is no second pass. Files of unlike machines are joined, with a note; what the
    machines do not share is then unknown.
    """
    if not runs:
        raise UsageError("no result file was given")
    first_name, first = runs[0]
    for place, (name, run) in enumerate(runs[1:], start=1):
        _refuse_unlike(first_name, first, name, run)
        for other_name, other in runs[:place]:
            _refuse_copy(other_name, other, name, run)
    known = [run for _, run in runs]
    return msgspec.structs.replace(
        first,
        commit=one_commit(known),
        environment=shared_environment(known),
        benchmarks=_joined(known),
        not_selected=tuple(dict.fromkeys(one for run in known for one in run.not_selected)),
        loaded=joined_files(run.loaded for run in known if run.loaded is not None)
        if first.loaded is not None
        else None,
        doubts=tuple(dict.fromkeys(doubt for run in known for doubt in run.doubts)),
        notes=(*dict.fromkeys(note for run in known for note in run.notes), *_machines_widen(known)),
    )


def _joined(runs: Sequence[Run]) -> tuple[Benchmark, ...]:
    found = [{one.id: one for one in run.benchmarks} for run in runs]
    starts = [0]
    for run in runs:
        # One start a file, not one a benchmark: samples of one index were measured side by side.
        starts.append(starts[-1] + 1 + max((s.pass_index for one in run.benchmarks for s in one.samples), default=0))
    return tuple(
        _append(one, [(start, run[one.id]) for start, run in zip(starts, found, strict=False)])
        for one in runs[0].benchmarks
    )


def _append(first: Benchmark, parts: Sequence[tuple[int, Benchmark]]) -> Benchmark:
    samples = (
        msgspec.structs.replace(sample, pass_index=start + sample.pass_index)
        for start, part in parts
        for sample in part.samples
    )
    memory = (sample for _, part in parts for sample in part.memory)
    return msgspec.structs.replace(first, samples=tuple(samples), memory=tuple(memory))


def _refuse_unlike(first_name: str, first: Run, name: str, run: Run) -> None:
    ids, others = {one.id for one in first.benchmarks}, {one.id for one in run.benchmarks}
    if ids != others:
        common = "no benchmark" if not ids & others else "not the same benchmarks"
        raise ResultsError(
            f"has {common} in common with {first_name}: "
            + "; ".join((*_only(first_name, ids - others), *_only(name, others - ids))),
            where=name,
            hint="several files must be passes of one suite; to compare two revisions use: hivegate compare",
        )
    if first.commit and run.commit and first.commit.sha != run.commit.sha:
        raise ResultsError(
            f"was measured at revision {run.commit.sha[:12]}, {first_name} at {first.commit.sha[:12]}",
            where=name,
            hint="several files must be passes of one revision; to compare two, use: hivegate compare",
        )
    for key in _DECIDING:
        here, there = getattr(run.environment, key), getattr(first.environment, key)
        if here != there and None not in {here, there}:
            raise ResultsError(
                f"was measured under {here}, {first_name} under {there}", where=name, hint="check them one by one"
            )


def _only(file: str, names: set[str]) -> Iterable[str]:
    if names:
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        yield f"only {file} has {', '.join(sorted(names)[:_SHOWN])}{more}"


def _refuse_copy(name: str, run: Run, other_name: str, other: Run) -> None:
    known = {one.id: one.samples for one in run.benchmarks}
    measured = [one for one in other.benchmarks if any(_is_noisy(sample) for sample in one.samples)]
    if measured and all(known[one.id] == one.samples for one in measured):
        raise ResultsError(
            f"contains the same measurements as {name}: a copy is not a second pass",
            where=other_name,
            hint="measure again into another file",
        )


def _is_noisy(sample: Sample) -> bool:
    # Of what is counted, as bytes or allocations are, equal files are no copies.
    return bool(sample.rounds) or sample.summary is not None or sample.throughput is not None


def one_commit(runs: Sequence[Run | Comparison]) -> Commit | None:
    """Return the commit of runs of one revision; dirty where one is."""
    commits = [run.commit for run in runs if run.commit is not None]
    dirty = any(commit.dirty for commit in commits)
    return msgspec.structs.replace(commits[0], dirty=dirty) if commits else None


def shared_environment(runs: Sequence[Run | Comparison]) -> Environment:
    """Keep what all machines share; of the cores the fewest, for a target may ask for more."""
    shared = msgspec.structs.asdict(runs[0].environment)
    for run in runs[1:]:
        shared = {key: value if value == getattr(run.environment, key) else None for key, value in shared.items()}
    cores = [run.environment.cores for run in runs]
    shared["cores"] = None if None in cores else min(count for count in cores if count is not None)
    shared["packages"] = shared["packages"] or {}
    return Environment(**shared)


def unlike_machines(runs: Sequence[Run | Comparison]) -> str | None:
    """Name the machines of runs, where they are of more than one kind."""
    machines = sorted({f"{run.environment.cpu}, {run.environment.cores} cores" for run in runs})
    return "; ".join(machines) if len(machines) > 1 else None


def _machines_widen(runs: Sequence[Run]) -> Iterable[str]:
    if machines := unlike_machines(runs):
        yield f"the files come from different machines, which widens every interval: {machines}"
