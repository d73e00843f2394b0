"""How long a large suite's shards take to be merged, by the whole command, and how evenly it is divided."""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from hivegate.measure.shards import divide
from scale.evidence import load, save
from scale.shards import SEED, contract, ids_of, write_comparisons, write_runs

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

IDS = 10_000
PARTS = 32
_TIMES = 3


class Merged(msgspec.Struct, frozen=True, kw_only=True):
    """``hivegate merge`` of all shards of a kind: seconds by the clock, and of the processor, one for each time."""

    kind: str
    mebibytes: float
    wall: tuple[float, ...]
    cpu: tuple[float, ...]
    told: str


class Divided(msgspec.Struct, frozen=True, kw_only=True):
    """The spread of planned durations: the longest part less the shortest, as a share of their mean."""

    durations: str
    spread: float


class Merging(msgspec.Struct, frozen=True, kw_only=True):
    """Both."""

    merged: tuple[Merged, ...]
    divided: tuple[Divided, ...]


def measure() -> None:
    """Write shards, merge them some times, and keep what it took."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "pyproject.toml").touch()
        (folder / "targets.yaml").write_text(contract(IDS), encoding="utf-8")
        merged = (
            _merged("runs", folder, write_runs(folder, IDS, PARTS)),
            _merged("comparisons", folder, write_comparisons(folder, IDS, PARTS)),
        )
    save("merge", Merging(merged=merged, divided=tuple(_divided())))


def read() -> Merging:
    """Read what was kept."""
    return load("merge", Merging)


def _merged(kind: str, folder: Path, files: Sequence[Path]) -> Merged:
    command = [sys.executable, "-m", "hivegate", "merge", *(file.name for file in files)]
    wall, cpu, told = [], [], ""
    for _ in range(_TIMES):
        start, before = time.perf_counter(), _children()
        ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603  our own
        wall.append(time.perf_counter() - start)
        cpu.append(_children() - before)
        told = (ended.stdout or ended.stderr).partition("\n")[0]
    size = sum(file.stat().st_size for file in files) / 2**20
    return Merged(kind=kind, mebibytes=size, wall=tuple(wall), cpu=tuple(cpu), told=" ".join(told.split()))


def _children() -> float:
    """Tell the processor's seconds of all children that ended."""
    import resource  # noqa: PLC0415  Windows has none

    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _divided() -> list[Divided]:
    chance = random.Random(SEED)  # noqa: S311  reproducible input, no secret
    kinds: dict[str, Callable[[], float]] = {
        "all alike": lambda: 1.0,
        "log-normal, sigma 1": lambda: chance.lognormvariate(0.0, 1.0),
        "0.3 s, every tenth up to 8 s": lambda: 0.3 if chance.random() < 0.9 else chance.uniform(0.3, 8),
    }
    found = []
    for name, seconds in kinds.items():
        durations = {one: seconds() for one in ids_of(IDS)}
        sums = [sum(durations[one] for one in part) for part in divide(durations, PARTS, durations)]
        found.append(Divided(durations=name, spread=(max(sums) - min(sums)) / (sum(sums) / PARTS)))
    return found
