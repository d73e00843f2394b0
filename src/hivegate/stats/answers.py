"""Every target answered from a run: an estimate for each benchmark that it names, or why there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from hivegate.model.answer import Answer
from hivegate.model.estimate import Estimate, NoEstimate
from hivegate.model.identity import matches, rewritten
from hivegate.model.metric import METRICS, Source
from hivegate.model.run import Benchmark, MemorySample, Run, Sample, TestOutcome
from hivegate.model.targets import CALIBRATION, Target, Targets
from hivegate.stats.calm import disturbance
from hivegate.stats.growth import SIZES_NEEDED, exponent, exponent_error
from hivegate.stats.interval import estimate_over_passes, estimate_plain, estimate_range
from hivegate.stats.metrics import divided, memory_value, sample_value

if TYPE_CHECKING:
    from collections.abc import Iterable


def answer_targets(targets: Targets, run: Run) -> tuple[Answer, ...]:
    """Answer every target; one that names nothing of this run is answered as missing, never left out.

    Only a target all of whose benchmarks a selection left out has no answer.
    """
    return _Answers(targets, run).all()


class _Answers:
    def __init__(self, targets: Targets, run: Run) -> None:
        self._targets = targets
        self._run = run
        self._by_id = {benchmark.id: benchmark for benchmark in run.benchmarks}

    def all(self) -> tuple[Answer, ...]:
        return tuple(answer for target in self._targets.targets for answer in self._answers(target))

    def _answers(self, target: Target) -> Iterable[Answer]:
        named = [one for one in self._run.benchmarks if matches(target.benchmark, one.id)]
        left_out = any(matches(target.benchmark, one) for one in self._run.not_selected)
        if not named:
            if not left_out:
                reason = "no benchmark of this run has this name: renamed, removed or never written"
                yield Answer(target=target, benchmark=target.benchmark, found=NoEstimate(reason=reason, missing=True))
        elif target.metric.source is Source.SIZES:
            if not left_out:
                yield from self._growths(target, named)
        else:
            for one in named:
                yield Answer(
                    target=target,
                    benchmark=one.id,
                    found=self._estimate(target, one),
                    node_id=one.node_id,
                    calm=disturbance(one),
                )

    def _estimate(self, target: Target, benchmark: Benchmark) -> Estimate | NoEstimate:
        values = self._values(target, benchmark)
        if isinstance(values, NoEstimate):
            return values
        if target.relative_to is not None and target.relative_to != CALIBRATION:
            partner = self._partner_values(target, benchmark)
            if isinstance(partner, NoEstimate):
                return partner
            values = {index: values[index] / partner[index] for index in values if partner.get(index)}
            if not values:
                return NoEstimate(reason=f"shares no pass with {target.relative_to}, so there is no ratio")
        if target.metric.source is Source.MEMORY:
            return estimate_range(list(values.values()))
        return estimate_over_passes(
            list(values.values()),
            confidence=self._targets.confidence,
            assumed_spread=self._targets.assumed_spread,
        )

    def _partner_values(self, target: Target, benchmark: Benchmark) -> dict[int, float] | NoEstimate:
        name = rewritten(target.benchmark, benchmark.id, target.relative_to or "")
        partner = self._by_id.get(name)
        if partner is None:
            return NoEstimate(reason=f"is relative to {name}, which this run does not hold", missing=True)
        values = self._values(target, partner)
        if isinstance(values, NoEstimate):
            return msgspec.structs.replace(values, reason=f"its partner {name} {values.reason}")
        return values

    def _values(self, target: Target, benchmark: Benchmark) -> dict[int, float] | NoEstimate:
        """Compute the metric in every pass, by the index of the pass."""
        in_memory = target.metric.source is Source.MEMORY
        samples: tuple[Sample | MemorySample, ...] = benchmark.memory if in_memory else benchmark.samples
        unmeasured = _unmeasured(samples, "memory was not measured" if in_memory else "it was not measured")
        if unmeasured is not None:
            return unmeasured
        values: dict[int, float] = {}
        for place, sample in enumerate(samples):
            value = _value(sample, target, benchmark)
            if isinstance(value, NoEstimate):
                return value
            values[sample.pass_index if isinstance(sample, Sample) else place] = value
        return values

    def _growths(self, target: Target, named: list[Benchmark]) -> Iterable[Answer]:
        groups: dict[str, list[Benchmark]] = {}
        for one in named:
            groups.setdefault(one.id.partition("[")[0], []).append(one)
        for name, members in groups.items():
            yield Answer(
                target=target,
                benchmark=f"{name}[*]",
                found=self._growth(target, members),
                node_id=members[-1].node_id,
            )

    def _growth(self, target: Target, members: list[Benchmark]) -> Estimate | NoEstimate:
        by_pass: dict[int, dict[float, float]] = {}
        timed = msgspec.structs.replace(target, metric=METRICS["p50"])
        for one in members:
            if one.size is None:
                return NoEstimate(
                    reason=f"{one.id} declares no size",
                    hint='set benchmark.extra_info["size"], or parametrize it by one number',
                )
            values = self._values(timed, one)
            if isinstance(values, NoEstimate):
                return msgspec.structs.replace(values, reason=f"{one.id} {values.reason}")
            for index, value in values.items():
                by_pass.setdefault(index, {})[one.size] = value
        whole = [found for found in by_pass.values() if len(found) == len(members)]
        if len(members) < SIZES_NEEDED or not whole or len(whole[0]) < SIZES_NEEDED:
            return NoEstimate(reason=f"growth needs {SIZES_NEEDED} sizes in one pass; there are {len(members)}")
        if any(value <= 0 for found in whole for value in found.values()):
            return NoEstimate(reason="took no measurable time at one size")
        return estimate_plain(
            [exponent(found) for found in whole],
            confidence=self._targets.confidence,
            assumed_error=exponent_error(whole[0], self._targets.assumed_spread),
        )


def _value(sample: Sample | MemorySample, target: Target, benchmark: Benchmark) -> float | NoEstimate:
    if isinstance(sample, MemorySample):
        value = memory_value(sample, target.metric)
    else:
        value = sample_value(sample, target.metric, benchmark.operations)
    if not isinstance(value, NoEstimate):
        value = divided(value, benchmark, per_operation=target.per_operation)
    if isinstance(value, NoEstimate) or target.relative_to != CALIBRATION:
        return value
    calibration = sample.calibration if isinstance(sample, Sample) else None
    if not calibration:
        return NoEstimate(
            reason="has no calibration beside it",
            hint="only hivegate run and bench time the calibration loop; a result file of others has none",
        )
    return value / calibration


def _unmeasured(samples: tuple[Sample | MemorySample, ...], never: str) -> NoEstimate | None:
    """Find what kept a benchmark from being measured: one bad pass is enough, for a pass is not retried until green."""
    if not samples:
        return NoEstimate(reason=never, missing=True)
    bad = [one for one in samples if one.outcome is not TestOutcome.MEASURED]
    if not bad:
        return None
    times = "" if len(samples) == 1 else f" in {len(bad)} of {len(samples)} passes"
    detail = f": {bad[0].detail}" if bad[0].detail else ""
    return NoEstimate(reason=f"{bad[0].outcome.value}{times}{detail}", missing=True)
