"""What reading costs: at most 64 MiB and ten times the file, whatever it holds."""

from __future__ import annotations

import subprocess
import sys
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from /proc")

MEBIBYTE = 2**20
SIZE = 3 * MEBIBYTE

# In processes of their own, forked from one that only imported: the peak of this one is that of whatever ran before.
MEASURE = """
import os, sys
from pathlib import Path
from hivegate.errors import ResultsError
from hivegate.ingest import read
import hivegate.ingest.jmh  # the largest of the readers, with numpy

def peak():
    return 1024 * int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])

def measure(path):
    before = peak()
    try:
        said = str(len(read(Path(path)).benchmarks))
    except ResultsError as fault:
        said = "refused: " + fault.message[:200]
    print(peak() - before, said, flush=True)

for line in sys.stdin:
    child = os.fork()
    if child == 0:
        try:
            measure(line.rstrip("\\n"))
        finally:
            os._exit(0)
    os.waitpid(child, 0)
"""

PAGE = 'window.BENCHMARK_DATA = {"entries": {"A": ['
BENCHES = PAGE + '{"commit": {"id": "a"}, "benches": ['
JMH = '[{"benchmark":"b","mode":"avgt","primaryMetric":{"score":1,"scoreUnit":"s/op",'
RAW, HISTOGRAM = JMH + '"rawData":[', JMH + '"rawDataHistogram":['
ENTRY = """{{"commit": {{"id": "{}", "message": "a change to the parser", "timestamp": "2026-06-10T19:15:55+02:00"}},
 "date": 1745756657861, "benches": [{{"name": "bench_parser.py::test_large_files", "value": 447.5,
 "unit": "iter/sec"}}]}}"""
RUN = """{{"metadata": {{"date": "2020-10-13 10:12:21.135682", "duration": 0.58, "mem_max_rss": 14811136}},
 "values": [2.087224121094522e-06, 2.1127525786646117e-06, 2.111866378662{}e-06], "warmups": [[64, 2.07e-06]]}}"""
SUM = """{{"name": "BM_Sum/{}", "run_type": "iteration", "iterations": 1000, "real_time": 10.53453453,
 "time_unit": "ns", "cpu_time": 10.25543534, "hits": 12.5,
 "items_per_second": 2.8478305705013032e+09}}"""

# Before, after, and what stands often between; `{}` is the number of each, commas between them.
REAL = {
    "pyperf of many workers": ('{"version":"1.0","metadata":{"name":"a"},"benchmarks":[{"runs":[', "]}]}", RUN),
    "pyperf of many benchmarks": (
        '{"version":"1.0","benchmarks":[',
        "]}",
        '{{"metadata": {{"name": "bench_{}", "loops": 64}}, "runs": [{{"values": [2.087224121094522e-06]}}]}}',
    ),
    "asv of format 1": (
        '{"version":1,"params":{},"results":{',
        "}}",
        '"module.Suite.time_something_{}": 6.594729423e-05',
    ),
    "hyperfine of many times": ('{"results":[{"command":"a","times":[', "]}]}", "0.1086895{}"),
    "google of many benchmarks": ('{"context":{},"benchmarks":[', "]}", SUM),
    "jmh of many iterations": (RAW + "[", "]]}}]", "1.5252013{}E-8"),
    "jmh of many samples": (HISTOGRAM + "[[", "]]]}}]", "[0.0001{}, 3]"),
    "go of many benchmarks": (
        "goos: linux\n",
        "",
        "\nBenchmarkSum/size={}-8   \t 714387\t 1423 ns/op\t 16 B/op\t 1 allocs/op\n",
    ),
    "a page of many entries": (PAGE, "]}}", ENTRY),
    "bencher of many benchmarks": (
        "{",
        "}",
        '"crate::module::tests::bench_{}": {{"latency": {{"value": 88.02342, "lower_value": 87.423423}}}}',
    ),
}
HOSTILE = {
    "members": ("{", "}", '"{}":1'),
    "numbers": ("[", "]", "1"),
    "empty objects": ("[", "]", "{{}}"),
    "lists": ("[", "]", "[1]"),
    "numbers as benchmarks": ('{"benchmarks":[', "]}", "1"),
    "empty benchmarks": ('{"context":{},"benchmarks":[', "]}", "{{}}"),
    "empty runs": ('{"version":6,"metadata":{"name":"a"},"benchmarks":[{"runs":[', "]}]}", "{{}}"),
    "short runs": ('{"version":6,"metadata":{"name":"a"},"benchmarks":[{"runs":[', "]}]}", '{{"values":[{}]}}'),
    "short results of asv": ('{"version":1,"params":{},"results":{', "}}", '"time_{}":1'),
    "parameters of asv": ('{"version":1,"params":{},"results":{"time_a":{"params":[[', "]]}}}", '"{}"'),
    "exit codes": ('{"results":[{"command":"a","times":[1],"exit_codes":[', "]}]}", "0"),
    "times": ('{"results":[{"command":"a","times":[', "]}]}", "1"),
    "forks": (RAW, "]}}]", "[1]"),
    "histograms": (HISTOGRAM, "]}}]", "[[[1,1]]]"),
    "pairs": (HISTOGRAM + "[[", "]]]}}]", "[1,1]"),
    "names of go": ("goos: linux\n", "", "\nBenchmark{} 1 1 ns/op\n"),
    "units of go": ("BenchmarkA 1 1 ns/op", "\n", " 1 u{}"),
    "keys of go": ("BenchmarkA 1 1 ns/op\n", "", "\nk{}: v\n"),
    "events of go": ('{"Action":"start","Package":"p"}\n', "", '\n{{"Action":"output","Package":"{}","Output":"x"}}\n'),
    "suites of a page": ('window.BENCHMARK_DATA = {"entries": {', "}}", '"{}":[]'),
    "benches of a page": (BENCHES, "]}]}}", '{{"name":"{}","value":1,"unit":"s"}}'),
    "measures": ('{"a":{', "}}", '"{}":{{"value":1}}'),
}


def repeated(before: str, after: str, part: str) -> Iterator[str]:
    """Give the pieces of a file of about `SIZE`."""
    yield before
    glue = "" if part[:1] in "\n " else ","
    size, numbers = 0, count()
    while size < SIZE:
        piece = ("" if size == 0 else glue) + part.format(next(numbers))
        size += len(piece)
        yield piece
    yield after


@pytest.fixture(scope="module")
def measured() -> Iterator[Callable[[Path], str]]:
    """Give what reads a file in a fresh process: growth of its peak in bytes, and what came of it."""
    with subprocess.Popen(
        [sys.executable, "-c", MEASURE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        requests, answers = server.stdin, server.stdout
        assert requests is not None
        assert answers is not None

        def measure(path: Path) -> str:
            requests.write(f"{path}\n")
            requests.flush()
            return answers.readline()

        yield measure
        requests.close()


@pytest.mark.parametrize("shape", [*REAL, *HOSTILE])
def test_memory_stays_within_ten_times_the_file(tmp_path: Path, measured: Callable[[Path], str], shape: str) -> None:
    """Also of files that are nothing but what costs the most beside its text."""
    path = tmp_path / "result"
    with path.open("w", encoding="utf-8") as file:
        file.writelines(repeated(*(REAL | HOSTILE)[shape]))
    grown, _, said = measured(path).strip().partition(" ")
    assert int(grown) <= 64 * MEBIBYTE + 10 * path.stat().st_size, said
    assert shape in HOSTILE or not said.startswith("refused") or "are supported" in said, said
