"""Which budget of targets.yaml a comparison of a benchmark has, for its time and for what is read exactly."""

from __future__ import annotations

import math

from msgspec import structs

from hivegate.model.identity import matches
from hivegate.model.metric import METRICS
from hivegate.model.targets import Regression, Targets

_DEFAULT = Regression(benchmark="*", budget=0.02, metric=METRICS["mean"], where="the default")
_INSTRUCTIONS = METRICS["instructions"]


def exact_budgets(targets: Targets, benchmark: str) -> dict[str, Regression]:
    """Find a benchmark's budgets of what is read exactly, by metric: the last entry of each that matches."""
    found = {
        one.metric.name: one for one in targets.regressions if one.metric.exact and matches(one.benchmark, benchmark)
    }
    return {name: one for name, one in found.items() if one.compares}


def budget_of(targets: Targets, benchmark: str, override: float | None = None) -> Regression:
    """Find the budget of a benchmark's time: the last entry that matches, its budget replaced by `override`.

    An entry that says not to compare is not replaced.
    """
    entries = (one for one in reversed(targets.regressions) if not one.metric.exact)
    found = next((one for one in entries if matches(one.benchmark, benchmark)), _DEFAULT)
    if override is None or not found.compares:
        return found
    return structs.replace(found, budget=override, where="--budget")


def by_instructions(targets: Targets, override: float | None = None) -> Targets:
    """Have instructions compared instead of time: every budget of time becomes one of instructions.

    Budgets that targets.yaml itself gives instructions win over those, and those of memory stay.
    """
    timed = (_DEFAULT, *(one for one in targets.regressions if not one.metric.exact))
    counted = (
        structs.replace(
            one,
            metric=_INSTRUCTIONS,
            noise_floor=0.0,  # it is of seconds
            budget=one.budget if override is None or not one.compares else override,
            where=one.where if override is None or not one.compares else "--budget",
        )
        for one in timed
    )
    untimed = structs.replace(_DEFAULT, budget=math.inf, where="--instrument")
    own = (one for one in targets.regressions if one.metric.exact)
    return structs.replace(targets, regressions=(untimed, *counted, *own))
