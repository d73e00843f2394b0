"""One absolute target, read and checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hivegate.instruments import definition_of, instrument_of
from hivegate.model.identity import is_wild, wild_parts
from hivegate.model.metric import Dimension, Metric
from hivegate.model.targets import REFERENCE, AtSpeed, Effect, Holds, Limit, Target
from hivegate.targets.fields import Fields, as_items, as_quantity, as_text
from hivegate.targets.metrics import plain_grammar, read_metric
from hivegate.targets.units import GRAMMARS, Grammar
from hivegate.targets.wording import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hivegate.targets.tree import Node

TARGET_KEYS = (
    "name",
    "benchmark",
    "metric",
    "max",
    "min",
    "between",
    "tier",
    "per",
    "relative_to",
    "inconclusive",
    "min_cores",
    "speed",
    "holds",
)
REFERENCES = (REFERENCE, "calibration")  # the second is what it was called before 0.1.0
POLICIES = (Effect.WARN.value, Effect.FAIL.value)
SPEEDS = tuple(speed.value for speed in AtSpeed)
HOLDS = tuple(holds.value for holds in Holds)
_DEFAULT_METRIC = "p50"


def read_target(node: Node, tiers: Mapping[str, AtSpeed]) -> Target:
    """Read one entry of ``targets``; `tiers` are the names that the file knows, with the speed that each is held at."""
    fields = Fields(node, TARGET_KEYS)
    benchmark = as_text(fields.need("benchmark"))
    metric = read_metric(fields, _DEFAULT_METRIC)
    relative_to = fields.text("relative_to")
    per_operation = fields.one_of("per", ("operation",)) is not None
    _refuse_nonsense(fields, metric, benchmark)
    _refuse_partner(fields, metric, benchmark)
    inconclusive = fields.one_of("inconclusive", POLICIES)
    limit = _limit(fields, metric)
    tier = fields.one_of("tier", tuple(tiers)) or next(iter(tiers))
    speed, holds = fields.one_of("speed", SPEEDS), fields.one_of("holds", HOLDS)
    return Target(
        benchmark=benchmark,
        metric=metric,
        limit=limit,
        tier=tier,
        name=fields.text("name"),
        per_operation=per_operation,
        relative_to=REFERENCE if relative_to in REFERENCES else relative_to,
        inconclusive=Effect(inconclusive) if inconclusive else None,
        min_cores=fields.whole_number("min_cores"),
        speed=tiers[tier] if speed is None else AtSpeed(speed),
        holds=_usual_holds(metric, limit) if holds is None else Holds(holds),
        where=node.place,
    )


def _usual_holds(metric: Metric, limit: Limit) -> Holds:
    """Choose where a limit holds: a promised extreme, as that of the slowest round, is a fact of every pass."""
    promised = {"max": limit.minimum is None, "min": limit.maximum is None}
    return Holds.EVERY_PASS if promised.get(metric.name, False) else Holds.TYPICALLY


def _limit(fields: Fields, metric: Metric) -> Limit:
    written = [key for key in ("max", "min", "between") if key in fields]
    if not written:
        raise fields.node.refuse("has no limit", "add max:, min: or between: [low, high]")
    if "between" in written and len(written) > 1:
        raise fields.need("between").refuse(
            f"cannot be combined with {written[0]}", "use either between, or max and min"
        )
    related = "relative_to" in fields
    dimension = Dimension.RATIO if related else metric.dimension
    grammar = GRAMMARS[Dimension.RATIO] if related else plain_grammar(metric)
    if "between" in fields:
        return _between(fields.need("between"), dimension, grammar)
    lower, upper = fields.get("min"), fields.get("max")
    minimum = None if lower is None else as_quantity(lower, grammar)
    maximum = None if upper is None else _upper(upper, grammar)
    text = " and ".join(f"{key} {fields.text(key)}" for key in written)
    if lower is not None and minimum is not None and maximum is not None and minimum > maximum:
        raise lower.refuse(f"lies above max: {text}", "swap them")
    return Limit(minimum=minimum, maximum=maximum, dimension=dimension, text=text)


def _between(node: Node, dimension: Dimension, grammar: Grammar) -> Limit:
    items = as_items(node)
    if len(items) != 2:  # noqa: PLR2004  a pair
        raise node.refuse(f"is a list of {len(items)}; expected two bounds", "between: [low, high]")
    low, high = items
    minimum, maximum = as_quantity(low, grammar), _upper(high, grammar)
    text = f"between {as_text(low)} and {as_text(high)}"
    if minimum > maximum:
        raise low.refuse(f"lies above the upper bound: {text}", f"swap them: [{as_text(high)}, {as_text(low)}]")
    return Limit(minimum=minimum, maximum=maximum, dimension=dimension, text=text)


def _upper(node: Node, grammar: Grammar) -> float:
    value = as_quantity(node, grammar)
    if value <= 0 and not grammar.signed:
        raise node.refuse(
            f"is {as_text(node)}, which is never met", "the measured value is always above 0: set a larger limit"
        )
    return value


def _refuse_nonsense(fields: Fields, metric: Metric, benchmark: str) -> None:
    if "per" in fields and not definition_of(metric).divisible:
        raise fields.need("per").refuse(f"{shown(metric.name)} cannot be divided by operations", "delete per")
    if instrument_of(metric).groups and not is_wild(benchmark):
        raise fields.need("benchmark").refuse(
            f"is {shown(benchmark)}, a single size; {metric.name} needs several", "select them all: suite/name[*]"
        )


def _refuse_partner(fields: Fields, metric: Metric, benchmark: str) -> None:
    node = fields.get("relative_to")
    if node is None:
        return
    partner = as_text(node)
    if alone := definition_of(metric).alone:
        raise node.refuse(alone, "delete relative_to")
    if partner in REFERENCES:
        if metric.dimension is not Dimension.SECONDS:
            raise node.refuse(
                f"is reference, which is a time, but {shown(metric.name)} is not", "name a benchmark instead"
            )
    elif partner == benchmark:
        raise node.refuse("is the benchmark itself, so the ratio is always 1", "name another, or reference")
    elif wild_parts(partner) > wild_parts(benchmark):
        raise node.refuse(
            f"has more wildcards than benchmark, {shown(benchmark)}, which fills them",
            "name one partner, or use the same wildcards in both",
        )
