import struct
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from zlib import crc32

import pytest

from hivemind.primitives import InvalidValueError, SnapshotFile, SnapshotFileError

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
