"""Compile the rivals, hold their outputs to ours, and let all take turns."""

from __future__ import annotations

import datetime as dt
import importlib.machinery
import importlib.util
import os
import platform
import shutil
import statistics
import subprocess
import sysconfig
import time
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rivals.rows import Row

HERE = Path(__file__).parent
TURNS = 15
LONG = 20_000_000  # ns that one contender calls in a turn
OURS, FLOOR, PLAIN, HASHED = "ours", "C", "Rust, plain", "Rust, hashed"


class Times(msgspec.Struct, frozen=True, kw_only=True):
    """What a call of a row took, in ns of processor time, by contender and turn."""

    row: str
    times: dict[str, list[float]]

    def median(self, contender: str) -> float:
        """Return the middle turn's time of a contender."""
        return statistics.median(self.times[contender])

    def ratio(self, contender: str) -> tuple[float, float, float]:
        """Compare ours with a contender: the median of the turns' ratios, and its 96 % interval by their order."""
        ratios = sorted(ours / other for ours, other in zip(self.times[OURS], self.times[contender], strict=True))
        low = 3 if len(ratios) >= TURNS else 0  # of fifteen, the fourth and the twelfth: 96.5 %
        return statistics.median(ratios), ratios[low], ratios[-1 - low]


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """All rows, and where and when they were measured."""

    date: str
    machine: str
    load: tuple[float, float]
    tools: dict[str, str]
    turns: int
    rows: list[Times]


def compiled_floor(folder: Path) -> Any:  # noqa: ANN401 - a module that was just compiled
    """Compile the loops in C and load them."""
    built = folder / "floor.so"
    command = ["gcc", "-O2", "-shared", "-fPIC", f"-I{sysconfig.get_paths()['include']}", str(HERE / "floor.c")]
    subprocess.run([*command, "-o", str(built)], check=True)  # noqa: S603 - our own source
    loader = importlib.machinery.ExtensionFileLoader("floor", str(built))
    spec = importlib.util.spec_from_loader("floor", loader)
    if spec is None:
        raise ImportError(str(built))
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


def compiled_rust(folder: Path) -> Path | None:
    """Compile the versions in Rust; None where no compiler is at hand."""
    if shutil.which("rustc") is None:
        return None
    built = folder / "rival"
    subprocess.run(["rustc", "-O", "-o", str(built), str(HERE / "rival.rs")], check=True)  # noqa: S603, S607 - ours
    return built


def measure(rows: Sequence[Row], rust: Path | None, folder: Path, turns: int = TURNS, long: int = LONG) -> list[Times]:
    """Let all contenders of each row take turns, after their outputs were found equal to ours."""
    return [_measured(row, rust, folder, turns, long) for row in rows]


def _measured(row: Row, rust: Path | None, folder: Path, turns: int, long: int) -> Times:
    file = folder / "input"
    file.write_text("".join("\t".join(map(str, line)) + "\n" for line in row.lines), encoding="utf-8")
    contenders: dict[str, Callable[[], float]] = {
        OURS: lambda: _called(row.ours, long),
        FLOOR: lambda: _called(row.floor, long),
    }
    ours, theirs = row.outputs()
    _require_equal(row, FLOOR, ours, theirs)
    for name, form in ((PLAIN, "plain"), (HASHED, "hashed")) if rust else ():
        command = [str(rust), row.algorithm, form, str(row.size), str(file)]
        _require_equal(row, name, ours, _said(command, 0))
        contenders[name] = lambda command=command: _taken(_said(command, long))  # type: ignore[misc]
    times: dict[str, list[float]] = {name: [] for name in contenders}
    order = list(contenders)
    for turn in range(turns):
        shift = turn % len(order)
        for name in order[shift:] + order[:shift]:
            times[name].append(contenders[name]())
    return Times(row=row.name, times=times)


def _require_equal(row: Row, name: str, ours: str, theirs: str) -> None:
    if ours.strip() != theirs.strip():
        raise AssertionError(f"{row.name}: {name} gives another output than ours")


def _said(command: list[str], long: int) -> str:
    return subprocess.run([*command, str(long)], check=True, capture_output=True, text=True).stdout  # noqa: S603 - ours


def _taken(said: str) -> float:
    calls, nanoseconds = map(int, said.split())
    return nanoseconds / calls


def _called(call: Callable[[], object], long: int) -> float:
    """Return the ns of processor time of a call, over at least so many ns of calls."""
    calls, batch, taken = 0, 1, 0
    call()
    while taken < long:
        start = time.thread_time_ns()
        for _ in repeat(None, batch):
            call()
        ended = time.thread_time_ns() - start
        if ended < long / 20:
            batch *= 2  # too short to count
        else:
            calls += batch
            taken += ended
    return taken / calls


def described(rows: list[Times], turns: int, before: float) -> Record:
    """Put rows with what they were measured by."""
    tools = {"CPython": platform.python_version(), "gcc": _version("gcc")}
    if shutil.which("rustc"):
        tools["rustc"] = _version("rustc")
    cpu = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.machine(),
    )
    return Record(
        date=dt.datetime.now(dt.UTC).date().isoformat(),
        machine=f"{cpu}, {len(os.sched_getaffinity(0))} cores",
        load=(round(before, 1), round(os.getloadavg()[0], 1)),
        tools=tools,
        turns=turns,
        rows=rows,
    )


def _version(compiler: str) -> str:
    said = subprocess.run([compiler, "--version"], check=True, capture_output=True, text=True).stdout  # noqa: S603
    return said.splitlines()[0].partition(" ")[2]
