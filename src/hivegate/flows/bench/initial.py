"""The first measurement of a suite that has no targets yet."""

from __future__ import annotations

import math
import time
from statistics import median, stdev
from typing import TYPE_CHECKING

from hivegate.flows.bench.measure import open_suite
from hivegate.model.run import TestOutcome

if TYPE_CHECKING:
    from hivegate.flows.plan import SuitePlan
    from hivegate.measure.subject import Subject
    from hivegate.model.events import ProgressCallback
    from hivegate.model.run import Benchmark, Run

_UNSTEADY = 0.1  # standard deviation of the logarithm over passes; three of them then say nearly nothing


def measure_first(subject: Subject, plan: SuitePlan, on_progress: ProgressCallback) -> Run:
    """Measure as `hivegate bench` does: every benchmark `plan.passes` times, what varies up to `most_passes` times.

    No pass begins after `plan.max_time` seconds, but for the first.
    """
    end = time.monotonic() + plan.max_time
    suite = open_suite(subject, plan, None, on_progress)
    suite.measure({})
    for number in range(1, plan.most_passes):
        run = suite.run()
        wanted = frozenset(
            benchmark.id for benchmark in run.benchmarks if number < plan.passes or _is_unsteady(benchmark)
        )
        if not wanted or time.monotonic() >= end:
            return run
        suite.measure({}, only=wanted)
    return suite.run()


def _is_unsteady(benchmark: Benchmark) -> bool:
    if any(sample.outcome is not TestOutcome.MEASURED or not sample.rounds for sample in benchmark.samples):
        return False
    turns = [math.log(median(sample.rounds) / (sample.reference or 1.0)) for sample in benchmark.samples]
    return len(turns) > 1 and stdev(turns) > _UNSTEADY
