"""A suite spread over the workers of a Dask cluster: measured there, joined and judged here."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from distributed import Client, Security
from tests.clusters import cluster, parts_of
from tests.repository import Repository

from hivegate.cluster.connection import connected
from hivegate.cluster.places import Place
from hivegate.model.events import ignore_progress
from hivegate.system.machine import cores

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.timed

_SUITE = """
from toy import count_up, stay

def test_stay(benchmark):
    benchmark.pedantic(stay, args=(1000,), rounds=5)

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
budgets:
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


def checkouts(scratch: Path) -> list[Path]:
    """List what workers have checked out."""
    return [one for one in scratch.rglob("hivegate-*") if one.is_dir()]


def is_alive(process: int) -> bool:
    """Tell whether a process is there, and not only waited for."""
    try:
        return "(zombie)" not in Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    except FileNotFoundError:
        return False


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


def test_a_lost_workers_part_is_measured_again(project: Path, address: str, scratch: Path) -> None:
    """Each worker measures in checkouts of its own; one that is killed takes its processes with it, and no verdict."""
    started = start(project, "compare", "HEAD^", "--on", f"dask://{address}", "--json", "r.json", "--out", "c.json")
    part, worker = part_begun(started, scratch)
    os.kill(worker, signal.SIGKILL)
    status, out, err = ended(started)
    assert status == 1, out + err
    # The working tree as it stands was measured, in which another suite is than in either commit.
    assert verdicts(project / "r.json") == {"toys/stay": "passed", "toys/count_up": "slower", "toys/gone": "missing"}
    measured = json.loads((project / "c.json").read_text())
    assert measured["base"] == f"the commit before, {measured['base_sha'][:7]}"
    assert (measured["commit"]["branch"], measured["commit"]["dirty"]) == ("main", True)
    assert "was lost. Part 1 is measured again" in err
    told = re.findall(r"part (\d) was measured by process (\d+), .*, in (\S+)", err)
    assert sorted(number for number, _, _ in told) == ["1", "2", "3", "4"]
    processes, folders = {process for _, process, _ in told}, {folder for _, _, folder in told}
    assert len(processes) == len(folders) >= 2
    assert str(worker) not in processes
    assert all(folder.startswith(str(scratch)) for folder in folders)
    assert not checkouts(scratch)
    assert not is_alive(part)


def test_passes_are_measured_by_a_cluster_of_our_own(project: Path) -> None:
    """A run of the working tree as it stands, of which the others of the suite are not selected."""
    status, out, err = ended(
        start(project, "run", "--passes", "3", "--select", "*/stay", "--on", "dask:1", "--out", "run.json")
    )
    assert (status, "1 benchmarks in 3 passes" in out) == (0, True), err
    run = json.loads((project / "run.json").read_text())
    assert [(one["id"], len(one["samples"])) for one in run["benchmarks"]] == [("toys/stay", 3)]
    assert run["not_selected"] == ["toys/count_up"]
    assert (run["commit"]["branch"], run["shard"], run["environment"]["cores"]) == ("main", None, cores())


def test_a_cluster_of_our_own_speaks_to_nobody_else() -> None:
    """Other users of this machine reach its port; without its certificate, or with another, they run nothing."""
    with connected(Place(workers=1), ignore_progress) as client:
        address = client.scheduler.address
        assert address.startswith("tls://127.0.0.1:")
        client_of: Any = Client
        security: Any = Security
        for asked, own in ((address, security.temporary()), (address.replace("tls", "tcp"), None)):
            with pytest.raises(OSError, match=r"certificate|closed"):
                client_of(asked, timeout="10s", security=own, set_as_default=False)
        assert client.submit(sum, [1, 2]).result() == 3


def test_an_interrupt_ends_what_is_measured(project: Path, address: str, scratch: Path) -> None:
    """Neither a process nor a checkout is left, the workers go on living, and the parts that are done are kept."""
    started = start(project, "run", "--passes", "3", "--on", f"dask://{address}")
    assert started.stderr is not None
    assert any("part 2 was measured by process" in line for line in started.stderr)  # the first has no benchmark
    part, worker = part_begun(started, scratch)
    os.killpg(started.pid, signal.SIGINT)
    status, _, err = ended(started)
    assert (status, "hivegate check .hivegate/latest/interrupted.json" in err) == (130, True), err
    kept = json.loads((project / ".hivegate" / "latest" / "interrupted.json").read_text(encoding="utf-8"))
    assert all(len(one["samples"]) == 3 for one in kept["benchmarks"])
    assert len(kept["benchmarks"]) == 1
    assert not is_alive(part)
    assert is_alive(worker)
    assert not checkouts(scratch)
