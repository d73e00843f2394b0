"""Whether the machine left a benchmark alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from hivegate.model.run import Benchmark, Sample

CALM = 0.9
_WAITING = 0.5  # voluntary context switches a call; code that waits makes at least one


def disturbance(benchmark: Benchmark) -> float | None:
    """Return processor time over wall time of the calmest pass where others held the processor too much, else None.

    Code that waits of itself gives up the processor at every call, which its voluntary context switches show; code
    that runs several threads has more processor time than wall time. Neither is a disturbance.
    """
    shares = []
    for sample in benchmark.samples:
        if sample.cpu is None or not sample.wall or sample.switches is None or not len(sample.rounds):
            return None
        if _waits(sample, sample.wall, sample.switches):
            return None
        shares.append(sample.cpu / sample.wall)
    calmest = max(shares, default=1.0)
    return calmest if calmest < CALM else None


def _waits(sample: Sample, wall: float, switches: int) -> bool:
    seconds = float(np.median(np.frombuffer(sample.rounds)))
    calls = wall / seconds if seconds > 0 else float("inf")
    return switches >= _WAITING * calls
