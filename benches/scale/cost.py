"""What a verdict costs: the time of real comparisons, from the evidence of detection, and of the judging alone."""

from __future__ import annotations

import statistics
import time

import msgspec
import numpy as np

from detection.evidence import read as read_detection
from hivegate.judge import BudgetTable, decide
from hivegate.model.pairs import PairSample
from hivegate.model.run import Doubles
from hivegate.model.statistics import LOOKS
from hivegate.model.targets import Targets
from hivegate.stats.pairs import estimate_change
from scale.evidence import FOLDER, load, save

_ROUNDS = 100  # a side and pair: the most that is measured
_TIMES = 25
_SEED = 20_26


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds by the clock a verdict and a pair in real comparisons, the command's whole time shared out.

    `equal` are the verdicts on what did not change, `seconds` and `pairs` their means; `judging` are milliseconds of
    the processor to estimate and judge one benchmark after so many pairs.
    """

    verdicts: int
    equal: int
    seconds: float
    median: float
    pairs: float
    a_pair: float
    judging: dict[str, float]


def measure() -> None:
    """Read what comparisons took, and time the judging."""
    said = [one for judged in read_detection(FOLDER.parent / "detection") for one in judged.said if one.pairs]
    equal = [one for one in said if one.dose == 0]
    save(
        "cost",
        Cost(
            verdicts=len(said),
            equal=len(equal),
            seconds=statistics.fmean(one.seconds for one in equal),
            median=statistics.median(one.seconds for one in equal),
            pairs=statistics.fmean(one.pairs for one in equal),
            a_pair=sum(one.seconds for one in equal) / sum(one.pairs for one in equal),
            judging={str(pairs): 1e3 * _judging(pairs) for pairs in (LOOKS[0], LOOKS[3], LOOKS[-1])},
        ),
    )


def read() -> Cost:
    """Read what was kept."""
    return load("cost", Cost)


def _judging(pairs: int) -> float:
    """Time one look at so many pairs; the least of some times, for others use the machine too."""
    chance = np.random.default_rng(_SEED)

    def times() -> Doubles:
        return Doubles(chance.normal(1e-3, 1e-5, _ROUNDS))

    samples = [
        PairSample(calls=1, switches=0, base_wall=times(), head_wall=times(), base_cpu=times(), head_cpu=times())
        for _ in range(pairs)
    ]
    budget = BudgetTable(Targets(source="targets.yaml")).of("suite/benchmark")
    seconds = []
    for _ in range(_TIMES):
        start = time.process_time()
        decide(estimate_change(samples, quantile=budget.metric.quantile), budget)
        seconds.append(time.process_time() - start)
    return min(seconds)
