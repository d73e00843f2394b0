"""The first measurement of a suite that has no targets yet."""

from __future__ import annotations

import math
import time
from statistics import median, stdev
from typing import TYPE_CHECKING

from hivegate.flows.bench.measure import open_suite
from hivegate.model.run import TestOutcome

if TYPE_CHECKING:
    from hivegate.flows.bench.measure import BenchOptions
    from hivegate.measure.subject import Subject
    from hivegate.model.events import ProgressCallback
    from hivegate.model.run import Benchmark, Run

_UNSTEADY = 0.1  # standard deviation of the logarithm over passes; three of them then say nearly nothing


def measure_first(subject: Subject, options: BenchOptions, on_progress: ProgressCallback) -> Run:
    """Measure as `hivegate bench` does: every benchmark `options.passes` times, what varies up to `most_passes` times.

    No pass begins after `options.max_time` seconds, but for the first.
    """
    end = time.monotonic() + options.max_time
    suite = open_suite(subject, options, None, on_progress)
    suite.measure({})
    for number in range(1, options.most_passes):
        run = suite.run()
        wanted = frozenset(one.id for one in run.benchmarks if number < options.passes or _is_unsteady(one))
        if not wanted or time.monotonic() >= end:
            return run
        suite.measure({}, only=wanted)
    return suite.run()


def _is_unsteady(benchmark: Benchmark) -> bool:
    if any(one.outcome is not TestOutcome.MEASURED or not one.rounds for one in benchmark.samples):
        return False
    turns = [math.log(median(one.rounds) / (one.reference or 1.0)) for one in benchmark.samples]
    return len(turns) > 1 and stdev(turns) > _UNSTEADY
