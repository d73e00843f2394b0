"""Instruments: one kind of measurement each, and the registry of the metrics that they have.

A metric belongs to the instrument that defines it; every name that none defines is a custom metric of a benchmark.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hivegate.instruments.complexity import Sizes
from hivegate.instruments.custom import Custom, custom_metric
from hivegate.instruments.drift import History
from hivegate.instruments.instructions import Instructions
from hivegate.instruments.memory import Memory
from hivegate.instruments.time import TIMER
from hivegate.model.metric import Dimension

if TYPE_CHECKING:
    from hivegate.instruments.base import Definition, Instrument
    from hivegate.model.change import Change
    from hivegate.model.metric import Metric

__all__ = [
    "INSTRUMENTS",
    "METRICS",
    "TIMER",
    "budget_kind",
    "definition_of",
    "dimension_of_change",
    "instrument_of",
    "metric_named",
    "register",
    "unregister",
]

_CUSTOM = Custom()
INSTRUMENTS: dict[str, Instrument] = {}
METRICS: dict[str, Metric] = {}
_DEFINITIONS: dict[str, tuple[Instrument, Definition]] = {}


def register(instrument: Instrument) -> None:
    """Make an instrument's metrics built-in ones.

    Raises `ValueError` where an instrument or a metric of the same name is registered.
    """
    names = [definition.metric.name for definition in instrument.definitions]
    taken = [name for name in (instrument.name,) if name in INSTRUMENTS] + [name for name in names if name in METRICS]
    if taken or len(set(names)) < len(names):
        raise ValueError(f"{instrument.name} has names that are taken: {', '.join(taken or names)}")
    INSTRUMENTS[instrument.name] = instrument
    for definition in instrument.definitions:
        METRICS[definition.metric.name] = definition.metric
        _DEFINITIONS[definition.metric.name] = (instrument, definition)


def unregister(instrument: Instrument) -> None:
    """Forget an instrument and its metrics."""
    del INSTRUMENTS[instrument.name]
    for definition in instrument.definitions:
        del METRICS[definition.metric.name], _DEFINITIONS[definition.metric.name]


def metric_named(name: str) -> Metric:
    """Look a metric up; a name that is not built in is a custom metric of the benchmark."""
    return METRICS.get(name) or custom_metric(name)


def instrument_of(metric: Metric) -> Instrument:
    """Find the instrument that defines a metric."""
    known = _DEFINITIONS.get(metric.name)
    return _CUSTOM if known is None else known[0]


def definition_of(metric: Metric) -> Definition:
    """Find how a metric is defined."""
    known = _DEFINITIONS.get(metric.name)
    return _CUSTOM.define(metric) if known is None else known[1]


def dimension_of_change(change: Change, metric: str | None) -> Dimension:
    """Tell what the values of a change are measured in: those of times are seconds, whatever was asked of them."""
    return metric_named(metric or "").dimension if change.exact else Dimension.SECONDS


def budget_kind(metric: Metric) -> str:
    """Name what a budget of a comparison is of: metrics of time share one, each of exact readings has its own."""
    return metric.name if instrument_of(metric).exact else TIMER.name


for _instrument in (TIMER, Memory(), Instructions(), Sizes(), History()):
    register(_instrument)
