"""The value of a target's metric in every pass of a benchmark, or why there is none."""

from __future__ import annotations

import math
from typing import TypeAlias

from hivegate.model.estimate import NoEstimate
from hivegate.model.metric import Dimension, Metric, Source
from hivegate.model.reason import ReasonCode
from hivegate.model.run import TEST_CODES, Benchmark, InstructionSample, MemorySample, Sample, TestOutcome
from hivegate.model.targets import REFERENCE, Target
from hivegate.stats.metrics import divided, memory_value, sample_value

# Over passes of a single round these would be taken for the typical round: a slow one among fast ones would pass.
_OF_SEVERAL_ROUNDS = frozenset({"min", "max"})

PassValues: TypeAlias = dict[int, float]
_Sampled: TypeAlias = Sample | MemorySample | InstructionSample


class Values:
    """Compute values once, however many targets ask for them."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, bool, bool], PassValues | NoEstimate] = {}

    def of(self, benchmark: Benchmark, target: Target) -> PassValues | NoEstimate:
        """Look up the metric by the index of the pass; of a partner's ratio this is one side only."""
        return self.of_metric(
            benchmark,
            target.metric,
            per_operation=target.per_operation,
            in_turns=target.relative_to == REFERENCE,
        )

    def of_metric(
        self, benchmark: Benchmark, metric: Metric, *, per_operation: bool, in_turns: bool = False
    ) -> PassValues | NoEstimate:
        """Look up a metric; `in_turns` divides by the reference loop of the same pass."""
        key = (benchmark.id, metric.name, per_operation, in_turns)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = _pass_values(benchmark, metric, per_operation=per_operation, in_turns=in_turns)
        return found


def unmeasured(benchmark: Benchmark) -> NoEstimate | None:
    """Find what kept a benchmark from being measured: one bad pass is enough, for a pass is not retried until green."""
    return _bad(benchmark.samples, "it was not measured")


def _pass_values(
    benchmark: Benchmark, metric: Metric, *, per_operation: bool, in_turns: bool
) -> PassValues | NoEstimate:
    bad = unmeasured(benchmark)
    if bad is None and metric.source is Source.MEMORY:
        bad = _bad(benchmark.memory, "its memory was not measured")
    if bad is None and metric.source is Source.INSTRUCTIONS:
        bad = _bad(
            benchmark.instructions,
            "its instructions were not counted",
            hint="Install valgrind: apt-get install valgrind",
        )
    if bad is not None:
        return bad
    values: PassValues = {}
    refusals: list[NoEstimate] = []
    for index, sample in _indexed(benchmark, metric):
        value = _value(sample, metric, benchmark, per_operation=per_operation, in_turns=in_turns)
        if isinstance(value, NoEstimate):
            refusals.append(value)
        elif index in values:
            refusals.append(
                NoEstimate(
                    code=ReasonCode.PASSES_MIXED,
                    reason=f"holds two samples of pass {index}, so its passes cannot be told apart",
                )
            )
        else:
            values[index] = value
    if metric.name in _OF_SEVERAL_ROUNDS and len(values) > 1 and all(len(one.rounds) == 1 for one in benchmark.samples):
        return NoEstimate(
            code=ReasonCode.ONE_ROUND,
            reason=f"has one round in each pass, so the {metric.name} of a pass is no more than that round",
            hint="Use p50, or measure several rounds in a pass.",
        )
    if refusals:
        # What is missing in any pass is missing, in whatever order the passes came.
        return next((one for one in refusals if one.missing), refusals[0])
    return values


def _value(
    sample: _Sampled, metric: Metric, benchmark: Benchmark, *, per_operation: bool, in_turns: bool
) -> float | NoEstimate:
    value = _read(sample, metric, benchmark)
    if not isinstance(value, NoEstimate):
        value = divided(value, benchmark, per_operation=per_operation)
    if in_turns and not isinstance(value, NoEstimate):
        value = _in_turns(value, sample)
    return value if isinstance(value, NoEstimate) else _sound(value, metric)


def _indexed(benchmark: Benchmark, metric: Metric) -> list[tuple[int, _Sampled]]:
    if metric.source is Source.MEMORY:
        return list(enumerate(benchmark.memory))
    if metric.source is Source.INSTRUCTIONS:
        return list(enumerate(benchmark.instructions))
    return sorted(((one.pass_index, one) for one in benchmark.samples), key=lambda indexed: indexed[0])


def _read(sample: _Sampled, metric: Metric, benchmark: Benchmark) -> float | NoEstimate:
    if isinstance(sample, MemorySample):
        return memory_value(sample, metric)
    if isinstance(sample, InstructionSample):
        return sample.instructions or NoEstimate(
            code=ReasonCode.METRIC_NOT_MEASURED, reason="has no counted instructions", missing=True
        )
    return sample_value(sample, metric, benchmark.operations)


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
        return NoEstimate(
            code=ReasonCode.IMPOSSIBLE_VALUE, reason=f"its {metric.name} is below zero, which nothing measured can be"
        )
    if value == 0 and metric.dimension is Dimension.SECONDS:
        return NoEstimate(code=ReasonCode.NO_TIME, reason=f"took no measurable time, so it has no {metric.name}")
    return value


def _bad(samples: tuple[_Sampled, ...], never: str, hint: str = "") -> NoEstimate | None:
    if not samples:
        return NoEstimate(code=ReasonCode.METRIC_NOT_MEASURED, reason=never, missing=True, hint=hint)
    bad = [one for one in samples if one.outcome is not TestOutcome.MEASURED]
    if not bad:
        return None
    times = "" if len(samples) == 1 else f" in {len(bad)} of {len(samples)} passes"
    detail = f": {bad[0].detail}" if bad[0].detail else ""
    return NoEstimate(code=TEST_CODES[bad[0].outcome], reason=f"{bad[0].outcome.value}{times}{detail}", missing=True)
