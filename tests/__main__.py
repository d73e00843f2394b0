"""Run all tests in three processes: python -m tests; what is given after it goes to one pytest as it is.

Tests marked ``timed`` judge times, so they run one after the other in one process, and wait a third of the time. All
others run beside them in two, those of whole commands in one of these; what the two print follows when all are done.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile

_PYTEST = (sys.executable, "-m", "pytest")
_BESIDE = (("-m", "not timed", "tests/e2e"), ("-m", "not timed", "--ignore=tests/e2e"))


def main(arguments: list[str]) -> int:
    """Run the tests; returns pytest's exit status, of several the worst."""
    if arguments:
        return subprocess.run([*_PYTEST, *arguments], check=False).returncode
    with contextlib.ExitStack() as stack:
        beside = []
        for part in _BESIDE:
            output = stack.enter_context(tempfile.TemporaryFile())
            process = subprocess.Popen([*_PYTEST, *part], stdout=output, stderr=subprocess.STDOUT)
            stack.callback(process.wait)
            stack.callback(process.kill)
            beside.append((process, output))
        status = subprocess.run([*_PYTEST, "-m", "timed"], check=False).returncode
        for process, output in beside:
            status = max(status, process.wait())
            output.seek(0)
            sys.stdout.flush()
            sys.stdout.buffer.write(output.read())
    return status


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
