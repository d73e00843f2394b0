"""Run all tests in two processes: python -m tests; what is given after it goes to one pytest as it is.

The end-to-end tests, three quarters of the time, often wait for one process after another. Beside them the others run,
and are told of when they are done.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile

_END_TO_END = "tests/e2e"
_PYTEST = (sys.executable, "-m", "pytest")


def main(arguments: list[str]) -> int:
    """Run the tests; returns pytest's exit status, of two the worse."""
    if arguments:
        return subprocess.run([*_PYTEST, *arguments], check=False).returncode
    with tempfile.TemporaryFile() as told:
        others = subprocess.Popen([*_PYTEST, "--ignore", _END_TO_END], stdout=told, stderr=subprocess.STDOUT)
        try:
            status = subprocess.run([*_PYTEST, _END_TO_END], check=False).returncode
            beside = others.wait()
        finally:
            others.kill()
            others.wait()
        told.seek(0)
        sys.stdout.flush()
        sys.stdout.buffer.write(told.read())
    return max(status, beside)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
