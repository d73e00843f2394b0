"""Runners and readers of a shared history, as processes: each has connections of its own and tells what it saw.

``python -m tests.load WRITER READER FOLDER LOAD`` takes two URLs and a load as JSON, and prints what was seen.
"""

from __future__ import annotations

import functools
import gc
import hashlib
import math
import random
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec
from sqlalchemy import text
from tests.forks import run_together
from tests.postgres import engine
from tests.records import NOW, record

from hivegate.flows.history.series import BoundedSeries, TrendOptions, open_machines, selected
from hivegate.flows.history.store import existing_store
from hivegate.flows.history.trends import machine_trends
from hivegate.flows.project import Project, Settings
from hivegate.flows.source.evidence import CodeHistory
from hivegate.history.runs import add
from hivegate.history.store import open_store
from hivegate.model.record import environment_key
from hivegate.model.run import Commit

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hivegate.model.record import Record
    from hivegate.model.trend import Trend

_TURNS = 5  # of which a runner adds in the third what it added in the second
_THIRD = 2


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """So many runners and readers for so many seconds; each adds or asks once in its interval of seconds."""

    runners: int
    readers: int
    seconds: float
    benchmarks: int
    machines: int
    adds_every: float = 10.0
    asks_every: float = 2.5


class Took(NamedTuple):
    """The seconds of an add or a read, and those of its own process on the processor, without the server's."""

    wall: float
    processor: float


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What processes saw of each add, of reading a series and of each trend, runs said to be kept, and faults.

    `processor` is the time that runners and readers took of it, without the server's.
    """

    adds: tuple[Took, ...] = ()
    reads: tuple[Took, ...] = ()
    trends: tuple[Took, ...] = ()
    processor: float = 0.0
    said: int = 0
    repeated: int = 0
    failed: tuple[str, ...] = ()


def quantile(values: Sequence[float], share: float) -> float:
    """Tell the smallest value that at least this share of all does not exceed."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def drive(writer: str, reader: str, folder: Path, load: Load, *, name: str) -> Seen:
    """Fork runners and readers, let them begin at once, and gather what they saw."""
    gc.collect()
    gc.freeze()  # the children share the parent's memory
    kinds = [(_runner, writer, load.runners), (_reader, reader, load.readers)]
    outs = [folder / f"{name}-{kind.__name__}-{number}" for kind, _, count in kinds for number in range(count)]
    works = [
        functools.partial(kind, place, folder, load, f"{name} {number}")
        for kind, place, count in kinds
        for number in range(count)
    ]
    run_together([functools.partial(_kept, work, out) for work, out in zip(works, outs, strict=True)])
    gc.unfreeze()
    every = [
        msgspec.json.decode(out.read_bytes(), type=Seen) if out.exists() else Seen(failed=("died",)) for out in outs
    ]
    return Seen(
        adds=tuple(one for seen in every for one in seen.adds),
        reads=tuple(one for seen in every for one in seen.reads),
        trends=tuple(one for seen in every for one in seen.trends),
        processor=sum(seen.processor for seen in every),
        said=sum(seen.said for seen in every),
        repeated=sum(seen.repeated for seen in every),
        failed=tuple(one for seen in every for one in seen.failed),
    )


def counted(url: str, benchmarks: int) -> tuple[int, int, int]:
    """Count the runs of runners, those that are there twice, and those that are not whole."""
    told = text(
        "SELECT count(*), count(DISTINCT commit_sha), count(*) FILTER (WHERE n <> :n) FROM (SELECT r.commit_sha,"
        " count(e.run_id) AS n FROM hivegate_runs r LEFT JOIN hivegate_estimates e ON e.run_id = r.id"
        " WHERE r.source = 'runner' GROUP BY r.id, r.commit_sha) AS each"
    )
    with engine(url).connect() as connection:
        runs, different, halves = connection.execute(told, {"n": benchmarks}).one()
    return int(runs), int(runs - different), int(halves)


def _kept(work: Callable[[], Seen], out: Path) -> None:
    before = time.process_time()
    seen = work()
    out.write_bytes(msgspec.json.encode(msgspec.structs.replace(seen, processor=time.process_time() - before)))


def _runner(place: str, folder: Path, load: Load, name: str) -> Seen:
    """Add a run in each interval, at any moment of it."""
    chance = random.Random(name)  # noqa: S311  reproducible input, no secret
    times, failed, said, repeated = [], [], 0, 0
    machine = chance.randrange(load.machines)
    end = time.monotonic() + load.seconds
    due = time.monotonic() + chance.uniform(0, load.adds_every)
    number, last = 0, None
    while due < end:
        time.sleep(max(0.0, due - time.monotonic()))
        made = (
            last
            if last is not None and number % _TURNS == _THIRD
            else run_of(f"{name} {number}", machine, load.benchmarks)
        )
        begin, used = time.perf_counter(), time.process_time()
        try:
            new = add(open_store(place, folder=folder, create=True), [made], now=NOW)
        except Exception as fault:  # noqa: BLE001  told in the evidence
            failed.append(f"{type(fault).__name__}: {fault}")
        else:
            times.append(Took(time.perf_counter() - begin, time.process_time() - used))
            said, repeated = said + new, repeated + (1 - new)
        number, last = number + 1, made
        due += load.adds_every * chance.uniform(0.8, 1.2)
    return Seen(adds=tuple(times), said=said, repeated=repeated, failed=tuple(failed))


def _reader(place: str, folder: Path, load: Load, name: str) -> Seen:
    """Ask for the trend of one benchmark on one machine in each interval, in turns with its numbers alone."""
    chance = random.Random(name)  # noqa: S311  reproducible input, no secret
    reads: list[Took] = []
    trends: list[Took] = []
    failed: list[str] = []
    keys = [environment_key(run_of("", machine, 1).environment) for machine in range(load.machines)]
    end = time.monotonic() + load.seconds
    due = time.monotonic() + chance.uniform(0, load.asks_every)
    while due < end:
        time.sleep(max(0.0, due - time.monotonic()))
        order = TrendOptions(selectors=(_name(chance.randrange(load.benchmarks)),), environment=chance.choice(keys))
        ask, times = ((_read, reads), (_tell, trends))[len(reads) > len(trends)]
        begin, used = time.perf_counter(), time.process_time()
        try:
            ask(folder, place, order)
        except Exception as fault:  # noqa: BLE001  told in the evidence
            failed.append(f"{type(fault).__name__}: {fault}")
        else:
            times.append(Took(time.perf_counter() - begin, time.process_time() - used))
        due += load.asks_every * chance.uniform(0.8, 1.2)
    return Seen(reads=tuple(reads), trends=tuple(trends), failed=tuple(failed))


def _tell(folder: Path, place: str, order: TrendOptions) -> tuple[Trend, ...]:
    """Find a trend as `hivegate history trend` does, but for what git says of its commits."""
    (machine,) = open_machines(existing_store(Project(folder=folder, settings=Settings(history=place))), order, folder)
    return machine_trends(machine, selected(machine, order), CodeHistory(folder))


def _read(folder: Path, place: str, order: TrendOptions) -> list[BoundedSeries]:
    """Read what a trend is found in: the runs of a machine and the numbers of a series."""
    (machine,) = open_machines(existing_store(Project(folder=folder, settings=Settings(history=place))), order, folder)
    return list(machine.load(selected(machine, order)))


def run_of(name: str, machine: int, benchmarks: int) -> Record:
    """Make the run of a runner, whose commit says which it is."""
    chance = random.Random(name)  # noqa: S311  reproducible input, no secret
    made = record(0, {_name(at): math.exp(chance.gauss(-7, 0.02)) for at in range(benchmarks)})
    return msgspec.structs.replace(
        made,
        source="runner",
        commit=Commit(sha=hashlib.sha256(name.encode()).hexdigest()[:40], branch="main"),
        environment=msgspec.structs.replace(made.environment, cpu=f"machine {machine}"),
    )


def _name(number: int) -> str:
    # As those of tests.proofs.history, whose runs are there before.
    return f"suite_{number % 4}/benchmark_{number // 4}[{10 * (number % 3 + 1)}]"


NAME = _name(0)


if __name__ == "__main__":
    told = msgspec.json.decode(sys.argv[4], type=Load)
    print(msgspec.json.encode(drive(sys.argv[1], sys.argv[2], Path(sys.argv[3]), told, name="load")).decode())  # noqa: T201  for the caller
