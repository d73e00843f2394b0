"""One pytest session under hivegate's plugin."""

from __future__ import annotations

import importlib.util
import os
import platform
import sys
from typing import Any

from .channel import Record, open_record  # and our clocks, before any code of the subject runs
from .options import arguments

_NEEDED = {"pytest": "pytest", "pytest_benchmark": "pytest-benchmark"}
_INSTALL = "install it in the environment of the benchmarks, or choose another with --python"


def main(plan: dict[str, Any]) -> int:
    """Run the plan; answers go to its record, the return value is pytest's exit status."""
    if plan["mode"] == "pair":
        from . import pair  # noqa: PLC0415  nothing else may be imported before the fork than what it says

        return pair.main(plan)
    if plan["mode"] == "side":
        from . import pair  # noqa: PLC0415  only a comparison needs it

        return pair.be_side(plan["side"], plan)
    record = open_record(plan["record"])
    if plan.get("trees"):
        from .trees import enter_tree  # noqa: PLC0415  only a comparison needs it

        enter_tree(plan["trees"]["own"], plan["trees"]["other"])
    if plan.get("project"):
        from .loaded import prefer_installed  # noqa: PLC0415  the same

        prefer_installed(plan["project"])
    missing = [name for module, name in _NEEDED.items() if importlib.util.find_spec(module) is None]
    if missing:
        record.write("unable", why=f"{' and '.join(missing)} not installed for {sys.executable}", hint=_INSTALL)
        return 3
    if plan["mode"] == "environment":
        _record_environment(record)
        return 0
    if plan["mode"] == "reach":
        from .reach import begin_reach  # noqa: PLC0415  imports pytest itself

        plugins = begin_reach(plan, record)
    import pytest  # noqa: PLC0415  known to be there only now

    from .plugin import WorkerPlugin  # noqa: PLC0415  imports pytest itself

    _record_subject(record)
    if plan["mode"] != "reach":
        plugins = [WorkerPlugin(plan, record)]
    if plan["mode"] == "collect":
        from .deselection import DeselectionReport  # noqa: PLC0415  imports pytest itself

        plugins.append(DeselectionReport(record))
    status = int(pytest.main(arguments(plan), plugins=plugins))
    record.write("ended", exit_status=status)
    return status


def _record_environment(record: Record) -> None:
    from importlib import metadata  # noqa: PLC0415  only here

    found = {one.metadata["Name"]: one.version for one in metadata.distributions() if one.metadata["Name"]}
    record.write("environment", python=platform.python_version(), distributions=found)


def _record_subject(record: Record) -> None:
    from importlib import metadata  # noqa: PLC0415  only here

    record.write(
        "subject",
        python=platform.python_version(),
        implementation=platform.python_implementation(),
        packages={name: metadata.version(name) for name in _NEEDED.values()},
        folder=os.getcwd(),  # noqa: PTH109  a plain string is what JSON takes
    )
