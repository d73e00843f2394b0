"""hivegate bench: measure, judge, measure more where inconclusive."""

from __future__ import annotations

import datetime as dt
import math
import time
from typing import TYPE_CHECKING

from hivegate.flows.bench.measure import BenchOptions, measure, open_suite, partners
from hivegate.flows.history.drift import unknown_drift
from hivegate.judge import judge, needing_more
from hivegate.model.events import Noted
from hivegate.model.identity import matches
from hivegate.stats import estimate_targets

if TYPE_CHECKING:
    from collections.abc import Callable

    from hivegate.flows.history.drift import DriftLookup
    from hivegate.measure.collect import Collection
    from hivegate.measure.subject import Subject
    from hivegate.model.events import ProgressCallback
    from hivegate.model.run import Run
    from hivegate.model.targets import Targets
    from hivegate.model.verdict import GateResult


PASSES_MORE = 5  # a look at what is inconclusive after so many passes more: few looks, for the error is split over them


def most_looks(passes: int, most_passes: int) -> int:
    """Count the looks at most: one after the first passes, one after every few more."""
    return 1 + math.ceil((most_passes - passes) / PASSES_MORE)


def bench(
    subject: Subject,
    targets: Targets,
    options: BenchOptions,
    on_progress: ProgressCallback,
    *,
    on_collected: Callable[[Collection], None] = lambda _: None,
    drift: DriftLookup = unknown_drift,
) -> tuple[Run, GateResult]:
    """Measure a suite and judge it.

    After `options.passes` passes only inconclusive benchmarks are measured again, a few passes at a time, until they
    are decided, the passes reach `options.most_passes` or `options.max_time` seconds are over. How often to look is
    fixed beforehand, the error is split over the looks, and every pass counts: nothing is dropped or repeated until it
    is green. `on_collected` is given the suite; `drift` looks up the history.
    """
    end = time.monotonic() + options.max_time
    suite = open_suite(subject, options, targets, on_progress)
    on_collected(suite.collection)
    wanted = measure(suite, options, targets)
    done, looks = options.passes, most_looks(options.passes, options.most_passes)
    while True:
        run = suite.run()
        answers = estimate_targets(targets, run, looks=looks, drift=drift(run))
        result = judge(targets, run, answers, today=dt.datetime.now(dt.UTC).date(), looks=looks)
        open_questions = _benchmarks(needing_more(result), suite.ids, targets)
        if not open_questions or done >= options.most_passes or time.monotonic() >= end:
            return run, result
        on_progress(Noted(message=f"{len(open_questions)} inconclusive after {done} passes; measuring them on"))
        for _ in range(min(PASSES_MORE, options.most_passes - done)):
            suite.measure(wanted, only=open_questions)
            done += 1


def _benchmarks(names: frozenset[str], ids: tuple[str, ...], targets: Targets) -> frozenset[str]:
    """Find the benchmarks behind inconclusive names: groups of sizes unfolded, partners along."""
    found = {one for one in ids for name in names if matches(name, one)}
    return frozenset(found | partners(targets, found))
