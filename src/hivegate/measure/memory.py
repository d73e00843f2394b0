"""Memory of a call: tracemalloc's peak and memray's allocations, in processes where no time is measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from hivegate.measure.worker_run import TreeSuite, WorkerRun, run_in_worker
from hivegate.model.events import Started
from hivegate.model.pairs import MemoryPair, PairTrouble, describe_trouble
from hivegate.model.protocol import MemoryPlan
from hivegate.model.run import MemorySample

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hivegate.model.events import ProgressCallback

_READINGS = 2  # equal ones are exact, unequal ones are both ends of the interval


class MemoryReader:
    """Read the memory of one call of each benchmark, in two processes."""

    name: ClassVar[str] = "memory"

    def read(self, suite: TreeSuite, stage: str, on_progress: ProgressCallback) -> dict[str, tuple[MemorySample, ...]]:
        """Read a suite's benchmarks in its tree; by id."""
        runs: list[WorkerRun] = []
        for number in range(_READINGS):
            on_progress(Started(stage=f"{stage}, {number + 1}", steps=len(suite.chosen)))
            runs.append(run_in_worker(suite, MemoryPlan(), {}, on_progress))
        return {item.id: tuple(_sample(run, item.id) for run in runs) for item in suite.chosen}

    def pair(self, base: Sequence[MemorySample], head: Sequence[MemorySample]) -> MemoryPair:
        """Put the readings of both sides next to each other, or say why there are none."""
        trouble = PairTrouble(base=describe_trouble(base), head=describe_trouble(head))
        if trouble.base or trouble.head:
            return MemoryPair(trouble=trouble)
        return MemoryPair(
            base_peak=_all_or_none(sample.peak for sample in base),
            head_peak=_all_or_none(sample.peak for sample in head),
            base_allocations=_all_or_none(sample.allocations for sample in base),
            head_allocations=_all_or_none(sample.allocations for sample in head),
        )


def _all_or_none(readings: Iterable[int | None]) -> tuple[int, ...]:
    kept = tuple(readings)
    known = tuple(reading for reading in kept if reading is not None)
    return known if len(known) == len(kept) else ()


def _sample(run: WorkerRun, name: str) -> MemorySample:
    if name in run.lost:
        return MemorySample(outcome=run.lost[name].outcome, detail=run.lost[name].detail)
    end = run.finished[name]
    if end.memory is None:
        return MemorySample(outcome=end.outcome, detail=end.detail)
    return MemorySample(
        outcome=end.outcome, detail=end.detail, peak=end.memory.peak, allocations=end.memory.allocations
    )
