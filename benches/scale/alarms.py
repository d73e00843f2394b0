"""How often a comparison is wrong: each layer of its error control by itself, then whole repositories.

At the boundary head is slower by exactly the budget: there *slower* errs most. Equal revisions are what most
comparisons are of.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from detection.rates import Rate
from hivegate.model.statistics import CONFIRMING_PAIRS, LOOKS, ComparisonStatistics
from hivegate.stats.centre import centre
from scale.evidence import load, save
from scale.judged import PAIRS, judge_repository
from scale.noise import KINDS, recorded_spreads

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from scale.noise import Logs

BENCHMARKS = 100  # of a repository
_USUAL = 0.008  # spread of a pair, at the boundary: the middle of what was met
_LOUD = 0.05  # far above the least spread that is believed
_QUIET = 0.0005  # far below
_SEED = 20_26
_BOUNDARY = 100_000  # comparisons of the noise that the bounds are made for
_OTHERS = 30_000  # of other kinds
_REPOSITORIES = 320  # a kind of noise: 32,000 verdicts
_CHANGES = (0.005, 0.01, 0.015, 0.0175, 0.02, 0.03)  # true slowdowns, judged at 2 %
_BLOCKS = 8
_BUDGET = 0.02  # of the looks alone: what is far beyond it needs fewer fresh pairs


class Layers(msgspec.Struct, frozen=True, kw_only=True):
    """Comparisons at the boundary: how often each look alone, all together and fresh pairs beside said *slower*.

    `within` counts who was called within the budget by any look, for its own error; `spread` is that of a pair.
    """

    kind: str
    spread: float
    comparisons: int
    looks: tuple[int, ...]
    sequential: int
    confirmed: int
    within: int

    def rates(self) -> tuple[Rate, Rate, Rate]:
        """Tell those of *slower* by all looks together, of *slower* confirmed, and of *within*."""
        return (
            Rate(self.sequential, self.comparisons),
            Rate(self.confirmed, self.comparisons),
            Rate(self.within, self.comparisons),
        )


class BenchmarkComparison(msgspec.Struct, frozen=True, kw_only=True):
    """Whole comparisons of repositories whose benchmarks all changed by the share `change`.

    `alarmed` counts the repositories with a *slower*, `together` the most of them in one; `unconfirmed` are those that
    fresh pairs took back.
    """

    kind: str
    budget: float
    change: float
    repositories: int
    outcomes: dict[str, int]
    unconfirmed: int
    alarmed: int
    together: int
    pairs: float

    @property
    def verdicts(self) -> int:
        """Count all verdicts."""
        return sum(self.outcomes.values())

    def slower(self) -> Rate:
        """Count who was called slower."""
        return Rate(self.outcomes.get("slower", 0), self.verdicts)


class Alarms(msgspec.Struct, frozen=True, kw_only=True):
    """All that was simulated of comparisons."""

    layers: tuple[Layers, ...]
    equal: tuple[BenchmarkComparison, ...]
    changed: tuple[BenchmarkComparison, ...]
    boundary: tuple[BenchmarkComparison, ...]


def simulate(workers: Executor) -> None:
    """Simulate and keep everything: 2 * 10^6 looks alone, and 280,000 verdicts of whole comparisons."""
    layers = [_layers(workers, "normal", spread, _BOUNDARY) for spread in (_USUAL, _LOUD)]
    layers += [_layers(workers, "normal", _QUIET, _OTHERS)]
    layers += [_layers(workers, kind, _USUAL, _OTHERS) for kind in KINDS if kind not in {"normal", "shared"}]
    equal = [_compared(workers, kind, 0.02, 0.0, _REPOSITORIES) for kind in KINDS]
    equal += [_compared(workers, kind, 0.01, 0.0, _REPOSITORIES // 4) for kind in ("recorded", "shared")]
    changed = [_compared(workers, "recorded", 0.02, change, 40) for change in _CHANGES]
    boundary = [_compared(workers, kind, 0.02, 0.02, 80) for kind in ("normal", "shared")]
    save(
        "alarms",
        Alarms(layers=tuple(layers), equal=tuple(equal), changed=tuple(changed), boundary=tuple(boundary)),
    )


def read() -> Alarms:
    """Read what was kept."""
    return load("alarms", Alarms)


def nominal() -> tuple[float, float, float]:
    """Tell what one look, all looks together and *within* may err."""
    return (
        ComparisonStatistics().slower_error / len(LOOKS),  # in the mean
        ComparisonStatistics().slower_error,
        ComparisonStatistics().within_error,
    )


def layers_of(logs: Logs, kind: str, spread: float) -> Layers:
    """Judge rows of pairs whose true log ratio is the budget's, at all looks."""
    looks = Counter[int]()
    answers = Counter[str]()
    for row in logs:
        seen = [centre(row[:look]) for look in LOOKS]
        far = next((one.low() for one in seen if one.low() > 0), 0.0) > math.log((1 + 2 * _BUDGET) / (1 + _BUDGET))
        fresh = row[LOOKS[-1] : LOOKS[-1] + CONFIRMING_PAIRS // (2 if far else 1)]
        above, below = ([one.low() > 0 for one in seen], [one.high() < 0 for one in seen])
        looks.update(look for look, is_above in zip(LOOKS, above, strict=True) if is_above)
        first = next(("slower" if up else "within" for up, down in zip(above, below, strict=True) if up or down), "")
        answers[first] += 1
        answers["confirmed"] += first == "slower" and bool(np.median(fresh) > 0)
    return Layers(
        kind=kind,
        spread=spread,
        comparisons=len(logs),
        looks=tuple(looks[look] for look in LOOKS),
        sequential=answers["slower"],
        confirmed=answers["confirmed"],
        within=answers["within"],
    )


def compared_of(
    kind: str, budget: float, change: float, seed: tuple[int, ...], repositories: int
) -> BenchmarkComparison:
    """Compare repositories whose pairs spread as was met."""
    chance = np.random.default_rng(seed)
    outcomes = Counter[str]()
    alarms, pairs, unconfirmed = [], 0, 0
    for _ in range(repositories):
        spreads = chance.choice(recorded_spreads(), size=BENCHMARKS)
        judged = judge_repository(KINDS[kind](chance, spreads, PAIRS) + math.log1p(change), budget)
        outcomes.update(one.outcome for one in judged)
        alarms.append(sum(one.outcome == "slower" for one in judged))
        pairs += sum(one.pairs for one in judged)
        unconfirmed += sum(one.confirmed is False for one in judged)
    return BenchmarkComparison(
        kind=kind,
        budget=budget,
        change=change,
        repositories=repositories,
        outcomes=dict(outcomes),
        unconfirmed=unconfirmed,
        alarmed=sum(count > 0 for count in alarms),
        together=max(alarms),
        pairs=pairs / (repositories * BENCHMARKS),
    )


def _layers_drawn(kind: str, spread: float, seed: tuple[int, ...], comparisons: int) -> Layers:
    logs = KINDS[kind](np.random.default_rng(seed), np.full(comparisons, spread), PAIRS)
    return layers_of(logs, kind, spread)


def _layers(workers: Executor, kind: str, spread: float, comparisons: int) -> Layers:
    seeds = [(_SEED, 1, list(KINDS).index(kind), round(spread * 1e4), block) for block in range(_BLOCKS)]
    size = comparisons // _BLOCKS
    found = list(workers.map(_layers_drawn, [kind] * _BLOCKS, [spread] * _BLOCKS, seeds, [size] * _BLOCKS))
    return Layers(
        kind=kind,
        spread=spread,
        comparisons=sum(one.comparisons for one in found),
        looks=tuple(sum(counts) for counts in zip(*(one.looks for one in found), strict=True)),
        sequential=sum(one.sequential for one in found),
        confirmed=sum(one.confirmed for one in found),
        within=sum(one.within for one in found),
    )


def _compared(workers: Executor, kind: str, budget: float, change: float, repositories: int) -> BenchmarkComparison:
    blocks = min(_BLOCKS, repositories)
    seeds = [(_SEED, 2, list(KINDS).index(kind), round(budget * 1e4), round(change * 1e4), at) for at in range(blocks)]
    size = repositories // blocks
    found = list(
        workers.map(compared_of, [kind] * blocks, [budget] * blocks, [change] * blocks, seeds, [size] * blocks)
    )
    outcomes = Counter[str]()
    for one in found:
        outcomes.update(one.outcomes)
    return BenchmarkComparison(
        kind=kind,
        budget=budget,
        change=change,
        repositories=sum(one.repositories for one in found),
        outcomes=dict(outcomes),
        unconfirmed=sum(one.unconfirmed for one in found),
        alarmed=sum(one.alarmed for one in found),
        together=max(one.together for one in found),
        pairs=sum(one.pairs for one in found) / len(found),
    )
