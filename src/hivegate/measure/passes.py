"""Passes: a suite measured in K fresh processes, every benchmark of the plan accounted for in each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from hivegate.errors import MeasureError, ResultsError
from hivegate.measure.subject import Ended, Subject, run_worker
from hivegate.model.declaration import Declaration, declare
from hivegate.model.events import Advanced, Noted
from hivegate.model.run import Doubles, Sample, TestOutcome

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hivegate.measure.collect import Collected, Collection
    from hivegate.model.events import Watcher

_OUTCOMES = {outcome.value: outcome for outcome in TestOutcome}


class Effort(msgspec.Struct, frozen=True, kw_only=True):
    """How much one pass measures: seconds of rounds a benchmark, seconds a round, seconds without a sign of life."""

    max_time: float = 0.1
    min_time: float = 0.001
    timeout: float = 120.0


class PassResult(msgspec.Struct, frozen=True, kw_only=True):
    """One pass: a sample and a declaration by benchmark id, and facts about the subject."""

    samples: dict[str, Sample]
    declarations: dict[str, Declaration]
    subject: dict[str, Any]
    taken_over: tuple[str, ...] = ()


def measure_pass(
    subject: Subject,
    collection: Collection,
    chosen: tuple[Collected, ...],
    calls_wanted: Mapping[str, int],
    effort: Effort,
    watch: Watcher,
) -> PassResult:
    """Measure the chosen benchmarks once, in one fresh process, and in more only where one dies.

    `calls_wanted` says by benchmark id how many single calls are needed. Every chosen benchmark has a sample in the
    result, also one that failed, crashed or never ran.
    """
    names = {one.node_id: one.id for one in chosen}
    result = PassResult(samples={}, declarations={}, subject={})
    left = list(chosen)
    while left:
        ended = run_worker(
            subject,
            {
                "mode": "measure",
                "paths": list(dict.fromkeys(one.path for one in left)),
                "rootdir": collection.rootdir,
                "max_time": str(effort.max_time),
                "min_time": str(effort.min_time),
                "benchmarks": {one.node_id: {"calls": calls_wanted.get(one.id, 0)} for one in left},
            },
            patience=effort.timeout,
            on_event=lambda event: _announce(event, names, watch),
        )
        result = _join(result, ended, names)
        before, left = len(left), [one for one in left if one.id not in result.samples]
        _note_death(ended, left, watch)
        if len(left) == before or (left and _ended_itself(ended)):
            raise MeasureError(
                f"{left[0].node_id} was collected but never begun; pytest {ended.finished.cause}",
                hint=ended.finished.output.strip()[-2000:],
            )
    return result


def _announce(event: dict[str, object], names: dict[str, str], watch: Watcher) -> None:
    if event["event"] == "finished":
        node_id = str(event["node_id"])
        watch(Advanced(what=names.get(node_id, node_id)))


def _ended_itself(ended: Ended) -> bool:
    return any(event["event"] == "ended" for event in ended.events)


def _note_death(ended: Ended, left: list[Collected], watch: Watcher) -> None:
    if left and not _ended_itself(ended):
        watch(Noted(message=f"the benchmark process {ended.finished.cause}; {len(left)} go on in a new one"))


def _join(result: PassResult, ended: Ended, names: dict[str, str]) -> PassResult:
    samples, declarations, facts, taken = {}, {}, dict(result.subject), list(result.taken_over)
    begun: str | None = None
    for event in ended.events:
        kind, node_id = event["event"], str(event.get("node_id"))
        if kind == "subject":
            facts.update(event)
        elif kind == "taken_over":
            taken.append(str(event["option"]))
        elif kind == "started":
            begun = node_id
        elif kind == "finished" and node_id in names:
            begun = None
            samples[names[node_id]], declarations[names[node_id]] = _sample(event)
    if begun in names:
        outcome = TestOutcome.TIMED_OUT if ended.finished.timed_out else TestOutcome.CRASHED
        samples[names[begun]] = Sample(outcome=outcome, detail=_death(ended))
    return PassResult(
        samples={**result.samples, **samples},
        declarations={**result.declarations, **declarations},
        subject=facts,
        taken_over=tuple(dict.fromkeys(taken)),
    )


def _death(ended: Ended) -> str:
    if ended.finished.timed_out:
        return "gave no sign of life until its deadline and was stopped"
    tail = ended.finished.output.strip().splitlines()
    return f"its process {ended.finished.cause}" + (f"; last line: {tail[-1][:200]}" if tail else "")


def _sample(event: dict[str, Any]) -> tuple[Sample, Declaration]:
    outcome = _OUTCOMES[event["outcome"]]
    try:
        declaration = declare(event.get("extra_info", {}), event["params"])
    except ResultsError as fault:
        return Sample(outcome=TestOutcome.FAILED, detail=str(fault)), Declaration()
    sample = Sample(
        outcome=outcome,
        detail=event["detail"],
        rounds=Doubles(event.get("rounds", ())),
        calls=event.get("calls", 1),
        single_calls=Doubles(event.get("single_calls", ())),
        cpu=event.get("cpu"),
        wall=event.get("wall"),
        switches=event.get("switches"),
        calibration=event.get("calibration"),
        metrics=declaration.metrics,
    )
    return sample, declaration
