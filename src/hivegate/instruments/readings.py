"""The readings of a run: the value of a metric in every pass of a benchmark, or why there is none."""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from hivegate.instruments.base import Mode
from hivegate.model.estimate import Estimate, NoEstimate
from hivegate.model.identity import matches, rewritten
from hivegate.model.metric import Dimension, Metric
from hivegate.model.reason import ReasonCode
from hivegate.model.run import GRAVITY, TEST_CODES, Benchmark, InstructionSample, MemorySample, Run, Sample, TestOutcome
from hivegate.model.targets import REFERENCE, Target
from hivegate.stats import speed
from hivegate.stats.interval import ENOUGH, estimate_over_passes, per_look

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hivegate.instruments.base import SampledInstrument
    from hivegate.model.targets import SpeedReference
    from hivegate.model.trend import Drift

PassValues: TypeAlias = dict[int, float]
_Sampled: TypeAlias = Sample | MemorySample | InstructionSample
_NOT_MEASURED = NoEstimate(code=ReasonCode.METRIC_NOT_MEASURED, reason="it was not measured", missing=True)


class RunReadings:
    """What a run says, computed once however many targets ask, and how sure an estimate of it has to be.

    `confidence` is of all `looks` at a run that grows, `assumed_spread` stands for that of a single pass, `drift` is by
    benchmark what the history knows, None where there is none, and `reference` is the speed that limits are meant for.
    """

    def __init__(
        self,
        run: Run,
        *,
        confidence: float,
        looks: int = 1,
        assumed_spread: float,
        drift: Mapping[str, Drift | None] | None = None,
        reference: SpeedReference | None = None,
    ) -> None:
        self.benchmarks = {benchmark.id: benchmark for benchmark in run.benchmarks}
        self._confidence = confidence
        self._looks = looks
        self.assumed_spread = assumed_spread
        self.drift = drift
        self.reference = reference
        self._scaled: dict[str, ScaledBenchmark | None] = {}
        self._not_selected = run.not_selected
        self._known: dict[tuple[int, str, bool, bool], PassValues | NoEstimate] = {}

    def confidence(self, passes: int) -> float:
        """Say how sure an interval over so many passes has to be."""
        return per_look(self._confidence, self._looks, passes=passes)

    def over_passes(self, values: Sequence[float]) -> Estimate:
        """Estimate from one value a pass; early where the run will have more passes if these do not decide."""
        return estimate_over_passes(
            values,
            confidence=self.confidence(len(values)),
            assumed_spread=self.assumed_spread,
            early=self._looks > 1 and len(values) < ENOUGH,
        )

    @functools.cached_property
    def contention(self) -> float:
        """The share of the processor that the benchmarks of one thread had."""
        from hivegate.stats.interference import contention

        return contention(self.benchmarks.values())

    def at_reference(self, benchmark: Benchmark) -> ScaledBenchmark | None:
        """Take a benchmark to the speed of the reference; None where there is none, or a pass knows no speed."""
        if benchmark.id not in self._scaled:
            self._scaled[benchmark.id] = None if self.reference is None else _scaled(benchmark, self.reference)
        return self._scaled[benchmark.id]

    def left_out(self, selector: str) -> bool:
        """Tell whether a selection left out a benchmark that a target names."""
        return any(matches(selector, name) for name in self._not_selected)

    def values(
        self,
        instrument: SampledInstrument,
        benchmark: Benchmark,
        metric: Metric,
        *,
        per_operation: bool,
        in_turns: bool = False,
    ) -> PassValues | NoEstimate:
        """Look a metric up by the index of the pass; `in_turns` divides by the reference loop of the same pass."""
        key = (id(benchmark), metric.name, per_operation, in_turns)  # as measured, or scaled; both live as long as this
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = _pass_values(
                instrument, benchmark, metric, per_operation=per_operation, in_turns=in_turns
            )
        return found

    def ratios(
        self, instrument: SampledInstrument, target: Target, benchmark: Benchmark, values: PassValues
    ) -> PassValues | NoEstimate:
        """Divide a benchmark's values by those of the partner that a target names for it."""
        name = rewritten(target.benchmark, benchmark.id, target.relative_to or "")
        partner = self.benchmarks.get(name)
        if partner is None:
            return NoEstimate(
                code=ReasonCode.UNKNOWN_PARTNER,
                reason=f"is relative to {name}, which this run does not have",
                missing=True,
            )
        others = self.values(
            instrument,
            partner,
            target.metric,
            per_operation=target.per_operation,
            in_turns=target.relative_to == REFERENCE,
        )
        if isinstance(others, NoEstimate):
            return msgspec.structs.replace(others, reason=f"its partner {name}: {others.reason}")
        return _divide(values, others, name)


class ScaledBenchmark(msgspec.Struct, frozen=True, kw_only=True):
    """A benchmark at the speed of the reference, and how it was taken there: over a distance in logarithms."""

    benchmark: Benchmark
    slope: speed.Slope
    distance: float
    unlike: str


def _scaled(benchmark: Benchmark, reference: SpeedReference) -> ScaledBenchmark | None:
    timed = all(sample.outcome is TestOutcome.MEASURED and len(sample.rounds) for sample in benchmark.samples)
    if not benchmark.samples or not timed or not speed.has_readings(benchmark, reference.loop):
        return None
    slope = speed.learn_slope(benchmark.samples)
    samples = tuple(speed.at_speed(sample, slope, reference.turn) for sample in benchmark.samples)
    return ScaledBenchmark(
        benchmark=msgspec.structs.replace(benchmark, samples=samples),
        slope=slope,
        distance=speed.distance(benchmark.samples, reference.turn),
        unlike=speed.bound_by(benchmark),
    )


def _pass_values(
    instrument: SampledInstrument, benchmark: Benchmark, metric: Metric, *, per_operation: bool, in_turns: bool
) -> PassValues | NoEstimate:
    samples = _samples(instrument, benchmark)
    bad = _bad(benchmark.samples, _NOT_MEASURED)
    if bad is None and samples is not benchmark.samples:
        bad = _bad(samples, instrument.absent)
    if bad is not None:
        return bad
    values: PassValues = {}
    refusals: list[NoEstimate] = []
    for index, sample in _indexed(samples):
        value = _value(instrument, sample, metric, benchmark, per_operation=per_operation, in_turns=in_turns)
        if isinstance(value, NoEstimate):
            refusals.append(value)
        elif index in values:
            reason = f"has two samples of pass {index}"
            refusals.append(NoEstimate(code=ReasonCode.PASSES_MIXED, reason=reason))
        else:
            values[index] = value
    refused = instrument.refused(benchmark, metric, values)
    if refused is not None:
        return refused
    if refusals:
        # What is missing in any pass is missing, in whatever order the passes came.
        return next((refusal for refusal in refusals if refusal.missing), refusals[0])
    return values


def _samples(instrument: SampledInstrument, benchmark: Benchmark) -> Sequence[_Sampled]:
    if instrument.mode is Mode.MEMORY:
        return benchmark.memory
    return benchmark.instructions if instrument.mode is Mode.INSTRUCTIONS else benchmark.samples


def _indexed(samples: Sequence[_Sampled]) -> list[tuple[int, _Sampled]]:
    numbered = (
        (sample.pass_index if isinstance(sample, Sample) else number, sample) for number, sample in enumerate(samples)
    )
    return sorted(numbered, key=lambda indexed: indexed[0])


def _value(
    instrument: SampledInstrument,
    sample: _Sampled,
    metric: Metric,
    benchmark: Benchmark,
    *,
    per_operation: bool,
    in_turns: bool,
) -> float | NoEstimate:
    value = instrument.value(sample, metric, benchmark)
    if per_operation and not isinstance(value, NoEstimate):
        value = _of_operation(value, benchmark)
    if in_turns and not isinstance(value, NoEstimate):
        value = _in_turns(value, sample)
    return value if isinstance(value, NoEstimate) else _sound(value, metric)


def _of_operation(value: float, benchmark: Benchmark) -> float | NoEstimate:
    if benchmark.operations is None:
        return NoEstimate(
            code=ReasonCode.NO_OPERATIONS,
            reason="declares no operations, so nothing is known per operation",
            hint='Set benchmark.extra_info["operations"] in the benchmark.',
        )
    return value / benchmark.operations


def _in_turns(value: float, sample: _Sampled) -> float | NoEstimate:
    reference = sample.reference if isinstance(sample, Sample) else None
    if reference is None or reference <= 0:
        return NoEstimate(
            code=ReasonCode.NO_REFERENCE,
            reason="was measured without the reference loop",
            hint="Only hivegate run and hivegate bench time it; result files of other tools do not have it.",
        )
    return value / reference


def _sound(value: float, metric: Metric) -> float | NoEstimate:
    """Refuse what no measurement shows: a broken file must not pass by a time below zero."""
    if not math.isfinite(value):
        return NoEstimate(code=ReasonCode.IMPOSSIBLE_VALUE, reason=f"its {metric.name} is not a finite number")
    if value < 0 and metric.dimension is not Dimension.NUMBER:
        reason = f"its {metric.name} is below zero, which nothing measured can be"
        return NoEstimate(code=ReasonCode.IMPOSSIBLE_VALUE, reason=reason)
    if value == 0 and metric.dimension is Dimension.SECONDS:
        return NoEstimate(code=ReasonCode.NO_TIME, reason=f"took no measurable time, so it has no {metric.name}")
    return value


def _bad(samples: Sequence[_Sampled], absent: NoEstimate) -> NoEstimate | None:
    """Find what kept a benchmark from being measured: one bad pass is enough, for a pass is not retried until green."""
    if not samples:
        return absent
    bad = [sample for sample in samples if sample.outcome is not TestOutcome.MEASURED]
    if not bad:
        return None
    bad.sort(key=lambda sample: GRAVITY.index(sample.outcome))
    times = "" if len(samples) == 1 else f" in {len(bad)} of {len(samples)} passes"
    detail = f": {bad[0].detail}" if bad[0].detail else ""
    return NoEstimate(
        code=TEST_CODES[bad[0].outcome],
        reason=f"{bad[0].outcome.value}{times}{detail}",
        missing=bad[0].outcome is not TestOutcome.INVALID,
    )


def _divide(values: Mapping[int, float], others: Mapping[int, float], name: str) -> PassValues | NoEstimate:
    """Take the ratio in every pass that both share; what happened to the machine in a pass happened to both."""
    if any(other <= 0 for other in others.values()):
        reason = f"is relative to {name}, which is not above zero, so there is no ratio"
        return NoEstimate(code=ReasonCode.NO_RATIO, reason=reason)
    shared = {index: values[index] / others[index] for index in values if index in others}
    if not shared:
        return NoEstimate(code=ReasonCode.NO_RATIO, reason=f"shares no pass with {name}, so there is no ratio")
    if not all(math.isfinite(ratio) for ratio in shared.values()):
        return NoEstimate(code=ReasonCode.NO_RATIO, reason=f"its ratio to {name} is not a finite number")
    return shared
