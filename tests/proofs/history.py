"""Measure the history at size: ``python -m tests.proofs.history [--place postgresql://…]``.

A million estimates are added, one benchmark's trend of two thousand runs is told, and a dashboard is built and opened
in Chromium. Wall and processor time are printed side by side, for other work on the machine slows the first.
"""

from __future__ import annotations

import argparse
import contextlib
import math
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import expect, sync_playwright
from tests.chromium import find_chromium
from tests.records import NOW, record

from hivegate.gate.dashboard import DashboardOrder, build_dashboard
from hivegate.gate.series import TrendOrder
from hivegate.gate.trends import tell_trends
from hivegate.history.runs import add
from hivegate.history.store import open_store
from hivegate.model.run import Commit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hivegate.model.record import Record

BENCHMARKS = 500
TOLD, SHOWN = 2000, 1000  # runs of a trend, and of a dashboard
_BATCH = 100
_MOVE = 0.6  # of the history, where the machine gets slower by 7 %
_TRIES = 5


def records(runs: int) -> Iterator[Record]:
    """Make runs with noise, strays, a move of the machine, and a step in every third benchmark."""
    chance = random.Random(5)  # noqa: S311  reproducible input, no secret
    names = [f"suite_{number % 4}/benchmark_{number // 4}[{10 * (number % 3 + 1)}]" for number in range(BENCHMARKS)]
    base = {name: 10 ** chance.uniform(-7, -1) for name in names}
    step = {name: (chance.randrange(30, runs - 30), chance.choice([1.05, 1.12, 1.3, 0.85])) for name in names[::3]}
    for run in range(runs):
        machine = 1.07 if run > runs * _MOVE else 1.0
        values = {}
        for name in names:
            at, factor = step.get(name, (runs, 1.0))
            stray = 1.5 if chance.random() < 0.005 else 1.0
            values[name] = (
                base[name] * machine * (factor if run >= at else 1.0) * stray * math.exp(chance.gauss(0, 0.015))
            )
        yield record(run, values, subject=f"Change {run}", commit=Commit(sha=f"{run + 1:040x}", branch="main"))


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


def draw(folder: Path) -> None:
    """Build the dashboard and open it."""
    with timed(f"dashboard of {BENCHMARKS} benchmarks in {SHOWN} runs, built"):
        build_dashboard(folder, "shown.db", DashboardOrder(out=folder / "site"), lambda _: None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        for what in ("", "#benchmark=suite_0%2Fbenchmark_0%5B10%5D"):
            page = browser.new_page()
            with timed(f"the {'benchmark' if what else 'start'} opened in Chromium"):
                page.goto((folder / "site" / "index.html").as_uri() + what)
                expect(page.locator(".chart .level" if what else "tbody tr").last).to_be_attached()
            page.close()
        browser.close()


def main() -> None:
    """Measure everything below a temporary folder, or the adding and the trend in a database that is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--place", default="told.db", help="an empty PostgreSQL database instead of SQLite")
    place = parser.parse_args().place
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fill(place, folder, TOLD)
        tell(place, folder)
        if place == "told.db":
            fill("shown.db", folder, SHOWN)
            draw(folder)


if __name__ == "__main__":
    main()
