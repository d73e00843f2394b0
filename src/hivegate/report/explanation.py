"""What applies to a benchmark, for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hivegate.model.metric import Dimension
from hivegate.model.targets import CALIBRATION
from hivegate.report.escape import printable
from hivegate.report.quantity import quantity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hivegate.model.explanation import Explanation
    from hivegate.model.targets import Regression, Target, Targets, Waiver

_DEFAULT_BUDGET = "no entry of regressions matches: the default budget of 2 % of the mean applies"


def render_explanation(found: Explanation, targets: Targets) -> str:
    """Spell what applies, each with the line of targets.yaml that says so."""
    return "\n".join(_lines(found, targets)) + "\n"


def _lines(found: Explanation, targets: Targets) -> Iterable[str]:
    yield printable(found.benchmark)
    yield ""
    yield "Targets" if found.targets else "Targets: none names it; it is measured and reported as new"
    for target in found.targets:
        yield from _target(target, targets)
    yield ""
    yield "Budget of a comparison"
    yield f"  {_budget(found.budget)}" if found.budget else f"  {_DEFAULT_BUDGET}"
    for one in found.overridden:
        yield f"  overridden by a later entry: {_budget(one)}"
    yield ""
    yield "Waivers" if found.waivers or found.expired else "Waivers: none"
    for waiver in found.waivers:
        yield f"  {_waiver(waiver)}"
    for waiver in found.expired:
        yield f"  expired, no longer applies: {_waiver(waiver)}"


def _target(target: Target, targets: Targets) -> Iterable[str]:
    metric = target.metric.name + (" per operation" if target.per_operation else "")
    if target.relative_to is not None:
        partner = "the calibration loop" if target.relative_to == CALIBRATION else target.relative_to
        metric += f" relative to {partner}"
    effect = targets.tiers[target.tier].value
    name = f"{printable(target.name)}: " if target.name else ""
    yield f"  {name}{metric}, {printable(target.limit.text)}"
    yield f"    tier {target.tier}: when broken, {effect}; matches {printable(target.benchmark)} ({target.where})"


def _budget(one: Regression) -> str:
    floor = f", smaller than {quantity(one.noise_floor, one.metric.dimension)} never fails" if one.noise_floor else ""
    budget = quantity(one.budget, Dimension.RATIO)
    return f"{budget} of the {one.metric.name}{floor}; matches {printable(one.benchmark)} ({one.where})"


def _waiver(one: Waiver) -> str:
    limit = "any amount" if one.limit is None else f"up to {quantity(one.limit, Dimension.RATIO)}"
    return f"{one.kind}, {limit}, by {printable(one.owner)} until {one.expires}: {printable(one.reason)} ({one.where})"
