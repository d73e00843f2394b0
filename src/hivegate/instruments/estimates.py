"""Every target answered from a run: an estimate for each benchmark that it names, or why there is none."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from hivegate.instruments import instrument_of
from hivegate.instruments.readings import RunReadings
from hivegate.model.estimate import NoEstimate
from hivegate.model.identity import closest, is_wild, matches
from hivegate.model.reason import ReasonCode
from hivegate.model.target_estimate import TargetEstimate

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hivegate.model.run import Benchmark, Run
    from hivegate.model.targets import Target, Targets
    from hivegate.model.trend import Drift

_COMPARED = 200  # ids that a missing one is compared with


def estimate_targets(
    targets: Targets, run: Run, *, looks: int = 1, drift: Mapping[str, Drift | None] | None = None
) -> tuple[TargetEstimate, ...]:
    """Estimate every target; one that names nothing of this run is answered as missing, never left out.

    `looks` says how often the growing run is answered at five passes or more, a number fixed beforehand over which the
    error is split. Only a target whose benchmarks a selection left out has no answer. `drift` holds, by benchmark, how
    far its mean drifted by the history of this environment, this run included: None where too little is known, and
    nothing at all where there is no history. Time grows with the answers, plus a pattern match for each target and
    benchmark.
    """
    reference = targets.reference_for(run.environment.implementation, run.environment.python)
    readings = RunReadings(
        run,
        confidence=targets.confidence,
        looks=looks,
        assumed_spread=targets.assumed_spread,
        drift=drift,
        reference=reference,
    )
    answers = tuple(answer for target in targets.targets for answer in _answers(target, targets, readings))
    if not targets.reference or reference is not None or run.environment.python is None:
        return answers
    python = f"{run.environment.implementation} {run.environment.python}"
    return tuple(
        msgspec.structs.replace(answer, unread=python)
        if instrument_of(answer.target.metric).scales(answer.target)
        else answer
        for answer in answers
    )


def _answers(target: Target, targets: Targets, readings: RunReadings) -> Iterable[TargetEstimate]:
    named = _named(target.benchmark, readings.benchmarks)
    if named:
        yield from instrument_of(target.metric).estimates(target, named, readings)
    elif not readings.left_out(target.benchmark):
        found = _unknown(target, targets, readings.benchmarks)
        yield TargetEstimate(target=target, benchmark=target.benchmark, found=found)


def _named(selector: str, benchmarks: Mapping[str, Benchmark]) -> list[Benchmark]:
    if not is_wild(selector):
        found = benchmarks.get(selector)
        return [] if found is None else [found]
    start = re.split(r"[*?]", selector, maxsplit=1)[0]  # most names are told apart before a pattern is tried
    return [one for name, one in benchmarks.items() if name.startswith(start) and matches(selector, name)]


def _unknown(target: Target, targets: Targets, benchmarks: Iterable[str]) -> NoEstimate:
    asked = {one.benchmark for one in targets.targets}
    near = closest(target.benchmark, [name for name in benchmarks if name not in asked][:_COMPARED])
    return NoEstimate(
        code=ReasonCode.UNKNOWN_BENCHMARK,
        reason="no benchmark in this run has this name: renamed, removed or never written",
        missing=True,
        hint=f"Was it renamed to {near}? Targets do not follow renames: change it in {target.where}." if near else "",
    )
