"""Files are whole or absent, and refusals say why."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from hivegate.errors import ResultsError, UsageError
from hivegate.system.files import read_bytes, scratch_folder, write_atomic
from hivegate.system.holding import held, sweep


def test_a_file_is_written_with_its_folders(tmp_path: Path) -> None:
    """Folders on the way are made, and nothing but the file stays."""
    path = tmp_path / "a" / "b" / "result.json"
    write_atomic(path, "{}", error=UsageError)
    assert path.read_text() == "{}"
    assert list(path.parent.iterdir()) == [path]


def test_a_writer_that_dies_leaves_the_old_file(tmp_path: Path) -> None:
    """A process killed while writing leaves what was there before."""
    path = tmp_path / "result.json"
    path.write_text("old")
    code = (
        "import os, pathlib, sys\n"
        "from hivegate.errors import UsageError\n"
        "from hivegate.system import files\n"
        "os.fsync = lambda _: os.kill(os.getpid(), 9)\n"
        "files.write_atomic(pathlib.Path(sys.argv[1]), 'new' * 100_000, error=UsageError)\n"
    )
    ended = subprocess.run([sys.executable, "-c", code, str(path)], check=False)
    assert ended.returncode == -9
    assert path.read_text() == "old"
    write_atomic(tmp_path / "another.json", "{}", error=UsageError)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["another.json", "result.json"]


def test_who_is_swept_before_it_is_held_makes_another(tmp_path: Path) -> None:
    """Between making a folder and holding it, one that sweeps may come; who was too early begins again."""
    made: list[Path] = []

    def make() -> Path:
        made.append(tmp_path / str(len(made)))
        made[-1].mkdir()
        if len(made) == 1:
            sweep(tmp_path.iterdir())
        return made[-1]

    with held(make) as folder:
        sweep(tmp_path.iterdir())
        assert (folder, list(tmp_path.iterdir())) == (made[1], [made[1]])
    sweep(tmp_path.iterdir())
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_written_is_an_error_with_the_path(tmp_path: Path) -> None:
    """A folder that is a file is an error of the caller's kind that names the path."""
    (tmp_path / "taken").write_text("")
    with pytest.raises(UsageError, match="taken"):
        write_atomic(tmp_path / "taken" / "result.json", "{}", error=UsageError)


def test_a_missing_file_names_its_neighbours(tmp_path: Path) -> None:
    """A misspelt name shows what the folder holds."""
    (tmp_path / "result.json").write_text("{}")
    with pytest.raises(ResultsError) as caught:
        read_bytes(tmp_path / "reslut.json", limit=10, error=ResultsError)
    assert "no such file" in str(caught.value)
    assert "result.json" in caught.value.hint


def test_a_file_beyond_the_limit_is_refused_unread(tmp_path: Path) -> None:
    """A sparse file of a gigabyte is refused by its size."""
    path = tmp_path / "large.json"
    with path.open("wb") as file:
        file.truncate(2**30)
    with pytest.raises(ResultsError, match="1024 MiB; at most 1 MiB"):
        read_bytes(path, limit=2**20, error=ResultsError)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    """A folder and a named pipe are refused without waiting on them."""
    os.mkfifo(tmp_path / "pipe")
    for name in (".", "pipe"):
        with pytest.raises(ResultsError, match="not a regular file"):
            read_bytes(tmp_path / name, limit=10, error=ResultsError)


def test_what_killed_processes_left_is_swept_by_the_next_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that a living process holds stays, however old it is; one of a process that was killed goes."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    code = (
        "import os, signal, sys, tempfile\n"
        f"tempfile.tempdir = {str(tmp_path)!r}\n"
        "from hivegate.system.files import scratch_folder\n"
        "with scratch_folder() as folder:\n"
        "    print(folder, flush=True)\n"
        "    sys.stdin.read()\n"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    kept, left = (Path((one.stdout or sys.stdin).readline().strip()) for one in started)
    started[1].kill()
    started[1].communicate()
    os.utime(kept, (1, 1))
    other = tmp_path / "hivegate-run-of-a-user-who-links"
    other.symlink_to(tmp_path.parent)
    with scratch_folder() as mine:
        assert (kept.is_dir(), left.exists(), mine.is_dir(), other.exists()) == (True, False, True, True)
    assert not mine.exists()
    started[0].communicate()
    assert not kept.exists()
