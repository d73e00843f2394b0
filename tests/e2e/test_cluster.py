"""A suite spread over the workers of a Dask cluster: measured there, joined and judged here."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest
from tests.clusters import cluster, parts_of
from tests.repository import Repository

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SUITE = """
import pytest
from toy import count_up, stay

@pytest.mark.parametrize("size", [100, 200])
def test_stay(benchmark, size):
    benchmark.pedantic(stay, args=(size,), rounds=5)

def test_count_up(benchmark):
    benchmark.pedantic(count_up, args=(1000,), rounds=5)
"""
_TOY = """
def stay(size):
    return sum(range(100 * size))

def count_up(size):
    return sum(range(100 * size))
"""
_TARGETS = """
schema: 1
targets:
  - {benchmark: "toys/*", max: 10 s}
regressions:
  - {benchmark: "*", budget: 100 %}
"""


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the folder that the workers' checkouts are in."""
    return tmp_path_factory.mktemp("cluster")


@pytest.fixture(scope="module")
def address(scratch: Path) -> Iterator[str]:
    """Start two workers on this machine."""
    with cluster(2, scratch) as found:
        yield found


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a project in a folder of its repository; head counts five times as far, and its suite is not committed."""
    made = Repository.new(tmp_path_factory.mktemp("spread"))
    within = {
        "lib/pyproject.toml": "[tool.pytest.ini_options]\npythonpath = ['src']\n",
        "lib/targets.yaml": _TARGETS,
        "lib/src/toy.py": _TOY,
        ".gitignore": "*.json\n.hivegate\n__pycache__\n",
    }
    made.commit({**within, "lib/benches/bench_toys.py": "def test_gone(benchmark):\n    benchmark(len, '')\n"})
    made.commit(
        {"lib/src/toy.py": _TOY.replace("up(size):\n    return sum(range(100", "up(size):\n    return sum(range(500")}
    )
    made.write({"lib/benches/bench_toys.py": _SUITE})
    return made.folder / "lib"


def start(project: Path, *arguments: str) -> subprocess.Popen[str]:
    """Start the command in the project, in a process group of its own."""
    command = [sys.executable, "-m", "hivegate", *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=project, stdout=pipe, stderr=pipe, text=True, start_new_session=True)


def ended(started: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Wait for its end: the status and what it said."""
    out, err = started.communicate(timeout=300)
    assert "Traceback" not in err, err
    return started.returncode, out, err


def verdicts(file: Path) -> dict[str, str]:
    """Read the outcome of each benchmark."""
    return {one["benchmark"]: one["outcome"] for one in json.loads(file.read_text(encoding="utf-8"))["verdicts"]}


def part_begun(started: subprocess.Popen[str], scratch: Path) -> tuple[int, int]:
    """Wait until a part is measured; its process and the worker's."""
    while started.poll() is None:
        for part, worker in parts_of(scratch).items():
            return part, worker
        time.sleep(0.05)
    pytest.fail(f"ended before it measured: {ended(started)}")


def test_each_worker_measures_in_checkouts_of_its_own(project: Path, address: str, scratch: Path) -> None:
    """Two processes in two folders, of which none is the project; the verdicts are of the working tree as it stands."""
    status, out, err = ended(
        start(project, "compare", "HEAD^", "--on", f"dask://{address}", "--json", "r.json", "--out", "c.json")
    )
    assert status == 3, out + err  # what base alone has is missing
    assert verdicts(project / "r.json") == {
        "toys/stay[100]": "passed",
        "toys/stay[200]": "passed",
        "toys/count_up": "slower",
        "toys/gone": "missing",
    }
    told = re.findall(r"part \d was measured by process (\d+), .*, in (\S+)", err)
    assert len(told) == 4
    assert len({process for process, _ in told}) == len({folder for _, folder in told}) == 2
    assert all(folder.startswith(str(scratch)) for _, folder in told)
    assert not list(scratch.rglob("hivegate-*"))
    measured = json.loads((project / "c.json").read_text())
    assert (measured["base"], measured["commit"]["branch"], measured["commit"]["dirty"]) == (
        f"HEAD^, {measured['base_sha'][:7]}",
        "main",
        True,
    )


def test_what_a_lost_worker_measured_is_measured_again(project: Path, address: str, scratch: Path) -> None:
    """Killed in the middle, it takes its processes with it; no benchmark is lost and no sample of it is kept."""
    started = start(project, "run", "--passes", "3", "--on", f"dask://{address}", "--out", "run.json")
    part, worker = part_begun(started, scratch)
    os.kill(worker, signal.SIGKILL)
    status, out, err = ended(started)
    assert status == 0, err
    assert "was lost; part" in err
    assert "3 benchmarks in 3 passes" in out
    run: dict[str, Any] = json.loads((project / "run.json").read_text())
    assert {len(one["samples"]) for one in run["benchmarks"]} == {3}
    assert part not in parts_of(scratch)


def test_an_interrupt_ends_what_is_measured(project: Path, address: str, scratch: Path) -> None:
    """Neither a process nor a checkout is left, and the workers go on living."""
    started = start(project, "compare", "HEAD^", "--on", f"dask://{address}")
    part, worker = part_begun(started, scratch)
    os.killpg(started.pid, signal.SIGINT)
    status, _, err = ended(started)
    assert (status, "interrupted" in err) == (130, True), err
    assert not parts_of(scratch)
    assert not list(scratch.rglob("hivegate-*"))
    with pytest.raises(ProcessLookupError):
        os.kill(part, 0)
    with contextlib.suppress(ProcessLookupError):
        os.kill(worker, 0)
