"""scalene's lines compared."""

import random
from pathlib import Path

import pytest

from hivegate.profile.line_increases import line_increases
from hivegate.profile.loop import LoopRun
from hivegate.profile.scalene import Line, LineProfile
from hivegate.profile.sources import Sources


@pytest.fixture
def sources(tmp_path: Path) -> Sources:
    """Make two trees of which head has one line more at the top."""
    for tree, text in (("base", ""), ("head", "import os\n")):
        (tmp_path / tree).mkdir()
        (tmp_path / tree / "work.py").write_text(text + "".join(f"x{n} = {n}\n" for n in range(30)), encoding="utf-8")
    return Sources(tmp_path / "base", tmp_path / "head")


def profile(lines: dict[int, float], *, calls: int) -> LineProfile:
    """Make a profile of lines that allocated so many MiB in all calls."""
    found = tuple(Line(lineno=number, line=f"x{number}", n_malloc_mb=amount) for number, amount in lines.items())
    looped = LoopRun(calls=calls, seconds=1.0, cpu=1.0, elapsed=1.0)
    return LineProfile(looped=looped, files={"work.py": found}, functions={}, json=b"{}", html="")


def noted(chance: random.Random, a_call: float, calls: int) -> float:
    """Note an allocation as scalene does: a whole MiB each, in a part of the calls one more."""
    return float(sum(int(a_call) + (chance.random() < a_call % 1) for _ in range(calls)))


def test_the_line_that_allocates_more_a_call_is_first(sources: Sources) -> None:
    """Calls differ on both sides, and so do the lines' numbers; per call only one line grew."""
    base = profile({5: 30.0, 9: 300.0}, calls=100)
    head = profile({6: 66.0, 10: 60.0}, calls=20)
    (increase,) = line_increases(base, head, sources)
    assert (increase.file, increase.line) == ("work.py", 6)
    assert increase.base == pytest.approx(0.3 * 2**20)
    assert increase.head == pytest.approx(3.3 * 2**20)


def test_unchanged_lines_are_named_once_in_hundreds_of_profiles(sources: Sources) -> None:
    """Whatever lines allocate and however few calls there were, chance alone is not taken for increase."""
    named = 0
    for seed in range(300):
        chance = random.Random(seed)  # noqa: S311  a simulation
        truth = {line: chance.choice((0.02, 0.3, 0.5, 1.5, 2.75, 12.4)) for line in range(2, 12)}
        calls = chance.choice((1, 2, 8, 60)), chance.choice((1, 2, 8, 60))
        base = profile({line - 1: noted(chance, truth[line], calls[0]) for line in truth}, calls=calls[0])
        head = profile({line: noted(chance, truth[line], calls[1]) for line in truth}, calls=calls[1])
        named += bool(line_increases(base, head, sources))
    assert named <= 3


def test_less_than_a_quarter_of_a_mebibyte_is_not_claimed(sources: Sources) -> None:
    """Of a small working set scalene sees what happens to pass a MiB, which differs from run to run."""
    base, head = profile({5: 10.0}, calls=1000), profile({6: 200.0}, calls=1000)
    assert line_increases(base, head, sources) == ()
