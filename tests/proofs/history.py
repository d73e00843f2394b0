"""Prove what the history bears: ``python -m tests.proofs.history [PART]...`` writes docs/performance/HISTORY.md.

The parts are `sqlite` and `postgresql` (a million estimates, by the real command), `together` (sixteen processes),
`killed` (a hundred times on each database) and `full` (disks); without one all are proven. A part that does not hold
raises. Wall and processor time stand side by side, for other work on the machine slows the first.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import math
import os
import random
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.postgres import server
from tests.proofs import history_faults
from tests.proofs.history_command import Command
from tests.proofs.history_page import render
from tests.records import record

from hivegate.flows.history.series import TrendOptions
from hivegate.flows.history.trends import find_trends
from hivegate.flows.project import Project, Settings
from hivegate.history.exported import render_record
from hivegate.model.run import Commit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from hivegate.model.record import Record

EVIDENCE = Path(__file__).parents[2] / "docs" / "performance" / "history.json"
BENCHMARKS = 500
TOLD = 2000  # runs
STORED = 200  # files of pytest-benchmark
_MOVE = 0.6  # of the history, where the machine gets slower by 7 %
_TRIES = 9
_ONE = "suite_0/benchmark_0[10]"  # it has a change, and the move of the machine


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


def storage(folder: Path) -> Path:
    """Make a storage folder of pytest-benchmark with medians and means."""
    below = folder / "storage" / "Linux-CPython-3.11-64bit"
    below.mkdir(parents=True)
    for number, made in enumerate(records(STORED)):
        told = {
            "version": "5.1.0",
            "datetime": made.created,
            "machine_info": {"python_version": "3.11.7", "cpu": {"brand_raw": "Z80", "count": 2}},
            "commit_info": {"id": made.commit.sha if made.commit else "", "time": made.committed, "branch": "main"},
            "benchmarks": [_entry(level.benchmark, level.value) for level in made.levels],
        }
        (below / f"{number:04}_made.json").write_text(json.dumps(told), encoding="utf-8")
    return folder / "storage"


def _entry(name: str, median: float) -> dict[str, object]:
    figures = {"min": median * 0.99, "max": median * 1.05, "mean": median * 1.01, "stddev": median * 0.02}
    stats = {**figures, "rounds": 20, "iterations": 1, "median": median, "ops": 1 / figures["mean"]}
    told: dict[str, object] = {"group": None, "params": None, "param": None, "extra_info": {}, "options": {}}
    suite, _, test = name.partition("/")
    return {**told, "name": f"test_{test}", "fullname": f"benches/bench_{suite}.py::test_{test}", "stats": stats}


def measure_size(place: str) -> dict[str, float]:
    """Import a million estimates and tell one benchmark's trend, by the command and from within."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        command = Command(folder, place)
        with (folder / "all.jsonl").open("wb") as export:
            export.writelines(map(render_record, records(TOLD)))
        whole = command.run("history", "import", "all.jsonl")
        assert whole.out == f"{TOLD} runs added\n"
        again = command.run("history", "import", "all.jsonl")
        assert again.out == f"0 runs added, {TOLD} already stored\n"
        told = min((command.run("history", "trend", _ONE) for _ in range(3)), key=lambda one: one.wall)
        assert "drifted" in told.out
        walls, cpus = zip(*(_told(folder, place) for _ in range(_TRIES)), strict=True)
        others = command.run("history", "import", str(storage(folder)))
        assert others.out == f"{STORED} runs added\n"
    rows, of_others = TOLD * BENCHMARKS, 2 * STORED * BENCHMARKS
    return {
        "load": os.getloadavg()[2],
        "estimates": rows,
        "import_seconds": whole.wall,
        "import_cpu": whole.cpu,
        "again_seconds": again.wall,
        "others_estimates": of_others,
        "others_seconds": others.wall,
        "others_cpu": others.cpu,
        "trend_first": walls[0],
        "trend_least": min(walls),
        "trend_median": statistics.median(walls),
        "trend_cpu": statistics.median(cpus),
        "trend_command": told.wall,
    }


def _told(folder: Path, place: str) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    project = Project(folder=folder, settings=Settings(history=place))
    (told,) = find_trends(project, TrendOptions(selectors=(_ONE,)))
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    assert len(told.trends[0].series.points) == TOLD
    assert [one.cause.value for one in told.trends[0].changes] == ["code", "machine"]
    return wall, cpu


def _size_on_server() -> dict[str, float]:
    with server() as url:
        return measure_size(url)


PARTS: Mapping[str, Callable[[], Mapping[str, float]]] = {
    "sqlite": lambda: measure_size("history.db"),
    "postgresql": _size_on_server,
    "together": history_faults.write_together,
    "killed": history_faults.kill_again_and_again,
    "full": history_faults.fill_disks,
}


def main() -> None:
    """Prove the parts that are named, or all, and write the evidence."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", choices=[*PARTS, []], help=", ".join(PARTS))
    known: dict[str, dict[str, float]] = {}
    with contextlib.suppress(FileNotFoundError):
        known = json.loads(EVIDENCE.read_text(encoding="utf-8"))
    for part in parser.parse_args().parts or PARTS:
        known[part] = {name: float(f"{value:.4g}") for name, value in PARTS[part]().items()}
        print(part, known[part], flush=True)  # noqa: T201  it takes minutes
        EVIDENCE.write_text(
            json.dumps({one: known[one] for one in PARTS if one in known}, indent=1) + "\n", encoding="utf-8"
        )
    EVIDENCE.with_name("HISTORY.md").write_text(render(known), encoding="utf-8")


if __name__ == "__main__":
    main()
