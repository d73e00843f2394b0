"""Compare two result files: what was measured at different times, by what the passes of each say."""

from __future__ import annotations

import datetime as dt
import math
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from hivegate.errors import ResultsError, UsageError
from hivegate.flows.bench.check import read_whole
from hivegate.instruments import instrument_of
from hivegate.instruments.base import SampledInstrument
from hivegate.instruments.readings import RunReadings
from hivegate.judge import BudgetTable, judge_changes
from hivegate.model.change import Change, Clock
from hivegate.model.comparison import BenchmarkComparison, Comparison
from hivegate.model.estimate import Estimate, NoEstimate
from hivegate.model.pairs import PairTrouble
from hivegate.model.selection import Selectable, select
from hivegate.stats.distributions import normal_quantile

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hivegate.flows.project import Project
    from hivegate.model.run import Benchmark, Run
    from hivegate.model.targets import Budget, Targets
    from hivegate.model.verdict import GateResult

_ABSENT = "it is not in the file"
_DIFFERENT_TIMES = (
    "the two files were measured at different times: what changed on the machine between them looks like a change of "
    "the code. hivegate compare BASE measures both side by side"
)


class FileComparisonOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Say which two result files are compared, and within which budget; `targets` is the targets file.

    `selectors` are globs of benchmark ids, none for all, and `excluded` of those that are left out.
    """

    base: Path
    head: Path
    budget: float | None = None
    targets: Path | None = None
    selectors: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()


def compare_files(project: Project, options: FileComparisonOptions) -> GateResult:
    """Judge every benchmark of two result files by its budget, as ``hivegate compare OLD NEW`` does; nothing is kept.

    An interval rests on the spread between the passes of each file, and where a file holds one pass on the
    `assumed_spread` of targets.yaml. Raises `ResultsError` for a file that cannot be read, and for files of different
    processors, of which no change could be told apart from the machines'.
    """
    targets = project.load_targets(options.targets)
    base, head = (read_whole(project, file) for file in (options.base, options.head))
    if base == head:
        raise ResultsError(f"is the same as {options.base}", where=str(options.head), hint="name two results")
    machines = [run.environment.cpu for run in (base, head)]
    if None not in machines and machines[0] != machines[1]:
        raise ResultsError(
            f"was measured on {machines[1]}, {options.base} on {machines[0]}",
            where=str(options.head),
            hint="measure both on one machine: hivegate compare BASE",
        )
    budgets = BudgetTable(targets)
    known = list(dict.fromkeys(benchmark.id for run in (head, base) for benchmark in run.benchmarks))
    chosen = select([Selectable(id=name) for name in known], options.selectors, options.excluded)
    names = [one.id for one in chosen]
    comparison = Comparison(
        base=str(options.base),
        created=head.created,
        base_sha=base.commit.sha if base.commit else None,
        benchmarks=tuple(_compared(targets, budgets, names, (base, head), options.budget)),
        not_selected=tuple(name for name in known if name not in set(names)),
        not_compared=tuple(name for name in names if not budgets.of(name, options.budget).compares),
        budget=options.budget,
        commit=head.commit,
        environment=head.environment,
        notes=(_DIFFERENT_TIMES, *dict.fromkeys((*base.notes, *head.notes))),
    )
    if not comparison.benchmarks:
        raise UsageError("nothing to compare: no benchmark has a budget")
    return judge_changes(targets, comparison, budget=options.budget, today=dt.datetime.now(dt.UTC).date())


def _compared(
    targets: Targets, budgets: BudgetTable, names: Sequence[str], runs: tuple[Run, Run], given: float | None
) -> Iterable[BenchmarkComparison]:
    sides = [RunReadings(run, confidence=targets.confidence, assumed_spread=targets.assumed_spread) for run in runs]
    for name in names:
        before, after = (side.benchmarks.get(name) for side in sides)
        budget = budgets.of(name, given)
        if not budget.compares:
            continue
        if after is None:
            yield BenchmarkComparison(id=name, node_id=name, in_head=False)
        elif before is None:
            found = _estimate(budget, after, sides[1])  # what failed is no less so for being new
            trouble = PairTrouble(base=_ABSENT, head=_said_of_head(found))
            yield BenchmarkComparison(id=name, node_id=after.node_id, in_base=False, trouble=trouble)
        else:
            yield _change(budget, (before, after), sides)


def _said_of_head(found: Estimate | NoEstimate) -> str:
    """Say why the newer file has no value: nothing crashed here, whatever the file says of its own run."""
    if isinstance(found, Estimate):
        return ""
    return f"the file says: {found.reason}" if found.missing else found.reason


def _change(budget: Budget, benchmarks: tuple[Benchmark, Benchmark], sides: list[RunReadings]) -> BenchmarkComparison:
    before, after = (_estimate(budget, one, side) for one, side in zip(benchmarks, sides, strict=True))
    named = BenchmarkComparison(id=benchmarks[1].id, node_id=benchmarks[1].node_id)
    if isinstance(before, NoEstimate) or isinstance(after, NoEstimate):
        base = before.reason if isinstance(before, NoEstimate) else ""
        return msgspec.structs.replace(named, trouble=PairTrouble(base=base, head=_said_of_head(after)))
    half = math.hypot(*(_half(found, side) for found, side in zip((before, after), sides, strict=True)))
    center = math.log(after.value) - math.log(before.value)
    change = Change(
        ratio=math.exp(center),
        low=math.exp(center - half),
        high=math.exp(min(center + half, math.log(1e300))),
        n=min(before.n, after.n),
        instrument=instrument_of(budget.metric).name,
        clock=Clock.FILES,
        base_value=before.value,
        head_value=after.value,
    )
    return msgspec.structs.replace(named, change=change)


def _estimate(budget: Budget, benchmark: Benchmark, readings: RunReadings) -> Estimate | NoEstimate:
    instrument = instrument_of(budget.metric)
    assert isinstance(instrument, SampledInstrument)  # noqa: S101  a budget of time
    values = readings.values(instrument, benchmark, budget.metric, per_operation=False)
    if isinstance(values, NoEstimate):
        return values
    return instrument.estimate(list(values.values()), budget.metric, readings)


def _half(found: Estimate, readings: RunReadings) -> float:
    """Return half the interval of the logarithm; passes that are all equal have the spread of one."""
    half = math.log(found.high / found.value) if found.high < math.inf else math.inf
    return half or normal_quantile(0.5 + readings.confidence(found.n) / 2) * readings.assumed_spread
