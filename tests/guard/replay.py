"""Recorded measurements judged again: the only module of the guard that knows how hivegate is built.

A recording is plain JSON with keys of its own, and so is what it is judged to be; here both meet hivegate's types. When
something in hivegate moves or is renamed, this module follows, and neither the recordings nor the expectations do.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from hivegate.flows.compare.flow import judge_comparison
from hivegate.flows.compare.sequential import confirm, take_looks
from hivegate.flows.rules import Rules
from hivegate.instruments import METRICS, instrument_of, metric_named
from hivegate.instruments.base import Mode
from hivegate.instruments.estimates import estimate_targets
from hivegate.judge import BudgetTable, by_instructions, contradiction, judge
from hivegate.model.comparison import BenchmarkComparison, Comparison, CounterChange
from hivegate.model.pairs import InstructionPair, MemoryPair, PairSample, PairTrouble
from hivegate.model.run import (
    Benchmark,
    Doubles,
    Environment,
    InstructionSample,
    MemorySample,
    Run,
    Sample,
    Summary,
    TestOutcome,
)
from hivegate.model.statistics import ComparisonStatistics
from hivegate.model.trend import Drift, Point, Series, Trend
from hivegate.report.jsondoc import parse_json
from hivegate.stats.trend import find_trends
from hivegate.targets import parse_targets

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from hivegate.model.metric import Metric
    from hivegate.model.verdict import GateResult, Verdict

Document: TypeAlias = dict[str, Any]

_TODAY = dt.date(2026, 6, 1)
_PLACE = re.compile(r":(\d+):(\d+)$")
_DIGITS = 12
# What has been renamed since the recording, by its present name.
_RENAMED = {
    "budget": "regression",
    "complexity": "growth",
    "drift": "creep",
    "inconclusive": "not judged",
    "reference": "calibration",
}


class ExhaustedError(Exception):
    """A comparison asked for more confirming pairs than its recording holds."""


def judge_pairs(recording: Document, judgement: Document) -> Document:
    """Look at the pairs of a recorded comparison as one in progress does, confirm, and judge.

    `judgement` has the text of a targets.yaml and, where they are given, a `budget` for all, whether `instructions` are
    compared, after how many pairs the time is `over`, and how many `pairs` there are at most.
    """
    targets = parse_targets(judgement["targets"], "targets.yaml")
    budget, instructions = judgement.get("budget"), judgement.get("instructions", False)
    asked = by_instructions(targets, budget) if instructions else targets
    budgets = BudgetTable(asked)
    names = [one["id"] for one in recording["benchmarks"]]
    compared = {name for name in names if budgets.of(name).compares or budgets.exact(name)}
    shared = [one for one in recording["benchmarks"] if one["in_head"] and one["id"] in compared]
    timed = {one["id"]: found for one in shared if (found := budgets.of(one["id"], budget)).compares}
    pairs = _Pairs(shared, judgement.get("pairs"))
    over = judgement.get("over", math.inf)
    changes = take_looks(pairs, timed, lambda: pairs.taken >= over, ComparisonStatistics.at(targets.confidence))
    confirmed = confirm(changes, pairs, timed, lambda _: None)
    benchmarks = [
        BenchmarkComparison(
            id=one["id"],
            node_id=one["id"],
            change=changes.get(one["id"]),
            trouble=pairs.troubles.get(one["id"]),
            in_base=one["in_base"],
            confirmed=confirmed.get(one["id"]),
            exact=() if one["trouble"] else _read_exactly(one, tuple(budgets.exact(one["id"]))),
        )
        for one in shared
    ]
    gone = [one["id"] for one in recording["benchmarks"] if not one["in_head"] and one["id"] in compared]
    run = Comparison(
        base="main",
        benchmarks=(*benchmarks, *(BenchmarkComparison(id=name, node_id=name, in_head=False) for name in gone)),
        not_selected=tuple(recording["not_selected"]),
        not_compared=tuple(name for name in names if name not in compared),
        budget=budget,
        by_instructions=instructions,
    )
    return normalized(judge_comparison(Rules(head=targets), run))


def judge_passes(recording: Document, judgement: Document) -> list[Document]:
    """Judge a recorded run after each of the numbers of passes that `judgement` has as `after`, or once as a whole.

    A run that grows is looked at as often as `hivegate bench` would from the first to the last of those numbers.
    """
    targets = parse_targets(judgement["targets"], "targets.yaml")
    stages = judgement.get("after", [])
    looks = 1 + math.ceil((stages[-1] - stages[0]) / 5) if stages else 1
    creeps = {name: _creep(one) for name, one in recording["creeps"].items()} if "creeps" in recording else None
    results = []
    for passes in stages or [None]:
        run = run_of(recording, passes)
        answers = estimate_targets(targets, run, looks=looks, drift=creeps)
        results.append(normalized(judge(targets, run, answers, today=_TODAY, looks=looks)) | {"looks": looks})
    return results


def find_changes(recording: Document) -> list[Document]:
    """Find the change points and the creep of recorded histories; those that are `witness` tell of the machine only."""
    series = [(_series(one), one.get("witness", False)) for one in recording["series"]]
    found = find_trends(
        [one for one, witness in series if not witness],
        witnesses=[one for one, witness in series if witness],
        confidence=recording["confidence"],
    )
    return [_trend(one) for one in found]


def read_result(text: str) -> Document:
    """Read what a command printed as JSON."""
    return normalized(parse_json(text.encode(), where="the answer"))


def normalized(result: GateResult) -> Document:
    """Leave of a result its outcomes and numbers: no words, dates, paths, nor what machine it was.

    No p-values either: nothing decides by them. Every verdict follows from its own numbers.
    """
    assert [said for verdict in result.verdicts if (said := contradiction(verdict))] == []
    return {
        "outcome": recorded(result.outcome.value),
        "exit status": result.exit_status,
        "partial": result.partial,
        "not selected": list(result.not_selected),
        "not compared": list(result.not_compared),
        "passes": result.run_statistics.passes,
        "verdicts": [_verdict(one) for one in result.verdicts],
    }


def pair_record(sample: PairSample) -> Document:
    """Describe one pair."""
    found: Document = {
        "calls": sample.calls,
        "switches": sample.switches,
        "parallel": sample.parallel,
        "in_turn": sample.in_turn,
    }
    for side in ("base", "head"):
        for name in ("wall", "cpu", "delay", "singles"):
            times = getattr(sample, f"{side}_{name}")
            found[f"{side}_{name}"] = None if times is None else [round(one, 9) for one in times]
    return found


def run_record(run: Run) -> Document:
    """Describe a run."""
    return {
        "cores": run.environment.cores,
        "not_selected": list(run.not_selected),
        "benchmarks": [_benchmark_record(one) for one in run.benchmarks],
    }


def run_of(recording: Document, passes: int | None = None) -> Run:
    """Make a run of its description, of the first so many passes only where they are given."""
    return Run(
        environment=Environment(cores=recording["cores"]),
        not_selected=tuple(recording["not_selected"]),
        benchmarks=tuple(_benchmark(one, passes) for one in recording["benchmarks"]),
    )


class _Pairs:
    """Pairs as a comparison asks for them, of a recording."""

    def __init__(self, benchmarks: Sequence[Document], most: int | None) -> None:
        self._pairs = {one["id"]: [_pair(pair) for pair in one["pairs"][:most]] for one in benchmarks}
        self._fresh = {one["id"]: [_pair(pair) for pair in one["confirming"]] for one in benchmarks}
        self.samples: dict[str, list[PairSample]] = {one["id"]: [] for one in benchmarks}
        self.troubles = {one["id"]: PairTrouble(**one["trouble"]) for one in benchmarks if one["trouble"]}

    @property
    def taken(self) -> int:
        """The pairs that were asked for of one benchmark, at most."""
        return max((len(one) for one in self.samples.values()), default=0)

    def measure(
        self, ids: set[str], pairs: int, *, overdue: Callable[[], bool], keep: bool = True
    ) -> Mapping[str, Sequence[PairSample]]:
        """Give the next pairs, or those that confirm."""
        del overdue
        added = {name: self._next(name, pairs, keep=keep) for name in ids if name not in self.troubles}
        for name, fresh in added.items() if keep else ():
            self.samples[name] += fresh
        return added

    def _next(self, name: str, pairs: int, *, keep: bool) -> Sequence[PairSample]:
        done = len(self.samples[name]) if keep else 0
        found = (self._pairs if keep else self._fresh)[name][done : done + pairs]
        # Recorded by other looks than today's: the time was over where a recording ends.
        if len(found) < pairs and not keep:
            raise ExhaustedError(f"{name}: {pairs} confirming pairs are asked for; there are {len(found)}")
        return found


def _pair(record: Document) -> PairSample:
    times: Document = {key: Doubles(value) for key, value in record.items() if isinstance(value, list)}
    return PairSample(**{**record, **times})


def _read_exactly(record: Document, metrics: Sequence[str]) -> tuple[CounterChange, ...]:
    memory = MemoryPair(**_readings(record["memory"]))
    counted = InstructionPair(**_readings(record["instructions"]))
    return tuple(
        _counted(METRICS[metric], memory if instrument_of(METRICS[metric]).mode is Mode.MEMORY else counted)
        for metric in metrics
    )


def _counted(metric: Metric, pair: MemoryPair | InstructionPair) -> CounterChange:
    change = instrument_of(metric).change(pair, metric)
    return CounterChange(metric=metric.name, change=change, trouble=pair.trouble)


def exact_record(pair: MemoryPair | InstructionPair | None) -> Document:
    """Describe what was read exactly on both sides."""
    if pair is None:
        return {}
    trouble = pair.trouble
    found: Document = {} if trouble is None else {"trouble": {"base": trouble.base, "head": trouble.head}}
    names = ("base", "head") if isinstance(pair, InstructionPair) else tuple(_MEMORY)
    return found | {name: list(getattr(pair, name)) for name in names}


_MEMORY = ("base_peak", "head_peak", "base_allocations", "head_allocations")


def _readings(record: Document) -> Document:
    found = {key: tuple(value) for key, value in record.items() if key != "trouble"}
    return found | ({"trouble": PairTrouble(**record["trouble"])} if "trouble" in record else {})


def _benchmark_record(benchmark: Benchmark) -> Document:
    return {
        "id": benchmark.id,
        "operations": benchmark.operations,
        "size": benchmark.size,
        "parallelism": benchmark.parallelism,
        "better": dict(benchmark.better),
        "passes": [_pass_record(one) for one in benchmark.samples],
        "memory": [
            {"outcome": one.outcome.value, "peak": one.peak, "allocations": one.allocations} for one in benchmark.memory
        ],
        "instructions": [
            {"outcome": one.outcome.value, "instructions": one.instructions, "waits": one.waits}
            for one in benchmark.instructions
        ],
    }


def _pass_record(sample: Sample) -> Document:
    found: Document = {
        "pass": sample.pass_index,
        "outcome": sample.outcome.value,
        "rounds": [_rounded(one) for one in sample.rounds],
        "calls": sample.calls,
        "single_calls": [_rounded(one) for one in sample.single_calls],
        "throughput": sample.throughput,
        "cpu": sample.cpu,
        "wall": sample.wall,
        "switches": sample.switches,
        "calibration": sample.reference,
        "metrics": dict(sample.metrics),
    }
    return found


def _benchmark(record: Document, passes: int | None) -> Benchmark:
    return Benchmark(
        id=record["id"],
        node_id=record["id"],
        operations=record["operations"],
        size=record["size"],
        parallelism=record["parallelism"],
        better=record["better"],
        samples=tuple(_sample(one) for one in record["passes"][:passes]),
        memory=tuple(
            MemorySample(outcome=TestOutcome(one["outcome"]), peak=one["peak"], allocations=one["allocations"])
            for one in record["memory"]
        ),
        instructions=tuple(
            InstructionSample(outcome=TestOutcome(one["outcome"]), instructions=one["instructions"], waits=one["waits"])
            for one in record["instructions"]
        ),
    )


def _sample(record: Document) -> Sample:
    summary = record.get("summary")
    return Sample(
        pass_index=record["pass"],
        outcome=TestOutcome(record["outcome"]),
        rounds=Doubles(record["rounds"]),
        calls=record["calls"],
        single_calls=Doubles(record["single_calls"]),
        summary=None if summary is None else Summary(**summary),
        throughput=record["throughput"],
        cpu=record["cpu"],
        wall=record["wall"],
        switches=record["switches"],
        reference=record["calibration"],
        metrics=record["metrics"],
    )


def _creep(record: Document | None) -> Drift | None:
    if record is None:
        return None
    nowhere = Point(run=0, value=1.0)
    return Drift(
        **record,
        best=1.0,
        current=record["ratio"],
        runs=40,
        best_first=nowhere,
        best_last=nowhere,
        current_first=nowhere,
    )


def _series(record: Document) -> Series:
    metric = metric_named(record["metric"])
    points = enumerate(record["values"])
    return Series(
        benchmark=record["benchmark"],
        environment=record["environment"],
        metric=msgspec.structs.replace(metric, higher_is_better=record["higher_is_better"]),
        points=tuple(Point(run=run, value=value) for run, value in points if value is not None),
    )


def _trend(trend: Trend) -> Document:
    creep = trend.drift
    return {
        "benchmark": trend.series.benchmark,
        "changes": [
            {
                "index": one.index,
                "before": _number(one.before),
                "after": _number(one.after),
                "worse": one.worse,
                "between runs": [one.last_good.run, one.first_bad.run],
                "surely between runs": [one.surely_before.run, one.surely_after.run],
                "cause": one.cause.value,
                "shared": _number(one.shared),
            }
            for one in trend.changes
        ],
        "creep": None
        if creep is None
        else {
            "ratio": _number(creep.ratio),
            "low": _number(creep.low),
            "high": _number(creep.high),
            "best": _number(creep.best),
            "current": _number(creep.current),
            "best in runs": [creep.best_first.run, creep.best_last.run],
            "current since run": creep.current_first.run,
        },
    }


def recorded(word: str | None) -> str | None:
    """Translate a word of a result into what the recordings call it."""
    return None if word is None else _RENAMED.get(word, word)


def _verdict(verdict: Verdict) -> Document:
    found: Document = {
        "benchmark": verdict.benchmark,
        "kind": recorded(verdict.kind.value),
        "outcome": recorded(verdict.outcome.value),
        "weight": int(verdict.severity),
        "metric": recorded(verdict.metric),
        "measured in": verdict.dimension.value,
    }
    place = _PLACE.search(verdict.where or "")
    optional = {
        "name": verdict.name,
        "tier": verdict.tier,
        "place": [int(one) for one in place.groups()] if place else None,
        "per operation": verdict.per_operation or None,
        "relative to": recorded(verdict.relative_to),
        "undecided": verdict.needs_more or None,
        "limit": verdict.limit and {"min": _number(verdict.limit.minimum), "max": _number(verdict.limit.maximum)},
        "estimate": verdict.estimate
        and {
            "value": _number(verdict.estimate.value),
            "low": _number(verdict.estimate.low),
            "high": _number(verdict.estimate.high),
            "n": verdict.estimate.n,
            "assumed": _number(verdict.estimate.assumed),
        },
        "change": verdict.change
        and {
            "ratio": _number(verdict.change.ratio),
            "low": _number(verdict.change.low),
            "high": _number(verdict.change.high),
            "n": verdict.change.n,
            "spread": _number(verdict.change.spread),
            "clock": verdict.change.clock.value if verdict.change.clock else verdict.change.instrument,
            "base": _number(verdict.change.base_value),
            "head": _number(verdict.change.head_value),
            "ratios": [_number(one) for one in verdict.change.ratios],
        },
        "values": [_number(one) for one in verdict.values],
        "sizes": [{"size": one.size, "values": [_number(value) for value in one.values]} for one in verdict.sizes],
    }
    return found | {key: value for key, value in optional.items() if value is not None and value != []}


def _number(value: float | None) -> float | str | None:
    """Keep the digits that count; JSON has no infinity."""
    if value is None or math.isfinite(value):
        return None if value is None else _rounded(value)
    return "infinite" if value > 0 else "-infinite"


def _rounded(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")
