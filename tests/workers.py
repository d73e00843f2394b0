"""The real worker in every mode, on a suite that makes it report whatever it can."""

from __future__ import annotations

import os
import subprocess
import textwrap
from typing import TYPE_CHECKING

from hivegate.measure.pairs.channel import PairChannel
from hivegate.model.protocol import (
    BenchmarkEnd,
    BenchmarkReady,
    BusyCommand,
    ChildExit,
    CollectPlan,
    Command,
    EndCommand,
    EnvironmentPlan,
    Event,
    InstructionsPlan,
    MeasurePlan,
    MemoryPlan,
    PairPlan,
    PinCommand,
    Plan,
    ProfilePlan,
    ProjectFacts,
    ReachPlan,
    RoundCommand,
    SelectCommand,
    SessionEnd,
    SidePlan,
    SideSuite,
    TreePaths,
    UnshareableModule,
    WarmCommand,
    decode_event,
)
from hivegate.system import worker

if TYPE_CHECKING:
    from pathlib import Path

_FILES = {
    "conftest.py": """
        import os, sys
        if "LEAD_ASTRAY" in os.environ:
            sys.path.insert(0, os.environ["LEAD_ASTRAY"])
            import astray
        collect_ignore = ["bench_ignored.py"]
        def pytest_collection_modifyitems(items):
            items[:] = [item for item in items if item.name != "test_removed"]
        """,
    "bench_ignored.py": "def test_ignored(benchmark): benchmark(int)\n",
    "bench_all.py": """
        import time
        import pytest
        calls = []
        @pytest.mark.parametrize("size", [3])
        def test_sum(benchmark, size):
            benchmark.extra_info["operations"] = float("inf")
            benchmark(sum, range(size))
        def test_breaks(benchmark):
            def work():
                calls.append(1)
                if len(calls) > 3:
                    raise RuntimeError("four \\ud800")
            benchmark(work)
        def test_skips(benchmark):
            pytest.skip("no")
        def test_slow(benchmark):
            benchmark.pedantic(time.sleep, args=(0.6,), rounds=3)
        def test_leaves(benchmark):
            pytest.exit("enough")
        def test_removed(benchmark):
            benchmark(int)
        @pytest.mark.codspeed_benchmark
        def test_of_codspeed():
            pass
        """,
    "bench_skips.py": "import pytest\npytest.skip('not here', allow_module_level=True)\n",
    "bench_broken.py": "import nosuch\n",
    "threaded.py": "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()\n",
    "other/astray.py": "",
}
SUM, BREAKS, SKIPS, SLOW, LEAVES = (
    f"bench_all.py::test_{name}" for name in ("sum[3]", "breaks", "skips", "slow", "leaves")
)

GONE = "bench_all.py::test_sum[4]"


def write_suite(folder: Path) -> None:
    """Write the suite into a folder."""
    for name, text in _FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(textwrap.dedent(text), encoding="utf-8")


def run_plan(python: str, folder: Path, plan: Plan, **variables: str) -> list[Event]:
    """Run the worker once; returns all that it reports."""
    record = worker.record_path(folder)
    record.unlink(missing_ok=True)
    path = worker.write_plan(folder, plan)
    subprocess.run(
        worker.start_command(python, path),
        cwd=folder,
        env={**os.environ, **variables},
        capture_output=True,
        timeout=120,
        check=False,
    )
    return worker.RecordReader(record, decode_event).new_events()


def run_modes(python: str, folder: Path) -> list[Event]:
    """Run every mode that has a record, and what spoils one; returns all that is reported."""
    record, benchmarks = str(worker.record_path(folder)), {SUM: 5, BREAKS: 0, SKIPS: 0}
    paths = ("bench_all.py",)
    everything = CollectPlan(record=record, paths=(".",), probe=True, project=ProjectFacts(root=str(folder)))
    disabled = f"{os.environ.get('PYTEST_ADDOPTS', '')} --benchmark-disable"
    trees = TreePaths(own=str(folder), other=str(folder / "other"))
    return [
        *run_plan(python, folder, EnvironmentPlan(record=record)),
        *run_plan(python, folder, everything, PYTEST_ADDOPTS=disabled),
        *run_plan(python, folder, everything, PYTEST_ADDOPTS="-p no:benchmark"),
        *run_plan(python, folder, CollectPlan(record=record, paths=paths, trees=trees), LEAD_ASTRAY=trees.other),
        *run_plan(python, folder, MemoryPlan(record=record, paths=paths, benchmarks=benchmarks)),
        *run_plan(
            python,
            folder,
            MeasurePlan(
                record=record,
                paths=paths,
                benchmarks={**benchmarks, SLOW: 0, GONE: 0},
                max_time="0.01",
                min_time="0.0002",
            ),
        ),
        *run_plan(python, folder, ReachPlan(record=record, paths=paths, benchmarks={SUM: 0}, top=str(folder))),
        *run_plan(
            python,
            folder,
            InstructionsPlan(record=record, paths=paths, benchmarks={SUM: 2}, counts=str(folder)),
        ),
        *run_plan(
            python,
            folder,
            ProfilePlan(
                record=record, paths=paths, benchmarks={SUM: 0, BREAKS: 0}, seconds=0.05, profiler="cprofile"
            ),
        ),
    ]  # fmt: skip


class PairedWorker:
    """The parent of a pair and its two children, commanded by hand."""

    def __init__(self, python: str, folder: Path, *, fork: bool, preload: tuple[str, ...] = ("pytest",)) -> None:
        self.events: list[Event] = []
        self._channel = PairChannel(("base", "head"))
        sides = {}
        for side in ("base", "head"):
            scratch = folder / f"{side}-{'forked' if fork else 'started'}"
            scratch.mkdir()
            sides[side] = SidePlan(
                channel=self._channel.descriptor(side),
                python=python,
                own=str(folder),
                other=str(folder / "other"),
                rootdir=str(folder),
                paths=(str(folder),),
                scratch=str(scratch),
                seed=1,
            )
        plan = PairPlan(
            fork=fork,
            control=self._channel.descriptor("control"),
            preload=preload,
            roots=(str(folder / "elsewhere"),),
            order=("base", "head"),
            benchmarks={SUM: 0, LEAVES: 0},
            sides=sides,
            start=worker.start_command("", folder)[1],
        )
        self._process = subprocess.Popen(
            worker.start_command(python, worker.write_plan(folder, plan)),
            cwd=folder,
            pass_fds=[self._channel.descriptor(name) for name in ("base", "head", "control")],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._channel.handed_over()

    def close(self) -> None:
        """End all three."""
        self._channel.close()
        self._process.kill()
        self._process.wait()

    def ask(self, side: str, command: Command) -> Event:
        """Send a command; returns the next event of the side."""
        self._channel.send(side, command)
        return self.next(side)

    def tell(self, side: str, command: Command) -> None:
        """Send a command that is not answered."""
        self._channel.send(side, command)

    def next(self, name: str) -> Event:
        """Wait for the next event of a side, or of the parent: ``control``."""
        self.events.append(self._channel.receive(name, 60))
        return self.events[-1]

    def until(self, name: str, kind: type[Event]) -> Event:
        """Wait for an event of a kind."""
        while not isinstance(event := self.next(name), kind):
            pass
        return event


def run_pair(python: str, folder: Path, *, fork: bool) -> list[Event]:
    """Give every command to both children, until the last benchmark leaves pytest; returns all that is reported."""
    pair = PairedWorker(python, folder, fork=fork)
    try:
        pair.next("control")
        for side in ("base", "head"):
            pair.until(side, SideSuite)
            pair.tell(side, SelectCommand(node_ids=(SUM, LEAVES)))
            pair.until(side, BenchmarkReady)
            pair.ask(side, WarmCommand(node_id=SUM))
            pair.ask(side, BusyCommand(node_id=SUM, calls=10))
            pair.tell(side, PinCommand(node_id=SUM, cores=tuple(sorted(os.sched_getaffinity(0))[:1]), threads=True))
            pair.ask(side, RoundCommand(node_id=SUM, calls=10))
            pair.ask(side, RoundCommand(node_id=SUM, calls=10, singly=True))
            pair.tell(side, EndCommand(node_id=SUM))
            pair.until(side, BenchmarkEnd)
            pair.until(side, SessionEnd)
        for _ in range(2):
            pair.until("control", ChildExit)
        return pair.events
    finally:
        pair.close()


def refuse_preload(python: str, folder: Path) -> list[Event]:
    """Have the parent preload a module that starts a thread."""
    pair = PairedWorker(python, folder, fork=True, preload=("threaded",))
    try:
        pair.until("control", UnshareableModule)
        return pair.events
    finally:
        pair.close()
