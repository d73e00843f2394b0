"""Profilers that are missing or see nothing: the reason is told, and something is left."""

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from tests.e2e.profile_project import make_project, setting_of, subject_of, task_of

from hivegate.errors import ProfilerError
from hivegate.flows.profile.flow import ProfilerOptions, profile_suite
from hivegate.profile.plan import Choice
from hivegate.profile.scalene import profile_lines


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Make a project of its own."""
    return make_project(tmp_path / "project")


def test_without_pyspy_calls_are_counted(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The note says what to install, and the fallback still names the hot function; scalene is not concerned."""
    nowhere = project / "nowhere"
    monkeypatch.setenv("PATH", str(nowhere))
    monkeypatch.setattr("sysconfig.get_path", lambda _: str(nowhere))
    profiles = profile_suite(
        subject_of(project),
        project / "profiles",
        lambda _: None,
        choice=Choice(selectors=("all/both",)),
        options=ProfilerOptions(seconds=0.5),
    )
    counted, lines = profiles.profiles[:2]
    assert counted.kind == "cProfile"
    assert "pip install 'hivegate[profile]'" in counted.note
    assert counted.top[0].function == "hot"
    assert (Path(profiles.folder) / counted.files["flame graph"]).exists()
    assert lines.kind == "scalene"
    assert lines.files


def test_without_scalene_the_line_to_install_it_is_told(project: Path, tmp_path: Path) -> None:
    """It must be in the environment of the benchmarks, so its interpreter is named."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "bare")], check=True)
    python = str(tmp_path / "bare" / "bin" / "python")
    setting = msgspec.structs.replace(setting_of(project), python=python)
    with pytest.raises(ProfilerError) as caught:
        profile_lines(task_of("both"), setting, "title")
    assert caught.value.hint == f"Install it: {python} -m pip install scalene"


def test_without_memray_it_is_told_that_nobody_saw_the_peak(project: Path, tmp_path: Path) -> None:
    """Once, however many benchmarks are profiled, and only where that was asked for."""
    python = with_pytest_alone(tmp_path / "bare")
    subject = msgspec.structs.replace(subject_of(project), python=python)

    def notes(*tools: str) -> tuple[str, ...]:
        options = ProfilerOptions(seconds=0.5, tools=tools)
        choice = Choice(selectors=("all/both", "all/counted"))
        return profile_suite(subject, project / "profiles", lambda _: None, choice=choice, options=options).notes

    assert notes("memray") == (f"memory at the peak is not profiled: memray is not installed for {python}",)
    assert notes("scalene") == ()


def with_pytest_alone(folder: Path) -> str:
    """Make an environment that holds what benchmarks need and nothing else; returns its interpreter."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    (there,) = folder.glob("lib/python3*/site-packages")
    here = Path(pytest.__file__).parents[1]
    for pattern in (
        "*pytest",
        "pytest-*",
        "pytest_benchmark*",
        "*cpuinfo*",
        "pluggy*",
        "iniconfig*",
        "packaging*",
        "pygments*",
        "py.py",
    ):
        for found in here.glob(pattern):
            (there / found.name).symlink_to(found)
    return str(folder / "bin" / "python")


def test_a_line_profile_that_saw_nothing_is_made_once_more(project: Path) -> None:
    """Too short a run leaves an empty file and exit status 0; it is repeated, and then told."""
    with pytest.raises(ProfilerError, match="recorded no line"):
        profile_lines(task_of("counted"), setting_of(project, seconds=0.0), "title")
    assert (project / "counted").read_text(encoding="utf-8").splitlines() == ["once", "once"]
