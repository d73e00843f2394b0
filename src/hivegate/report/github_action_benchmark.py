"""Results for github-action-benchmark: its tools customSmallerIsBetter and customBiggerIsBetter.

Format: https://github.com/benchmark-action/github-action-benchmark#examples
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from hivegate.report.benchmark_values import Number, numbers

if TYPE_CHECKING:
    from hivegate.report.bundle import Bundle


def render_smaller_is_better(bundle: Bundle) -> str:
    """Spell what is better when it is smaller: times, memory, complexity."""
    return _render([one for one in numbers(bundle) if not one.higher_is_better])


def render_bigger_is_better(bundle: Bundle) -> str:
    """Spell what is better when it is bigger: throughput, and custom metrics that have only a least value."""
    return _render([one for one in numbers(bundle) if one.higher_is_better])


def _render(chosen: list[Number]) -> str:
    return msgspec.json.format(msgspec.json.encode([_entry(one) for one in chosen]), indent=2).decode() + "\n"


def _entry(one: Number) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": f"{one.benchmark} {one.metric}", "unit": one.unit, "value": one.value}
    if one.low is not None and one.high is not None:
        # The action reads one number behind the sign: the farther end, for an interval need not be symmetric.
        entry["range"] = f"± {max(one.value - one.low, one.high - one.value):.6g}"
    return {**entry, "extra": one.basis}
