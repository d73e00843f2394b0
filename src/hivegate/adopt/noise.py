"""The smallest slowdown that can be seen here, from pairs of the same work."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from hivegate.errors import MeasureError
from hivegate.model.diagnosis import Noise
from hivegate.model.pairs import PairSample
from hivegate.model.protocol import NoisePair, NoiseReport
from hivegate.model.run import Doubles
from hivegate.stats.resolution import resolution
from hivegate.system.process import deadline, run
from hivegate.system.worker import noise_command

if TYPE_CHECKING:
    from collections.abc import Sequence

_SECONDS = 120.0


def measure_noise(pairs: int, *, fork: bool, budget: float) -> Noise:
    """Compare fixed work with itself in pairs, as `hivegate compare` compares revisions; about 0.3 s a pair.

    Raises `MeasureError` where that cannot be done here.
    """
    command = noise_command(sys.executable, pairs, fork=fork)
    ended = run(command, cwd=Path.cwd(), overdue=deadline(_SECONDS))
    if ended.returncode != 0:
        raise MeasureError(
            f"the noise of this machine could not be measured: it {ended.cause}", hint=ended.output[-500:]
        )
    report = msgspec.json.decode(ended.output, type=NoiseReport)
    samples = [_sample(report.calls, pair) for pair in report.pairs]
    return noise_of(samples, manner="forked" if fork else "started", budget=budget)


def _sample(calls: int, pair: NoisePair) -> PairSample:
    return PairSample(
        calls=calls,
        switches=0,
        base_wall=Doubles(pair.base_wall),
        head_wall=Doubles(pair.head_wall),
        base_cpu=Doubles(pair.base_cpu),
        head_cpu=Doubles(pair.head_cpu),
    )


def noise_of(samples: Sequence[PairSample], *, manner: str, budget: float) -> Noise:
    """Compute what a comparison of such pairs can see."""
    seen = resolution(samples)
    wall = np.concatenate([one.base_wall for one in samples] + [one.head_wall for one in samples])
    cpu = np.concatenate([one.base_cpu for one in samples] + [one.head_cpu for one in samples])
    return Noise(
        manner=manner,
        pairs=seen.n,
        spread=seen.spread,
        budget=budget,
        visible=seen.visible(budget),
        least_budget=seen.least_budget,
        busy=max(0.0, 1 - float(cpu.sum() / wall.sum())),
    )
