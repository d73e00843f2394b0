"""The first measurement of a suite that has no targets yet."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from hivegate.gate.measuring import open_suite

if TYPE_CHECKING:
    from hivegate.gate.measuring import Order
    from hivegate.measure.subject import Subject
    from hivegate.model.events import Watcher
    from hivegate.model.run import Run


def measure_first(subject: Subject, order: Order, watch: Watcher) -> Run:
    """Measure in `order.passes` processes as `hivegate bench` does, and at least one: none begins after `max_time`."""
    end = time.monotonic() + order.max_time
    suite = open_suite(subject, order, None, watch)
    for number in range(order.passes):
        if number == 0 or time.monotonic() < end:
            suite.measure({})
    return suite.run()
