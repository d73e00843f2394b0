"""Instructions instead of times: real valgrind, real trees, and exact answers on the busiest machine."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest
from tests.act import find_tool
from tests.conftest import Answer, Project
from tests.repository import Repository

if TYPE_CHECKING:
    from pathlib import Path

_CONFIGURATION = "[project]\nname = 'toy'\nversion = '0'\n"
_TOY = """
def work(turns):
    for one in range(turns):
        low = one & 7
    return low

def changed():
    return work({turns})

def prepare():
    work({prepared})
    return ([one * 7919 % 1009 for one in range(1009)],), {{}}

def texts():
    return sorted({{str(one): [one] for one in range(200)}}.items())
"""
_BENCHES = """
import threading, time
import toy

def bench_changed(benchmark): benchmark(toy.changed)
def bench_once(benchmark): benchmark.pedantic(toy.changed, rounds=1)
def bench_texts(benchmark): benchmark(toy.texts)
def bench_prepared(benchmark): benchmark.pedantic(list.sort, setup=toy.prepare, rounds=3)
def bench_sleeping(benchmark): benchmark(time.sleep, 0.001)

def bench_beside_a_thread(benchmark):
    end = threading.Event()
    thread = threading.Thread(target=end.wait)
    thread.start()
    try:
        benchmark(toy.changed)
    finally:
        end.set()
        thread.join()
"""
# Their import would take most of the time under valgrind.
_FEW_PLUGINS = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": "-p benchmark"}
_PATIENCE = 600  # seconds; valgrind makes a contended machine slower still


class Counted:
    """One comparison: what was answered, its verdicts by the name of the benchmark, and its notes."""

    def __init__(self, project: Project, answer: Answer) -> None:
        self.answer = answer
        result = project.result("compare")
        self.verdicts = {one["benchmark"].removeprefix("toy/"): one for one in result["verdicts"]}
        self.notes: list[str] = result["notes"]

    def change(self, name: str) -> dict[str, Any]:
        """Look up the change of a benchmark."""
        return dict(self.verdicts[name]["change"])


def project_of_two(folder: Path) -> Project:
    """Commit a project, and change it: three percent more work, and a preparation that takes ten times as long."""
    repository = Repository.new(folder)
    repository.commit({
        "pyproject.toml": _CONFIGURATION,
        ".gitignore": ".hivegate\n__pycache__\n",
        "toy.py": _TOY.format(turns=10_000, prepared=1000),
        "benches/bench_toy.py": _BENCHES,
    })  # fmt: skip
    repository.commit({"toy.py": _TOY.format(turns=10_300, prepared=10_000)})
    return Project(folder)


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Counted:
    """Compare the two revisions by their instructions."""
    find_tool("valgrind", "valgrind")
    project = project_of_two(tmp_path_factory.mktemp("counted") / "toy")
    answer = project.hivegate("compare", "HEAD^1", "--instrument", "instructions", env=_FEW_PLUGINS, timeout=_PATIENCE)
    return Counted(project, answer)


@pytest.mark.parametrize("name", ["changed", "once"])
def test_three_percent_more_work_is_three_percent_more_instructions(counted: Counted, name: str) -> None:
    """Whether it may be called again or not; its interval has no width to speak of, and the gate fails."""
    change = counted.change(name)
    assert change["ratio"] == pytest.approx(1.03, abs=0.001)
    assert change["high"] - change["low"] < 0.001
    assert (change["instrument"], change["n"]) == ("instructions", 2)
    assert counted.verdicts[name]["outcome"] == "slower"
    assert counted.verdicts[name]["metric"] == "instructions"
    assert counted.answer.status == 1


# What the heap moves: equal texts of 533,000 instructions read 0.9989 to 1.0014 in different folders and environments.
@pytest.mark.parametrize(("name", "within"), [("sleeping", 0.01), ("texts", 0.003), ("prepared", 0.005)])
def test_equal_work_is_equal(counted: Counted, name: str, within: float) -> None:
    """Nearly: setup is not counted, and what it leaves on the heap changes far less than the smallest budget."""
    assert counted.verdicts[name]["outcome"] == "passed"
    assert abs(counted.change(name)["ratio"] - 1) < within


def test_nothing_around_the_calls_is_counted(counted: Counted) -> None:
    """A call of `sleep` takes some hundred instructions, not the millions of its process and of two forks."""
    assert 50 < counted.change("sleeping")["head_value"] < 2000


def test_what_waits_is_told(counted: Counted) -> None:
    """Sleeping takes no instructions, and the report says of whom it does not know what they waited for."""
    assert counted.verdicts["sleeping"]["outcome"] == "passed"
    [note] = counted.notes
    assert "caches, input and output, locks, waiting" in note
    assert "waited all the same: toy/sleeping" in note
    assert "toy/texts" not in note
    assert "waited all the same" in " ".join(counted.answer.out.split())


def test_what_cannot_be_counted_does_not_pass(counted: Counted) -> None:
    """A copy of a process has none of its threads, so nothing is said of what needs them."""
    verdict = counted.verdicts["beside_a_thread"]
    assert verdict["outcome"] == "crashed"
    assert "threads are running" in verdict["reason"]


def test_the_report_counts_instead_of_timing(counted: Counted) -> None:
    """No second and no pair stands in it."""
    text = " ".join(counted.answer.out.split())
    assert "instructions: +3.0" in text
    assert "2 processes each" in text
    assert "every reading lies above the budget" in text
    assert "pairs" not in text


def test_without_valgrind_it_says_what_to_install(tmp_path: Path) -> None:
    """Before anything is measured."""
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "git").symlink_to(shutil.which("git") or "git")
    project = project_of_two(tmp_path / "toy")
    answer = project.hivegate("compare", "HEAD^1", "--instrument", "instructions", env={"PATH": str(tools)})
    assert answer.status == 3
    assert "valgrind, which counts instructions, is not installed" in answer.err
    assert "apt-get install valgrind" in answer.err


def test_targets_limit_instructions_too(tmp_path: Path) -> None:
    """They are counted in two processes beside the passes; without valgrind such a target is inconclusive."""
    find_tool("valgrind", "valgrind")
    project = Project(tmp_path)
    project.write("pyproject.toml", _CONFIGURATION)
    project.write("toy.py", _TOY.format(turns=1000, prepared=1))
    project.write("benches/bench_toy.py", "import toy\ndef bench_changed(benchmark): benchmark(toy.changed)\n")
    project.write(
        "targets.yaml",
        """
        schema: 1
        targets:
          - {benchmark: toy/changed, metric: instructions, max: 1000}
          - {benchmark: toy/changed, metric: instructions, max: 10000000, tier: nice}
        """,
    )
    answer = project.hivegate("bench", "--passes", "3", env=_FEW_PLUGINS, timeout=_PATIENCE)
    narrow, wide = project.result()["verdicts"]
    assert (answer.status, narrow["outcome"], wide["outcome"]) == (1, "failed", "passed")
    assert narrow["estimate"]["high"] / narrow["estimate"]["low"] < 1.003  # as exact as equal code is found to be
    assert 10_000 < narrow["estimate"]["value"] < 1_000_000
    assert "2 processes, " in answer.out
    assert any("caches" in note for note in project.result()["notes"])
    without = project.hivegate("bench", "--passes", "3", env=_FEW_PLUGINS | {"PATH": ""})
    assert (without.status, project.outcomes()["toy/changed"]) == (3, "missing")
    assert "install valgrind" in " ".join(without.out.split())
