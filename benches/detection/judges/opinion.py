"""What a judge is given, and what it gives."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, NamedTuple

from detection.environments import Environments, bare

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SLOWER = "slower"
PASSED = "passed"
INCONCLUSIVE = "inconclusive"


class Case(NamedTuple):
    """A project in two commits, head checked out; `scratch` is an empty folder outside of it.

    `suite` are the paths of its benchmarks for pytest.
    """

    project: Path
    scratch: Path
    environments: Environments
    base: str
    head: str
    suite: str


class Opinion(NamedTuple):
    """What a tool says about one benchmark, by rule; `weight` is its part of what the tool measured."""

    verdicts: dict[str, str]
    ratio: float | None = None
    weight: float = 1.0
    low: float | None = None
    high: float | None = None
    spread: float | None = None
    pairs: int = 0
    clock: str = ""


def run(command: Sequence[str], case: Case, *, fine: tuple[int, ...] = (0,), **variables: str) -> str:
    """Run a tool in the project; returns what it prints, raises `RuntimeError` where its exit status is not `fine`."""
    environment = {**bare(), **variables}
    done = subprocess.run(  # noqa: S603  an argument list
        command, cwd=case.project, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode not in fine:
        raise RuntimeError(f"{' '.join(command)}: exit {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
    return done.stdout + done.stderr


def check_out(case: Case, commit: str) -> None:
    """Check a commit out in the project's folder."""
    run(["git", "checkout", "-q", commit], case)
