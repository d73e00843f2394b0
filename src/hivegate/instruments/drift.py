"""Drift: how much worse a benchmark is now than the best level that its history sustained."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from hivegate.instruments.base import Definition, Instrument
from hivegate.model.metric import Dimension, Metric
from hivegate.model.reason import AdviceCode
from hivegate.model.target_estimate import TargetEstimate

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hivegate.instruments.readings import RunReadings
    from hivegate.model.run import Benchmark
    from hivegate.model.targets import Target

DRIFT = Metric(name="drift", dimension=Dimension.RATIO, readings="history")


class History(Instrument):
    """The runs that were kept, this one included: no pass takes readings for it."""

    name = "history"
    of_history = True
    grows = False
    counted = "runs"
    more = AdviceCode.MORE_RUNS
    explained_by = AdviceCode.SEE_TREND
    definitions: ClassVar[tuple[Definition, ...]] = (
        Definition(
            metric=DRIFT,
            meaning="how much worse the `mean` is now than the best level that the history of this environment "
            "sustained for ten runs: `max: 5 %` fails ten times +1 %; *missing* without a history, *inconclusive* "
            "while it is short",
            alone="cannot be used with drift, which is relative to the best level",
        ),
    )

    def estimates(self, target: Target, named: Sequence[Benchmark], readings: RunReadings) -> Iterable[TargetEstimate]:
        """Look up the drift of each benchmark."""
        from hivegate.stats.drift import estimate_drift

        for benchmark in named:
            yield TargetEstimate(
                target=target,
                benchmark=benchmark.id,
                found=estimate_drift(benchmark.id, readings.drift),
                covers=(benchmark.id,),
                node_id=benchmark.node_id,
            )
