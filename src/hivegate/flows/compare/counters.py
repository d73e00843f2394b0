"""What a comparison reads exactly, beside or instead of times: memory, and instructions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from hivegate.measure.instructions import InstructionReader, find_valgrind, unseen
from hivegate.measure.memory import MemoryReader
from hivegate.measure.pairs.collect import collect_counters
from hivegate.model.comparison import CounterChange
from hivegate.model.metric import METRICS, Source
from hivegate.model.pairs import InstructionPair
from hivegate.stats.exact import instruction_change, memory_change

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hivegate.flows.compare.checkout import ComparisonSetup
    from hivegate.judge import BudgetTable
    from hivegate.measure.collect import BenchmarkItem
    from hivegate.model.events import ProgressCallback


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """What was read, by the benchmark's id, and what the reader of it must know."""

    metrics: dict[str, tuple[CounterChange, ...]]
    notes: tuple[str, ...]


def read_exactly(
    names: Sequence[str], ready: ComparisonSetup, budgets: BudgetTable, on_progress: ProgressCallback
) -> Read:
    """Measure what budgets ask for in both trees; instructions stay uncounted where there is no valgrind."""
    asked = {name: tuple(budgets.exact(name)) for name in names}
    metrics: dict[str, list[CounterChange]] = {name: [] for name in names}
    of_memory = _chosen(ready, asked, Source.MEMORY)
    memory = collect_counters(MemoryReader(), ready.setup, of_memory, on_progress) if of_memory else {}
    for name, used in memory.items():
        metrics[name] += (
            CounterChange(metric=metric, change=memory_change(used, metric), trouble=used.trouble)
            for metric in asked[name]
            if METRICS[metric].source is Source.MEMORY
        )
    counted = _chosen(ready, asked, Source.INSTRUCTIONS)
    able = bool(counted) and find_valgrind() is not None
    instructions = collect_counters(InstructionReader(), ready.setup, counted, on_progress) if able else {}
    for one in counted:
        pair = instructions.get(one.id, InstructionPair())
        change = instruction_change(pair)
        metrics[one.id].append(CounterChange(metric="instructions", change=change, trouble=pair.trouble))
    waiting = [name for name, pair in instructions.items() if pair.waits]
    return Read(
        metrics={name: tuple(read) for name, read in metrics.items()},
        notes=(unseen(waiting),) if instructions else (),
    )


def _chosen(ready: ComparisonSetup, asked: dict[str, tuple[str, ...]], source: Source) -> tuple[BenchmarkItem, ...]:
    """Choose the benchmarks of which a metric of a source is asked."""
    return tuple(
        one for one in ready.chosen if any(METRICS[metric].source is source for metric in asked.get(one.id, ()))
    )
