"""Run all tests in two processes: python -m tests; what is given after it goes to one pytest as it is.

The end-to-end tests take most of the time, and often wait for one process after another. Beside those that judge times
all others run, and are told of when they are done.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

_PYTEST = (sys.executable, "-m", "pytest")
# End-to-end tests that judge no time, about as many as make both processes end together.
_UNTIMED = {
    "test_ci_run",
    "test_cluster_replayed",
    "test_dashboard_size",
    "test_documentation",
    "test_history_dashboard",
    "test_history_runs",
    "test_instructions",
    "test_package",
    "test_report_browser",
    "test_site",
    "test_trees",
}


def main(arguments: list[str]) -> int:
    """Run the tests; returns pytest's exit status, of two the worse."""
    if arguments:
        return subprocess.run([*_PYTEST, *arguments], check=False).returncode
    timed = [str(file) for file in sorted(Path("tests/e2e").glob("test_*.py")) if file.stem not in _UNTIMED]
    with tempfile.TemporaryFile() as told:
        beside = [*_PYTEST, *(f"--ignore={file}" for file in timed)]
        others = subprocess.Popen(beside, stdout=told, stderr=subprocess.STDOUT)
        try:
            status = subprocess.run([*_PYTEST, *timed], check=False).returncode
            status = max(status, others.wait())
        finally:
            others.kill()
            others.wait()
        told.seek(0)
        sys.stdout.flush()
        sys.stdout.buffer.write(told.read())
    return status


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
