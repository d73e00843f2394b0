"""The numbers of results for other dashboards: each benchmark and metric once, in units that those know."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import msgspec

from hivegate.model.metric import METRICS, Dimension
from hivegate.model.targets import REFERENCE
from hivegate.report.escape import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hivegate.model.verdict import Verdict
    from hivegate.report.bundle import Bundle

# Times in nanoseconds, whatever their size: a series that changes its unit is another series to a dashboard.
_SCALES = {
    Dimension.SECONDS: (1e9, "ns"),
    Dimension.BYTES: (1.0, "bytes"),
    Dimension.RATE: (1.0, "ops/s"),
    Dimension.RATIO: (1.0, "ratio"),
    Dimension.COUNT: (1.0, "count"),
    Dimension.NUMBER: (1.0, "number"),
}
_LONGEST_NAME = 1000


class Number(msgspec.Struct, frozen=True, kw_only=True):
    """One value of one benchmark in `unit`; unknown ends are None, and `basis` says what it rests on."""

    benchmark: str
    metric: str
    value: float
    low: float | None
    high: float | None
    unit: str
    basis: str
    higher_is_better: bool


def numbers(bundle: Bundle) -> tuple[Number, ...]:
    """Collect what was measured; where several verdicts speak of one metric, the first is taken.

    Of a comparison it is head's value, which has no interval of its own: that of the comparison is of the change.
    """
    found: dict[tuple[str, str], Number] = {}
    for verdict in bundle.verdicts:
        for one in _numbers_of(verdict):
            if math.isfinite(one.value):
                found.setdefault((one.benchmark, one.metric), one)
    return tuple(found.values())


def _numbers_of(verdict: Verdict) -> Iterable[Number]:
    estimate, change, metric = verdict.estimate, verdict.change, verdict.metric
    if metric is None:
        return
    if estimate is not None:
        scale, unit = _SCALES[verdict.dimension]
        passes = "1 pass" if estimate.n == 1 else f"{estimate.n} passes"
        yield _number(verdict, _name(verdict), (estimate.value, estimate.low, estimate.high), scale, unit, passes)
    elif change is not None:
        known = METRICS.get(metric)
        memory = known.dimension if known is not None and change.exact else Dimension.SECONDS
        scale, unit = _SCALES[memory]
        runs = "processes" if change.exact else "pairs"
        values = (change.head_value, -math.inf, math.inf)
        yield _number(verdict, metric, values, scale, unit, f"{change.n} {runs}")


def _number(
    verdict: Verdict, metric: str, values: tuple[float, float, float], scale: float, unit: str, basis: str
) -> Number:
    value, low, high = (_round(one * scale) if math.isfinite(one) else None for one in values)
    return Number(
        benchmark=printable(verdict.benchmark, _LONGEST_NAME),
        metric=printable(metric, _LONGEST_NAME),
        value=math.nan if value is None else value,
        low=low,
        high=high,
        unit=unit,
        basis=basis,
        higher_is_better=_higher_is_better(verdict),
    )


def _round(value: float) -> float:
    """Drop the digits that the change of unit made up."""
    return float(f"{value:.12g}")


def _name(verdict: Verdict) -> str:
    per = " per operation" if verdict.per_operation else ""
    if verdict.relative_to is None:
        return f"{verdict.metric}{per}"
    partner = "reference" if verdict.relative_to == REFERENCE else verdict.relative_to
    return f"{verdict.metric}{per} / {partner}"


def _higher_is_better(verdict: Verdict) -> bool:
    """Tell the direction: of a built-in metric it is known, of another one the limit tells."""
    known = METRICS.get(verdict.metric or "")
    if known is not None:
        return known.higher_is_better
    limit = verdict.limit
    return limit is not None and limit.minimum is not None and limit.maximum is None
