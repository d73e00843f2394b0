"""What is compared: each row with its input, ours, the loop in C, and how the output of either is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Any

import msgspec

from hivemind import primitives as hive
from reference import primitives_input as make
from reference import primitives_work as work


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One row: two calls without arguments, and what each of their results says as text.

    `algorithm` names the function of the rivals, and `lines` are their input, in columns.
    """

    name: str
    algorithm: str
    size: int
    lines: list[tuple[Any, ...]]
    ours: Callable[[], object]
    floor: Callable[[], object]
    outputs: Callable[[], tuple[str, str]]


def rows(floor: Any) -> list[Row]:  # noqa: ANN401 - a module that was just compiled
    """Prepare all rows; `floor` is the loops in C."""
    kinds = (hive.CommutativeProposal, hive.ConditionalProposal, hive.SchedulingHint, hive.Snapshot, hive.SnapshotCell)
    floor.prepare(*kinds)
    return [
        _reads(floor, 100),
        _writes(floor, 100),
        _commutative(floor, 100),
        _commutative(floor, 500),
        _conditional(floor, 200),
        _conflicts(floor, 500),
        _merging(floor, 20),
        _scheduling(floor, 100),
        _scheduling(floor, 1000),
        _batch(floor, 1000),
        _sorting(floor, 5000),
    ]


def _reads(floor: Any, size: int) -> Row:  # noqa: ANN401 - as above
    cell = hive.SnapshotCell(7)

    def outputs() -> tuple[str, str]:
        return _snapshot(work.read(cell, size)), _snapshot(floor.reads(cell, size))

    return Row(
        name=f"snapshot_reads[{size}]",
        algorithm="reads",
        size=size,
        lines=[],
        ours=lambda: work.read(cell, size),
        floor=lambda: floor.reads(cell, size),
        outputs=outputs,
    )


def _writes(floor: Any, size: int) -> Row:  # noqa: ANN401 - as above
    cell, other = hive.SnapshotCell(0), hive.SnapshotCell(0)

    def outputs() -> tuple[str, str]:
        fresh = hive.SnapshotCell(0), hive.SnapshotCell(0)
        return _snapshot(work.write(fresh[0], size)), _snapshot(floor.writes(fresh[1], size))

    return Row(
        name=f"snapshot_writes[{size}]",
        algorithm="writes",
        size=size,
        lines=[],
        ours=lambda: work.write(cell, size),
        floor=lambda: floor.writes(other, size),
        outputs=outputs,
    )


def _commutative(floor: Any, size: int) -> Row:  # noqa: ANN401 - as above
    given = make.build_commutative(make.commutative_rows(size))

    def outputs() -> tuple[str, str]:
        ours = hive.aggregate_commutative(given)
        by_id, rank = floor.commutative(given)
        return _merge(ours.by_id.values(), ours.priority), _merge(by_id.values(), rank)

    return Row(
        name=f"commutative_aggregation[{size}]",
        algorithm="commutative",
        size=size,
        lines=_commutative_lines(given),
        ours=lambda: hive.aggregate_commutative(given),
        floor=lambda: floor.commutative(given),
        outputs=outputs,
    )


def _conditional(floor: Any, size: int) -> Row:  # noqa: ANN401 - as above
    given = make.build_conditional(make.spread_rows(size))

    def outputs() -> tuple[str, str]:
        ours = hive.aggregate_conditional(given)
        assert ours.merged is not None  # there are proposals
        by_resource, rejected, rank = floor.conditional(given)
        return (
            f"{_conditional_text(ours.merged.by_resource.values(), ours.merged.priority)}\n{_ids(ours.rejected)}",
            f"{_conditional_text(by_resource.values(), rank)}\n{_ids(rejected)}",
        )

    return Row(
        name=f"conditional_aggregation[{size}]",
        algorithm="conditional",
        size=size,
        lines=_conditional_lines(given),
        ours=lambda: hive.aggregate_conditional(given),
        floor=lambda: floor.conditional(given),
        outputs=outputs,
    )


def _conflicts(floor: Any, size: int) -> Row:  # noqa: ANN401 - as above
    given = make.build_conditional(make.crowded_rows(size))

    def outputs() -> tuple[str, str]:
        ours = hive.find_conflicts(given)
        groups, pairs = floor.conflicts(given)
        return _groups(ours.groups, ours.pairs), _groups(groups, pairs)

    return Row(
        name=f"conflict_detection[{size}]",
        algorithm="conflicts",
        size=size,
        lines=_conditional_lines(given),
        ours=lambda: hive.find_conflicts(given),
        floor=lambda: floor.conflicts(given),
        outputs=outputs,
    )


def _merging(floor: Any, size: int) -> Row:  # noqa: ANN401 - as above
    given = make.build_commutative(make.commutative_rows(size))

    def outputs() -> tuple[str, str]:
        ours = work.merge_in_turn(given)
        by_id, rank = floor.merging(given)
        return _merge(ours.by_id.values(), ours.priority), _merge(by_id.values(), rank)

    return Row(
        name=f"proposal_merging[{size}]",
        algorithm="merging",
        size=size,
        lines=_commutative_lines(given),
        ours=lambda: work.merge_in_turn(given),
        floor=lambda: floor.merging(given),
        outputs=outputs,
    )


def _scheduling(floor: Any, size: int) -> Row:  # noqa: ANN401 - as above
    tasks = make.prepare_tasks(size)
    scheduler = hive.PriorityScheduler[str]()

    def outputs() -> tuple[str, str]:
        fresh = work.filled(tasks)
        return " ".join(fresh.dequeue() for _ in tasks), " ".join(floor.scheduling(tasks))

    return Row(
        name=f"priority_scheduling[{size}]",
        algorithm="scheduling",
        size=size,
        lines=[(name, "", "", int(rank)) for name, rank in tasks],
        ours=lambda: work.pass_through(scheduler, tasks),
        floor=lambda: floor.scheduling(tasks),
        outputs=outputs,
    )


def _batch(floor: Any, size: int) -> Row:  # noqa: ANN401 - as above
    one_by_one = _scheduling(floor, size)
    tasks = make.prepare_tasks(size)
    scheduler = hive.PriorityScheduler[str]()

    def drained(scheduler: hive.PriorityScheduler[str]) -> list[str]:
        scheduler.enqueue_all(tasks)
        return scheduler.drain()

    return msgspec.structs.replace(
        one_by_one,
        name=f"priority_scheduling_batch[{size}]",
        ours=lambda: drained(scheduler),
        outputs=lambda: (" ".join(drained(hive.PriorityScheduler())), one_by_one.outputs()[1]),
    )


def _sorting(floor: Any, size: int) -> Row:  # noqa: ANN401 - as above
    given = make.build_hints(make.hint_rows(size))
    places = {id(hint): str(place) for place, hint in enumerate(given)}

    def ours() -> list[hive.SchedulingHint]:
        return sorted(given, key=attrgetter("sort_key"))

    def text(hints: Iterable[hive.SchedulingHint]) -> str:
        return " ".join(places[id(hint)] for hint in hints)

    return Row(
        name=f"scheduling_hint_sorting[{size}]",
        algorithm="sorting",
        size=size,
        lines=[(int(one.priority), int(one.latency_tier), int(one.resource_cost)) for one in given],
        ours=ours,
        floor=lambda: floor.sorting(given),
        outputs=lambda: (text(ours()), text(floor.sorting(given))),
    )


def _snapshot(snapshot: hive.Snapshot[int]) -> str:
    return f"{snapshot.version} {snapshot.value}"


def _merge(proposals: Iterable[hive.CommutativeProposal], rank: hive.Priority) -> str:
    return "\n".join([str(int(rank)), *sorted(f"{one.id}: {one.action} on " for one in proposals)])


def _commutative_lines(given: Iterable[hive.CommutativeProposal]) -> list[tuple[Any, ...]]:
    return [(one.id, one.action, "", int(one.priority)) for one in given]


def _conditional_lines(given: Iterable[hive.ConditionalProposal]) -> list[tuple[Any, ...]]:
    return [(one.id, one.action, one.resource, int(one.priority)) for one in given]


def _conditional_text(proposals: Iterable[hive.ConditionalProposal], rank: hive.Priority) -> str:
    return "\n".join([str(int(rank)), *(f"{one.id}: {one.action} on {one.resource}" for one in proposals)])


def _ids(proposals: Iterable[hive.ConditionalProposal]) -> str:
    return " ".join(one.id for one in proposals)


def _groups(groups: Any, pairs: int) -> str:  # noqa: ANN401 - ours or C's
    return "\n".join([str(pairs), *sorted(f"{resource}: {_ids(group)}" for resource, group in groups.items())])
