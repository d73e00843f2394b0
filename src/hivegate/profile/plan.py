"""What to profile: the benchmarks that failed, or those that were asked for. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from hivegate.model.identity import closest, matches, select
from hivegate.model.metric import Dimension
from hivegate.model.verdict import GateResult, Outcome, Severity, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

_BROKEN = {Outcome.FAILED, Outcome.SLOWER}
_PER_CALL = ("mean", "median", "p50")


class ProfileTask(msgspec.Struct, frozen=True, kw_only=True):
    """One benchmark to profile: its id, its node id, its file and the root of node ids.

    `seconds_per_call` is what the gate measured without a profiler, None where it did not.
    """

    id: str
    node_id: str
    path: str
    rootdir: str | None = None
    seconds_per_call: float | None = None


class ProfilePlan(msgspec.Struct, frozen=True, kw_only=True):
    """The tasks in the order of their weight, and why others are not among them."""

    tasks: tuple[ProfileTask, ...]
    notes: tuple[str, ...] = ()


def plan_profiles(
    result: GateResult | None, selectors: tuple[str, ...], found: tuple[ProfileTask, ...], *, limit: int
) -> ProfilePlan:
    """Choose at most `limit` benchmarks of those that were found: what failed, what selectors name, or what is both.

    Raises `UsageError` for a selector that matches nothing.
    """
    chosen = found
    notes: list[str] = []
    if selectors:
        wanted = set(select(selectors, [one.id for one in found]))
        chosen = tuple(one for one in chosen if one.id in wanted)
    if result is not None:
        chosen, missing = _failing(result, selectors, chosen, [one.id for one in found])
        notes += missing
    if len(chosen) > limit:
        left = ", ".join(one.id for one in chosen[limit:])
        notes.append(f"{len(chosen) - limit} more are not profiled; name them to profile them: {left}")
    return ProfilePlan(tasks=chosen[:limit], notes=tuple(notes))


def _failing(
    result: GateResult, selectors: tuple[str, ...], tasks: tuple[ProfileTask, ...], known: list[str]
) -> tuple[tuple[ProfileTask, ...], list[str]]:
    by_id = {one.id: one for one in tasks}
    chosen: dict[str, ProfileTask] = {}
    notes: dict[str, None] = {}
    for verdict in sorted(filter(_is_failing, result.verdicts), key=lambda one: -one.severity):
        identity = _one_of(verdict.benchmark, by_id)
        if identity in by_id:
            chosen[identity] = msgspec.structs.replace(
                by_id[identity], seconds_per_call=seconds_per_call(result, identity)
            )
        elif identity not in known and (not selectors or any(matches(one, identity) for one in selectors)):
            near = closest(identity, known)
            notes[f"{identity} cannot be profiled: the suite has no such benchmark" + _meant(near)] = None
    return tuple(chosen.values()), list(notes)


def _one_of(name: str, known: Iterable[str]) -> str:
    """Find the benchmark that stands for a name: itself, or of all sizes under one verdict the last, the largest."""
    found = [one for one in known if matches(name, one)]
    return found[-1] if found else name


def _meant(near: str | None) -> str:
    return f"; the nearest is {near}" if near else ""


def _is_failing(verdict: Verdict) -> bool:
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
