"""Measure the history at size: ``python -m tests.proofs.history [--place postgresql://…]``.

A million estimates are added, and one benchmark's trend of two thousand runs is told. Wall and processor time are
printed side by side, for other work on the machine slows the first.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import math
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.records import NOW, record

from hivegate.gate.series import TrendOrder
from hivegate.gate.trends import tell_trends
from hivegate.history.runs import add
from hivegate.history.store import open_store
from hivegate.model.run import Commit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hivegate.model.record import Record

BENCHMARKS = 500
TOLD = 2000  # runs
_BATCH = 100
_MOVE = 0.6  # of the history, where the machine gets slower by 7 %
_TRIES = 5


def records(runs: int, benchmarks: int = BENCHMARKS) -> Iterator[Record]:
    """Make runs with noise, strays, a move of the machine, and a step in every third benchmark."""
    chance = random.Random(5)  # noqa: S311  reproducible input, no secret
    names = [f"suite_{number % 4}/benchmark_{number // 4}[{10 * (number % 3 + 1)}]" for number in range(benchmarks)]
    base = {name: 10 ** chance.uniform(-7, -1) for name in names}
    edge = runs // 30  # at either end, without a step
    step = {name: (chance.randrange(edge, runs - edge), chance.choice([1.05, 1.12, 1.3, 0.85])) for name in names[::3]}
    for run in range(runs):
        machine = 1.07 if run > runs * _MOVE else 1.0
        values = {}
        for name in names:
            at, factor = step.get(name, (runs, 1.0))
            stray = 1.5 if chance.random() < 0.005 else 1.0
            values[name] = (
                base[name] * machine * (factor if run >= at else 1.0) * stray * math.exp(chance.gauss(0, 0.015))
            )
        commit = Commit(sha=hashlib.sha256(b"%d" % run).hexdigest()[:40], branch="main")
        yield record(run, values, subject=f"Change {run}", commit=commit)


@contextlib.contextmanager
def timed(what: str, unit: str = "", count: int = 1) -> Iterator[None]:
    """Print how long the block takes, and how many of `count` in a second."""
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    rate = f", {count / wall:,.0f} {unit}/s" if unit else ""
    sys.stdout.write(f"{what}: {wall:.3f} s, {cpu:.3f} s of processor{rate}\n")
    sys.stdout.flush()


def fill(place: str, folder: Path, runs: int) -> None:
    """Add runs in batches; only the adding is timed."""
    store = open_store(place, folder=folder, create=True)
    made = list(records(runs))
    with timed(f"adding {runs * BENCHMARKS:,} estimates", "estimates", runs * BENCHMARKS):
        for start in range(0, runs, _BATCH):
            assert add(store, made[start : start + _BATCH], now=NOW) == len(made[start : start + _BATCH])


def tell(place: str, folder: Path) -> None:
    """Tell the trend of a benchmark with a change and a move of the machine, again and again."""
    order = TrendOrder(selectors=("suite_0/benchmark_0[10]",))
    for _ in range(_TRIES):
        with timed(f"trend of {TOLD} runs among {BENCHMARKS} benchmarks"):
            (told,) = tell_trends(folder, place, order)
    sys.stdout.write("".join(f"  {one.cause.value} at {one.index}\n" for one in told.trends[0].changes))


def main() -> None:
    """Measure everything below a temporary folder, or the adding and the trend in a database that is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--place", default="told.db", help="an empty PostgreSQL database instead of SQLite")
    place = parser.parse_args().place
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fill(place, folder, TOLD)
        tell(place, folder)


if __name__ == "__main__":
    main()
