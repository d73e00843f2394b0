"""A repository's comparison, judged by hivegate's own looks, confirmation and judge, on pairs that were drawn."""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING, NamedTuple

from hivegate.flows.compare.sequential import confirm, take_looks
from hivegate.instruments import METRICS
from hivegate.judge import BudgetTable, judge_changes
from hivegate.model.comparison import BenchmarkComparison, Comparison
from hivegate.model.pairs import PairSample
from hivegate.model.run import Doubles
from hivegate.model.statistics import CONFIRMING_PAIRS, LOOKS
from hivegate.model.targets import Budget, Targets

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from scale.noise import Logs

PAIRS = LOOKS[-1] + CONFIRMING_PAIRS  # the most that one benchmark takes
_SECONDS = 1e-3
_BASE = Doubles((_SECONDS,))
_TODAY = dt.date(2026, 11, 23)


class Judged(NamedTuple):
    """One benchmark's outcome, the pairs that it took, and what fresh pairs said of a slowdown that was seen."""

    outcome: str
    pairs: int
    confirmed: bool | None


class Drawn:
    """Pairs whose log ratios are drawn beforehand, a row a benchmark; those that confirm come last."""

    def __init__(self, logs: Logs) -> None:
        """Name the rows."""
        self._logs = {str(number): row for number, row in enumerate(logs)}
        self.samples: dict[str, list[PairSample]] = {name: [] for name in self._logs}
        self.troubles: frozenset[str] = frozenset()
        self.fresh: dict[str, int] = {}

    def measure(
        self, ids: set[str], pairs: int, *, overdue: Callable[[], bool], keep: bool = True
    ) -> Mapping[str, Sequence[PairSample]]:
        """Draw the next pairs, or the last ones for a confirmation."""
        del overdue
        added = {}
        for name in ids:
            start = len(self.samples[name]) if keep else LOOKS[-1]  # those that confirm come last
            added[name] = [_pair(log) for log in self._logs[name][start : start + pairs]]
            if keep:
                self.samples[name] += added[name]
            else:
                self.fresh[name] = pairs
        return added


def judge_repository(logs: Logs, budget: float) -> list[Judged]:
    """Compare all benchmarks of a repository as one command does."""
    regression = Budget(benchmark="*", slowdown=budget, metric=METRICS["mean"], where="targets.yaml:2")
    targets = Targets(budgets=(regression,), source="targets.yaml")
    drawn = Drawn(logs)
    known = BudgetTable(targets)
    budgets = {name: known.of(name) for name in drawn.samples}
    changes = take_looks(drawn, budgets, lambda: False)
    confirmed = confirm(changes, drawn, budgets, lambda _: None)
    compared = tuple(
        BenchmarkComparison(id=name, node_id=name, change=changes[name], confirmed=confirmed.get(name))
        for name in budgets
    )
    result = judge_changes(targets, Comparison(base="main", benchmarks=compared), today=_TODAY)
    return [
        Judged(
            verdict.outcome.value,
            changes[verdict.benchmark].n + drawn.fresh.get(verdict.benchmark, 0),
            confirmed.get(verdict.benchmark),
        )
        for verdict in result.verdicts
    ]


def _pair(log: float) -> PairSample:
    head = Doubles((_SECONDS * math.exp(log),))
    return PairSample(calls=1, switches=0, base_wall=_BASE, head_wall=head, base_cpu=_BASE, head_cpu=head)
