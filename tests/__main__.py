"""Run all tests in two processes: python -m tests; what is given after it goes to one pytest as it is.

Tests marked ``timed`` judge times, so they run one after the other in one process. All others run beside them in the
second, and what they print follows when both are done.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile

_PYTEST = (sys.executable, "-m", "pytest")


def main(arguments: list[str]) -> int:
    """Run the tests; returns pytest's exit status, of two the worse."""
    if arguments:
        return subprocess.run([*_PYTEST, *arguments], check=False).returncode
    with tempfile.TemporaryFile() as output:
        others = subprocess.Popen([*_PYTEST, "-m", "not timed"], stdout=output, stderr=subprocess.STDOUT)
        try:
            status = subprocess.run([*_PYTEST, "-m", "timed"], check=False).returncode
            status = max(status, others.wait())
        finally:
            others.kill()
            others.wait()
        output.seek(0)
        sys.stdout.flush()
        sys.stdout.buffer.write(output.read())
    return status


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
