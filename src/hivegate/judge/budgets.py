"""Which budget of targets.yaml a comparison of a benchmark has, for its time and for what is read exactly."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from msgspec import structs

from hivegate.instruments import METRICS, TIMER, budget_kind, instrument_of
from hivegate.model.identity import is_wild, matches
from hivegate.model.targets import Budget, Targets

if TYPE_CHECKING:
    from collections.abc import Sequence

_DEFAULT = Budget(benchmark="*", slowdown=0.02, metric=METRICS["mean"], where="the default")
_INSTRUCTIONS = METRICS["instructions"]


class BudgetTable:
    """The budgets of a targets.yaml; of thousands that name one benchmark each, one is found at once.

    With `base`, the targets of base's revision, the stricter of both is found, so that it decides what is measured.
    """

    def __init__(self, targets: Targets, base: Targets | None = None) -> None:
        self._base = None if base is None else BudgetTable(base)
        by_metric: dict[str, list[Budget]] = {}
        for one in targets.budgets:
            by_metric.setdefault(budget_kind(one.metric), []).append(one)
        self._timed = _Entries(by_metric.pop(TIMER.name, ()))
        self._exact = {metric: _Entries(entries) for metric, entries in by_metric.items()}

    def of(self, benchmark: str, override: float | None = None) -> Budget:
        """Find the budget of a benchmark's time: the last entry that matches, its budget replaced by `override`.

        An entry that says not to compare is not replaced.
        """
        found = self._timed.last(benchmark) or _DEFAULT
        if self._base is not None:
            found = _stricter(self._base.of(benchmark), found)
        if override is None or not found.compares:
            return found
        return structs.replace(found, slowdown=override, where="--budget")

    def exact(self, benchmark: str) -> dict[str, Budget]:
        """Find a benchmark's budgets of what is read exactly, by metric: the last entry of each that matches."""
        found = {metric: entries.last(benchmark) for metric, entries in self._exact.items()}
        chosen = {metric: one for metric, one in found.items() if one is not None and one.compares}
        if self._base is not None:
            for metric, one in self._base.exact(benchmark).items():
                chosen[metric] = _stricter(one, chosen[metric]) if metric in chosen else one
        return chosen


def _stricter(base: Budget, head: Budget) -> Budget:
    """Choose the budget that allows less; of two metrics it is base's, unless base does not compare at all."""
    if base.metric != head.metric:
        return base if base.compares else head
    less = head.slowdown < base.slowdown or (head.slowdown == base.slowdown and head.noise_floor < base.noise_floor)
    return head if less else base


class _Entries:
    """Entries of which the last that matches a benchmark counts."""

    def __init__(self, entries: Sequence[Budget]) -> None:
        numbered = list(enumerate(entries))
        self._plain = {one.benchmark: (number, one) for number, one in numbered if not is_wild(one.benchmark)}
        self._wild = [(number, one) for number, one in reversed(numbered) if is_wild(one.benchmark)]

    def last(self, benchmark: str) -> Budget | None:
        after, found = self._plain.get(benchmark, (-1, None))
        wild = ((number, one) for number, one in self._wild if number > after)
        return next((one for _, one in wild if matches(one.benchmark, benchmark)), found)


def by_instructions(targets: Targets, override: float | None = None) -> Targets:
    """Have instructions compared instead of time: every budget of time becomes one of instructions.

    BudgetTable that targets.yaml itself gives instructions win over those, and those of memory stay.
    """
    timed = (_DEFAULT, *(one for one in targets.budgets if not instrument_of(one.metric).exact))
    counted = (
        structs.replace(
            one,
            metric=_INSTRUCTIONS,
            noise_floor=0.0,  # it is of seconds
            slowdown=one.slowdown if override is None or not one.compares else override,
            where=one.where if override is None or not one.compares else "--budget",
        )
        for one in timed
    )
    untimed = structs.replace(_DEFAULT, slowdown=math.inf, where="--instrument")
    own = (one for one in targets.budgets if instrument_of(one.metric).exact)
    return structs.replace(targets, budgets=(untimed, *counted, *own))
