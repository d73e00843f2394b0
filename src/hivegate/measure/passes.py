"""Passes over a suite: one of time, one of memory, each in a fresh process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from hivegate.errors import ResultsError
from hivegate.measure.worker_run import walk
from hivegate.model.declaration import Declaration, declare
from hivegate.model.run import Doubles, MemorySample, Sample, TestOutcome

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hivegate.measure.collect import BenchmarkItem, Collection
    from hivegate.measure.subject import Subject
    from hivegate.model.events import ProgressCallback

_OUTCOMES = {outcome.value: outcome for outcome in TestOutcome}


class Effort(msgspec.Struct, frozen=True, kw_only=True):
    """How much one pass measures: seconds of rounds a benchmark, seconds a round, seconds without a sign of life."""

    max_time: float = 0.05
    min_time: float = 0.0002  # shorter than a slice of the scheduler, so that a median ignores who else runs
    timeout: float = 120.0


class PassResult(msgspec.Struct, frozen=True, kw_only=True):
    """One pass: a sample and a declaration by benchmark id, and facts about the subject."""

    samples: dict[str, Sample]
    declarations: dict[str, Declaration]
    subject: dict[str, Any]


def measure_pass(
    subject: Subject,
    collection: Collection,
    chosen: tuple[BenchmarkItem, ...],
    calls_wanted: Mapping[str, int],
    effort: Effort,
    on_progress: ProgressCallback,
) -> PassResult:
    """Measure the time of the chosen benchmarks once.

    `calls_wanted` says by benchmark id how many single calls are needed. Every chosen benchmark has a sample in the
    result, also one that failed, crashed or never ran.
    """
    plan = {
        "mode": "measure",
        "max_time": str(effort.max_time),
        "min_time": str(effort.min_time),
        "benchmarks": {name: {"calls": calls} for name, calls in calls_wanted.items()},
    }
    found = walk(subject, collection, chosen, plan, timeout=effort.timeout, on_progress=on_progress)
    samples = {name: Sample(outcome=lost.outcome, detail=lost.detail) for name, lost in found.lost.items()}
    declarations: dict[str, Declaration] = {}
    for name, event in found.finished.items():
        samples[name], declarations[name] = _sample(event)
    return PassResult(samples=samples, declarations=declarations, subject=found.subject)


def measure_memory(
    subject: Subject,
    collection: Collection,
    chosen: tuple[BenchmarkItem, ...],
    effort: Effort,
    on_progress: ProgressCallback,
) -> dict[str, MemorySample]:
    """Measure the memory of one call of each chosen benchmark; time is never measured in the same process."""
    found = walk(subject, collection, chosen, {"mode": "memory"}, timeout=effort.timeout, on_progress=on_progress)
    samples = {name: MemorySample(outcome=lost.outcome, detail=lost.detail) for name, lost in found.lost.items()}
    for name, event in found.finished.items():
        samples[name] = MemorySample(
            outcome=_OUTCOMES[event["outcome"]],
            detail=event["detail"],
            peak=event.get("peak"),
            allocations=event.get("allocations"),
        )
    return samples


def _sample(event: dict[str, Any]) -> tuple[Sample, Declaration]:
    try:
        declaration = declare(event.get("extra_info", {}), event["params"])
    except ResultsError as fault:
        return Sample(outcome=TestOutcome.FAILED, detail=str(fault)), Declaration()
    sample = Sample(
        outcome=_OUTCOMES[event["outcome"]],
        detail=event["detail"],
        rounds=Doubles(event.get("rounds", ())),
        calls=event.get("calls", 1),
        single_calls=Doubles(event.get("single_calls", ())),
        cpu=event.get("cpu"),
        wall=event.get("wall"),
        switches=event.get("switches"),
        reference=event.get("reference"),
        metrics=declaration.metrics,
    )
    return sample, declaration
