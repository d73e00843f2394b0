"""Records of runs made by hand, in the real types, for the tests of the history."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from hivegate.instruments import METRICS
from hivegate.model.record import Level, Record
from hivegate.model.run import Commit, Environment

if TYPE_CHECKING:
    from collections.abc import Mapping

MACHINE = Environment(cpu="AMD EPYC 7763", cores=4, os="Linux 6.8.0-45", python="3.11.7", implementation="CPython")
START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
NOW = "2026-12-01T00:00:00+00:00"


def moment(number: int) -> str:
    """Spell the time of a numbered commit: one an hour."""
    return (START + dt.timedelta(hours=number)).isoformat()


def record(number: int = 0, values: Mapping[str, float] | None = None, **fields: Any) -> Record:  # noqa: ANN401  of Record
    """Make the record of a numbered commit on main: the medians of benchmarks."""
    levels = tuple(
        Level(benchmark=name, metric=METRICS["p50"], value=value, low=value * 0.99, high=value * 1.01, n=5)
        for name, value in (values or {"s/a": 0.001}).items()
    )
    told = {
        "source": "hivegate",
        "created": moment(number),
        "committed": moment(number),
        "commit": Commit(sha=f"{number + 1:040x}", branch="main"),
        "environment": MACHINE,
        "levels": levels,
        "nodes": {name: f"benches/{name}" for name in values or {"s/a": 0.001}},
    }
    return Record(**{**told, **fields})
