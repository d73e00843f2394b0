"""Prove that the dashboard bears its size: ``python -m tests.proofs.dashboard`` writes docs/performance/DASHBOARD.md.

Histories with noise, strays, steps and a move of the machine are drawn by the real command and opened from their files
in Chromium, each time with a new profile. Times are wall times beside other work; processor time stands with them.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from playwright.sync_api import expect, sync_playwright
from tests.chromium import find_chromium
from tests.proofs.history import records
from tests.records import NOW

from hivegate.history.runs import add
from hivegate.history.store import open_store
from hivegate.instruments import METRICS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page, Playwright

    from hivegate.model.record import Record

EVIDENCE = Path(__file__).parents[2] / "docs" / "performance" / "DASHBOARD.md"
_BATCH = 50
_TRIES = 5
_TYPED = "suite_1 benchmark_12"
_PAUSE = 120.0  # milliseconds between keys: a hundred words a minute
_MORE = ("mean", "cpu_time", "p99")  # beside p50, where a benchmark has four metrics
# From a key to the picture that shows what it did.
_WATCH = """() => { window.waits = []; addEventListener("keydown", (event) => {
  const pressed = event.timeStamp;
  requestAnimationFrame(() => { const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => window.waits.push(performance.now() - pressed); port2.postMessage(0); }); }, true); }"""
_DRAWN = "() => new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)))"


class Size(msgspec.Struct, frozen=True, kw_only=True):
    """What a history holds: so many benchmarks, in so many runs, by so many metrics."""

    benchmarks: int
    runs: int
    metrics: int = 1


class Built(msgspec.Struct, frozen=True, kw_only=True):
    """What building took: seconds, and mebibytes of memory and of files."""

    wall: float
    cpu: float
    memory: float
    site: float
    index: float


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """One opening: seconds until it was seen, processor seconds of the page's thread, MiB of its heap."""

    wall: float
    cpu: float
    heap: float


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """Each opening of the start and of a benchmark; milliseconds from key to picture, and of processor for each."""

    start: tuple[Seen, ...]
    chart: tuple[Seen, ...]
    keys: tuple[float, ...]
    keys_cpu: float


SIZES = (
    Size(benchmarks=500, runs=1000),
    Size(benchmarks=5000, runs=50),
    Size(benchmarks=500, runs=1000, metrics=4),
)


def measured(size: Size) -> Iterator[Record]:
    """Make the runs of a history, by as many metrics as it is to have."""
    for one in records(size.runs, size.benchmarks):
        more = [
            msgspec.structs.replace(level, metric=METRICS[name])
            for name in _MORE[: size.metrics - 1]
            for level in one.levels
        ]
        yield msgspec.structs.replace(one, levels=(*one.levels, *more))


def build(project: Path, size: Size) -> Built:
    """Keep the history in a new project and draw it with the command."""
    (project / "pyproject.toml").write_text("[tool.hivegate]\nhistory = 'history.db'\n", encoding="utf-8")
    store = open_store("history.db", folder=project, create=True)
    made: list[Record] = []
    for one in measured(size):
        made.append(one)
        if len(made) == _BATCH:
            add(store, made, now=NOW)
            made = []
    add(store, made, now=NOW)
    address = "https://example.org/commit/{sha}"
    command = [sys.executable, "-m", "hivegate", "history", "dashboard", "--out", "site", "--commit-url", address]
    start = time.perf_counter()
    started = subprocess.Popen(command, cwd=project, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(started.pid, 0)
    wall = time.perf_counter() - start
    assert os.waitstatus_to_exitcode(status) == 0
    site = project / "site"
    return Built(
        wall=wall,
        cpu=used.ru_utime + used.ru_stime,
        memory=used.ru_maxrss / 2**10,
        site=sum(path.stat().st_size for path in site.rglob("*") if path.is_file()) / 2**20,
        index=(site / "index.html").stat().st_size / 2**20,
    )


def seen(playwright: Playwright, address: str, what: str) -> Seen:
    """Open a place in a browser with a new profile, until `what` is drawn."""
    with tempfile.TemporaryDirectory() as profile:
        browser = playwright.chromium.launch_persistent_context(
            profile, executable_path=find_chromium(), args=["--no-sandbox"]
        )
        page = browser.new_page()
        told = metered(page)
        start = time.perf_counter()
        page.goto(address)
        expect(page.locator(what).first).to_be_visible()
        page.evaluate(_DRAWN)
        took = time.perf_counter() - start
        used = told()
        browser.close()
        return Seen(wall=took, cpu=used["TaskDuration"], heap=used["JSHeapUsedSize"] / 2**20)


def metered(page: Page) -> Callable[[], dict[str, float]]:
    """Make what asks the browser what the page used from now on: processor time of its thread, memory."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    return lambda: {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}


def typed(page: Page) -> tuple[tuple[float, ...], float]:
    """Type into the search as a reader does; milliseconds from each key to the picture, and of processor for each."""
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.evaluate(_WATCH)
    told = metered(page)
    before = told()["TaskDuration"]
    page.keyboard.type(_TYPED, delay=_PAUSE)
    for _ in _TYPED:
        page.keyboard.press("Backspace", delay=_PAUSE)
    page.wait_for_function(f"waits.length === {2 * len(_TYPED)}")
    waits: list[float] = page.evaluate("waits")
    return tuple(waits), (told()["TaskDuration"] - before) * 1e3 / len(waits)


def open_site(project: Path) -> Opened:
    """Open the start and a benchmark, again and again, and search."""
    address = (project / "site" / "index.html").as_uri()
    with sync_playwright() as playwright:
        starts = tuple(seen(playwright, address, "tbody tr") for _ in range(_TRIES))
        place = f"{address}#benchmark=suite_0%2Fbenchmark_0%5B10%5D"
        charts = tuple(seen(playwright, place, ".chart .dots") for _ in range(_TRIES))
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(address)
        keys, keys_cpu = typed(page)
        browser.close()
    return Opened(start=starts, chart=charts, keys=keys, keys_cpu=keys_cpu)


def spell(openings: tuple[Seen, ...]) -> str:
    """Spell the median and the worst of some openings, and their processor time."""
    walls = [one.wall for one in openings]
    return (
        f"{statistics.median(walls):.2f} s, {max(walls):.2f} s, {statistics.median(one.cpu for one in openings):.2f} s"
    )


def row(size: Size, built: Built, opened: Opened) -> str:
    """Spell what was measured of one size."""
    told = (
        f"{size.benchmarks:,} x {size.runs:,}, {size.metrics}",
        f"{built.wall:.1f} s, {built.cpu:.1f} s",
        f"{built.memory:.0f} MiB",
        f"{built.site:.1f}, {built.index:.2f} MiB",
        spell(opened.start),
        spell(opened.chart),
        f"{statistics.median(one.heap for one in opened.start):.1f} MiB",
        f"{statistics.median(opened.keys):.0f} ms, {opened.keys_cpu:.0f} ms",
    )
    return f"| {' | '.join(told)} |\n"


def render(rows: str, when: str, load: str, note: str) -> str:
    """Spell the evidence as a document."""
    return f"""# The dashboard at size

Measured on {when} by `python -m tests.proofs.dashboard` on {os.cpu_count()} processors with other work (load {load}).
The histories have noise, outliers, a step in every third benchmark and a move of the machine. `hivegate history
dashboard` draws the site; Chromium opens it from its files, without a server, each time with a new profile.
{note}
| benchmarks x runs, metrics | built: wall, processor | memory | site, page | start opened | chart opened | heap | key |
|---|---|---|---|---|---|---|---|
{rows}
The target is 500 benchmarks in 1,000 commits, built in 60 s and opened in 3 s. *Opened* is the time from the address to
the picture with the first rows of the table, or with a benchmark's chart: median and worst of {_TRIES}, then the
CPU time of the page's thread, which other work does not affect; the browser's start is not included. *Key* is
the time from a key in the search to the picture that answers it: median, then processor time. The heap is the page's.

What keeps it small: the page holds a line for each series, with 48 heights for its small picture, and no points; a
benchmark's points are in a separate file, loaded on demand; rows of the table are created a few dozen at a time; the
points of a chart are one path; letters typed faster than frames are searched for together.
"""


def main() -> None:
    """Measure every size and write the evidence."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=EVIDENCE, help="where the evidence goes")
    parser.add_argument("--note", default="", help="what else is to be known of the circumstances")
    given = parser.parse_args()
    out: Path = given.out
    rows, load = "", f"{os.getloadavg()[0]:.0f}"
    for size in SIZES:
        with tempfile.TemporaryDirectory(prefix="hivegate-proof-") as name:
            rows += row(size, build(Path(name), size), open_site(Path(name)))
        out.write_text(render(rows, time.strftime("%Y-%m-%d", time.gmtime()), load, given.note), encoding="utf-8")
        sys.stdout.write(rows.splitlines()[-1] + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
