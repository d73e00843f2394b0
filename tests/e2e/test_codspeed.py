"""Suites written for pytest-codspeed: measured unchanged, with it installed or not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.repository import Repository

pytestmark = pytest.mark.timed

pytest.importorskip("pytest_codspeed")

Suite = Callable[..., Any]

WITH = {"PYTEST_ADDOPTS": "-p no:hypothesispytest"}  # and pytest-codspeed, unlike in other tests
TARGETS = """
targets:
  - {benchmark: "*", max: 1 s}
"""
BENCHES = """
import pytest

def test_by_fixture(benchmark):
    benchmark(lambda: sum(range(1000)))

def test_by_its_own_fixture(codspeed_benchmark):
    codspeed_benchmark(sum, range(100))

@pytest.mark.codspeed_benchmark
def test_whole():
    sum(range(1000))

@pytest.mark.benchmark(group="more", max_rounds=10)
@pytest.mark.parametrize("size", [10, 20])
def test_sized(size, tmp_path):
    assert tmp_path.is_dir()
    sum(range(size))

@pytest.mark.parametrize("size", [pytest.param(1, marks=pytest.mark.benchmark), 2])
def test_one_of_two(size):
    sum(range(size))

class TestMethods:
    @pytest.mark.benchmark
    def test_method(self):
        sum(range(100))

@pytest.mark.benchmark
def test_broken():
    raise ValueError("as it is")

def test_plain():
    pass
"""
MEASURED = {
    "toy/by_fixture",
    "toy/by_its_own_fixture",
    "toy/whole",
    "toy/sized[10]",
    "toy/sized[20]",
    "toy/one_of_two[1]",
    "toy/TestMethods.method",
}


def test_all_that_pytest_codspeed_would_measure_is_measured(suite: Suite) -> None:
    """By fixtures of both names and by both markers, also where it was asked to measure; nothing else is.

    What is timed of a marked test is its call, without what pytest does around it.
    """
    made = suite(BENCHES, TARGETS, "addopts = --strict-markers --codspeed")
    answer = made.hivegate("bench", "--passes", "3", "--max-time", "1s", env={**WITH, "CODSPEED_ENV": "1"})
    assert answer.status == 3, answer
    assert made.outcomes() == dict.fromkeys(MEASURED, "passed") | {"toy/broken": "crashed"}
    (note,) = made.result()["notes"]
    assert "pytest-codspeed was enabled" in note
    value = {one["benchmark"]: one["estimate"]["value"] for one in made.result()["verdicts"] if one.get("estimate")}
    assert 1 / 5 < value["toy/whole"] / value["toy/by_fixture"] < 5
    assert not (made.folder / ".codspeed").exists()


@pytest.mark.parametrize("asked", [{}, {"CODSPEED_ENV": "1"}], ids=["nothing", "a variable"])
def test_what_is_found_does_not_depend_on_what_asks_pytest_codspeed(suite: Suite, asked: dict[str, str]) -> None:
    """The same benchmarks are found where nothing asks it to measure; what asked is told."""
    answer = suite(BENCHES, TARGETS).hivegate("run", "--collect-only", env=WITH | asked)
    assert set(answer.out.split()) == MEASURED | {"toy/broken"}
    assert ("pytest-codspeed was enabled" in answer.err) == bool(asked)


def test_without_pytest_codspeed_what_it_alone_measures_is_told(suite: Suite) -> None:
    """Tests that carry only its markers are no benchmarks then, and a verdict without them says so."""
    made = suite(BENCHES, TARGETS)
    answer = made.hivegate("bench", "--passes", "3")
    assert answer.status == 0, answer
    assert made.outcomes() == {"toy/by_fixture": "passed"}
    (note,) = made.result()["notes"]
    assert (
        "7 tests that need pytest-codspeed were left out, such as benches/bench_toy.py::test_by_its_own_fixture" in note
    )


def test_a_file_that_skips_itself_is_told(suite: Suite) -> None:
    """``importorskip`` takes benchmarks away before any is known: the reason is in the note, or in the error."""
    made = suite("import pytest\npytest.importorskip('nosuch')\ndef test_it(benchmark): benchmark(int)\n", TARGETS)
    answer = made.hivegate("bench")
    assert answer.status == 3, answer
    assert "benches/bench_toy.py skips itself: could not import 'nosuch'" in answer.err
    made.write("benches/bench_other.py", "def test_it(benchmark): benchmark(int)\n")
    assert "bench_toy.py skips itself" in made.hivegate("run", "--collect-only").err


def test_two_revisions_of_such_a_suite_are_compared(suite: Suite) -> None:
    """Marked tests run in pairs, too, and the one whose code grew is found."""
    made = suite(
        """
        import pytest, toy

        @pytest.mark.benchmark
        def test_grown():
            toy.work(200_000 if toy.HEAD else 20_000)

        @pytest.mark.benchmark
        def test_equal():
            toy.work(20_000)
        """,
        pytest_options="addopts = --codspeed",
    )
    (made.folder / "targets.yaml").unlink()
    repository = Repository(made.folder)
    repository.git("init", "-q", "-b", "main")
    toy = "HEAD = {}\ndef work(turns):\n    return sum(range(turns))\n"
    repository.commit({"toy.py": toy.format("False"), ".gitignore": ".hivegate\n__pycache__\n"})
    repository.commit({"toy.py": toy.format("True")})
    answer = made.hivegate("compare", "HEAD^1", "--budget", "100%", env=WITH)
    assert answer.status == 1, answer
    found = {one["benchmark"]: one["outcome"] for one in made.result("compare")["verdicts"]}
    assert found == {"toy/grown": "slower", "toy/equal": "passed"}
    assert any("pytest-codspeed was enabled" in one for one in made.result("compare")["notes"])
