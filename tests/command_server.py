"""The ``hivegate`` command in a process of its own, without the half second that its imports take.

Run by path it imports the whole package once; then, for every request, it forks a process that becomes the command:
with its own folder, environment, arguments, standard streams and exit status.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import pkgutil
import select
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

# Not for commands: the worker belongs to measured processes, and the hive is measured.
_APART = ("hivegate.worker", "hivegate.hive", "hivegate.__main__")


class CommandServer:
    """Starts commands; one at a time."""

    def __init__(self) -> None:
        command = [sys.executable, __file__]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
        )

    def run(
        self, arguments: Sequence[str], folder: Path, environment: dict[str, str], timeout: float
    ) -> tuple[int, str, str]:
        """Run the command to its end: returns its exit status and what it wrote to both streams.

        Raises `TimeoutExpired` for one that hangs for so many seconds; it and the server end.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        request = {"arguments": list(arguments), "folder": str(folder), "environment": environment}
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        if not select.select([self._process.stdout], [], [], timeout)[0]:
            self.close()
            raise subprocess.TimeoutExpired(list(arguments), timeout)
        answer = json.loads(self._process.stdout.readline())
        return answer["status"], answer["out"], answer["err"]

    def close(self) -> None:
        """End the server, and the command that it runs."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()


def _serve() -> None:
    import hivegate  # noqa: PLC0415  only where commands run

    for module in pkgutil.walk_packages(hivegate.__path__, "hivegate."):
        if not module.name.startswith(_APART):
            with contextlib.suppress(ImportError):  # an extra that is not installed
                importlib.import_module(module.name)
    for line in sys.stdin:
        pipes = {name: os.pipe() for name in ("out", "err")}
        child = os.fork()
        if child == 0:
            _become(json.loads(line), *(writing for _, writing in pipes.values()))
        for _, writing in pipes.values():
            os.close(writing)
        with ThreadPoolExecutor(len(pipes)) as readers:
            said = dict(zip(pipes, readers.map(_read, (reading for reading, _ in pipes.values())), strict=True))
        _, status = os.waitpid(child, 0)
        print(json.dumps({"status": os.waitstatus_to_exitcode(status), **said}), flush=True)  # noqa: T201  the answer


def _read(pipe: int) -> str:
    with open(pipe, encoding="utf-8") as file:
        return file.read()


def _become(request: dict[str, Any], out: int, err: int) -> None:
    """Be the command; never returns."""
    from hivegate import __main__ as module  # noqa: PLC0415  only where commands run

    status = 70
    try:
        nothing = os.open(os.devnull, os.O_RDONLY)
        for number, opened in enumerate((nothing, out, err)):
            os.dup2(opened, number)
            os.close(opened)
        os.chdir(request["folder"])
        os.environ.clear()
        os.environ.update(request["environment"])
        sys.argv = [module.__file__, *request["arguments"]]  # both as -m does
        sys.path[0] = request["folder"]
        status = module.main()
    except SystemExit as ended:
        status = 0 if ended.code is None else ended.code if isinstance(ended.code, int) else 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    _serve()
