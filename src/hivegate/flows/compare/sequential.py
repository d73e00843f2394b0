"""When a comparison looks at its pairs, and that a slowdown must show itself again: as declared beforehand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from hivegate.instruments import TIMER
from hivegate.judge import BudgetDecision, allowed_ratio, decide
from hivegate.model.events import Decided, Noted, ignore_progress
from hivegate.model.quantity import change_interval, part, signed
from hivegate.model.statistics import CONFIRMING_PAIRS, USUAL
from hivegate.stats.pairs import share_of_others

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping, Sequence

    from hivegate.model.change import Change
    from hivegate.model.events import ProgressCallback
    from hivegate.model.pairs import PairSample
    from hivegate.model.statistics import ComparisonStatistics
    from hivegate.model.targets import Budget

_BUSY = 0.25  # share of the time; below, pairs bear it


class Pairs(Protocol):
    """What gathers pairs: `samples` so far by benchmark, and `troubles` of those that have none."""

    @property
    def samples(self) -> Mapping[str, Sequence[PairSample]]:
        """The pairs that count, by benchmark."""

    @property
    def troubles(self) -> Container[str]:
        """The benchmarks that cannot be measured."""

    def measure(
        self, ids: set[str], pairs: int, *, overdue: Callable[[], bool], keep: bool = True
    ) -> Mapping[str, Sequence[PairSample]]:
        """Measure so many pairs more of the named benchmarks, and return them; `keep` adds them to the samples."""


def take_looks(
    comparison: Pairs,
    budgets: Mapping[str, Budget],
    overdue: Callable[[], bool],
    statistics: ComparisonStatistics = USUAL,
    on_progress: ProgressCallback = ignore_progress,
) -> dict[str, Change]:
    """Measure until every budget is decided, or the last look or the time is over; returns what was seen."""
    changes: dict[str, Change] = {}
    inconclusive = set(budgets)
    done = 0
    for look in statistics.looks:
        comparison.measure(inconclusive, look - done, overdue=overdue)
        done = look
        changes |= changes_so_far(comparison, {name: budgets[name] for name in inconclusive}, statistics)
        before, inconclusive = (
            inconclusive,
            {
                name
                for name in inconclusive
                if name not in comparison.troubles
                and (name not in changes or decide(changes[name], budgets[name]) is None)
            },
        )
        for name in sorted(before - inconclusive):
            if name not in comparison.troubles:
                on_progress(_decided(name, changes[name], budgets[name]))
        if not inconclusive or overdue():
            break
        if look == statistics.looks[0] and (share := share_of_others(comparison.samples)) > _BUSY:
            on_progress(Noted(message=f"this machine is busy: others had the core {part(share)} of the time"))
    return changes


def _decided(name: str, change: Change, budget: Budget) -> Decided:
    outcome = decide(change, budget)
    if outcome in {BudgetDecision.WITHIN, None}:
        return Decided(what=name, outcome="passed")
    slower = outcome is BudgetDecision.SLOWER
    text = f"{signed(change.ratio)} ({change_interval(change.low, change.high)})"
    return Decided(what=name, outcome="slower" if slower else "faster", text=text, failed=slower)


def changes_so_far(
    comparison: Pairs, budgets: Mapping[str, Budget], statistics: ComparisonStatistics
) -> dict[str, Change]:
    """Estimate the changes from the pairs that there are, by benchmark; the error of the next look is used up."""
    return {
        name: TIMER.change(samples, budget.metric, statistics)
        for name, budget in budgets.items()
        if (samples := comparison.samples[name])
    }


def confirm(
    changes: Mapping[str, Change], comparison: Pairs, budgets: Mapping[str, Budget], on_progress: ProgressCallback
) -> dict[str, bool]:
    """Ask fresh pairs of what seems slower, alone; as declared beforehand, whatever the clock says."""
    allowed = {name: allowed_ratio(change, budgets[name]) - 1 for name, change in changes.items()}
    suspects = {
        name
        for name, change in changes.items()
        if name not in comparison.troubles and decide(change, budgets[name]) is BudgetDecision.SLOWER
    }
    # So far beyond what is allowed that fewer fresh pairs show it again.
    far = {name for name in suspects if changes[name].low - 1 > 2 * allowed[name]}
    confirmed: dict[str, bool] = {}
    for some, pairs in ((far, CONFIRMING_PAIRS // 2), (suspects - far, CONFIRMING_PAIRS)):
        if not some:
            continue
        on_progress(
            Noted(message=f"asking {pairs} fresh pairs about what seems slower: {', '.join(sorted(some))}"),
        )
        fresh = comparison.measure(some, pairs, overdue=lambda: False, keep=False)
        confirmed |= {
            name: TIMER.confirms(fresh[name], changes[name], budgets[name].metric, allowed=allowed[name])
            for name in some
        }
    return confirmed
