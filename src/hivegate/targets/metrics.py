"""The name of a metric, and how quantities of it are written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hivegate.instruments import METRICS, metric_named
from hivegate.model.identity import closest
from hivegate.model.metric import Dimension, Metric
from hivegate.targets.units import GRAMMARS, SHARE
from hivegate.targets.wording import shown

if TYPE_CHECKING:
    from hivegate.targets.fields import Fields
    from hivegate.targets.units import Grammar

# One spelling for the parser and the JSON Schema; a custom metric never looks like a built-in one in other letters.
# YAML reads true, yes and on as truth values, which name no metric.
CUSTOM = (
    "(?!(?:[tT][rR][uU][eE]|[fF][aA][lL][sS][eE]|[yY][eE][sS]|[nN][oO]|[oO][nN]|[oO][fF][fF])$)"
    "[A-Za-z_\u00a1-\uffff][A-Za-z0-9_\u00a1-\uffff .:/-]{0,79}"
)
# What a metric was called before 0.1.0.
_FORMER = {"growth": "complexity", "creep": "drift"}


def names() -> dict[str, Metric]:
    """List the built-in metrics by the names that targets.yaml may give them."""
    return {**METRICS, **{former: METRICS[name] for former, name in _FORMER.items()}}


def misspelt() -> str:
    """Make the pattern of what looks like a built-in metric."""
    letters = ("".join(f"[{c}{c.upper()}]" if c.isalpha() else c for c in name) for name in METRICS)
    return "|".join((*letters, r"[pP][0-9]+(?:\.[0-9]+)?"))


def read_metric(fields: Fields, default: str) -> Metric:
    """Read the metric's name; one that is not built in is a custom metric, unless it looks like a misspelt one."""
    name = fields.text("metric")
    if name is None:
        return METRICS[default]
    if (known := names().get(name)) is not None:
        return known
    node = fields.need("metric")
    built_in = f"built-in metrics: {', '.join(METRICS)}"
    if re.fullmatch(misspelt(), name):
        near = closest(name.lower(), list(METRICS))
        raise node.refuse(f"is {shown(name)}; {built_in}", f"did you mean {near}?" if near else "use one of them")
    if not re.fullmatch(CUSTOM, name):
        raise node.refuse(
            f"is {shown(name)}; the name of a custom metric has up to 80 letters, digits, spaces and _.:/-, "
            "and begins with a letter",
            f"use a name of extra_info['metrics']; {built_in}",
        )
    near = closest(name, list(METRICS))
    if near is not None and any(_has_unit(fields, key) for key in ("max", "min")):
        raise node.refuse(
            f"is {shown(name)}, which is not built in, and limits of custom metrics have no unit; {built_in}",
            f"did you mean {near}?",
        )
    return metric_named(name)


def _has_unit(fields: Fields, key: str) -> bool:
    node = fields.get(key)
    return node is not None and isinstance(node.value, str) and re.search(r"[A-Za-z%µμ]", node.value) is not None


def plain_grammar(metric: Metric) -> Grammar:
    """Find how a metric's own quantities are written; its ratio to a partner is written as a ratio."""
    return SHARE if metric.dimension is Dimension.RATIO else GRAMMARS[metric.dimension]
