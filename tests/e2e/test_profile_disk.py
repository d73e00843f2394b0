"""A disk that is full: the reason is told, nothing is half written, and the flow ends well."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from tests.e2e.profile_project import make_project, subject_of

from hivegate.flows.profile.flow import ProfilerOptions, profile_suite
from hivegate.measure.collect import Collection, collect
from hivegate.model.profile import Profiles
from hivegate.profile.plan import Choice


@pytest.fixture
def tiny(tmp_path: Path) -> Iterator[Path]:
    """Give a file system that holds 64 KiB."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    mount = shutil.which("mount")
    command = [str(mount), "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    if sys.platform != "linux" or mount is None or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("a file system can be mounted by root on Linux only")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the project once."""
    return make_project(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="module")
def collection(project: Path) -> Collection:
    """Collect it while there is room."""
    return collect(subject_of(project))


def run(project: Path, collection: Collection, folder: Path, *tools: str) -> Profiles:
    """Profile the ordinary benchmark."""
    return profile_suite(
        subject_of(project),
        folder,
        lambda _: None,
        choice=Choice(selectors=("all/both",)),
        collection=collection,
        options=ProfilerOptions(seconds=0.4, tools=tools),
    )


def test_no_room_for_temporary_files_leaves_notes(
    project: Path, collection: Collection, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No profiler can work, each says why, and the index says so too."""
    (tiny / "fill").write_bytes(b"x" * 64 * 1024)
    monkeypatch.setattr("tempfile.tempdir", str(tiny))
    profiles = run(project, collection, tmp_path / "profiles", "py-spy", "scalene")
    assert [one.files for one in profiles.profiles] == [{}, {}]
    assert all("No space left" in one.note for one in profiles.profiles)
    assert "No space left" in (tmp_path / "profiles" / "index.html").read_text(encoding="utf-8")


def test_no_room_for_the_pages_leaves_whole_files_and_a_note(project: Path, collection: Collection, tiny: Path) -> None:
    """The flame's page does not fit and no half of it is there; the list of profiles fits and tells why."""
    (tiny / "fill").write_bytes(b"x" * 40 * 1024)
    profiles = run(project, collection, tiny / "profiles", "py-spy")
    (only,) = profiles.profiles
    assert only.files == {}
    assert "No space left" in only.note
    assert list(tiny.rglob("*part")) == []
    assert msgspec.json.decode((tiny / "profiles" / "profiles.json").read_bytes(), type=Profiles) == profiles
