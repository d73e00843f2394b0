"""Regression budgets and waivers, read and checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hivegate.model.metric import Dimension
from hivegate.model.targets import Regression, Waiver
from hivegate.targets.fields import Fields, as_text
from hivegate.targets.limits import read_metric

if TYPE_CHECKING:
    from hivegate.targets.tree import Node

_SMALLEST_BUDGET = 0.01  # below it layout, not code, decides (statistics.md)
_LARGEST_BUDGET = 10.0
_KINDS = ("regression", "target")


def read_regression(node: Node) -> Regression:
    """Read one entry of ``regressions``."""
    fields = Fields(node, ("benchmark", "budget", "metric", "noise_floor"))
    metric = read_metric(fields, "mean")
    budget = fields.quantity("budget", Dimension.RATIO)
    if budget is None:
        raise node.refuse("the key budget is missing", "budget: 2 %")
    if not _SMALLEST_BUDGET <= budget <= _LARGEST_BUDGET:
        raise fields.need("budget").refuse(
            f"is {budget:.2%}; allowed is {_SMALLEST_BUDGET:.0%} to {_LARGEST_BUDGET:.0%}",
            "less cannot be told from the luck of memory layout",
        )
    floor = fields.quantity("noise_floor", metric.dimension)
    if floor is not None and floor < 0:
        raise fields.need("noise_floor").refuse("is below 0")
    return Regression(
        benchmark=as_text(fields.need("benchmark")),
        budget=budget,
        metric=metric,
        noise_floor=floor or 0.0,
        where=node.place,
    )


def read_waiver(node: Node) -> Waiver:
    """Read one entry of ``waivers``: a reason, an owner and an end are not optional."""
    fields = Fields(node, ("benchmark", "kind", "limit", "metric", "reason", "owner", "expires"))
    limit = fields.quantity("limit", Dimension.RATIO)
    if limit is not None and limit <= 0:
        raise fields.need("limit").refuse("a share above 0 is allowed", "limit: 12 %")
    return Waiver(
        benchmark=as_text(fields.need("benchmark")),
        kind=fields.one_of("kind", _KINDS) or _KINDS[0],
        reason=as_text(fields.need("reason")),
        owner=as_text(fields.need("owner")),
        expires=fields.date("expires"),
        limit=limit,
        metric=read_metric(fields) if "metric" in fields else None,
        where=node.place,
    )
