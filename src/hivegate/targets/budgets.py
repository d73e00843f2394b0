"""Budgets and waivers, read and checked."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from hivegate.instruments import budget_kind
from hivegate.model.targets import Budget, RuleKind, Waiver
from hivegate.targets.fields import Fields, as_text
from hivegate.targets.metrics import plain_grammar, read_metric
from hivegate.targets.units import SHARE

if TYPE_CHECKING:
    from hivegate.targets.tree import Node

BUDGET_KEYS = ("benchmark", "budget", "metric", "noise_floor")
WAIVER_KEYS = ("benchmark", "kind", "limit", "metric", "reason", "owner", "expires")
KINDS = (RuleKind.BUDGET.value, RuleKind.TARGET.value)
FORMER_KINDS = {"regression": "budget"}  # before 0.1.0
NO_BUDGET = "none"  # not to be compared
_SMALLEST_BUDGET = 0.01  # below it layout, not code, decides (statistics.md)
_LARGEST_BUDGET = 10.0
_DEFAULT_METRIC = "mean"


def read_budget(node: Node) -> Budget:
    """Read one entry of ``budgets``."""
    fields = Fields(node, BUDGET_KEYS)
    benchmark = as_text(fields.need("benchmark"))
    metric = read_metric(fields, _DEFAULT_METRIC)
    return Budget(
        benchmark=benchmark,
        slowdown=_budget(fields),
        metric=metric,
        noise_floor=fields.quantity("noise_floor", plain_grammar(metric)) or 0.0,
        where=node.place,
    )


def _budget(fields: Fields) -> float:
    written = fields.need("budget")
    if written.value == NO_BUDGET:
        return math.inf
    budget = fields.quantity("budget", SHARE) or 0.0
    if budget < _SMALLEST_BUDGET:
        raise written.refuse(
            f"is {written.value}; at least 1 % is allowed",
            "smaller changes cannot be distinguished from effects of memory layout",
        )
    if budget > _LARGEST_BUDGET:
        raise written.refuse(
            f"is {written.value}; at most 1000 % is allowed", "a budget is the accepted slowdown, for example 2 %"
        )
    return budget


def read_waiver(node: Node) -> Waiver:
    """Read one entry of ``waivers``: a reason, an owner and an end are not optional."""
    fields = Fields(node, WAIVER_KEYS)
    benchmark = as_text(fields.need("benchmark"))
    limit = fields.quantity("limit", SHARE)
    if limit == 0:
        raise fields.need("limit").refuse("must be above 0", "limit: 12 %")
    return Waiver(
        benchmark=benchmark,
        kind=RuleKind(fields.one_of("kind", KINDS, FORMER_KINDS) or KINDS[0]),
        reason=as_text(fields.need("reason")),
        owner=as_text(fields.need("owner")),
        expires=fields.date("expires"),
        limit=limit,
        metric=read_metric(fields, _DEFAULT_METRIC) if "metric" in fields else None,
        where=node.place,
    )


def refuse_shadowed(entries: list[tuple[Node, Budget]]) -> None:
    """Refuse a budget that can never apply, because a later entry names the same benchmarks and the last match wins."""
    later: dict[tuple[str, str], Node] = {}
    for node, one in reversed(entries):
        measured = budget_kind(one.metric)
        over = later.get((one.benchmark, measured)) or later.get(("*", measured))
        if over is not None:
            raise node.refuse(
                f"never applies: line {over.line} matches the same benchmarks, and the last match wins",
                "delete one, or order them from the widest selector to the narrowest",
            )
        later[one.benchmark, measured] = node
