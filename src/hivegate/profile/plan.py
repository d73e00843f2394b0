"""What to profile: the benchmarks that failed, or those that were asked for. Pure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import msgspec

from hivegate.instruments import TIMER
from hivegate.model.identity import closest, matches
from hivegate.model.metric import Dimension
from hivegate.model.selection import Selectable, select
from hivegate.model.verdict import GateResult, Outcome, Severity, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

_BROKEN = {Outcome.FAILED, Outcome.SLOWER}
_OPEN = {Outcome.INCONCLUSIVE}
_PER_CALL = ("mean", "median", "p50")


class ProfileTask(Selectable, frozen=True, kw_only=True):
    """One benchmark to profile: its node id, its file and the root of node ids.

    `seconds_per_call` is what the gate measured without a profiler, None where it did not; of a comparison also
    `base_seconds_per_call` for the base, and `unsure`, the relative standard error of the one over the other; `in_base`
    where it was measured there.
    """

    node_id: str
    path: str
    rootdir: str | None = None
    seconds_per_call: float | None = None
    base_seconds_per_call: float | None = None
    unsure: float = 0.0
    in_base: bool = False


class ProfilePlan(msgspec.Struct, frozen=True, kw_only=True):
    """The tasks in the order of their weight, and why others are not among them."""

    tasks: tuple[ProfileTask, ...]
    notes: tuple[str, ...] = ()


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """Which benchmarks are asked for: by selectors, by their verdicts, or both.

    `failing` where a verdict has to be red, `inconclusive` where an open one will do; at most `limit` of them.
    """

    selectors: tuple[str, ...] = ()
    failing: bool = True
    inconclusive: bool = False
    limit: int = 10


def plan_profiles(result: GateResult | None, choice: Choice, found: tuple[ProfileTask, ...]) -> ProfilePlan:
    """Choose from the benchmarks that were found; without a result no verdict is asked for.

    Raises `UsageError` for a selector that matches nothing.
    """
    chosen = found
    notes: list[str] = []
    if choice.selectors:
        chosen = tuple(select(found, choice.selectors))
    if result is not None:
        if choice.failing:
            chosen, missing = _failing(result, choice, chosen, [one.id for one in found])
            notes += missing
        chosen = tuple(_timed(one, result) for one in chosen)
    if len(chosen) > choice.limit:
        left = ", ".join(one.id for one in chosen[choice.limit :])
        notes.append(f"{len(chosen) - choice.limit} more are not profiled. Pass their ids to profile them: {left}")
    return ProfilePlan(tasks=chosen[: choice.limit], notes=tuple(notes))


def _failing(
    result: GateResult, choice: Choice, tasks: tuple[ProfileTask, ...], known: list[str]
) -> tuple[tuple[ProfileTask, ...], list[str]]:
    by_id = {one.id: one for one in tasks}
    chosen: dict[str, ProfileTask] = {}
    notes: dict[str, None] = {}
    wanted = [one for one in result.verdicts if is_failing(one) or (choice.inconclusive and one.outcome in _OPEN)]
    for verdict in sorted(wanted, key=lambda one: -one.severity):
        identity = _one_of(verdict.benchmark, by_id)
        if identity in by_id:
            chosen[identity] = by_id[identity]
        elif identity not in known and (
            not choice.selectors or any(matches(one, identity) for one in choice.selectors)
        ):
            near = closest(identity, known)
            notes[f"{identity} cannot be profiled: unknown benchmark" + _meant(near)] = None
    return tuple(chosen.values()), list(notes)


def _timed(task: ProfileTask, result: GateResult) -> ProfileTask:
    """Put beside a task what the result knows of its time."""
    changes = [one.change for one in result.verdicts if one.benchmark == task.id and one.change is not None]
    change = next((one for one in changes if one.instrument == TIMER.name), None)
    if change is None:
        return msgspec.structs.replace(task, seconds_per_call=seconds_per_call(result, task.id), in_base=bool(changes))
    return msgspec.structs.replace(
        task,
        seconds_per_call=change.head_value,
        base_seconds_per_call=change.base_value,
        unsure=0.0 if change.spread is None else change.spread / math.sqrt(change.n),
        in_base=True,
    )


def _one_of(name: str, known: Iterable[str]) -> str:
    """Find the benchmark that stands for a name: itself, or of all sizes under one verdict the last, the largest."""
    found = [one for one in known if matches(name, one)]
    return found[-1] if found else name


def _meant(near: str | None) -> str:
    return f"; did you mean {near}?" if near else ""


def is_failing(verdict: Verdict) -> bool:
    """Return whether a verdict is red, even if only as a warning."""
    return verdict.severity is Severity.BROKEN or verdict.outcome in _BROKEN


def seconds_per_call(result: GateResult, benchmark: str) -> float | None:
    """Find what the gate measured for one call of a benchmark, without a profiler; None where it did not."""
    by_metric = {
        one.metric: one.estimate.value
        for one in reversed(result.verdicts)
        if one.benchmark == benchmark
        and one.estimate is not None
        and one.dimension is Dimension.SECONDS
        and one.relative_to is None
        and not one.per_operation
    }
    return next((by_metric[metric] for metric in _PER_CALL if metric in by_metric), None)
