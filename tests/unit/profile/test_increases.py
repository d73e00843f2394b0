"""From functions that grew to places in the code and the changes that touch them."""

from pathlib import Path

import pytest

from hivegate.profile.difference import Shift
from hivegate.profile.flame import Flame, Frame, Stack
from hivegate.profile.increases import increases
from hivegate.profile.sources import Sources

ROOT = Frame("suite/one")
BASE = """\
def caller(n):
    return worker(n)


def worker(n):
    first = n * 2
    second = n * 3
    return first + second
"""
INSERTED = BASE.replace("    second", "    extra = sum(range(n))\n    second")
CALLED_MORE = BASE.replace("return worker(n)", "return worker(n) + worker(n)")


@pytest.fixture
def trees(tmp_path: Path) -> Path:
    """Make two trees, of equal sources to begin with."""
    for tree in ("base", "head"):
        (tmp_path / tree).mkdir()
        (tmp_path / tree / "work.py").write_text(BASE, encoding="utf-8")
    return tmp_path


def flame(*, caller: int = 2, **lines: int) -> Flame:
    """Make a flame of a hundred samples a second in lines of `worker`, called from a line of `caller`."""
    stacks: dict[Stack, int] = {
        (ROOT, Frame("caller", "work.py", caller), Frame("worker", "work.py", int(line[1:]))): count
        for line, count in lines.items()
    }
    kept = sum(lines.values())
    return Flame(benchmark=ROOT.name, stacks=stacks, seen=kept, per_call=kept / 100)


SHIFT = Shift(function="worker", file="work.py", base=1.0, head=2.0, error=0.1)


def test_the_line_that_grew_is_named_not_the_hottest(trees: Path) -> None:
    """Lines of base are found where they stand in head: below the new line they did not change."""
    (trees / "head" / "work.py").write_text(INSERTED, encoding="utf-8")
    base, head = flame(L6=20, L7=80), flame(L6=20, L7=60, L8=80)
    (increase,) = increases([SHIFT], base, head, Sources(trees / "base", trees / "head"))
    assert (increase.line, increase.source) == (7, "extra = sum(range(n))")
    assert "+    extra = sum(range(n))" in increase.hunks[0]
    assert increase.through == ""


def test_a_function_that_is_only_called_more_leads_to_the_change_in_its_caller(trees: Path) -> None:
    """It has no change of its own; the nearest function above that has one is named."""
    (trees / "head" / "work.py").write_text(CALLED_MORE, encoding="utf-8")
    (increase,) = increases([SHIFT], flame(L6=100), flame(L6=200), Sources(trees / "base", trees / "head"))
    assert increase.through == "caller work.py:2"
    assert "+    return worker(n) + worker(n)" in increase.hunks[0]


def test_without_any_change_none_is_claimed(trees: Path) -> None:
    """What grew by its data or its environment is told without a change."""
    (increase,) = increases([SHIFT], flame(L6=100), flame(L6=200), Sources(trees / "base", trees / "head"))
    assert (increase.hunks, increase.through, increase.line) == ((), "", 6)


def test_what_takes_less_is_no_growth_and_what_takes_most_more_is_first(trees: Path) -> None:
    """Only movements upwards are listed, the largest first."""
    less = Shift(function="gone", file="work.py", base=3.0, head=0.0, error=0.1)
    more = Shift(function="caller", file="work.py", base=0.0, head=5.0, error=0.1)
    found = increases([less, SHIFT, more], flame(L6=100), flame(L6=200), Sources(trees / "base", trees / "head"))
    assert [one.function for one in found] == ["caller", "worker"]
