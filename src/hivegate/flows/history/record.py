"""From a run and its verdicts to what the history keeps of them."""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING

import msgspec

from hivegate.instruments import METRICS, definition_of, instrument_of, metric_named
from hivegate.instruments.estimates import estimate_targets
from hivegate.model.estimate import Estimate
from hivegate.model.metric import Dimension
from hivegate.model.record import Level, Record, StoredVerdict
from hivegate.model.statistics import RunStatistics
from hivegate.model.targets import Limit, Target, Targets
from hivegate.report.messages import reason_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hivegate.model.metric import Metric
    from hivegate.model.run import Commit, Run
    from hivegate.model.verdict import GateResult, Verdict

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_CLOCKS_DIFFER = dt.timedelta(days=1)
_MOST_CORES = 2**20


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a run beside its file: of its commit, and where a page tells more of it.

    `branch` is that of runs which do not say theirs.
    """

    committed: str | None = None
    subject: str | None = None
    branch: str | None = None
    report: str | None = None


def record_of(run: Run, origin: Origin, result: GateResult | None = None) -> Record:
    """Estimate what a run measured; with the verdicts of `result`, which is of this run."""
    levels = tuple(_levels(run, result))
    measured = {one.benchmark for one in levels}
    return Record(
        source=run.source,
        created=utc(run.created),
        committed=utc(origin.committed),
        commit=_on_branch(run.commit, origin.branch),
        subject=origin.subject,
        environment=run.environment,
        levels=levels,
        nodes={one.id: one.node_id for one in run.benchmarks if one.id in measured},
        outcome=None if result is None else result.outcome,
        judged=() if result is None else tuple(map(_judged, result.verdicts)),
        report=origin.report,
    )


def plain_target(metric: Metric) -> Target:
    """Ask for a metric of every benchmark, without a limit."""
    return Target(benchmark="*", metric=metric, limit=Limit(dimension=metric.dimension, text=""), where="")


def utc(time: str | None) -> str | None:
    """Spell a time in UTC to the second; None for what is no ISO 8601. A time without a zone is taken for UTC."""
    try:
        told = dt.datetime.fromisoformat(time or "")
        zoned = told if told.tzinfo else told.replace(tzinfo=dt.UTC)
        return zoned.astimezone(dt.UTC).isoformat(timespec="seconds")
    except (ValueError, OverflowError):
        return None


def implausible(record: Record, now: dt.datetime) -> str:
    """Say what no run can have: a day that does not exist or is to come, a negative time, a million cores; "" else.

    A run from the future would be the newest for ever.
    """
    for name, moment in (("created", record.created), ("committed", record.committed)):
        told = utc(moment)
        if moment is not None and told is None:
            return f"{name}: {moment!r} is no time"
        if told is not None and not _EPOCH <= dt.datetime.fromisoformat(told) <= now + _CLOCKS_DIFFER:
            return f"{name}: {moment!r} is not between 1970 and today"
    cores = record.environment.cores
    if cores is not None and not 1 <= cores <= _MOST_CORES:
        return f"environment.cores: {cores} is not between 1 and {_MOST_CORES}"
    for level in record.levels:
        numbers = [value for value in (level.value, level.low, level.high) if value is not None]
        # An exponent, a drift and what a benchmark counts itself may be below zero; times, bytes and rates are not.
        signed = level.metric.dimension not in {Dimension.SECONDS, Dimension.BYTES, Dimension.RATE}
        if not all(map(math.isfinite, numbers)) or (not signed and min(numbers) < 0):
            return f"{level.benchmark}: {level.metric.name}: {level.value!r} is no such measurement"
    return ""


def _on_branch(commit: Commit | None, branch: str | None) -> Commit | None:
    if commit is None or commit.branch is not None or branch is None:
        return commit
    return msgspec.structs.replace(commit, branch=branch)


def _levels(run: Run, result: GateResult | None) -> Iterable[Level]:
    # What few runs have is not asked of every benchmark of a run that has none of it: half the time of an import.
    built_in = (
        metric
        for metric in METRICS.values()
        if definition_of(metric).kept and instrument_of(metric).measured(run, metric)
    )
    asked = tuple(map(plain_target, (*built_in, *_custom(run))))
    statistics = RunStatistics() if result is None else result.run_statistics
    targets = Targets(confidence=statistics.confidence, targets=asked, source="history")
    timed: set[str] = set()
    for answer in estimate_targets(targets, run, looks=statistics.looks):
        metric, found = answer.target.metric, answer.found
        if not isinstance(found, Estimate) or (metric.name == "throughput" and answer.benchmark in timed):
            continue  # a throughput that follows from times says nothing more
        if metric.name == "mean":
            timed.add(answer.benchmark)
        known = found.assumed is None  # an interval of one value is of the suite's usual spread and not of this run
        yield Level(
            benchmark=answer.benchmark,
            metric=metric,
            value=found.value,
            low=found.low if known and math.isfinite(found.low) else None,
            high=found.high if known and math.isfinite(found.high) else None,
            n=found.n,
        )


def _custom(run: Run) -> list[Metric]:
    """Name the benchmarks' own metrics, each in the direction that it was declared in."""
    names = {name for one in run.benchmarks for sample in one.samples for name in sample.metrics}
    better = {name: way for one in run.benchmarks for name, way in one.better.items()}
    return [
        msgspec.structs.replace(metric_named(name), higher_is_better=better.get(name) == "higher")
        for name in sorted(names - METRICS.keys())
    ]


def _judged(verdict: Verdict) -> StoredVerdict:
    change, estimate = verdict.change, verdict.estimate
    return StoredVerdict(
        benchmark=verdict.benchmark,
        kind=verdict.kind,
        outcome=verdict.outcome,
        tier=verdict.tier,
        metric=verdict.metric,
        per_operation=verdict.per_operation,
        relative_to=verdict.relative_to,
        where=verdict.where,
        value=change.ratio if change is not None else estimate.value if estimate is not None else None,
        limit=verdict.limit.text if verdict.limit is not None else None,
        code=verdict.reason.code.value,
        reason=reason_text(verdict),
    )
