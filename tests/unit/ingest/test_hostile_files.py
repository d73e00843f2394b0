from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from hivegate.errors import ResultsError
from hivegate.ingest import read

CORPUS = Path(__file__).parents[3].parent / "shared" / "corpus"
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
        (gzip.compress(SOUND.encode()), "is compressed (gzip)"),
        (b"PK\x03\x04rest", "is compressed (zip)"),
        (SOUND.encode("utf-16"), "is UTF-16"),
        (b"\x7fELF\x02\x01\x01\x00", "is not text: byte 7 is zero"),
        (SOUND.encode().replace(b"a.py", b"\xff.py"), "is not UTF-8 text: byte 30 is 0xff"),
        (SOUND.encode().replace(b"a.py", b"a\xed\xa0\x80"), "is not UTF-8 text: byte 31 is 0xed"),
        (b'{"a": "' + b"x" * 2**20 + b"\xc3", "is not UTF-8 text: byte 1048583 is 0xc3"),
        (b'{"a": ' + b" " * (2**20 - 7) + b"\xc3(", "is not UTF-8 text: byte 1048575 is 0xc3"),
        (b"hello", "is not JSON: it begins with 'hello'"),
        (b"[]", "is JSON of another kind: it begins with '[]'"),
        (b'"text"', "is JSON of another kind"),
        (b"null", "it begins with 'null'"),
        (b"{}", "is of no known format: its keys are none"),
        (b'{"a": 1}', "is of no known format: its keys are 'a'"),
        (SOUND.encode()[:-9], "ends in the middle, in line 1"),
        (b'{\n"a": 1,\n "b": tru}', ":3:8: is not JSON"),
        (b"{'a': 1}", ":1:2: is not JSON"),
        (SOUND.encode() + b"}", ":1:69: is not JSON: trailing characters"),
        (b'{"benchmarks": ' + b"[" * 200_000, "is nested too deeply"),
        (b'{"a":' * 200_000, "is nested too deeply"),
        (SOUND.encode().replace(b"1.5", b"[" * 60 + b"]" * 60), "benchmarks[0].stats.data[0]: Expected `float`"),
        (SOUND.encode().replace(b"1.5", b"9" * 10**6), "benchmarks[0].stats.data[0]: Number out of range"),
        (SOUND.encode().replace(b"1.5", b"1e999"), "benchmarks[0].stats.data[0]: Number out of range"),
        (SOUND.encode().replace(b"1.5", b"NaN," * 1000 + b"1"), "benchmarks[0].stats.data[0]: Expected `float`"),
        (SOUND.encode().replace(b"1.5", b"nan"), "is not JSON"),
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
    assert "is not a regular file" in refusal(tmp_path)
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
        assert len(refusal(path)) < 2000


FOREIGN = {
    "pyperf/mem1.json": "a pyperf result",
    "pyperf/telco.json": "a pyperf result",
    "asv/pvlib/4cc6c65d-conda-py3.8-ephem-numba-numpy-pandas-pytables-scipy.json": "an asv result",
    "asv/example/cheetah/05d283b9-py2.7-Cython-numpy1.8.json": "an asv result",
    "asv/example/cheetah/aaaaaaaa-py2.7-Cython-numpy1.8.json": "is not JSON",
    "asv/example/cheetah/bbbbbbbb-py2.7-Cython-numpy1.8.json": "of no known format",
    "criterion/Fibonacci/Iterative/new/estimates.json": "a criterion estimate",
    "criterion/Fibonacci/Iterative/new/sample.json": "a criterion sample",
    "criterion/Fibonacci/Iterative/change/estimates.json": "a criterion estimate of a change",
    "googlebenchmark/tools__gbench__Inputs__test2_run@4289430c.json": "a Google Benchmark result",
    "hyperfine/two.json": "a hyperfine result",
    "jmh/six.json": "a JMH result",
    "jmh/jcasbin.json": "a JMH result",
    "go/old.txt": "output of Go's benchmarks",
    "go/new.txt": "output of Go's benchmarks",
    "github-action-benchmark/engin.data.js": "a page of github-action-benchmark",
    "github-action-benchmark/chrisjsewell_dialect.data.js": "a page of github-action-benchmark",
    "changepoints/sample.csv": "is not JSON",
    "changepoints/tigerbeetle-values.json": "is JSON of another kind",
    "changepoints/treeherder-runs1.json": "of no known format",
}


@pytest.mark.parametrize("name", sorted(FOREIGN))
def test_results_of_other_tools_are_named(name: str) -> None:
    """A real result of another tool is refused by that tool's name."""
    path = CORPUS / name
    if not path.exists():
        pytest.skip(f"{name} is not here: the corpus is kept outside of the project")
    assert FOREIGN[name] in refusal(path)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ('{"version": "1.0", "benchmarks": [{"runs": [{"values": [1.0]}]}]}', "a pyperf result"),
        ('{"context": {"num_cpus": 4}, "benchmarks": [{"name": "BM", "real_time": 1}]}', "a Google Benchmark result"),
        ('{"results": [{"command": "sleep 1", "mean": 1.0}]}', "a hyperfine result"),
        ('{"results": {}, "params": {}, "commit_hash": "a", "version": 2}', "an asv result"),
        ('{"mean": {}, "median": {}, "std_dev": {}, "slope": null}', "a criterion estimate"),
        ('[{"jmhVersion": "1.37", "benchmark": "a.b"}]', "a JMH result"),
        ('window.BENCHMARK_DATA = {"entries": {}}', "a page of github-action-benchmark"),
        ('[{"name": "a", "unit": "ms", "value": 3}]', "a custom result for github-action-benchmark"),
        ("goos: linux\nBenchmarkX-8 100 5 ns/op\n", "output of Go's benchmarks"),
        ('{"schema": 1, "outcome": "passed", "verdicts": []}', "a verdict of hivegate, not a run"),
    ],
)
def test_every_signature_names_its_tool(tmp_path: Path, content: str, what: str) -> None:
    """The refusal names the tool and what is read instead."""
    path = tmp_path / "result.json"
    path.write_text(content)
    said = refusal(path)
    assert what in said
    assert "pytest --benchmark-json=FILE" in said
