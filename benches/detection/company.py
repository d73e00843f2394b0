"""Company on the machine: other people's work, made on purpose, of which the evidence tells."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

NOBODY, BUSY = "nobody", "busy"
_STEADY = "import os; os.sched_setaffinity(0, {int(__import__('sys').argv[1])})\nwhile True: pass"
_COMING = """
import random, time
while True:
    end = time.monotonic() + random.expovariate(1.0)
    while time.monotonic() < end:
        pass
    time.sleep(random.expovariate(1.0))
"""


@contextlib.contextmanager
def company(kind: str) -> Iterator[None]:
    """Run a busy process on each core and two more that come and go, each for a second in the mean; or nobody."""
    with contextlib.ExitStack() as stack:
        if kind == BUSY:
            steady = [[sys.executable, "-c", _STEADY, str(core)] for core in sorted(os.sched_getaffinity(0))]
            for command in (*steady, *([sys.executable, "-c", _COMING] for _ in range(2))):
                process = stack.enter_context(subprocess.Popen(command))  # noqa: S603  an argument list
                stack.callback(process.kill)
        yield
