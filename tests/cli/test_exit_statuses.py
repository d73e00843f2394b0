"""No fault of a pipe, a disk or a folder becomes a verdict, a traceback or a status that is not documented."""

from __future__ import annotations

import os
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
    project.write("targets.yaml", TARGETS.format(limit="1 ns"))
    project.write("benches/bench_a.py", "def bench_a(benchmark): benchmark(sum, range(1000))\n")
    project.write(".hivegate", "a file is where the folder was to be")
    answer = project.hivegate("bench", "--passes", "3", "--max-time", "1s")
    assert answer.status == 1
    assert answer.out.startswith("FAILED")
    assert "the result is not kept in .hivegate" in " ".join(answer.out.split())
