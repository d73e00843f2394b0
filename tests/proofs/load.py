"""Prove that a shared history bears many runners: ``python -m tests.proofs.load`` writes docs/performance/LOAD.md.

A PostgreSQL with the settings below is filled by the bulk path to one size after the other. At each, runners (forked
processes, each of which connects anew for every run as the command does) add a run of 500 benchmarks every ten seconds
as a role that may only add, every fifth time one that was added before as well, while readers ask for trends as a role
that may only read. In the end every run must be there once, and whole. What a limit does not hold is told in the page.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import text
from tests.load import NAME, Load, counted, drive
from tests.postgres import as_role, engine, grant, processor_time, server
from tests.proofs.history import records
from tests.proofs.load_page import Size, render
from tests.records import NOW

from hivegate.flows.history.series import TrendOptions
from hivegate.flows.history.trends import find_trends
from hivegate.flows.project import Project, Settings
from hivegate.history.runs import add
from hivegate.history.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hivegate.model.record import Record

EVIDENCE = Path(__file__).parents[2] / "docs" / "performance" / "LOAD.md"
SETTINGS = {
    "fsync": "on",
    "synchronous_commit": "on",
    "shared_buffers": "1GB",
    "max_wal_size": "4GB",
    "max_connections": "100",
}
BENCHMARKS = 500
MACHINES = 10
_BATCH = 100  # runs


def measure(sizes: list[int], load: Load) -> list[Size]:
    """Fill one server to each size, and let runners and readers at it."""
    with server(**SETTINGS) as url, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with engine(url).begin() as connection:
            connection.execute(text("CREATE ROLE runner LOGIN"))
            connection.execute(text("CREATE ROLE viewer LOGIN"))
        open_store(url, folder=folder, create=True)
        grant(url, writer="runner", reader="viewer")
        made = _made(max(sizes))
        return [_measure(url, folder, rows, made, load) for rows in sizes]


def _measure(url: str, folder: Path, rows: int, made: Iterator[Record], load: Load) -> Size:
    begin = time.perf_counter()
    _fill(url, rows, made)
    filled = time.perf_counter() - begin
    find_trends(
        Project(folder=folder, settings=Settings(history=url)), TrendOptions(selectors=(NAME,))
    )  # imports what the children shall have
    before, _, _ = counted(url, load.benchmarks)
    print(f"{rows} rows, filled in {filled:.0f} s", flush=True)  # noqa: T201  it takes minutes
    begin, used = time.perf_counter(), processor_time(url)
    seen = drive(as_role(url, "runner"), as_role(url, "viewer"), folder, load, name=str(rows))
    seconds, busy = time.perf_counter() - begin, os.getloadavg()[0]
    used = processor_time(url) - used
    kept, twice, halves = counted(url, load.benchmarks)
    with engine(url).connect() as connection:
        size = connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one()
    found = Size(
        rows=rows,
        fill_seconds=filled,
        seconds=seconds,
        load=busy,
        size=size,
        server=used,
        seen=seen,
        kept=kept - before,
        twice=twice,
        halves=halves,
    )
    print(render(load, SETTINGS, [found]), flush=True)  # noqa: T201  same
    return found


def _made(rows: int) -> Iterator[Record]:
    """Make the runs of ten machines in turns, in the order of their commits."""
    machines = [records(rows // BENCHMARKS // MACHINES, BENCHMARKS) for _ in range(MACHINES)]
    for several in zip(*machines, strict=True):
        for number, one in enumerate(several):
            told = msgspec.structs.replace(one.environment, cpu=f"machine {number}")
            yield msgspec.structs.replace(one, environment=told)


def _fill(url: str, rows: int, made: Iterator[Record]) -> None:
    """Add runs in batches until so many rows are there, and let the server look after its tables."""
    store = open_store(url, folder=Path.cwd(), create=False)
    with store.reading() as connection:
        there = connection.execute(text("SELECT count(*) FROM hivegate_estimates")).scalar_one()
    missing = (rows - there) // BENCHMARKS
    for start in range(0, missing, _BATCH):
        add(store, [next(made) for _ in range(min(_BATCH, missing - start))], now=NOW)
    with engine(url).connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")
        connection.exec_driver_sql("CHECKPOINT")  # what the filling left to be written is no part of the load


def main() -> None:
    """Measure, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runners", type=int, default=200, metavar="N")
    parser.add_argument("--readers", type=int, default=10, metavar="N")
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000, 1_000_000, 10_000_000], metavar="N")
    parser.add_argument("--seconds", type=float, default=60.0, metavar="S", help="of load at each size")
    parser.add_argument("--out", type=Path, default=EVIDENCE, metavar="FILE")
    told = parser.parse_args()
    load = Load(
        runners=told.runners, readers=told.readers, seconds=told.seconds, benchmarks=BENCHMARKS, machines=MACHINES
    )
    found = measure(sorted(told.rows), load)
    told.out.write_text(render(load, SETTINGS, found), encoding="utf-8")


if __name__ == "__main__":
    main()
