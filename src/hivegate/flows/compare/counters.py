"""What a comparison reads exactly, beside or instead of times, by the pass of a worker that reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import msgspec

from hivegate.instruments import instrument_of
from hivegate.instruments.base import Mode
from hivegate.measure.instructions import InstructionReader, find_valgrind
from hivegate.measure.memory import MemoryReader
from hivegate.measure.pairs.collect import collect_counters
from hivegate.measure.passes import PassReader
from hivegate.model.comparison import CounterChange
from hivegate.model.pairs import InstructionPair, MemoryPair, PassPair

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hivegate.flows.compare.checkout import ComparisonSetup
    from hivegate.judge import BudgetTable
    from hivegate.measure.collect import BenchmarkItem
    from hivegate.model.events import ProgressCallback
    from hivegate.model.metric import Metric

CounterPair: TypeAlias = PassPair | MemoryPair | InstructionPair


class CounterReadings(msgspec.Struct, frozen=True, kw_only=True):
    """What was read, by the benchmark's id, and what the reader of it must know."""

    metrics: dict[str, tuple[CounterChange, ...]]
    notes: tuple[str, ...]


def read_exactly(
    names: Sequence[str], ready: ComparisonSetup, budgets: BudgetTable, on_progress: ProgressCallback
) -> CounterReadings:
    """Measure what budgets ask for in both trees; instructions stay uncounted where there is no valgrind."""
    asked = {name: [budget.metric for budget in budgets.exact(name).values()] for name in names}
    changes: dict[str, list[CounterChange]] = {name: [] for name in names}
    notes: list[str] = []
    for mode in Mode:
        wanted = {
            name: read
            for name, metrics in asked.items()
            if (read := [metric for metric in metrics if instrument_of(metric).mode is mode])
        }
        chosen = tuple(item for item in ready.chosen if item.id in wanted)
        pairs = _read(mode, chosen, ready, on_progress) if chosen else {}
        for item in chosen:
            changes[item.id] += (_change(metric, pairs.get(item.id)) for metric in wanted[item.id])
        waiting = [name for name, pair in pairs.items() if isinstance(pair, InstructionPair) and pair.waits]
        instruments = dict.fromkeys(instrument_of(metric) for metrics in wanted.values() for metric in metrics)
        notes += (instrument.blind_spots(waiting) for instrument in instruments if pairs)
    return CounterReadings(
        metrics={name: tuple(read) for name, read in changes.items()}, notes=tuple(note for note in notes if note)
    )


def uncounted(names: Sequence[str], budgets: BudgetTable) -> CounterReadings:
    """Say of everything that budgets ask for that it was not counted."""
    asked = {name: budgets.exact(name).values() for name in names}
    metrics = {name: tuple(CounterChange(metric=one.metric.name) for one in found) for name, found in asked.items()}
    return CounterReadings(metrics=metrics, notes=())


def _read(
    mode: Mode, chosen: tuple[BenchmarkItem, ...], ready: ComparisonSetup, on_progress: ProgressCallback
) -> Mapping[str, CounterPair]:
    """Take the readings of a mode in both trees; none where it needs a program that is not there."""
    if mode is Mode.TIME:
        return collect_counters(PassReader(), ready.setup, chosen, on_progress)
    if mode is Mode.MEMORY:
        return collect_counters(MemoryReader(), ready.setup, chosen, on_progress)
    if find_valgrind() is None:
        return {}
    return collect_counters(InstructionReader(), ready.setup, chosen, on_progress)


def _change(metric: Metric, pair: CounterPair | None) -> CounterChange:
    if pair is None:
        return CounterChange(metric=metric.name)
    change = instrument_of(metric).change(pair, metric)
    return CounterChange(metric=metric.name, change=change, trouble=pair.trouble)
