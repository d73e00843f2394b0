from __future__ import annotations

import gzip
import os
from typing import TYPE_CHECKING

import pytest

from hivegate.errors import ResultsError
from hivegate.ingest import read
from hivegate.model.run import TestOutcome

if TYPE_CHECKING:
    from pathlib import Path

SOUND = '{"benchmarks": [{"fullname": "a.py::t", "stats": {"data": [1.5]}}]}'


def refusal(path: Path) -> str:
    """Read a file that must be refused, and give the message."""
    with pytest.raises(ResultsError) as caught:
        read(path)
    return str(caught.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b" \n\t", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (gzip.compress(SOUND.encode(), mtime=0), "is compressed (gzip)"),
        (b"PK\x03\x04rest", "is compressed (zip)"),
        (SOUND.encode("utf-16"), "is UTF-16"),
        (b"\x7fELF\x02\x01\x01\x00", "is not text: byte 7 is zero"),
        (SOUND.encode().replace(b"a.py", b"\xff.py"), "is not UTF-8 text: byte 30 is 0xff"),
        (SOUND.encode().replace(b"a.py", b"a\xed\xa0\x80"), "is not UTF-8 text: byte 31 is 0xed"),
        (b'{"a": "' + b"x" * 2**20 + b"\xc3", "is not UTF-8 text: byte 1048583 is 0xc3"),
        (b'{"a": ' + b" " * (2**20 - 7) + b"\xc3(", "is not UTF-8 text: byte 1048575 is 0xc3"),
        (b"hello", "is not JSON: it begins with 'hello'"),
        (b"[]", "is JSON of an unknown format: it begins with '[]'"),
        (b'"text"', "is JSON of an unknown format"),
        (b"null", "it begins with 'null'"),
        (b"{}", "unknown format: its keys are none"),
        (b'{"a": 1}', "unknown format: its keys are 'a'"),
        (SOUND.encode()[:-9], "ends in the middle, in line 1"),
        (b'{\n"a": 1,\n "b": tru}', ":3:8: is not JSON"),
        (b"{'a': 1}", ":1:2: is not JSON"),
        (SOUND.encode() + b"}", ":1:69: is not JSON: trailing characters"),
        (b'{"benchmarks": ' + b"[" * 200_000, "is nested too deeply"),
        (b'{"a":' * 200_000, "is nested too deeply"),
        (SOUND.encode().replace(b"1.5", b"nil"), "is not JSON"),
        (b'{"benchmarks": [NaN', "ends in the middle"),
    ],
)
def test_what_is_no_result_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    """Each refusal says what the file is, or where it is wrong."""
    path = tmp_path / "result.json"
    path.write_bytes(content)
    said = refusal(path)
    assert said.startswith(str(path))
    assert message in said


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (SOUND.encode().replace(b"1.5", b"[" * 60 + b"]" * 60), "benchmarks[0].stats.data[0]: Expected `float`"),
        (SOUND.encode().replace(b"1.5", b"9" * 10**6), "benchmarks[0].stats.data[0]: Number out of range"),
        (SOUND.encode().replace(b"1.5", b"1e999"), "benchmarks[0].stats.data[0]: Number out of range"),
        (SOUND.encode().replace(b"1.5", b"NaN," * 1000 + b"1"), "benchmarks[0].stats.data[0]: Expected `float`"),
    ],
)
def test_what_is_no_number_is_no_measurement(tmp_path: Path, content: bytes, message: str) -> None:
    """Whatever stands in the place of a number, the benchmark is invalid by name, and the reason says where."""
    path = tmp_path / "result.json"
    path.write_bytes(content)
    (benchmark,) = read(path).benchmarks
    assert benchmark.id == "a/t"
    assert benchmark.samples[0].outcome is TestOutcome.INVALID
    assert message in benchmark.samples[0].detail


@pytest.mark.parametrize("length", range(len(SOUND)))
def test_every_truncation_is_refused(tmp_path: Path, length: int) -> None:
    """A tool that was stopped anywhere never leaves a file that passes."""
    path = tmp_path / "result.json"
    path.write_text(SOUND[:length])
    assert str(path) in refusal(path)


def test_byte_order_mark_is_read(tmp_path: Path) -> None:
    """The mark that Windows tools put before UTF-8 is not part of the JSON."""
    path = tmp_path / "result.json"
    path.write_bytes(b"\xef\xbb\xbf" + SOUND.encode())
    assert read(path).benchmarks[0].id == "a/t"


def test_places_without_a_file_are_refused(tmp_path: Path) -> None:
    """A missing file, a folder and a pipe that nobody writes to are refused, not waited for."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "other.json").write_text(SOUND)
    assert "is not a regular file" in refusal(tmp_path / "pipe")
    assert "is a folder without results of criterion" in refusal(tmp_path)
    missing = refusal(tmp_path / "missing.json")
    assert "no such file" in missing
    assert "other.json" in missing


def test_sparse_giant_is_refused_unread(tmp_path: Path) -> None:
    """A file above the limit is refused by its size."""
    path = tmp_path / "giant.json"
    with path.open("wb") as file:
        file.truncate(2**40)
    assert "at most 512 MiB are read" in refusal(path)


def test_long_values_do_not_fill_the_message(tmp_path: Path) -> None:
    """A message stays readable whatever the file holds."""
    path = tmp_path / "result.json"
    negative = SOUND.replace("1.5", "-1")
    for content in (
        negative.replace("a.py::t", "n" * 10**6),
        SOUND.replace("1.5", f'"{"x" * 10**6}"'),
        SOUND.replace('"stats"', f'"extra_info": {{"size": "{"x" * 10**6}"}}, "stats"'),
    ):
        path.write_text(content)
        run = read(path)
        assert max(len(text) for text in (*run.notes, run.benchmarks[0].samples[0].detail)) < 2000


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ('{"schema": 1, "outcome": "passed", "verdicts": []}', "a result of hivegate bench or check, not a run"),
        ('{"arch": "x", "cpu": "y", "machine": "z", "ram": "8G"}', "asv's description of a machine"),
        ('{"a.time_x": {"code": "", "name": "a.time_x", "param_names": []}}', "asv's list of benchmarks"),
        ('{"mean": {}, "median": {}}', "a criterion estimate of a change"),
        ('{"group_id": "a", "full_id": "a"}', "criterion's description of a benchmark"),
        ("[0.1, 0.2, 0.3, 0.4]", "criterion's outlier fences"),
        ("group,function,value,sample_measured_value,unit,iteration_count\n", "criterion's raw.csv"),
    ],
)
def test_what_lies_beside_results_is_named(tmp_path: Path, content: str, what: str) -> None:
    """The refusal names what the file is, and what to give instead."""
    path = tmp_path / "result.json"
    path.write_text(content)
    said = refusal(path)
    assert f"is {what}" in said
    assert "\n  pass " in said
