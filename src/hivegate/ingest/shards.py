"""Shards of one suite joined to the whole: nothing twice, nothing missing, nothing unlike."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from hivegate.errors import ResultsError
from hivegate.ingest.combine import one_commit, shared_environment, unlike_machines
from hivegate.model.comparison import Comparison
from hivegate.model.subject import LoadedFiles, joined_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hivegate.model.run import Run
    from hivegate.model.shard import Shard

_SHOWN = 8
_UNLIKE = {
    "count": "is one of {there} shards, but {name} is one of {here}",
    "suite": "was split from another suite or selection than {name}",
    "targets": "was measured with another targets.yaml than {name}",
    "durations": "was split with other durations than {name}",
}
_TOLD = ("commit", "base", "budget", "instrument", "Python")
_SAME = "give every machine the same commit, targets.yaml, --select, --durations and N of --shard I/N"


class Part(NamedTuple):
    """A shard as it was read: the file's name, what was measured, and which part it is."""

    name: str
    run: Run | Comparison
    shard: Shard


def join_shards(read: Sequence[tuple[str, Run | Comparison]], *, whole: bool = True) -> tuple[Run | Comparison, Shard]:
    """Join named shards, all of runs or all of comparisons; returns what they are joined, and the first file's shard.

    Raises `ResultsError` for what is no shard, for one that is there twice, or missing where they must be `whole`, and
    for shards of another commit, base, suite, targets file, division or Python.
    """
    parts = [Part(name, run, _shard_of(name, run)) for name, run in read]
    for part in parts[1:]:
        _refuse_unlike(parts[0], part)
    _refuse_gaps(parts, whole=whole)
    parts.sort(key=lambda part: part.shard.number)
    _refuse_twins(parts)
    runs = [part.run for part in parts]
    elsewhere = set.intersection(*(set(run.not_selected) for run in runs))
    joined = msgspec.structs.replace(
        runs[0],
        commit=one_commit(runs),
        environment=shared_environment(runs),
        benchmarks=tuple(one for run in runs for one in run.benchmarks),
        not_selected=tuple(name for name in runs[0].not_selected if name in elsewhere),
        shard=None,
        loaded=_loaded(runs),
        doubts=tuple(dict.fromkeys(doubt for run in runs for doubt in run.doubts)),
        notes=(*dict.fromkeys(note for run in runs for note in run.notes), *_told_of_machines(runs)),
    )
    return joined, parts[0].shard


def _loaded(runs: Sequence[Run | Comparison]) -> LoadedFiles | dict[str, LoadedFiles] | None:
    if isinstance(runs[0], Comparison):
        by_side = [run.loaded for run in runs if isinstance(run, Comparison)]
        sides = dict.fromkeys(side for loaded in by_side for side in loaded)
        return {side: joined_files(loaded[side] for loaded in by_side if side in loaded) for side in sides}
    known = [run.loaded for run in runs if isinstance(run.loaded, LoadedFiles)]
    return joined_files(known) if known else None


def _shard_of(name: str, run: Run | Comparison) -> Shard:
    if run.shard is None:
        raise ResultsError(
            "is a whole run, not a shard",
            where=name,
            hint="--shard I/N writes shards; check a whole run with: hivegate check",
        )
    return run.shard


def _refuse_unlike(first: Part, other: Part) -> None:
    if type(first.run) is not type(other.run):
        kind = {True: "a comparison", False: "a run"}
        told = kind[isinstance(other.run, Comparison)], kind[isinstance(first.run, Comparison)]
        raise ResultsError(
            f"is {told[0]}, but {first.name} is {told[1]}",
            where=other.name,
            hint="merge runs and comparisons separately",
        )
    for key, words in _UNLIKE.items():
        here, there = getattr(first.shard, key), getattr(other.shard, key)
        if here != there:
            raise ResultsError(words.format(name=first.name, here=here, there=there), where=other.name, hint=_SAME)
    for what, here, there in zip(_TOLD, _told(first), _told(other), strict=True):
        if here != there:
            raise ResultsError(
                f"was measured with the {what} {there}, but {first.name} with {here}", where=other.name, hint=_SAME
            )


def _told(part: Part) -> tuple[object, ...]:
    run = part.run
    python = f"{run.environment.implementation} {run.environment.python}"
    own = (run.base_sha, run.budget, run.by_instructions) if isinstance(run, Comparison) else (None, None, None)
    return run.commit and run.commit.sha, *own, python


def _refuse_gaps(parts: Sequence[Part], *, whole: bool) -> None:
    count = parts[0].shard.count
    by_number: dict[int, str] = {}
    for part in parts:
        twin = by_number.setdefault(part.shard.number, part.name)
        if twin != part.name:
            raise ResultsError(f"is shard {part.shard}, like {twin}", where=part.name, hint="pass each shard once")
    missing = [number for number in range(1, count + 1) if number not in by_number]
    if len(parts) != len(by_number) or (whole and missing):
        raise ResultsError(
            f"of {count}, {_listed(missing)} missing" if missing else f"{parts[0].name} is passed twice",
            where="the shards",
            hint="a failed machine writes no shard: run its job again" if missing else "pass each shard once",
        )


def _listed(numbers: Sequence[int]) -> str:
    shown = ", ".join(map(str, numbers[:_SHOWN])) + (
        f" and {len(numbers) - _SHOWN} more" if len(numbers) > _SHOWN else ""
    )
    return f"shard {shown} is" if len(numbers) == 1 else f"shards {shown} are"


def _refuse_twins(parts: Sequence[Part]) -> None:
    owners: dict[str, str] = {}
    for part in parts:
        for one in part.run.benchmarks:
            owner = owners.setdefault(one.id, part.name)
            if owner != part.name:
                raise ResultsError(f"contains {one.id}, like {owner}", where=part.name, hint=_SAME)


def _told_of_machines(runs: Sequence[Run | Comparison]) -> Iterable[str]:
    if machines := unlike_machines(runs):
        yield f"the shards come from different machines: {machines}"
