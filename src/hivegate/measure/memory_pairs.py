"""The memory of two revisions: each in processes of its own, where no time is measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hivegate.measure.sides import side_of
from hivegate.measure.worker_run import walk
from hivegate.model.events import Started
from hivegate.model.pairs import MemoryPair, PairTrouble

if TYPE_CHECKING:
    from hivegate.measure.collect import BenchmarkItem, Collection
    from hivegate.measure.pairs.checkout import Pairing
    from hivegate.measure.worker_run import Walk
    from hivegate.model.events import ProgressCallback

_READINGS = 2  # equal ones are exact, unequal ones are both ends of the interval


def measure_memory_pairs(
    pairing: Pairing, head: Collection, chosen: tuple[BenchmarkItem, ...], on_progress: ProgressCallback
) -> dict[str, MemoryPair]:
    """Measure one call of each chosen benchmark in both trees, twice each."""
    walks: dict[str, list[Walk]] = {}
    for side in ("base", "head"):
        for number in range(_READINGS):
            on_progress(Started(stage=f"memory of {side}, {number + 1}", steps=len(chosen)))
            walks.setdefault(side, []).append(_walk(pairing, side, head, chosen, on_progress))
    return {one.id: _pair(walks, one.id) for one in chosen}


def _walk(
    pairing: Pairing, side: str, head: Collection, chosen: tuple[BenchmarkItem, ...], on_progress: ProgressCallback
) -> Walk:
    there = side_of(pairing, side, head, chosen)
    plan = {"mode": "memory", "trees": there.trees}
    return walk(there.subject, there.collection, there.chosen, plan, timeout=pairing.timeout, on_progress=on_progress)


def _pair(walks: dict[str, list[Walk]], name: str) -> MemoryPair:
    trouble = {side: next(filter(None, (_trouble(one, name) for one in walks[side])), "") for side in walks}
    if any(trouble.values()):
        return MemoryPair(trouble=PairTrouble(**trouble))

    def readings(side: str, field: str) -> tuple[int, ...]:
        found = tuple(one.finished[name][field] for one in walks[side])
        return () if None in found else found

    return MemoryPair(
        base_peak=readings("base", "peak"),
        head_peak=readings("head", "peak"),
        base_allocations=readings("base", "allocations"),
        head_allocations=readings("head", "allocations"),
    )


def _trouble(found: Walk, name: str) -> str:
    if name in found.lost:
        return found.lost[name].detail
    event = found.finished[name]
    return "" if event["outcome"] == "measured" else f"{event['outcome']}: {event['detail']}"
