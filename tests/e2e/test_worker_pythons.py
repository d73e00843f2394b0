"""The worker under the Pythons that are installed here, from 3.8 on: it keeps to the protocol in each mode."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import get_args

import pytest
from tests.workers import run_modes, run_pair, write_suite

from hivegate.model.protocol import (
    CodspeedOnlyTests,
    DeselectedBenchmarks,
    Event,
    IgnoredFiles,
    UnshareableModule,
)

_VERSIONS = tuple(f"3.{minor}" for minor in range(8, 16))


def find_pythons() -> dict[str, str]:
    """Find an interpreter of each version, on the path or where pyenv keeps them; not the running one."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    pythons: dict[str, str] = {}
    for version in _VERSIONS:
        candidates = (shutil.which(f"python{version}"), *sorted(map(str, pyenv.glob(f"{version}.*/bin/python"))))
        for candidate in filter(None, candidates):
            asked = subprocess.run([candidate, "-c", "pass"], capture_output=True, check=False)
            if asked.returncode == 0:
                pythons[version] = candidate
                break
    pythons.pop(f"{sys.version_info.major}.{sys.version_info.minor}", None)
    return pythons


_PYTHONS = find_pythons()
_ABSENT = [version for version in _VERSIONS if version not in _PYTHONS and version != sysconfig.get_python_version()]


def environment(python: str, folder: Path) -> str:
    """Make an environment with pytest and pytest-benchmark; returns its interpreter."""
    uv = shutil.which("uv", path=sysconfig.get_path("scripts")) or shutil.which("uv")
    inside = str(folder / "bin" / "python")
    packages = ("pytest", "pytest-benchmark")
    steps = (
        ([uv, "venv", "-q", "--python", python, str(folder)], [uv, "pip", "install", "-q", "-p", inside, *packages])
        if uv is not None
        else ([python, "-m", "venv", str(folder)], [inside, "-m", "pip", "install", "-q", *packages])
    )
    for step in steps:
        subprocess.run(step, check=True, capture_output=True, timeout=300)
    return inside


@pytest.mark.parametrize(
    "python",
    [
        *(pytest.param(python, id=version) for version, python in _PYTHONS.items()),
        *(
            [pytest.param("", marks=pytest.mark.skip(reason=f"not installed here: Python {', '.join(_ABSENT)}"))]
            if _ABSENT
            else []
        ),
    ],
)
def test_the_worker_reports_what_the_protocol_says(python: str, tmp_path: Path) -> None:
    """Each line of each mode is decoded, and each event occurs; the running Python has its test among the units."""
    inside = environment(python, tmp_path / "environment")
    events: list[Event] = []
    for name in ("modes", "forked", "started"):
        folder = tmp_path / name
        folder.mkdir()
        write_suite(folder)
        events += run_modes(inside, folder) if name == "modes" else run_pair(inside, folder, fork=name == "forked")
    of_odd_suites = {UnshareableModule, CodspeedOnlyTests, DeselectedBenchmarks, IgnoredFiles}
    assert set(get_args(Event)) - set(map(type, events)) <= of_odd_suites
