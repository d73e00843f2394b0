"""What an instrument is: its metrics, who takes its readings, and what estimates and changes come of them."""

from __future__ import annotations

import abc
import enum
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec

from hivegate.model.estimate import Estimate, NoEstimate
from hivegate.model.metric import Metric
from hivegate.model.reason import AdviceCode, ReasonCode
from hivegate.model.statistics import USUAL, ComparisonStatistics
from hivegate.model.target_estimate import TargetEstimate
from hivegate.model.targets import REFERENCE, Holds
from hivegate.stats.exact import exact_change
from hivegate.stats.interval import estimate_range

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hivegate.instruments.readings import PassValues, RunReadings
    from hivegate.model.change import Change
    from hivegate.model.run import Benchmark, Run, Sample
    from hivegate.model.target_estimate import Interference
    from hivegate.model.targets import Target


class Mode(enum.Enum):
    """The pass of a worker that takes readings."""

    TIME = "measure"
    MEMORY = "memory"
    INSTRUCTIONS = "instructions"


class Definition(msgspec.Struct, frozen=True, kw_only=True):
    """A metric as its instrument defines it.

    `meaning` stands in the reference. `single_calls` must be timed one by one in each pass; `divisible` metrics can be
    divided by the operations of a call; `alone` says why a metric has no partner, "" where it may have one; the history
    keeps the metrics that are `kept`.
    """

    metric: Metric
    meaning: str
    single_calls: int = 0
    divisible: bool = False
    alone: str = ""
    kept: bool = False


class Instrument(abc.ABC):
    """One kind of measurement.

    `name` is its own; `mode` the worker's pass that takes its readings, None where no pass does. Readings that are
    `exact` are taken in processes of their own and need no confirmation. `groups`: an estimate is of all benchmarks
    together that a target names; `of_history`: it is of earlier runs, too. `grows`: more passes make an estimate surer.
    `counted` is what the `n` of an estimate counts; `more` is how to decide an inconclusive answer, `explained_by` how
    to find the cause of a failure, and `profiled` the unit of the profiles that show it.
    """

    name: ClassVar[str]
    definitions: ClassVar[tuple[Definition, ...]] = ()
    mode: ClassVar[Mode | None] = None
    exact: ClassVar[bool] = False
    groups: ClassVar[bool] = False
    of_history: ClassVar[bool] = False
    grows: ClassVar[bool] = True
    counted: ClassVar[str] = "passes"
    more: ClassVar[AdviceCode] = AdviceCode.MORE_PASSES
    explained_by: ClassVar[AdviceCode] = AdviceCode.PROFILE
    profiled: ClassVar[str] = "seconds"

    @abc.abstractmethod
    def estimates(self, target: Target, named: Sequence[Benchmark], readings: RunReadings) -> Iterable[TargetEstimate]:
        """Estimate what a target asks, for each benchmark or group that it names."""

    def estimator(self, _metric: Metric, *, compared: bool = False) -> str | None:  # noqa: ARG002  most compare the same
        """Name what stands for a metric in a pass or, `compared`, in a pair; None where it is of no rounds or calls."""
        return None

    def change(self, pair: Any, metric: Metric, statistics: ComparisonStatistics = USUAL) -> Change | None:  # noqa: ANN401,ARG002  its mode's
        """Compare two revisions by the paired readings of a mode; None where a metric was not read."""
        return None

    def compares(self, _metric: Metric) -> bool:
        """Tell whether two revisions can be compared by a metric."""
        return self.exact

    def measured(self, run: Run, _metric: Metric) -> bool:
        """Tell at little cost whether a run can hold readings of a metric."""
        if self.mode is Mode.MEMORY:
            return any(benchmark.memory for benchmark in run.benchmarks)
        return self.mode is not Mode.INSTRUCTIONS or any(benchmark.instructions for benchmark in run.benchmarks)

    def scales(self, _target: Target) -> bool:
        """Tell whether what a target asks for follows the speed of the machine."""
        return False

    def floor(self, _metric: Metric) -> float:
        """Name the absolute change below which nothing is called slower, in the metric's unit."""
        return 0.0

    def remedy(self, _metric: Metric) -> str:
        """Say how to get readings of a metric that nobody took in a comparison; "" where nothing helps."""
        return ""

    def blind_spots(self, _waiting: Sequence[str]) -> str:
        """Say what the readings cannot show, for the notes of a report; `waiting` are benchmarks that waited."""
        return ""


class SampledInstrument(Instrument):
    """An instrument that has one value of a metric in each pass, or process, of a benchmark.

    `absent` is the answer where no pass was made.
    """

    mode: ClassVar[Mode | None] = Mode.TIME
    absent: ClassVar[NoEstimate] = NoEstimate(
        code=ReasonCode.METRIC_NOT_MEASURED, reason="it was not measured", missing=True
    )

    @abc.abstractmethod
    def value(self, sample: Any, metric: Metric, benchmark: Benchmark) -> float | NoEstimate:  # noqa: ANN401  its mode's
        """Compute a metric from the sample of one pass, or say what is missing and how to get it."""

    def refused(self, _benchmark: Benchmark, _metric: Metric, _values: PassValues) -> NoEstimate | None:
        """Say why values of all passes together do not answer, where they do not."""
        return None

    def estimate(self, values: Sequence[float], _metric: Metric, readings: RunReadings) -> Estimate | NoEstimate:
        """Estimate a metric from its value in each pass."""
        if self.exact:
            return estimate_range(values)
        return readings.over_passes(values)

    def shown(self, values: Sequence[float], _metric: Metric) -> tuple[float, ...]:
        """Choose what a report shows beside the estimate: the values, unless they are not of its unit."""
        return tuple(values)

    def interference(
        self,
        _benchmark: Benchmark,
        _metric: Metric,
        _values: PassValues,
        _estimate: Estimate,
        _readings: RunReadings,
    ) -> Interference | None:
        """Say how far an estimate may be the work of others on the machine; None where it cannot be."""
        return None

    def estimates(self, target: Target, named: Sequence[Benchmark], readings: RunReadings) -> Iterable[TargetEstimate]:
        """Estimate every benchmark that a target names, by itself or as the ratio to its partner."""
        for benchmark in named:
            yield self.estimate_one(target, benchmark, readings)

    def estimate_one(self, target: Target, benchmark: Benchmark, readings: RunReadings) -> TargetEstimate:
        """Estimate one benchmark that a target names."""
        metric = target.metric
        values = readings.values(
            self,
            benchmark,
            metric,
            per_operation=target.per_operation,
            in_turns=target.relative_to == REFERENCE,
        )
        if not isinstance(values, NoEstimate) and target.relative_to not in {None, REFERENCE}:
            values = readings.ratios(self, target, benchmark, values)
        if isinstance(values, NoEstimate):
            return _answer(target, benchmark, values)
        numbers = list(values.values())
        found = self.estimate(numbers, metric, readings)
        if isinstance(found, NoEstimate):
            return _answer(target, benchmark, found)
        shares = {sample.pass_index: self.processor_share(sample, metric) for sample in benchmark.samples}
        return _answer(
            target,
            benchmark,
            found,
            values=self.shown(numbers, metric),
            interference=self.interference(benchmark, metric, values, found, readings),
            shares=tuple(shares[index] for index in values) if target.holds is Holds.EVERY_PASS else (),
        )

    def processor_share(self, _sample: Sample, _metric: Metric) -> float:
        """Give the share of the processor that the value of a pass had; all of it where nothing else can be."""
        return 1.0


class ExactInstrument(SampledInstrument):
    """An instrument whose readings are equal where the code is: two of each side are enough, and unequal ones the ends.

    Its readings are taken in processes of their own, in two of them, where no time is measured.
    """

    exact: ClassVar[bool] = True
    grows: ClassVar[bool] = False
    counted: ClassVar[str] = "processes"

    @abc.abstractmethod
    def readings_of(self, pair: Any, side: str, metric: Metric) -> Sequence[float]:  # noqa: ANN401  its mode's
        """List the readings of a side of a pair, ``base`` or ``head``, one a process; none where nobody took them."""

    def change(self, pair: Any, metric: Metric, statistics: ComparisonStatistics = USUAL) -> Change | None:  # noqa: ANN401,ARG002  its mode's
        """Compare the readings of two sides; None where there are none."""
        base, head = (self.readings_of(pair, side, metric) for side in ("base", "head"))
        return exact_change(base, head, instrument=self.name)


def _answer(
    target: Target,
    benchmark: Benchmark,
    found: Estimate | NoEstimate,
    *,
    values: tuple[float, ...] = (),
    interference: Interference | None = None,
    shares: tuple[float, ...] = (),
) -> TargetEstimate:
    return TargetEstimate(
        target=target,
        benchmark=benchmark.id,
        found=found,
        covers=(benchmark.id,),
        node_id=benchmark.node_id,
        values=values,
        interference=interference,
        shares=shares,
    )
