"""`hivegate.hive`, as the tree under test has it, under the name it has today; only ../../conftest.py leads here."""

import importlib
import sys

for _part in ("primitives", "queen", "swarm.stages"):
    importlib.import_module(f"hivegate.hive.{_part}")
# Each module that is loaded by now goes by both names: a second copy would have classes of its own.
for _name, _module in list(sys.modules.items()):
    if _name.startswith("hivegate.hive"):
        sys.modules[_name.replace("hivegate.hive", "hivemind", 1)] = _module
