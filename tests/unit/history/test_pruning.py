"""Runs are taken out beside those that add: nothing that is kept loses what it needs."""

from __future__ import annotations

import random
import threading
from typing import TYPE_CHECKING

from sqlalchemy import text
from tests.records import NOW, record

from hivegate.history.queries import list_runs, list_series, load_records
from hivegate.history.runs import add, remove

if TYPE_CHECKING:
    from collections.abc import Callable

    from hivegate.history.store import Store

_ORPHANS = (
    "SELECT count(*) FROM hivegate_estimates e LEFT JOIN hivegate_series s ON s.id = e.series_id"
    " LEFT JOIN hivegate_runs r ON r.id = e.run_id LEFT JOIN hivegate_benchmarks b ON b.id = s.benchmark_id"
    " WHERE b.id IS NULL OR r.id IS NULL"
)
WRITERS, EACH = 3, 12


def test_a_name_is_not_taken_from_under_who_adds_it(opened: Callable[[], Store]) -> None:
    """While some add runs of few names, all runs are taken out again and again: every estimate has its run and name."""

    def write(number: int) -> None:
        chance, store = random.Random(number), opened()  # noqa: S311  reproducible input, no secret
        for at in range(EACH):
            names = chance.sample(["s/a", "s/b", "s/c", "s/d"], 2)
            add(store, [record(number * EACH + at, dict.fromkeys(names, 1.0))], now=NOW)

    opened()
    writers = [threading.Thread(target=write, args=(number,)) for number in range(WRITERS)]
    for one in writers:
        one.start()
    store = opened()
    removed = 0
    while any(one.is_alive() for one in writers):
        gone = [one.id for one in list_runs(store)]
        removed += len(gone)
        remove(store, gone)
    kept = list_runs(store)
    assert removed + len(kept) == WRITERS * EACH
    assert all(len(one.levels) == 2 for one in load_records(store, kept))
    with store.reading() as connection:
        assert connection.execute(text(_ORPHANS)).scalar() == 0
    remove(store, [one.id for one in kept])
    assert list_series(store) == ()
