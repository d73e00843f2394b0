"""From a project to a measured suite: collect, select, pass after pass."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import msgspec

from hivegate.flows.workspace import keep_interrupted
from hivegate.instruments import definition_of, instrument_of
from hivegate.instruments.base import Mode
from hivegate.measure.collect import BenchmarkItem, collect
from hivegate.measure.passes import PassOptions
from hivegate.measure.suite import Suite
from hivegate.model.events import Started
from hivegate.model.identity import matches, rewritten
from hivegate.model.selection import select
from hivegate.model.targets import REFERENCE, Targets

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hivegate.flows.plan import SuitePlan
    from hivegate.measure.subject import Subject
    from hivegate.model.events import ProgressCallback


def open_suite(subject: Subject, plan: SuitePlan, targets: Targets | None, on_progress: ProgressCallback) -> Suite:
    """Collect the suite and choose from it; partners that a chosen benchmark is held against come along."""
    on_progress(Started(stage="collecting"))
    collection = collect(subject)
    chosen = {one.id for one in select(collection.found, plan.selectors, plan.excluded)}
    if targets is not None:
        chosen |= partners(targets, chosen)
    shard = None
    if plan.division is not None:
        part, shard = plan.division.part(chosen, targets, bonds=bonds(targets, chosen))
        chosen &= part
    kept: tuple[BenchmarkItem, ...] = tuple(one for one in collection.found if one.id in chosen)
    return Suite(
        subject,
        collection,
        kept,
        options=PassOptions(timeout=plan.timeout),
        instruments=tuple(dict.fromkeys(instrument_of(target.metric) for target in targets.targets)) if targets else (),
        on_progress=on_progress,
        shard=shard,
    )


@contextlib.contextmanager
def kept_when_interrupted(project: Path, suite: Suite, on_progress: ProgressCallback) -> Iterator[None]:
    """Keep what was measured so far where Ctrl-C or a signal ends it."""
    try:
        yield
    except KeyboardInterrupt:
        keep_interrupted(project, suite.run(), on_progress)
        raise


def measure(suite: Suite, plan: SuitePlan, targets: Targets | None) -> None:
    """Measure every chosen benchmark in `plan.passes` fresh processes."""
    for number in range(plan.passes if suite.ids else 0):
        measure_once(suite, targets, frozenset(suite.ids), first=number == 0, most=plan.passes)


def measure_once(
    suite: Suite,
    targets: Targets | None,
    chosen: frozenset[str],
    *,
    first: bool,
    most: int,
    left: float | None = None,
) -> None:
    """Add a pass over chosen benchmarks; the `first` is over all, the others lightly, and takes memory and counts.

    `most` and `left` are the passes and the seconds at most, for whoever watches.
    """
    if not suite.ids:
        return
    wanted = single_calls(targets, suite.ids)
    others = frozenset(suite.ids) - chosen
    suite.measure(wanted, only=None if first else chosen, lightly=others, most=most, left=left)
    if first:
        suite.measure_memory(wanted_of(Mode.MEMORY, targets, suite.ids))
        suite.measure_instructions(wanted_of(Mode.INSTRUCTIONS, targets, suite.ids))


def asked_for(targets: Targets, ids: tuple[str, ...]) -> frozenset[str]:
    """Name the benchmarks that a target asks for, and the partners that they are held against."""
    found = {name for name in ids for target in targets.targets if matches(target.benchmark, name)}
    return frozenset(found | partners(targets, found))


def bonds(targets: Targets | None, chosen: set[str]) -> tuple[frozenset[str], ...]:
    """Name the benchmarks that targets hold against each other: only what one process measured can be compared."""
    if targets is None:
        return ()
    grouped = (target.benchmark for target in targets.targets if instrument_of(target.metric).groups)
    groups = [frozenset(one for one in chosen if matches(selector, one)) for selector in grouped]
    return (*groups, *(frozenset({one, *partners(targets, {one})}) for one in chosen))


def wanted_of(mode: Mode, targets: Targets | None, ids: tuple[str, ...]) -> frozenset[str]:
    """Name the benchmarks whose readings of a mode a target asks for, and the partners they are held against."""
    if targets is None:
        return frozenset()
    asking = msgspec.structs.replace(
        targets, targets=tuple(one for one in targets.targets if instrument_of(one.metric).mode is mode)
    )
    found = {one for one in ids for target in asking.targets if matches(target.benchmark, one)}
    return frozenset(found | partners(asking, found))


def single_calls(targets: Targets | None, ids: tuple[str, ...]) -> dict[str, int]:
    """Count the single calls a pass needs, by benchmark, for the percentiles that targets ask for."""
    wanted: dict[str, int] = {}
    for target in targets.targets if targets else ():
        if needed := definition_of(target.metric).single_calls:
            for one in ids:
                if matches(target.benchmark, one):
                    wanted[one] = max(wanted.get(one, 0), needed)
    return wanted


def partners(targets: Targets, chosen: set[str]) -> set[str]:
    """Name the benchmarks that chosen ones are held against."""
    return {
        rewritten(target.benchmark, one, target.relative_to)
        for target in targets.targets
        if target.relative_to is not None and target.relative_to != REFERENCE
        for one in chosen
        if matches(target.benchmark, one)
    }
