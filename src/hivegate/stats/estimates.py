"""Every target answered from a run: an estimate for each benchmark that it names, or why there is none."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

import msgspec

from hivegate.model.estimate import Estimate, NoEstimate, SizeValues
from hivegate.model.identity import closest, is_wild, matches, rewritten
from hivegate.model.metric import METRICS, Source
from hivegate.model.reason import ReasonCode
from hivegate.model.target_estimate import TargetEstimate
from hivegate.model.targets import REFERENCE, Target, Targets
from hivegate.stats.complexity import estimate_complexity, exponents_of
from hivegate.stats.drift import estimate_drift
from hivegate.stats.interference import contended, contention, interference
from hivegate.stats.interval import estimate_over_passes, estimate_range, per_look
from hivegate.stats.values import Values

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hivegate.model.run import Benchmark, Run
    from hivegate.model.trend import Drift
    from hivegate.stats.values import PassValues

_COMPARED = 200  # ids that a missing one is compared with


def estimate_targets(
    targets: Targets, run: Run, *, looks: int = 1, drift: Mapping[str, Drift | None] | None = None
) -> tuple[TargetEstimate, ...]:
    """TargetEstimate every target; one that names nothing of this run is answered as missing, never left out.

    `looks` says how often the growing run is answered in all, a number fixed beforehand over which the error is
    split. Only a target whose benchmarks a selection left out has no answer. `drift` holds, by benchmark, how far its
    mean drifted by the history of this environment, this run included: None where too little is known, and nothing at
    all where there is no history. Time grows with the answers, plus a pattern match for each target and benchmark.
    """
    return _Estimates(targets, run, looks, drift).all()


class _Estimates:
    def __init__(self, targets: Targets, run: Run, looks: int, drift: Mapping[str, Drift | None] | None = None) -> None:
        self._targets = targets
        self._not_selected = run.not_selected
        self._by_id = {benchmark.id: benchmark for benchmark in run.benchmarks}
        self._confidence = per_look(targets.confidence, looks)
        self._values = Values()
        self._drifts = drift
        self._contention = contention(run.benchmarks)

    def all(self) -> tuple[TargetEstimate, ...]:
        return tuple(answer for target in self._targets.targets for answer in self._answers(target))

    def _answers(self, target: Target) -> Iterable[TargetEstimate]:
        named = self._named(target.benchmark)
        left_out = any(matches(target.benchmark, one) for one in self._not_selected)
        if not named:
            if not left_out:
                yield TargetEstimate(target=target, benchmark=target.benchmark, found=self._unknown(target))
        elif target.metric.source is Source.SIZES:
            if not left_out:
                yield from self._complexities(target, named)
        elif target.metric.source is Source.HISTORY:
            for one in named:
                found = estimate_drift(one.id, self._drifts)
                yield TargetEstimate(
                    target=target, benchmark=one.id, found=found, covers=(one.id,), node_id=one.node_id
                )
        else:
            for one in named:
                yield self._answer(target, one)

    def _named(self, selector: str) -> list[Benchmark]:
        if not is_wild(selector):
            found = self._by_id.get(selector)
            return [] if found is None else [found]
        start = re.split(r"[*?]", selector, maxsplit=1)[0]  # most names are told apart before a pattern is tried
        return [one for name, one in self._by_id.items() if name.startswith(start) and matches(selector, name)]

    def _unknown(self, target: Target) -> NoEstimate:
        asked = {one.benchmark for one in self._targets.targets}
        near = closest(target.benchmark, [one for one in self._by_id if one not in asked][:_COMPARED])
        return NoEstimate(
            code=ReasonCode.UNKNOWN_BENCHMARK,
            reason="no benchmark in this run has this name: renamed, removed or never written",
            missing=True,
            hint=f"Was it renamed to {near}? Targets do not follow renames: change it in {target.where}."
            if near
            else "",
        )

    def _answer(self, target: Target, benchmark: Benchmark) -> TargetEstimate:
        values = self._values.of(benchmark, target)
        if not isinstance(values, NoEstimate) and target.relative_to not in {None, REFERENCE}:
            values = self._ratios(target, benchmark, values)
        found = values if isinstance(values, NoEstimate) else self._estimate(target, values)
        lowered = None
        if isinstance(found, Estimate) and not isinstance(values, NoEstimate):
            if (benchmark.parallelism or 1) > 1:
                lowered = contended(target.metric, found, self._contention)
            else:
                lowered = interference(benchmark, target.metric, values, found, self._confidence)
        return TargetEstimate(
            target=target,
            benchmark=benchmark.id,
            found=found,
            covers=(benchmark.id,),
            node_id=benchmark.node_id,
            values=() if isinstance(values, NoEstimate) else tuple(values.values()),
            interference=lowered,
        )

    def _estimate(self, target: Target, values: PassValues) -> Estimate:
        if target.metric.exact:
            return estimate_range(list(values.values()))
        return estimate_over_passes(
            list(values.values()),
            confidence=self._confidence,
            assumed_spread=self._targets.assumed_spread,
        )

    def _ratios(self, target: Target, benchmark: Benchmark, values: PassValues) -> PassValues | NoEstimate:
        name = rewritten(target.benchmark, benchmark.id, target.relative_to or "")
        partner = self._by_id.get(name)
        if partner is None:
            return NoEstimate(
                code=ReasonCode.UNKNOWN_PARTNER,
                reason=f"is relative to {name}, which this run does not have",
                missing=True,
            )
        others = self._values.of(partner, target)
        if isinstance(others, NoEstimate):
            return msgspec.structs.replace(others, reason=f"its partner {name}: {others.reason}")
        return _divide(values, others, name)

    def _complexities(self, target: Target, named: list[Benchmark]) -> Iterable[TargetEstimate]:
        groups: dict[str, list[Benchmark]] = {}
        for one in named:
            groups.setdefault(one.id.partition("[")[0], []).append(one)
        parameters = target.benchmark.partition("[")[2] or "*]"
        for name, members in groups.items():
            yield self._complexity(target, f"{name}[{parameters}", members)

    def _complexity(self, target: Target, name: str, members: list[Benchmark]) -> TargetEstimate:
        covers = tuple(one.id for one in members)
        node_id = max(members, key=lambda one: one.size or 0.0).node_id
        by_pass = self._by_pass(target, members)
        if isinstance(by_pass, NoEstimate):
            return TargetEstimate(target=target, benchmark=name, found=by_pass, covers=covers, node_id=node_id)
        passes, sizes = list(by_pass.values()), frozenset(one.size for one in members if one.size is not None)
        found = estimate_complexity(
            passes, sizes, confidence=self._confidence, assumed_spread=self._targets.assumed_spread
        )
        return TargetEstimate(
            target=target,
            benchmark=name,
            found=found,
            covers=covers,
            node_id=node_id,
            values=() if isinstance(found, NoEstimate) else tuple(exponents_of(passes, sizes)),
            sizes=tuple(
                SizeValues(size=size, values=tuple(one[size] for one in passes if size in one))
                for size in sorted(sizes)
            ),
        )

    def _by_pass(self, target: Target, members: list[Benchmark]) -> dict[int, dict[float, float]] | NoEstimate:
        """Look up the p50 of every size, by pass; the benchmarks of a complexity must each have a size of its own."""
        by_pass: dict[int, dict[float, float]] = {}
        by_size: dict[float, str] = {}
        for one in sorted(members, key=lambda member: member.id):
            size = one.size
            if size is None:
                return NoEstimate(
                    code=ReasonCode.SIZES_UNFIT,
                    reason=f"{one.id} declares no size",
                    hint='Set benchmark.extra_info["size"], or parametrize it by one number.',
                )
            if size in by_size:
                return NoEstimate(
                    code=ReasonCode.SIZES_UNFIT,
                    reason=f"{by_size[size]} and {one.id} have the same size, {size:g}, which mixes two things",
                    hint="Select one kind in the target, as in name[*-kind].",
                )
            by_size[size] = one.id
            values = self._values.of_metric(one, METRICS["p50"], per_operation=target.per_operation)
            if isinstance(values, NoEstimate):
                return msgspec.structs.replace(values, reason=f"{one.id}: {values.reason}")
            for index, value in values.items():
                by_pass.setdefault(index, {})[size] = value
        return by_pass


def _divide(values: Mapping[int, float], others: Mapping[int, float], name: str) -> PassValues | NoEstimate:
    """Take the ratio in every pass that both share; what happened to the machine in a pass happened to both."""
    if any(other <= 0 for other in others.values()):
        return NoEstimate(
            code=ReasonCode.NO_RATIO, reason=f"is relative to {name}, which is not above zero, so there is no ratio"
        )
    shared = {index: values[index] / others[index] for index in values if index in others}
    if not shared:
        return NoEstimate(code=ReasonCode.NO_RATIO, reason=f"shares no pass with {name}, so there is no ratio")
    if not all(math.isfinite(ratio) for ratio in shared.values()):
        return NoEstimate(code=ReasonCode.NO_RATIO, reason=f"its ratio to {name} is not a finite number")
    return shared
