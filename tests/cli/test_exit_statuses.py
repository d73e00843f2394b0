"""No fault of a pipe, a disk or a folder becomes a verdict, a traceback or a status that is not documented."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Project

TARGETS = "schema: 1\ntargets: [{{benchmark: a/a, max: {limit}}}]\n"
RUN = """
    {"benchmarks": [{"name": "a", "fullname": "benches/bench_a.py::bench_a", "stats": {"data": [0.1, 0.1, 0.1]}}],
     "machine_info": {}, "commit_info": {}, "datetime": "2026-06-01T00:00:00", "version": "5.0"}
"""


@pytest.fixture
def checked(project: Project) -> Project:
    """Write a result to check."""
    project.write("run.json", RUN)
    return project


def status(project: Project, limit: str, tail: str, **env: str) -> tuple[int, str]:
    """Check the result with its output going where `tail` says; returns the command's own status and its errors."""
    project.write("targets.yaml", TARGETS.format(limit=limit))
    line = f"'{sys.executable}' -m hivegate check run.json {tail}"
    script = f"set +e; {line}; exit ${{PIPESTATUS[0]}}"
    variables = {**os.environ, "CI": "true", **env}
    done = subprocess.run(
        ["bash", "-c", script], cwd=project.folder, env=variables, capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    return done.returncode, done.stderr


@pytest.mark.parametrize(("limit", "expected"), [("1 s", 0), ("1 ms", 1)])
@pytest.mark.parametrize("tail", ["| head -c0", "| true", ">&-", "-v | head -n1 >/dev/null", "--json - | head -c1"])
def test_a_reader_that_left_changes_no_status(checked: Project, tail: str, limit: str, expected: int) -> None:
    """The status is the verdict's, whoever reads it and for how long."""
    assert status(checked, limit, tail)[0] == expected


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no full device")  # noqa: PTH110
@pytest.mark.parametrize(("limit", "expected"), [("1 s", 2), ("1 ms", 1)])
def test_a_full_disk_behind_standard_output_is_named(checked: Project, limit: str, expected: int) -> None:
    """What failed stays failed; what passed was not told, and that is no success."""
    found, said = status(checked, limit, "> /dev/full")
    assert found == expected
    assert "No space left" in said


@pytest.mark.parametrize("text", ["x = " + "[" * 3000, "x = " + "{a=" * 3000, "[tool.hivegate]\npaths = " + "[" * 9999])
def test_brackets_without_end_are_a_file_that_cannot_be_read(project: Project, text: str) -> None:
    """However deep, it is status 2 with the name of the file."""
    project.write("pyproject.toml", text)
    answer = project.hivegate("validate")
    assert answer.status == 2
    assert "pyproject.toml" in answer.err


def test_no_folder_for_temporary_files_is_named(project: Project) -> None:
    """It is the machine's fault, and no defect of hivegate."""
    project.write("targets.yaml", TARGETS.format(limit="1 s"))
    project.write("benches/bench_a.py", "def bench_a(benchmark): benchmark(int)\n")
    code = (
        "import sys, tempfile\n"
        "tempfile.tempdir = None\n"
        "tempfile._candidate_tempdir_list = lambda: ['/nowhere']\n"
        "from hivegate.__main__ import main\n"
        "sys.argv[1:] = ['bench']\n"
        "sys.exit(main())\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=project.folder, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "No usable temporary directory" in done.stderr


def test_a_verdict_that_cannot_be_kept_is_printed_all_the_same(project: Project) -> None:
    """What was measured for minutes is not lost with the folder: its status is the verdict's, with a note."""
    project.write("targets.yaml", TARGETS.format(limit="1 s"))
    project.write("benches/bench_a.py", "def bench_a(benchmark): benchmark(sum, range(1000))\n")
    project.write(".hivegate", "a file is where the folder was to be")
    answer = project.hivegate("bench", "--passes", "3", "--max-time", "1s")
    assert answer.status == 0
    assert answer.out.startswith("PASSED")
    assert "the result is not kept in .hivegate" in " ".join(answer.out.split())


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a process adopt the orphans below it")
def test_what_measured_code_leaves_running_is_ended_and_named(project: Project) -> None:
    """A daemon in a session of its own, and what it starts in turn, end before the result is written."""
    project.write("targets.yaml", TARGETS.format(limit="1 s"))
    project.write(
        "benches/conftest.py",
        """
        import os, subprocess, sys

        SLEEP = "import time; time.sleep(98765)"
        CODE = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {SLEEP!r}]); {SLEEP}"

        def pytest_sessionfinish():
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    os.execv(sys.executable, [sys.executable, "-c", CODE])
                os._exit(0)
        """,
    )
    project.write("benches/bench_a.py", "def bench_a(benchmark): benchmark(sum, range(1000))\n")
    answer = project.hivegate("bench", "--passes", "3", "--max-time", "1s")
    assert answer.status == 0
    assert "left processes behind, which were ended" in " ".join(answer.out.split())
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
    assert "sleep(98765)" not in listed.stdout


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_what_was_measured_is_kept_when_a_signal_ends_it(project: Project, number: int) -> None:
    """Whichever signal: status 130, nothing left running, and a file that can be checked."""
    project.write("targets.yaml", TARGETS.format(limit="1 s"))
    project.write("benches/bench_a.py", "def bench_a(benchmark): benchmark(sum, range(1000))\n")
    command = [sys.executable, "-m", "hivegate", "bench", "--passes", "500"]
    variables = {**os.environ, "CI": "true"}
    with subprocess.Popen(
        command, cwd=project.folder, env=variables, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    ) as running:
        assert running.stderr is not None
        for line in running.stderr:
            if "pass 3" in line:
                running.send_signal(number)
                break
        said = running.stderr.read()
    assert running.returncode == 130
    assert "hivegate check .hivegate/latest/interrupted.json" in said
    answer = project.hivegate("check", ".hivegate/latest/interrupted.json")
    assert answer.status == 0
    assert answer.out.startswith("PASSED")
