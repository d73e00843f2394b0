"""The numbers of one benchmark, as its chart needs them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import msgspec

from hivegate.model.trend import ChangePoint, Drift, Trend

if TYPE_CHECKING:
    from collections.abc import Sequence

_DIGITS = 5  # of a number on the screen, two more than are shown


class TrendChart(msgspec.Struct, frozen=True, kw_only=True):
    """A trend with the interval of each of its points, None at an open end."""

    trend: Trend
    bounds: tuple[tuple[float | None, float | None], ...]
    node_id: str | None = None


def chart_name(benchmark: str) -> str:
    """Name a benchmark's file, whatever characters its own name is of."""
    return hashlib.sha256(benchmark.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def short(number: float) -> float:
    """Round to what a chart can show: half the size of a file."""
    return float(f"{number:.{_DIGITS}g}")


def chart_of(charted: Sequence[TrendChart]) -> dict[str, Any]:
    """Arrange the series of a benchmark in the order in which the index lists them."""
    return {
        "node": next((one.node_id for one in charted if one.node_id), None),
        "series": [_series(one) for one in charted],
    }


def _series(one: TrendChart) -> dict[str, Any]:
    points = one.trend.series.points
    told: dict[str, Any] = {
        "runs": [point.run for point in points],
        "values": [short(point.value) for point in points],
        "changes": [_change(change) for change in one.trend.changes],
        "drift": None if one.trend.drift is None else _drift(one.trend.drift),
    }
    if any(end is not None for ends in one.bounds for end in ends):
        for place, name in enumerate(("low", "high")):
            told[name] = [None if end is None else short(end) for end in (ends[place] for ends in one.bounds)]
    return told


def _change(change: ChangePoint) -> dict[str, Any]:
    return {
        "at": change.index,
        "before": short(change.before),
        "after": short(change.after),
        "worse": change.worse,
        "cause": change.cause.value,
        "shared": None if change.shared is None else short(change.shared),
        "good": change.last_good.run,
        "bad": change.first_bad.run,
        "from": change.surely_before.run,
        "to": change.surely_after.run,
    }


def _drift(drift: Drift) -> dict[str, Any]:
    return {
        "ratio": short(drift.ratio),
        "low": short(drift.low),
        "high": short(drift.high),
        "best": short(drift.best),
        "current": short(drift.current),
        "first": drift.best_first.run,
        "last": drift.best_last.run,
        "since": drift.current_first.run,
    }
