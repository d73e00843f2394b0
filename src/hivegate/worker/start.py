"""Start a worker: ``python start.py PLAN.json``, in the project's root.

The plan is a JSON object: ``mode`` (collect, measure, memory, instructions, reach, profile, environment, pair or side)
and what the mode needs. ``hivegate/model/protocol.py`` is the schema of plans, commands and events.
"""

import importlib.util
import json
import os
import signal
import sys
import types


def _load_worker() -> types.ModuleType:
    folder = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120  pathlib is not worth its import time
    # As `python -m pytest` has it, and never the worker's own folder, wherever a profiler that started us has put it.
    sys.path[:] = [os.getcwd(), *(one for one in sys.path if os.path.abspath(one) != folder)]  # noqa: PTH100, PTH109
    spec = importlib.util.spec_from_file_location(
        "_hivegate_worker",
        os.path.join(folder, "__init__.py"),  # noqa: PTH118
        submodule_search_locations=[folder],
    )
    if spec is None or spec.loader is None:
        raise ImportError(folder)
    package = importlib.util.module_from_spec(spec)
    sys.modules["_hivegate_worker"] = package
    spec.loader.exec_module(package)
    return importlib.import_module("_hivegate_worker.session")


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:  # noqa: PTH123
        PLAN = json.load(file)
    # A shell starts what is to run in the background with it ignored, and asyncio takes another way then.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.exit(_load_worker().main(PLAN))
