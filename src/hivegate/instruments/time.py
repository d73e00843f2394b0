"""Times: of rounds, of single calls, of the processor, and what follows from them."""

from __future__ import annotations

import math
from collections.abc import Callable  # noqa: TC003  a field
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec

from hivegate.instruments.base import Definition, SampledInstrument
from hivegate.instruments.held import not_held
from hivegate.model.change import TIME
from hivegate.model.estimate import Estimate, NoEstimate
from hivegate.model.metric import ROUNDS, SINGLE_CALLS, Dimension, Metric
from hivegate.model.reason import ReasonCode
from hivegate.model.run import Benchmark, Run, Sample  # noqa: TC001  in the type of a field
from hivegate.model.statistics import USUAL
from hivegate.model.target_estimate import Scaling
from hivegate.model.targets import AtSpeed
from hivegate.stats.interval import ENOUGH
from hivegate.stats.spread import estimate_spread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hivegate.instruments.readings import PassValues, RunReadings
    from hivegate.model.change import Change
    from hivegate.model.pairs import PairSample
    from hivegate.model.run import Doubles
    from hivegate.model.statistics import ComparisonStatistics
    from hivegate.model.target_estimate import Interference, TargetEstimate
    from hivegate.model.targets import Target

_FEW = 1000  # rounds up to which plain Python is faster than the setting up of numpy's median
_ALL_SLOW = 0.0  # the slowest rounds may be any: all of them count


class TimeMetric(Definition, frozen=True, kw_only=True):
    """A metric of time; `value` computes it from the sample of a pass.

    Of the time that others held the processor, all may have fallen on the rounds above the quantile `held_above`; None
    where a single round decides, so that nothing bounds it. Processor time, not `wall`, has nobody else's work in it.
    `compared`: pairs of revisions can be compared by it. `between_passes`: it is how much the values of passes differ.
    `several_rounds`: over passes of one round it would be taken
    for the typical round. `held_by` tells whether a run has it, where few do.
    """

    value: Callable[[Sample, Benchmark], float | NoEstimate]
    held_above: float | None = _ALL_SLOW
    wall: bool = True
    compared: bool = False
    between_passes: bool = False
    several_rounds: bool = False
    held_by: Callable[[Run], bool] | None = None


def _mean(rounds: Doubles) -> float:
    return sum(rounds) / len(rounds)


def _median(rounds: Doubles) -> float:
    if len(rounds) > _FEW:
        import numpy as np

        return float(np.median(np.frombuffer(rounds)))
    ordered = sorted(rounds)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def _cv(rounds: Doubles) -> float | NoEstimate:
    import numpy as np

    numbers = np.frombuffer(rounds)
    if len(numbers) < 2:  # noqa: PLR2004  a spread needs two
        return NoEstimate(code=ReasonCode.ONE_ROUND, reason="has one round, so its spread is unknown")
    with np.errstate(over="ignore", invalid="ignore"):  # what is beyond every number is refused with the others
        return float(numbers.std(ddof=1) / numbers.mean())


def _of_rounds(
    compute: Callable[[Doubles], float | NoEstimate], field: str
) -> Callable[[Sample, Benchmark], float | NoEstimate]:
    """Compute from the rounds of a sample; from its summary where a file holds no rounds, whose `field` it is then."""

    def value(sample: Sample, _benchmark: Benchmark) -> float | NoEstimate:
        return compute(sample.rounds) if len(sample.rounds) else _summary_value(sample, field)

    return value


def _summary_value(sample: Sample, name: str) -> float | NoEstimate:
    summary = sample.summary
    if summary is not None:
        if name == "cv" and summary.mean and summary.stddev is not None:
            return summary.stddev / summary.mean
        found = getattr(summary, "median" if name == "p50" else name, None)
        if isinstance(found, float):
            return found
    return not_held(sample, name)


_mean_of = _of_rounds(_mean, "mean")


def _throughput(sample: Sample, benchmark: Benchmark) -> float | NoEstimate:
    """Count calls a second, or operations where the benchmark declares them."""
    operations = benchmark.operations or 1.0
    if sample.throughput is not None:
        return operations * sample.throughput
    mean = _mean_of(sample, benchmark)
    if isinstance(mean, NoEstimate):
        return mean
    if mean > 0:
        return operations / mean
    return NoEstimate(code=ReasonCode.NO_TIME, reason="took no measurable time, so it has no throughput")


def _cpu_time(sample: Sample, benchmark: Benchmark) -> float | NoEstimate:
    mean = _mean_of(sample, benchmark)
    if isinstance(mean, NoEstimate):
        return mean
    if not sample.wall or sample.cpu is None:
        return NoEstimate(
            code=ReasonCode.METRIC_NOT_MEASURED,
            reason="has no measured processor time",
            missing=True,
            hint="Only hivegate run and hivegate bench measure it; result files of other tools do not have it.",
        )
    return mean * sample.cpu / sample.wall


def _seconds(name: str, compute: Callable[[Doubles], float], meaning: str, **more: Any) -> TimeMetric:  # noqa: ANN401
    metric = Metric(name=name, dimension=Dimension.SECONDS, readings=ROUNDS)
    return TimeMetric(metric=metric, meaning=meaning, value=_of_rounds(compute, name), divisible=True, **more)


def _percentile(quantile: float, single_calls: int, **more: Any) -> TimeMetric:  # noqa: ANN401
    """Define a percentile; it needs calls beyond it: so many single calls in every pass (statistics.md, rule 3)."""
    name = f"p{quantile * 100:.0f}"
    return TimeMetric(
        metric=Metric(name=name, dimension=Dimension.SECONDS, readings=SINGLE_CALLS, quantile=quantile),
        meaning=f"what {quantile * 100:.0f} % of the calls do not exceed; at least {single_calls} calls in each pass",
        single_calls=single_calls,
        value=lambda sample, _benchmark: _quantile(sample, name, quantile, single_calls),
        divisible=True,
        held_above=quantile,
        compared=True,
        **more,
    )


def _quantile(sample: Sample, name: str, quantile: float, needed: int) -> float | NoEstimate:
    rounds_are_calls = sample.calls == 1
    calls = max(sample.single_calls, sample.rounds if rounds_are_calls else sample.single_calls, key=len)
    if len(calls) >= needed:
        import numpy as np

        return float(np.quantile(np.frombuffer(calls), quantile, method="inverted_cdf"))
    if not len(calls) and not len(sample.rounds):
        return NoEstimate(
            code=ReasonCode.METRIC_NOT_MEASURED,
            reason=f"has no rounds, so it {not_held(sample, name).reason}",
            hint="Use pytest --benchmark-json, which keeps every round, or hivegate bench, which times single calls.",
        )
    if not len(calls):
        return NoEstimate(
            code=ReasonCode.TOO_FEW_CALLS,
            reason=f"{name} of round means: each round is the mean of {sample.calls} calls, "
            "and a percentile is of single calls",
            hint="Measure with hivegate bench, which times single calls, or use pedantic(iterations=1).",
        )
    return NoEstimate(
        code=ReasonCode.TOO_FEW_CALLS,
        reason=f"{name} needs {needed} single calls in each pass; there are {len(calls)}",
        hint="hivegate bench times as many single calls as its targets need, for 10 s at most, and never more than "
        "pedantic(rounds=...) prepares: give it setup=, or more rounds.",
    )


_P50 = _seconds("p50", _median, "median time of a call", held_above=0.5, compared=True, kept=True)
P50 = _P50.metric


class Time(SampledInstrument):
    """What one call takes: the passes of time have its readings, and pairs of revisions are compared by it."""

    name = TIME
    definitions: ClassVar[tuple[TimeMetric, ...]] = (
        _seconds("mean", _mean, "mean time of a call", compared=True, kept=True),
        _seconds("median", _median, "median time of a call; `p50` under another name", held_above=0.5, compared=True),
        _P50,
        _percentile(0.90, 50),
        _percentile(0.95, 100),
        _percentile(0.99, 500, kept=True),
        _seconds("min", min, "the fastest round, per call", several_rounds=True),
        _seconds("max", max, "the slowest round, per call", held_above=None, several_rounds=True),
        TimeMetric(
            metric=Metric(name="cv", dimension=Dimension.RATIO, readings=ROUNDS),
            meaning="standard deviation over mean, of the rounds of a pass",
            value=_of_rounds(_cv, "cv"),
            held_above=None,
        ),
        TimeMetric(
            metric=Metric(name="spread", dimension=Dimension.RATIO, readings=ROUNDS),
            meaning="standard deviation over mean of the `p50` of each pass: how much results vary; two passes or more",
            value=_P50.value,
            alone="cannot be used with spread, which is relative to the mean",
            held_above=None,
            between_passes=True,
        ),
        TimeMetric(
            metric=Metric(name="throughput", dimension=Dimension.RATE, readings=ROUNDS, higher_is_better=True),
            meaning="calls a second, or operations where the benchmark declares them",
            value=_throughput,
            kept=True,
            held_by=lambda run: any(
                sample.throughput is not None for benchmark in run.benchmarks for sample in benchmark.samples
            ),
        ),
        TimeMetric(
            metric=Metric(name="cpu_time", dimension=Dimension.SECONDS, readings="cpu"),
            meaning="processor time of a call",
            value=_cpu_time,
            divisible=True,
            wall=False,
            kept=True,
            held_by=lambda run: any(
                sample.cpu is not None for benchmark in run.benchmarks for sample in benchmark.samples
            ),
        ),
    )

    def __init__(self) -> None:
        self._by_name = {definition.metric.name: definition for definition in self.definitions}

    def value(self, sample: Sample, metric: Metric, benchmark: Benchmark) -> float | NoEstimate:
        """Compute a metric of the rounds, the single calls or the processor time of a pass."""
        return self._by_name[metric.name].value(sample, benchmark)

    def refused(self, benchmark: Benchmark, metric: Metric, values: PassValues) -> NoEstimate | None:
        """Refuse extremes over passes of one round: a slow one among fast ones would pass for the typical round."""
        several = self._by_name[metric.name].several_rounds and len(values) > 1
        if not several or any(len(sample.rounds) != 1 for sample in benchmark.samples):
            return None
        return NoEstimate(
            code=ReasonCode.ONE_ROUND,
            reason=f"has one round in each pass, so the {metric.name} of a pass is no more than that round",
            hint="Use p50, or measure several rounds in a pass.",
        )

    def estimate(self, values: Sequence[float], metric: Metric, readings: RunReadings) -> Estimate | NoEstimate:
        """Estimate the typical pass, or how much passes differ."""
        if self._by_name[metric.name].between_passes:
            return estimate_spread(values, confidence=readings.confidence(len(values)))
        return super().estimate(values, metric, readings)

    def shown(self, values: Sequence[float], metric: Metric) -> tuple[float, ...]:
        """Show the value of each pass, but for a metric between them, of which a pass has none."""
        return () if self._by_name[metric.name].between_passes else tuple(values)

    def interference(
        self,
        benchmark: Benchmark,
        metric: Metric,
        values: PassValues,
        estimate: Estimate,
        readings: RunReadings,
    ) -> Interference | None:
        """Say how far a wall time may be the work of others; of parallel work by what the other benchmarks had."""
        from hivegate.stats.interference import WallTime, contended, interference

        definition = self._by_name[metric.name]
        if not definition.wall:
            return None
        of = WallTime(higher_is_better=metric.higher_is_better, held_above=definition.held_above)
        if (benchmark.parallelism or 1) > 1:
            return contended(of, estimate, readings.contention)
        return interference(benchmark, of, values, estimate, readings.over_passes)

    def processor_share(self, sample: Sample, _metric: Metric) -> float:
        """Give the share of the processor that a pass had; all of it where the code waits of itself."""
        from hivegate.stats.interference import processor_share

        return processor_share(sample)

    def scales(self, target: Target) -> bool:
        """Tell whether a target is of a time, a rate or a spread by itself: a ratio holds at any speed."""
        return target.relative_to is None and target.speed is AtSpeed.REFERENCE

    def estimate_one(self, target: Target, benchmark: Benchmark, readings: RunReadings) -> TargetEstimate:
        """Estimate what was measured or, where the targets name a machine, what that machine would have taken."""
        measured = _with_levels(super().estimate_one(target, benchmark, readings))
        scaled = readings.at_reference(benchmark) if self.scales(target) else None
        if scaled is None or isinstance(measured.found, NoEstimate):
            return measured
        from hivegate.stats.speed import hull, slope_factor, widened

        answer = super().estimate_one(target, scaled.benchmark, readings)
        if isinstance(answer.found, NoEstimate):
            return measured
        found, interference = answer.found, answer.interference
        uncertainty = slope_factor(scaled.slope, scaled.distance, readings.confidence(ENOUGH))
        if target.metric.dimension is not Dimension.RATIO:
            found = widened(found, uncertainty)
            if interference is not None:
                possible = widened(interference.possible, uncertainty)
                interference = msgspec.structs.replace(interference, possible=possible)
        if scaled.unlike:
            found, interference = hull(found, measured.found), measured.interference
            if interference is not None:
                interference = msgspec.structs.replace(interference, possible=hull(found, interference.possible))
        scaling = Scaling(
            speed=math.exp(-scaled.distance),
            slope=scaled.slope.value,
            error=scaled.slope.error,
            unlike=scaled.unlike,
        )
        at_reference = msgspec.structs.replace(
            answer,
            found=found,
            interference=interference,
            measured=measured.found,
            scaling=scaling,
            uncertainty=uncertainty,
        )
        return _with_levels(at_reference)

    def change(self, pair: Sequence[PairSample], metric: Metric, statistics: ComparisonStatistics = USUAL) -> Change:
        """Estimate the change from the pairs that were measured so far."""
        from hivegate.stats.pairs import estimate_change

        return estimate_change(pair, quantile=metric.quantile, statistics=statistics)

    def estimator(self, metric: Metric, *, compared: bool = False) -> str | None:
        """Say whether a metric is of rounds or of single calls.

        A round is the mean of its calls, and so says nothing of the slowest of them: percentiles are of single calls. A
        comparison has one estimator for the typical time of a call, whichever of its names the budget has.
        """
        definition = self._by_name[metric.name]
        if definition.single_calls:
            return f"{metric.name} of single calls"
        if compared:
            return "interquartile mean of rounds" if definition.compared else None
        if definition.between_passes:
            return f"{metric.name} of passes"
        return f"{metric.name} of rounds" if metric.readings == ROUNDS else None

    def confirms(self, fresh: Sequence[PairSample], change: Change, metric: Metric, *, allowed: float) -> bool:
        """Tell whether fresh pairs show a slowdown beyond what is allowed again, by the clock that decided."""
        from hivegate.stats.pairs import confirms

        return change.clock is not None and confirms(fresh, change.clock, budget=allowed, quantile=metric.quantile)

    def compares(self, metric: Metric) -> bool:
        """Tell whether pairs time what a metric is of: calls, or rounds of calls."""
        return self._by_name[metric.name].compared

    def measured(self, run: Run, metric: Metric) -> bool:
        """Tell whether a run can hold a metric that few runs have."""
        held_by = self._by_name[metric.name].held_by
        return held_by is None or held_by(run)


def _with_levels(answer: TargetEstimate) -> TargetEstimate:
    """Say where passes fall into two levels, and leave open which of them is meant."""
    from hivegate.stats.bimodal import two_levels

    levels = two_levels(answer.values) if isinstance(answer.found, Estimate) else ()
    if not levels or not isinstance(answer.found, Estimate):
        return answer
    low, high = (level.value for level in levels)
    found = msgspec.structs.replace(answer.found, low=min(answer.found.low, low), high=max(answer.found.high, high))
    return msgspec.structs.replace(answer, found=found, levels=levels)


TIMER = Time()
