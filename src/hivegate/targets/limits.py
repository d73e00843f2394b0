"""One absolute target, read and checked."""

from __future__ import annotations

import re

from hivegate.model.identity import closest
from hivegate.model.metric import METRICS, Dimension, Metric, Source, metric_named
from hivegate.model.targets import CALIBRATION, Effect, Limit, Target
from hivegate.targets.fields import Fields, as_items, as_quantity, as_text
from hivegate.targets.tree import Node

_KEYS = (
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
)
_DEFAULT_METRIC = "p50"


def read_target(node: Node, tiers: tuple[str, ...]) -> Target:
    """Read one entry of ``targets``; `tiers` are the names that the file knows."""
    fields = Fields(node, _KEYS)
    metric = read_metric(fields)
    relative_to = fields.text("relative_to")
    _refuse_nonsense(fields, metric, relative_to)
    inconclusive = fields.one_of("inconclusive", (Effect.WARN.value, Effect.FAIL.value))
    cores = fields.quantity("min_cores", Dimension.COUNT)
    return Target(
        benchmark=as_text(fields.need("benchmark")),
        metric=metric,
        limit=_limit(fields, Dimension.RATIO if relative_to else metric.dimension),
        tier=fields.one_of("tier", tiers) or tiers[0],
        name=fields.text("name"),
        per_operation=fields.one_of("per", ("operation",)) is not None,
        relative_to=relative_to,
        inconclusive=Effect(inconclusive) if inconclusive else None,
        min_cores=None if cores is None else int(cores),
        where=node.place,
    )


def read_metric(fields: Fields, default: str = _DEFAULT_METRIC) -> Metric:
    """Read the metric's name; one that is not built in is a custom metric, unless it looks like a misspelt one."""
    name = fields.text("metric")
    if name is None:
        return METRICS[default]
    node = fields.need("metric")
    near = closest(name.lower(), list(METRICS))
    if name not in METRICS and (name.lower() in METRICS or re.fullmatch(r"p\d+(\.\d+)?", name)):
        known = ", ".join(METRICS)
        raise node.refuse(f"is {name!r}; built in are {known}", f"did you mean {near}?" if near else "")
    if not re.fullmatch(r"[A-Za-z_][\w .:/-]{0,80}", name):
        raise node.refuse(f"is {name!r}, which cannot name a metric")
    return metric_named(name)


def refuse_contradictions(targets: tuple[Target, ...]) -> None:
    """Refuse two targets of one quantity that cannot both hold, or that say the same limit twice in one tier."""
    seen: dict[tuple[object, ...], list[Target]] = {}
    for target in targets:
        key = (target.benchmark, target.metric.name, target.per_operation, target.relative_to)
        for other in seen.setdefault(key, []):
            _refuse_pair(target, other)
        seen[key].append(target)


def _refuse_pair(one: Target, other: Target) -> None:
    for low, high in ((one.limit, other.limit), (other.limit, one.limit)):
        if low.minimum is not None and high.maximum is not None and low.minimum > high.maximum:
            raise _error(one, f"contradicts the target of {other.where}: {one.limit.text} against {other.limit.text}")
    both_max = one.limit.maximum is not None and other.limit.maximum is not None
    both_min = one.limit.minimum is not None and other.limit.minimum is not None
    if one.tier == other.tier and (both_max or both_min):
        raise _error(one, f"repeats the target of {other.where} in the tier {one.tier}")


def _error(target: Target, what: str) -> Exception:
    file, line, column = target.where.rsplit(":", 2)
    place = Node(value="", file=file, line=int(line), column=int(column), path=f"the target of {target.benchmark}")
    return place.refuse(what, "keep one of them")


def _limit(fields: Fields, dimension: Dimension) -> Limit:
    written = [key for key in ("max", "min", "between") if key in fields]
    if not written:
        raise fields.node.refuse("has no limit", "add max:, min: or between: [low, high]")
    if "between" in written and len(written) > 1:
        raise fields.need("between").refuse(f"stands beside {written[0]}", "write either between, or max and min")
    minimum, maximum = fields.quantity("min", dimension), fields.quantity("max", dimension)
    text = " and ".join(f"{key} {as_text(fields.need(key))}" for key in written if key != "between")
    if "between" in fields:
        minimum, maximum, text = _between(fields.need("between"), dimension)
    if minimum is not None and maximum is not None and minimum > maximum:
        raise fields.need(written[-1]).refuse(f"the lower bound is above the upper: {text}", "swap them")
    for key in written:
        _refuse_impossible(fields.need(key), minimum, maximum, dimension)
    return Limit(minimum=minimum, maximum=maximum, dimension=dimension, text=text)


def _between(node: Node, dimension: Dimension) -> tuple[float, float, str]:
    items = as_items(node)
    if len(items) != 2:  # noqa: PLR2004  a pair
        raise node.refuse(f"has {len(items)} entries; two are allowed", "between: [1 ms, 5 ms]")
    low, high = (as_quantity(item, dimension) for item in items)
    return low, high, f"between {as_text(items[0])} and {as_text(items[1])}"


def _refuse_impossible(node: Node, minimum: float | None, maximum: float | None, dimension: Dimension) -> None:
    if dimension is Dimension.NUMBER:
        return
    if (maximum is not None and maximum <= 0) or (minimum is not None and minimum < 0):
        raise node.refuse("can never hold: such a quantity is above 0")


def _refuse_nonsense(fields: Fields, metric: Metric, relative_to: str | None) -> None:
    if relative_to == CALIBRATION and metric.dimension is not Dimension.SECONDS:
        raise fields.need("relative_to").refuse(f"{metric.name} is no time; calibration is one", "name a benchmark")
    if relative_to is not None and metric.source is Source.SIZES:
        raise fields.need("relative_to").refuse("growth is an exponent already", "delete relative_to")
    divisible = metric.dimension in {Dimension.SECONDS, Dimension.BYTES, Dimension.COUNT}
    if "per" in fields and not divisible and metric.source is not Source.SIZES:
        raise fields.need("per").refuse(f"{metric.name} cannot be divided by operations", "delete per")
