"""Where benchmarks are found, without running anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hivegate.adopt.suites import find_suites

if TYPE_CHECKING:
    from pathlib import Path

BENCH = "def test_total(benchmark):\n    benchmark(sum, range(9))\n"
PLAIN = "def test_total():\n    assert sum(range(9)) == 36\n"


def project(folder: Path, files: dict[str, str]) -> Path:
    """Write files by their names."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def test_a_file_that_this_python_cannot_parse_is_named_and_found_by_its_text(tmp_path: Path) -> None:
    """Of another Python's syntax nothing is known but the text; what is no test, or has no benchmark, is none."""
    newer = "value = $ else\n"
    files = {
        "perf/test_a.py": newer + BENCH,
        "perf/test_b.py": f"{newer}async def test_generic[T](\n    value: T, benchmark\n):\n    pass\n",
        "perf/test_plain.py": newer + PLAIN + "# benchmark\n",
        "perf/module.py": newer + BENCH,
    }
    found = find_suites(project(tmp_path, files))
    assert found.paths == ("perf/test_a.py", "perf/test_b.py")
    assert found.unparsed == ("perf/test_a.py: SyntaxError in line 1", "perf/test_b.py: SyntaxError in line 1")


@pytest.mark.parametrize(
    ("files", "paths"),
    [
        ({"benches/bench_a.py": BENCH, "benches/deep/test_b.py": BENCH, "tests/test_c.py": PLAIN}, ("benches",)),
        ({"tests/benchmarks/test_a.py": BENCH, "tests/benchmarks/conftest.py": ""}, ("tests/benchmarks",)),
        ({"tests/test_a.py": PLAIN, "tests/test_perf.py": BENCH}, ("tests/test_perf.py",)),
        ({"tests/bench.py": BENCH}, ("tests/bench.py",)),
        ({"bench/test_a.py": BENCH, "bench/bench_script.py": "print('runs when imported')"}, ("bench/test_a.py",)),
        ({"bench/test_a.py": BENCH, "bench/speed.py": BENCH}, ("bench/speed.py", "bench/test_a.py")),
        ({"src/pkg/test_a.py": BENCH, "test_b.py": BENCH}, ("src/pkg/test_a.py", "test_b.py")),
    ],
)
def test_folders_of_benchmarks_and_single_files(tmp_path: Path, files: dict[str, str], paths: tuple[str, ...]) -> None:
    """A folder stands for its files where pytest would import benchmarks alone in it; else files are named."""
    assert find_suites(project(tmp_path, files)).paths == paths


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (BENCH, 1),
        (f"class TestIt:\n    {BENCH.replace(chr(10), chr(10) + '    ')}\n", 1),
        ("def test_a(*, benchmark_weave): ...\nasync def bench_b(benchmark): ...\ndef helper(benchmark): ...\n", 2),
        (
            "@pytest.mark.benchmark\ndef test_a(): ...\n@mark.benchmark(group='x')\ndef test_b(): ...",
            2,
        ),
        ("pytestmark = pytest.mark.benchmark()\ndef test_a(): ...\nclass TestIt:\n    def test_b(self): ...\n", 2),
        ("pytestmark = [pytest.mark.slow, pytest.mark.benchmark]\ndef test_a(): ...\ndef helper(): ...\n", 1),
        ("@pytest.mark.codspeed_benchmark\nclass TestIt:\n    def test_a(self): ...\ndef test_b(): ...\n", 1),
        ("def test_a(codspeed_benchmark): ...\n", 1),
        (PLAIN + "# benchmark", 0),
        ("def test_total(benchmark", 0),
        ("\0benchmark", 0),
    ],
)
def test_what_is_a_benchmark(tmp_path: Path, text: str, count: int) -> None:
    """Tests with the fixture or the marker, their own or all of a module's, count; what is no Python stops nothing."""
    assert find_suites(project(tmp_path, {"test_it.py": text})).functions == count


def test_environments_are_skipped_and_packages_left_to_themselves(tmp_path: Path) -> None:
    """No virtual environment or hidden folder is searched, and a folder with a project of its own is only named."""
    files = {
        "env/pyvenv.cfg": "",
        "env/lib/test_a.py": BENCH,
        ".nox/test_a.py": BENCH,
        "packages/a/pyproject.toml": "",
        "packages/a/benches/test_a.py": BENCH,
        "packages/b/setup.py": "",
        "packages/b/test_b.py": PLAIN,
    }
    found = find_suites(project(tmp_path, files))
    assert (found.paths, found.functions, found.packages) == ((), 0, ("packages/a",))
