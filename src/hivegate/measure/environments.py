"""Whether two revisions can share an interpreter's memory, and how their environments differ."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from hivegate.measure.preload import is_own
from hivegate.measure.subject import run_worker
from hivegate.model.protocol import EnvironmentDescription, EnvironmentPlan
from hivegate.system.process import run

if TYPE_CHECKING:
    from hivegate.measure.collect import Collection
    from hivegate.measure.subject import Subject

# What pytest and pytest-benchmark import before any test: shared by a fork, and so by both revisions.
_OF_PYTEST = frozenset({"_pytest", "cpuinfo", "iniconfig", "packaging", "pluggy", "py", "pygments", "pytest"})
_BENCHMARK = frozenset({"pytest_benchmark"})
_MOST_NAMED = 8
_PATIENCE = 60.0  # seconds; reading the names of what is installed takes a part of one


def why_not_forked(head: Collection, repository: Path) -> str | None:
    """Tell why the two revisions cannot be forked from one process; None where they can."""
    if not hasattr(os, "fork") or sys.platform == "darwin":
        return "this system cannot fork a running interpreter safely"
    for name, file in head.modules:
        own = file is not None and is_own(Path(file), repository)
        if own and name.partition(".")[0] in _OF_PYTEST | _BENCHMARK:
            return f"the project is itself loaded by pytest ({name.partition('.')[0]})"
    return None


def fixed_addresses(project: Path) -> tuple[str, ...]:
    """Find what starts a process without random addresses, where the system has it and allows it; else nothing."""
    command = ("setarch", "-R")
    if shutil.which(command[0]) is None or run([*command, "true"], cwd=project).returncode != 0:
        return ()
    return command


def compare_environments(subject: Subject, base_python: str) -> str:
    """Describe what differs between the environments of head and base: Python, distributions, versions.

    Raises `MeasureError` where base's cannot measure at all.
    """
    here, there = _installed(subject), _installed(msgspec.structs.replace(subject, python=base_python))
    names = sorted(name for name in here.keys() | there.keys() if here.get(name) != there.get(name))
    if not names:
        return "base and head have the same Python and the same distributions in the same versions"
    changes = [f"{name} {there.get(name, 'absent')} -> {here.get(name, 'absent')}" for name in names]
    more = f" (and {len(names) - _MOST_NAMED} more)" if len(names) > _MOST_NAMED else ""
    return f"from base's environment to head's: {', '.join(changes[:_MOST_NAMED])}{more}"


def _installed(subject: Subject) -> dict[str, str]:
    events = run_worker(subject, EnvironmentPlan(), patience=_PATIENCE).events
    (environment,) = (event for event in events if isinstance(event, EnvironmentDescription))
    return {"Python": environment.python, **environment.distributions}
