"""hivegate bench: measure, judge, measure more where undecided."""

from __future__ import annotations

import datetime as dt
import math
import time
from typing import TYPE_CHECKING

from hivegate.flows.bench.measure import Order, measure, open_suite, partners
from hivegate.flows.history.drift import unknown_creeps
from hivegate.judge import judge, undecided
from hivegate.model.events import Noted
from hivegate.model.identity import matches
from hivegate.stats import answer_targets

if TYPE_CHECKING:
    from collections.abc import Callable

    from hivegate.flows.history.drift import Creeps
    from hivegate.measure.collect import Collection
    from hivegate.measure.subject import Subject
    from hivegate.model.events import Watcher
    from hivegate.model.run import Run
    from hivegate.model.targets import Targets
    from hivegate.model.verdict import GateResult


PASSES_MORE = 5  # a look at what is undecided after so many passes more: few looks, for the error is split over them


def most_looks(passes: int, most_passes: int) -> int:
    """Count the looks at most: one after the first passes, one after every few more."""
    return 1 + math.ceil((most_passes - passes) / PASSES_MORE)


def bench(
    subject: Subject,
    targets: Targets,
    order: Order,
    watch: Watcher,
    *,
    on_collected: Callable[[Collection], None] = lambda _: None,
    creeps: Creeps = unknown_creeps,
) -> tuple[Run, GateResult]:
    """Measure a suite and judge it.

    After `order.passes` passes only what is undecided is measured on, a few passes at a time, until it is decided, the
    passes reach `order.most_passes` or `order.max_time` seconds are over. How often to look is fixed beforehand, the
    error is split over the looks, and every pass counts: nothing is dropped or repeated until it is green.
    `on_collected` is given the suite, for who goes on with it; `creeps` knows the history.
    """
    end = time.monotonic() + order.max_time
    suite = open_suite(subject, order, targets, watch)
    on_collected(suite.collection)
    wanted = measure(suite, order, targets)
    done, looks = order.passes, most_looks(order.passes, order.most_passes)
    while True:
        run = suite.run()
        answers = answer_targets(targets, run, looks=looks, creeps=creeps(run))
        result = judge(targets, run, answers, today=dt.datetime.now(dt.UTC).date(), looks=looks)
        open_questions = _benchmarks(undecided(result), suite.ids, targets)
        if not open_questions or done >= order.most_passes or time.monotonic() >= end:
            return run, result
        watch(Noted(message=f"{len(open_questions)} undecided after {done} passes; measuring them on"))
        for _ in range(min(PASSES_MORE, order.most_passes - done)):
            suite.measure(wanted, only=open_questions)
            done += 1


def _benchmarks(names: frozenset[str], ids: tuple[str, ...], targets: Targets) -> frozenset[str]:
    """Find the benchmarks behind undecided names: groups of sizes unfolded, partners along."""
    found = {one for one in ids for name in names if matches(name, one)}
    return frozenset(found | partners(targets, found))
