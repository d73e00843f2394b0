"""What one revision does otherwise than the other costs that benchmark, and its neighbours nothing."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from tests.contracts import Reading, read_pairs

from hivegate.flows.compare.checkout import _changing
from hivegate.measure.collect import BenchmarkItem, collect
from hivegate.measure.subject import Subject

if TYPE_CHECKING:
    from pathlib import Path

_FILE = "bench_it.py"
_SUITE = """
import os
import pytest
from side import HEAD

calls = []

def third_is_the_last():
    calls.append(1)
    if HEAD and len(calls) == 3:
        os._exit(0)

@pytest.fixture
def table():
    with open("rows.txt" if HEAD else "columns.txt") as file:
        return file.read()

def test_first(benchmark):
    benchmark(sum, [1])

def test_twice(benchmark):
    benchmark(sum, [1])
    if HEAD:
        benchmark(sum, [1])

def test_table(benchmark, table):
    benchmark(table.split)

def test_forgets(benchmark):
    if not HEAD:
        benchmark(sum, [1])

def test_silent(benchmark):
    if HEAD:
        os.closerange(3, 256)
    benchmark(sum, [1])

def test_dies(benchmark):
    benchmark(third_is_the_last)

def test_last(benchmark):
    benchmark(sum, [1])
"""
_TURNED = "def pytest_collection_modifyitems(items):\n    items.reverse()\n"
_TROUBLE = {
    "twice": "Fixture can only be used once",
    "table": "No such file or directory: 'columns.txt'",
    "forgets": "passed without calling",
    "silent": "ended",
    "dies": "ended with exit status 0",
}


@pytest.fixture(scope="module")
def readings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Reading]:
    """Measure a pair, of which head has another order, too."""
    folder = tmp_path_factory.mktemp("sides")
    for side in ("head", "base"):
        (folder / side).mkdir()
        (folder / side / _FILE).write_text(_SUITE, encoding="utf-8")
        (folder / side / "side.py").write_text(f"HEAD = {side == 'head'}\n", encoding="utf-8")
        (folder / side / "conftest.py").write_text(_TURNED if side == "head" else "", encoding="utf-8")
        (folder / side / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
        (folder / side / "rows.txt").write_text("a b", encoding="utf-8")
    head = folder / "head"
    names = ("first", *_TROUBLE, "last")
    items = tuple(BenchmarkItem(id=name, node_id=f"{_FILE}::test_{name}", path=str(head / _FILE)) for name in names)
    return read_pairs(folder, Subject(project=head, python=sys.executable, paths=(_FILE,), roots=("",)), items)


@pytest.mark.parametrize("name", _TROUBLE)
def test_one_side_in_trouble_is_named(readings: dict[str, Reading], name: str) -> None:
    """By what that side said, and never by a neighbour's name."""
    assert readings[name].outcome != "measured"
    assert _TROUBLE[name] in f"{readings[name].outcome}: {readings[name].detail}"


def test_the_neighbours_are_measured(readings: dict[str, Reading]) -> None:
    """Those before and behind, although head collected them the other way round."""
    assert {readings[name].outcome for name in ("first", "last")} == {"measured"}
    assert set(readings) == {"first", *_TROUBLE, "last"}


def test_only_ids_that_change_by_themselves_are_changing(tmp_path: Path) -> None:
    """What each collecting names anew, not what head alone names otherwise than base."""
    (tmp_path / "bench_it.py").write_text(
        "import os, pytest\n"
        "@pytest.mark.parametrize('by', [pytest.param(1, id=str(os.getpid()))])\n"
        "def bench_changing(benchmark, by): pass\n"
        "@pytest.mark.parametrize('by', [pytest.param(1, id='new')])\n"
        "def bench_renamed(benchmark, by): pass\n"
        "def bench_same(benchmark): pass\n",
        encoding="utf-8",
    )
    subject = Subject(project=tmp_path, python=sys.executable, paths=("bench_it.py",), roots=("",))
    base = frozenset({"it/changing[1]", "it/renamed[old]", "it/same"})
    assert _changing(subject, None, collect(subject), base) == {"it/changing"}
