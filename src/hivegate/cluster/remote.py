"""What runs on a worker of the cluster: it tells of itself, makes its own checkouts, and has parts measured in them.

Dask calls these by name, with and for built-in values only: no object of ours is ever pickled.
"""

from __future__ import annotations

import asyncio
import os
import platform
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hivegate.errors import HivegateError
from hivegate.system import checkouts, machine, process
from hivegate.system.files import scratch_folder

if TYPE_CHECKING:
    from collections.abc import Callable

_MEASURING: set[str] = set()  # the parts that are measured in this process now
_SHOWN = 4000  # characters of what a failed part printed


def describe(dask_worker: Any) -> dict[str, Any]:  # noqa: ANN401  Dask's own object, by Dask's own name
    """Return who this worker is and what its machine is like."""
    return {
        "pid": os.getpid(),
        "host": platform.node(),
        "machine": machine.boot(),
        "offered": dask_worker.state.total_resources.get("hivegate"),
        "environment": {
            **machine.facts(),
            "python": platform.python_version(),
            "implementation": platform.python_implementation(),
        },
    }


async def receive(name: str, data: bytes, dask_worker: Any) -> str:  # noqa: ANN401  as above
    """Make this worker's own checkout of what the client packed; returns a fault in words, "" where there is none."""
    folder = _checkout(name, dask_worker)
    try:
        if not folder.exists():
            await asyncio.to_thread(checkouts.unpack, data, folder)
    except (HivegateError, OSError) as fault:
        shutil.rmtree(folder, ignore_errors=True)
        return str(fault)
    return ""


def forget(name: str, dask_worker: Any) -> None:  # noqa: ANN401  as above
    """Remove the checkout."""
    shutil.rmtree(_checkout(name, dask_worker), ignore_errors=True)


def measuring(name: str) -> bool:
    """Return whether a part of a suite is still being measured here."""
    return any(part.startswith(name) for part in _MEASURING)


def measure(name: str, order: bytes) -> dict[str, Any]:
    """Have one part measured by a process of its own, which ends with this worker, and when nobody wants it any more.

    Returns the document that it wrote; without one, how it ended and what it printed.
    """
    from distributed import get_worker  # noqa: PLC0415  only a worker has it loaded

    worker = get_worker()
    checkout = _checkout(name, worker)
    wanted = _wanted(worker, str(worker.get_current_task()))
    part = f"{name} {worker.get_current_task()}"
    _MEASURING.add(part)
    try:
        with scratch_folder() as scratch:
            asked, answer = scratch / "order.json", scratch / "part.json"
            asked.write_bytes(order)
            finished = process.run(
                # -P: the folder that it works in holds the project, which may be hivegate itself
                [sys.executable, "-P", "-m", "hivegate", "job", str(asked), str(answer), str(os.getpid())],
                cwd=checkout if checkout.is_dir() else scratch,
                env=_environment(),
                overdue=lambda: not wanted(),
            )
            document = answer.read_bytes() if answer.exists() and finished.returncode == 0 else None
    finally:
        _MEASURING.discard(part)
    return {
        "pid": os.getpid(),
        "checkout": str(checkout),
        "prepared": checkout.is_dir(),
        "wanted": not finished.timed_out,
        "document": document,
        "ended": finished.cause,
        "output": finished.output[-_SHOWN:],
    }


def _checkout(name: str, worker: Any) -> Path:  # noqa: ANN401  as above
    """Name this worker's own folder; Dask removes what is around it, also after a worker that was killed."""
    return Path(worker.local_directory, f"hivegate-{name}-{os.getpid()}")


def _wanted(worker: Any, key: str) -> Callable[[], bool]:  # noqa: ANN401  as above
    """Return whether somebody still waits for a task; cancelling it, or losing its client, marks it where it runs."""

    def ask() -> bool:
        task = worker.state.tasks.get(key)
        return task is not None and task.state == "executing" and worker.status.name == "running"

    return ask


def _environment() -> dict[str, str]:
    """Copy this process's variables, without those that Dask's nanny set for its own sake: they change what is fast."""
    import dask.config  # noqa: PLC0415  only a worker has it loaded

    set_by_nanny = dask.config.get("distributed.nanny.pre-spawn-environ", default={})
    return {name: value for name, value in os.environ.items() if str(set_by_nanny.get(name)) != value}
