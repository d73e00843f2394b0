"""Projects to measure and the command to measure them with, both real."""

from __future__ import annotations

import atexit
import functools
import json
import os
import signal
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from hypothesis import HealthCheck, settings
from tests.command_server import CommandServer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# A job in the background, as some services start theirs, ignores SIGINT, and so would every process that a test starts.
signal.signal(signal.SIGINT, signal.default_int_handler)

# How long one example takes, or is made, says how contended the machine is.
settings.register_profile("contended", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("contended")

# Where continuous integration runs the tests, what they start prints all the same as at a desk.
for _name in ("GITHUB_ACTIONS", "GITHUB_WORKSPACE", "FORCE_COLOR", "NO_COLOR"):
    os.environ.pop(_name, None)

# What a worker of pytest-xdist starts is no worker of its: pytest-benchmark would not measure there.
for _name in ("PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT", "PYTEST_XDIST_TESTRUNUID"):
    os.environ.pop(_name, None)

# The measured projects run under the tests' own interpreter, some of whose plugins take a second to import, or change
# how a suite runs.
_PLUGINS = ("hypothesispytest", "codspeed", "randomly", "rerunfailures", "timeout", "asyncio", "anyio")
os.environ["PYTEST_ADDOPTS"] = " ".join(f"-p no:{name}" for name in _PLUGINS)


class Answer(NamedTuple):
    """What the command answered."""

    status: int
    out: str
    err: str


@functools.cache
def _server() -> CommandServer:
    server = CommandServer()
    atexit.register(server.close)
    return server


class Project:
    """A small project in a folder of its own, and ``hivegate`` run in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, name: str, text: str) -> Path:
        """Write a file of the project."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        return path

    def hivegate(self, *arguments: str, env: dict[str, str] | None = None, timeout: float = 600) -> Answer:
        """Run the real command; anything that looks like a traceback of hivegate's own fails the test at once.

        It is forked with everything imported, unless `env` holds what an interpreter reads when it starts. `timeout` is
        for what hangs, and no limit of how long it may take on a contended machine.
        """
        environment = {**os.environ, "CI": "true", **(env or {})}
        if any(name.startswith("PYTHON") for name in env or ()):
            ended = subprocess.run(
                [sys.executable, "-m", "hivegate", *arguments],
                cwd=self.folder,
                env=environment,
                capture_output=True,
                text=True,
                timeout=timeout,
                check=False,
            )
            answer = Answer(ended.returncode, ended.stdout, ended.stderr)
        else:
            answer = Answer(*_server().run(arguments, self.folder, environment, timeout))
        assert "Traceback" not in answer.err, answer.err
        return answer

    def result(self, name: str = "bench") -> dict[str, Any]:
        """Read the latest result."""
        text = (self.folder / ".hivegate" / "latest" / f"{name}.json").read_text(encoding="utf-8")
        return dict(json.loads(text))

    def outcomes(self) -> dict[str, str]:
        """Read the outcome of each benchmark in the latest result."""
        return {one["benchmark"]: one["outcome"] for one in self.result()["verdicts"]}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Give an empty project."""
    made = Project(tmp_path)
    made.write("pyproject.toml", "[project]\nname = 'toy'\nversion = '0'\n")
    return made


@pytest.fixture
def suite(project: Project) -> Callable[..., Project]:
    """Give a maker of projects with one benchmark file and targets."""

    def make(benches: str, targets: str = "", pytest_options: str = "") -> Project:
        project.write("benches/bench_toy.py", benches)
        project.write("targets.yaml", "schema: 1\n" + textwrap.dedent(targets))
        if pytest_options:
            project.write("pytest.ini", f"[pytest]\n{pytest_options}\n")
        return project

    return make
