"""What applies to a benchmark, for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hivegate.model.identity import rewritten
from hivegate.model.metric import Dimension
from hivegate.model.quantity import quantity
from hivegate.model.targets import REFERENCE
from hivegate.report.escape import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hivegate.model.explanation import Explanation
    from hivegate.model.targets import Budget, Target, Waiver

_DEFAULT_BUDGET = "no entry of budgets matches: the default budget of 2 % applies"


def render_explanation(found: Explanation) -> str:
    """Spell what applies, each with the line of targets.yaml that says so."""
    return "\n".join(_lines(found)) + "\n"


def _lines(found: Explanation) -> Iterable[str]:
    yield printable(found.benchmark)
    yield ""
    yield from _targets(found)
    yield ""
    yield "Budget of a comparison"
    yield f"  {_budget(found.budget)}" if found.budget else f"  {_DEFAULT_BUDGET}"
    for one in found.exact:
        yield f"  {_budget(one)}"
    for one in found.overridden:
        yield f"  overridden by a later entry: {_budget(one)}"
    yield ""
    yield "Waivers" if found.waivers or found.expired else "Waivers: none"
    for waiver in found.waivers:
        yield f"  {'ends soon: ' if waiver in found.soon else ''}{_waiver(waiver)}"
    for waiver in found.expired:
        yield f"  expired, no longer applies: {_waiver(waiver)}"
    if not found.known:
        yield ""
        yield "note: no entry names it, and there is no result yet. What the suite has: hivegate run --collect-only"


def _targets(found: Explanation) -> Iterable[str]:
    yield "Targets" if found.targets else "Targets: none names it; it is measured and reported as new"
    if found.near is not None:
        yield f"  the nearest selector is {printable(found.near)}"
    for target in found.targets:
        yield from _target(target, found)
    for target in found.partner_of:
        yield f"  others are held against it: {printable(target.benchmark)} ({printable(target.where)})"


def _target(target: Target, found: Explanation) -> Iterable[str]:
    metric = printable(target.metric.name) + (" per operation" if target.per_operation else "")
    if target.relative_to is not None:
        metric += f" relative to {_partner(target, found.benchmark)}"
    name = f"{printable(target.name)}: " if target.name else ""
    yield f"  {name}{metric}, {printable(target.limit.text)}"
    effect = found.tiers[target.tier].value
    inconclusive = (target.inconclusive or found.inconclusive).value
    cores = f"; needs at least {target.min_cores} cores" if target.min_cores else ""
    yield f"    tier {target.tier}: when broken, {effect}; when inconclusive, {inconclusive}{cores}"
    yield f"    because it matches {printable(target.benchmark)} ({printable(target.where)})"


def _partner(target: Target, benchmark: str) -> str:
    if target.relative_to == REFERENCE:
        return "the reference loop"
    return printable(rewritten(target.benchmark, benchmark, target.relative_to or ""))


def _budget(one: Budget) -> str:
    if not one.compares:
        return f"not compared: budget none; matches {printable(one.benchmark)} ({printable(one.where)})"
    floor = f", smaller than {quantity(one.noise_floor, one.metric.dimension)} never fails" if one.noise_floor else ""
    budget = f"{quantity(one.slowdown, Dimension.RATIO)} of the {printable(one.metric.name)}"
    return f"{budget}{floor}; matches {printable(one.benchmark)} ({printable(one.where)})"


def _waiver(one: Waiver) -> str:
    limit = "any amount" if one.limit is None else f"up to {quantity(one.limit, Dimension.RATIO)}"
    metric = f" of {printable(one.metric.name)}" if one.metric else ""
    said = f"by {printable(one.owner)} until {one.expires}: {printable(one.reason)}"
    return f"{one.kind.value}, {limit}{metric}, {said} ({printable(one.where)})"
