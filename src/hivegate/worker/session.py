"""One pytest session under hivegate's plugin."""

from __future__ import annotations

import importlib.util
import os
import platform
import sys
from typing import Any

from .record import Record

_NEEDED = {"pytest": "pytest", "pytest_benchmark": "pytest-benchmark"}


def main(plan: dict[str, Any]) -> int:
    """Run the plan; answers go to its record, the return value is pytest's exit status."""
    record = Record(plan["record"])
    missing = [name for module, name in _NEEDED.items() if importlib.util.find_spec(module) is None]
    if missing:
        record.write("unable", why=f"{' and '.join(missing)} not installed for {sys.executable}")
        return 3
    import pytest  # noqa: PLC0415  known to be there only now

    from .plugin import WorkerPlugin  # noqa: PLC0415  imports pytest itself

    _record_subject(record)
    status = int(pytest.main(_arguments(plan), plugins=[WorkerPlugin(plan, record)]))
    record.write("ended", exit_status=status)
    return status


def _arguments(plan: dict[str, Any]) -> list[str]:
    arguments = [*plan["paths"], "-q", "--no-header", "-p", "no:randomly"]
    if plan.get("rootdir"):
        arguments.append(f"--rootdir={plan['rootdir']}")
    if importlib.util.find_spec("pytest_cov") is not None:
        arguments.append("--no-cov")  # tracing would be measured with the code
    return arguments


def _record_subject(record: Record) -> None:
    from importlib import metadata  # noqa: PLC0415  only here

    record.write(
        "subject",
        python=platform.python_version(),
        implementation=platform.python_implementation(),
        packages={name: metadata.version(name) for name in _NEEDED.values()},
        folder=os.getcwd(),  # noqa: PTH109  a plain string is what JSON takes
    )
