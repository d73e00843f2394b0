"""These benches on a base from before `hivemind`: there the hive was `hivegate.hive`.

`compare` lays head's benches over the base. Where the tree under test has a hivemind, nothing happens here.
"""

import importlib.util
import sys
from pathlib import Path

if importlib.util.find_spec("hivemind") is None:
    sys.path.append(str(Path(__file__).with_name("former")))  # also for the processes that agents are isolated in
