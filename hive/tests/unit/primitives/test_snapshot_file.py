import os
import stat
import struct
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event, Thread
from zlib import crc32

import pytest

from hivemind.primitives import FileSnapshot, InvalidValueError, SnapshotFile, SnapshotFileError

READER = """
import sys
from hivemind.primitives import SnapshotFile
snapshot = SnapshotFile(sys.argv[1]).read()
print(snapshot.version, bytes(snapshot.data).decode())
"""


def test_another_process_reads_what_was_published(tmp_path: Path) -> None:
    """Version and bytes arrive whole."""
    path = tmp_path / "hive.snapshot"
    writer = SnapshotFile(path)
    assert [writer.publish(b"first"), writer.publish(b"second")] == [1, 2]
    output = subprocess.run([sys.executable, "-c", READER, path], check=True, capture_output=True, text=True)
    assert output.stdout == "2 second\n"


def test_a_reader_sees_each_new_version_and_keeps_the_old(tmp_path: Path) -> None:
    """What a reader holds stays as it was, whatever is published, or deleted, after it."""
    path = tmp_path / "hive.snapshot"
    writer, reader = SnapshotFile(path), SnapshotFile(path)
    writer.publish(b"first")
    first = reader.read()
    assert reader.read() is first
    for version in range(2, 20):
        writer.publish(b"x" * version)
        assert reader.read().version == version
        assert reader.read().data == b"x" * version
    path.unlink()
    assert (first.version, bytes(first.data)) == (1, b"first")


def test_reading_copies_nothing_and_cannot_write(tmp_path: Path) -> None:
    """The data is a read-only view into the mapped file."""
    file = SnapshotFile(tmp_path / "hive.snapshot")
    file.publish(bytes(1_000_000))
    data = file.read().data
    assert isinstance(data, memoryview)
    assert len(data) == 1_000_000
    with pytest.raises(TypeError, match="read-only"):
        data[0] = 1


@pytest.mark.parametrize("data", [b"", b"x", bytearray(b"xy"), memoryview(b"abcd").cast("H")])
def test_any_bytes_can_be_published(tmp_path: Path, data: bytes) -> None:
    """Empty data and views of wider items are fine."""
    file = SnapshotFile(tmp_path / "hive.snapshot")
    file.publish(data)
    assert bytes(file.read().data) == bytes(data)


@pytest.mark.parametrize("data", ["text", None, memoryview(b"abcd")[::2]])
def test_what_is_not_bytes_is_refused(tmp_path: Path, data: object) -> None:
    """The error says what to give, and nothing is published."""
    file = SnapshotFile(tmp_path / "hive.snapshot")
    with pytest.raises(InvalidValueError, match="give bytes"):
        file.publish(data)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_competing_writers_lose_no_version(tmp_path: Path) -> None:
    """Eight writers with 25 publications each come to version 200."""
    path = tmp_path / "hive.snapshot"

    def publish(_: int) -> list[int]:
        writer = SnapshotFile(path)
        return [writer.publish(b"x" * 100) for _ in range(25)]

    with ThreadPoolExecutor(8) as pool:
        versions = [version for batch in pool.map(publish, range(8)) for version in batch]
    assert sorted(versions) == list(range(1, 201))


def test_a_hundred_killed_writers_leave_every_reader_whole_versions(tmp_path: Path) -> None:
    """Real SIGKILLs, some in the middle of a publication, while this process reads without pause."""
    path = tmp_path / "hive.snapshot"
    SnapshotFile(path).publish((1).to_bytes(8, "little") * 32_768)
    script = Path(__file__).with_name("killed_writers.py")
    command = [sys.executable, str(script), str(path), "100", "7"]
    reader = SnapshotFile(path)
    versions = [reader.read().version]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as killer:
        while killer.poll() is None:
            snapshot = reader.read()
            assert set(snapshot.data.cast("Q")) == {snapshot.version}
            versions.append(snapshot.version)
        assert killer.stdout is not None
        died_in_a_publication = int(killer.stdout.read())
    assert killer.returncode == 0
    assert versions == sorted(versions)
    assert len(set(versions)) > 2
    assert died_in_a_publication > 0  # how many is chance, and how crowded the machine is


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """Return the path of a sound snapshot file."""
    path = tmp_path / "hive.snapshot"
    SnapshotFile(path).publish(b"some data that matters")
    return path


def test_every_torn_or_damaged_byte_is_noticed(published: Path) -> None:
    """Whichever single byte of the file changes, reading says so."""
    sound = published.read_bytes()
    for position in range(len(sound)):
        torn = bytearray(sound)
        torn[position] ^= 0x01
        published.write_bytes(torn)
        with pytest.raises(SnapshotFileError, match=str(published)):
            SnapshotFile(published).read()


def test_every_truncation_is_noticed(published: Path) -> None:
    """However short the file was cut, and also if something was appended, reading says so."""
    sound = published.read_bytes()
    for wrong in (*(sound[:length] for length in range(len(sound))), sound + b"!"):
        published.write_bytes(wrong)
        with pytest.raises(SnapshotFileError, match="truncated"):
            SnapshotFile(published).read()


def test_a_foreign_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    """Neither reading nor publishing takes another program's file for ours."""
    path = tmp_path / "notes.txt"
    path.write_text("Remember the milk, and much else that is longer than a header.")
    for call in (SnapshotFile(path).read, lambda: SnapshotFile(path).publish(b"data")):
        with pytest.raises(SnapshotFileError, match="no snapshot file; choose another path"):
            call()
    assert path.read_text().startswith("Remember")


def test_reading_before_the_first_publication_says_so(tmp_path: Path) -> None:
    """A missing file is an answer, not a traceback from the system."""
    with pytest.raises(SnapshotFileError, match="nothing was published here yet"):
        SnapshotFile(tmp_path / "none").read()


def test_a_file_of_a_later_format_is_refused(published: Path) -> None:
    """The error names both formats."""
    fields = bytearray(published.read_bytes()[:32])
    struct.pack_into("<H", fields, 8, 2)
    published.write_bytes(bytes(fields) + struct.pack("<I", crc32(fields)) + b"some data that matters")
    with pytest.raises(SnapshotFileError, match="has format 2, this program reads format 1"):
        SnapshotFile(published).read()


def test_a_child_forked_during_a_publication_does_not_keep_the_lock(tmp_path: Path) -> None:
    """Children that are forked while a thread publishes, and live on idle, hold up nobody."""
    path = tmp_path / "hive.snapshot"
    enough = Event()

    def publish() -> None:
        writer = SnapshotFile(path)
        while not enough.is_set():
            writer.publish(b"x" * 100_000)

    busy = Thread(target=publish)
    busy.start()
    idle, release = os.pipe()
    children = []
    for _ in range(6):
        child = os.fork()
        if child == 0:
            os.close(release)
            os.read(idle, 1)
            os._exit(0)
        children.append(child)
    enough.set()
    busy.join(timeout=5)
    try:
        assert not busy.is_alive()
        script = "import sys; from hivemind.primitives import SnapshotFile; SnapshotFile(sys.argv[1]).publish(b'')"
        subprocess.run([sys.executable, "-c", script, path], check=True, timeout=20)
    finally:
        os.close(release)
        for child in children:
            os.waitpid(child, 0)


def test_threads_that_share_a_reader_mix_no_versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread that is slow to load version 1 changes nothing for those who saw the second meanwhile."""
    path = tmp_path / "hive.snapshot"
    SnapshotFile(path).publish(b"first")
    shared = SnapshotFile(path)
    loaded, goes_on = Event(), Event()
    stat_of = os.fstat

    def slow(descriptor: int) -> os.stat_result:  # the system call between opening the file and keeping its snapshot
        status = stat_of(descriptor)
        if not loaded.is_set():
            loaded.set()
            goes_on.wait(5)
        return status

    monkeypatch.setattr(os, "fstat", slow)
    seen: list[FileSnapshot] = []
    thread = Thread(target=lambda: seen.append(shared.read()))
    thread.start()
    loaded.wait(5)
    assert shared.publish(b"second") == 2
    assert shared.read().version == 2
    goes_on.set()
    thread.join()
    assert seen[0].version == 1
    assert shared.read().version == 2
    assert shared.publish(b"third") == 3


def test_a_full_disk_is_an_error_and_leaves_the_previous_version(tmp_path: Path) -> None:
    """The process lives on, the error names the file and the reason, and nothing half-written is left."""
    script = (
        "import resource, signal, sys\n"
        "from hivemind.primitives import SnapshotFile, SnapshotFileError\n"
        "file = SnapshotFile(sys.argv[1])\n"
        "file.publish(b'small')\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "try:\n"
        "    file.publish(bytes(1_000_000))\n"
        "except SnapshotFileError as error:\n"
        "    print(error, bytes(file.read().data), file.publish(b'again'))\n"
    )
    path = tmp_path / "hive.snapshot"
    done = subprocess.run([sys.executable, "-c", script, path], check=True, capture_output=True, text=True)
    assert f"{path}: cannot be published to: File too large; what was there stays as it is b'small' 2" in done.stdout
    assert sorted(each.name for each in tmp_path.iterdir()) == ["hive.snapshot", "hive.snapshot.lock"]


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o666])
def test_a_version_may_be_read_by_whom_the_previous_one_allowed(tmp_path: Path, mode: int) -> None:
    """Whoever closed the file to others does not find it open after the next publication, nor the other way round."""
    path = tmp_path / "hive.snapshot"
    file = SnapshotFile(path)
    file.publish(b"first")
    path.chmod(mode)
    file.publish(b"second")
    assert stat.S_IMODE(path.stat().st_mode) == mode


def test_a_link_in_the_place_of_the_successor_is_not_followed(tmp_path: Path) -> None:
    """What a stranger put there is removed, and what it points to is left alone."""
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    (tmp_path / "hive.snapshot.next").symlink_to(victim)
    assert SnapshotFile(tmp_path / "hive.snapshot").publish(b"data") == 1
    assert victim.read_bytes() == b"precious"


def test_what_the_system_refuses_is_told_with_the_path(tmp_path: Path) -> None:
    """A folder that is not there, and a folder in the file's place."""
    with pytest.raises(SnapshotFileError, match=r"nowhere/hive.snapshot: cannot be published to: No such file"):
        SnapshotFile(tmp_path / "nowhere" / "hive.snapshot").publish(b"")
    with pytest.raises(SnapshotFileError, match="cannot be read: Is a directory"):
        SnapshotFile(tmp_path).read()
