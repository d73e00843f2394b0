"""A Dask cluster in processes of its own, for the tests; and what of hivegate runs on it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator

    from hivemind.swarm import StageContext

ROOT = Path(__file__).parents[1]
# It ends when its standard input does, so with whoever started it.
_SERVE = """
import sys
from dask import config
from distributed import LocalCluster
config.set({"distributed.worker.profile.enabled": False, "distributed.deploy.lost-worker-timeout": "10 minutes"})
if __name__ == "__main__":
    cluster = LocalCluster(n_workers=int(sys.argv[1]), threads_per_worker=1, host="127.0.0.1", dashboard_address=None,
                           memory_limit=0, local_directory=sys.argv[2])
    print(cluster.scheduler_address, flush=True)
    sys.stdin.read()
    cluster.close()
"""


@contextlib.contextmanager
def cluster(workers: int, folder: Path) -> Iterator[str]:
    """Start a scheduler and workers that are started anew where they end; yields ``HOST:PORT``."""
    script = folder / "serve.py"
    script.write_text(_SERVE, encoding="utf-8")
    started = subprocess.Popen(
        [sys.executable, str(script), str(workers), str(folder)],
        cwd=ROOT,
        # What the tests submit is theirs; some plugins of their pytest take a second to import.
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_ADDOPTS": "-p no:hypothesispytest -p no:codspeed"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert started.stdin is not None
    assert started.stdout is not None
    try:
        yield started.stdout.readline().strip().removeprefix("tcp://")
    finally:
        started.stdin.close()
        started.wait(timeout=60)
        started.stdout.close()


def parts_of(folder: Path) -> dict[int, int]:
    """Find the processes that measure a part in a checkout below a folder; tells the worker of each."""
    found = {}
    for process in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError):
            command = (process / "cmdline").read_bytes().split(b"\0")
            if b"job" in command and (process / "cwd").resolve().is_relative_to(folder):
                found[int(process.name)] = int((process / "stat").read_text().rpartition(")")[2].split()[1])
    return found


def kill_parts(folder: Path, killed: list[int], most: int, wait: Callable[[], float], over: threading.Event) -> None:
    """Kill the workers of parts that are measured below a folder, a while after it began; at most so many."""
    seen: set[int] = set()
    while not over.is_set() and len(killed) < most:
        for part in sorted(parts_of(folder).keys() - seen):
            seen.add(part)
            over.wait(wait())
            worker = parts_of(folder).get(part)  # it may be done by now
            if worker is not None and worker > 1:
                os.kill(worker, signal.SIGKILL)
                killed.append(worker)
        over.wait(0.05)


def process_of(context: StageContext) -> int:
    """Tell which process a stage runs in."""
    del context
    return os.getpid()


def results_of(context: StageContext) -> list[object]:
    """Gather what the stages before told."""
    return list(context.results.values())
