"""What the page's index holds: environments with their runs, and every series in a line with its changes."""

from __future__ import annotations

import re
from statistics import median
from typing import TYPE_CHECKING, Any

import msgspec

from hivegate.model.record import StoredEnvironment, StoredRun, environment_title
from hivegate.report.dashboard.charts import TrendChart, chart_name, short
from hivegate.report.escape import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hivegate.model.metric import Metric
    from hivegate.model.trend import ChangePoint, Drift

_SHA = re.compile(r"[0-9a-f]{7,64}")
_SPARK = 48  # points of a small picture
_LEVELS = 99  # its height
_LONGEST_NAME = 1000
_RECENT = 40  # runs that tell how far from a level is usual
_FAR = 5.0  # median deviations
_SLIGHT = 0.03  # of a level
# What a benchmark is first shown by; the others are a click away.
_FIRST = ("p50", "mean", "throughput")
_LAST = ("cpu_time", "p99", "complexity", "peak_memory", "allocations")
_TOLD = frozenset({"peak_memory", "allocations"})  # whose changes are news beside those of the first metric


class Links(msgspec.Struct, frozen=True, kw_only=True):
    """Addresses of commits, with {sha}, and of what lies between two, with {old} and {new}; None where unknown."""

    commit: str | None = None
    compare: str | None = None


class StoredMachine(msgspec.Struct, frozen=True, kw_only=True):
    """An environment, with those that are one series with it, and the runs by whose places series count."""

    environment: StoredEnvironment
    members: int = 1
    runs: tuple[StoredRun, ...]


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the site shows; `made` is ISO 8601, `branch` what was chosen, `judged` the runs with verdicts."""

    project: str
    made: str
    branch: str | None
    links: Links = Links()
    measured: tuple[StoredMachine, ...]
    charted: tuple[TrendChart, ...]
    judged: frozenset[int] = frozenset()

    def by_benchmark(self) -> dict[str, list[TrendChart]]:
        """Group the series by benchmark, in the order of their names; the metric that tells most comes first."""
        grouped: dict[str, list[TrendChart]] = {}
        for one in sorted(self.charted, key=lambda one: (one.trend.series.benchmark, rank(one.trend.series.metric))):
            grouped.setdefault(one.trend.series.benchmark, []).append(one)
        return grouped

    def environments(self) -> dict[str, int]:
        """Tell the number of each environment by its key."""
        return {one.environment.key: number for number, one in enumerate(self.measured)}

    def metrics(self) -> list[Metric]:
        """List the metrics, by which series name them, in the order of what tells most."""
        found = {encoded_metric(one.trend.series.metric): one.trend.series.metric for one in self.charted}
        return sorted(found.values(), key=lambda metric: (rank(metric), encoded_metric(metric)))


def encoded_metric(metric: Metric) -> bytes:
    """Spell a metric so that equal ones are equal."""
    return msgspec.json.encode(metric)


def rank(metric: Metric) -> tuple[int, str]:
    """Order metrics by how much they tell of a benchmark: times first, a benchmark's own before what repeats them."""
    if metric.name in _FIRST:
        return _FIRST.index(metric.name), ""
    if metric.name in _LAST:
        return len(_FIRST) + 1 + _LAST.index(metric.name), ""
    return len(_FIRST), metric.name


def index_of(site: Site) -> dict[str, Any]:
    """Arrange the index as plain values: names once, numbers for the rest."""
    environments = site.environments()
    metrics = site.metrics()
    numbers = {encoded_metric(one): number for number, one in enumerate(metrics)}
    benchmarks: list[list[Any]] = []
    names: set[str] = set()
    for benchmark, charted in site.by_benchmark().items():
        series = [_series(one, environments, numbers) for one in charted]
        benchmarks.append([_name(benchmark, names), chart_name(benchmark), series])
    return {
        "project": printable(site.project),
        "made": site.made,
        "branch": None if site.branch is None else printable(site.branch),
        "links": [site.links.commit, site.links.compare],
        "metrics": [[one.name, one.dimension.value, one.higher_is_better, one.name in _TOLD] for one in metrics],
        "environments": [_environment(one, site.judged) for one in site.measured],
        "benchmarks": benchmarks,
    }


def _name(benchmark: str, taken: set[str]) -> str:
    """Spell a benchmark's name; hostile ones that look alike are told apart by their hashes."""
    name = printable(benchmark, _LONGEST_NAME)
    if name in taken:
        name = f"{name} ({chart_name(benchmark)})"
    taken.add(name)
    return name


def _environment(one: StoredMachine, judged: frozenset[int]) -> list[Any]:
    return [
        one.environment.key,
        _title(one),
        [_run(run, judged) for run in one.runs],
    ]


def _title(one: StoredMachine) -> str:
    title = printable(environment_title(one.environment.environment), 400) or "unknown machine"
    return title if one.members == 1 else f"{title}; {one.members} environments as one, told as in this"


def _run(run: StoredRun, judged: frozenset[int]) -> list[Any]:
    sha = run.commit or ""
    return [
        run.id,
        sha if _SHA.fullmatch(sha) else printable(sha, 40),
        run.moment,
        printable(run.subject or "", 200),
        printable(run.branch or "", 100),
        int(run.dirty),
        None if run.outcome is None else run.outcome.value,
        int(run.id in judged),
        run.report,
        printable(run.source, 100),
    ]


def _series(one: TrendChart, environments: dict[str, int], metrics: dict[bytes, int]) -> list[Any]:
    series, trend = one.trend.series, one.trend
    values = [point.value for point in series.points]
    level = trend.changes[-1].after if trend.changes else median(values)
    return [
        environments[series.environment],
        metrics[encoded_metric(series.metric)],
        len(values),
        short(level),
        series.points[-1].run,
        _spark(values),
        None if trend.drift is None else _drift(trend.drift),
        [_change(change, len(values)) for change in trend.changes],
        _latest(values, level),
    ]


def _latest(values: Sequence[float], level: float) -> list[Any] | None:
    """Tell what the last runs say where all of them left the level: too few to be another one, or it would be told."""
    usual = _FAR * median(abs(value - level) for value in values[-_RECENT:])
    beyond = max(usual, _SLIGHT * abs(level))
    left = next((back for back, one in enumerate(reversed(values)) if abs(one - level) <= beyond), len(values))
    return [short(median(values[-left:])), left] if left else None


def _drift(drift: Drift) -> list[Any]:
    return [short(drift.ratio), short(drift.low), short(drift.best), short(drift.current), drift.current_first.run]


def _change(change: ChangePoint, points: int) -> list[Any]:
    return [
        change.last_good.run,
        change.first_bad.run,
        short(change.before),
        short(change.after),
        int(change.worse),
        change.cause.value,
        None if change.shared is None else short(change.shared),
        change.index // _step(points),
    ]


def _step(points: int) -> int:
    return max(1, -(-points // _SPARK))


def _spark(values: Sequence[float]) -> list[int]:
    """Reduce values to a few dozen medians, each a height between the least and the most of them."""
    step = _step(len(values))
    kept = [median(values[start : start + step]) for start in range(0, len(values), step)]
    low, high = min(kept), max(kept)
    return [round((one - low) / (high - low) * _LEVELS) if high > low else _LEVELS // 2 for one in kept]
