"""What holds the memory at the peak."""

import importlib.util
from pathlib import Path

import pytest
from tests.e2e.profile_project import make_project, setting_of, task_of

from hivegate.profile.flame import Flame, Frame, Stack, hottest
from hivegate.profile.peak import peak_shifts, watch_peak

ROOT = Frame("suite/one")


def held(**functions: int) -> Flame:
    """Make a flame of bytes that functions hold."""
    stacks: dict[Stack, int] = {(ROOT, Frame(name, "work.py", 3)): size for name, size in functions.items()}
    total = sum(functions.values())
    return Flame(benchmark=ROOT.name, stacks=stacks, seen=total, per_call=float(total))


def test_what_holds_more_is_named_and_crumbs_are_not() -> None:
    """A hundredth of the peak or four KiB are what strings and resized dicts make of it."""
    base = held(rows=1_000_000, cache=5000, text=300_000)
    head = held(rows=1_000_500, cache=9000, text=700_000)
    assert [(one.function, one.delta) for one in peak_shifts(base, head)] == [("text", 400_000)]
    assert peak_shifts(held(rows=100), held(rows=4000)) == ()


@pytest.mark.skipif(importlib.util.find_spec("memray") is None, reason="memray is not installed")
def test_memray_finds_the_line_that_holds_the_memory(tmp_path: Path) -> None:
    """Of a benchmark that makes one large list, its line holds nearly all; two runs agree to a hundredth."""
    project = make_project(tmp_path / "project")
    work = project / "benches" / "work.py"
    work.write_text(
        work.read_text(encoding="utf-8") + "\n\ndef both():\n    return [None] * 500_000\n", encoding="utf-8"
    )
    one, other = (watch_peak(task_of("both"), setting_of(project))[0] for _ in range(2))
    first = hottest(one)[0]
    assert (first.frame.name, first.frame.file) == ("both", "benches/work.py")
    assert work.read_text(encoding="utf-8").splitlines()[first.frame.line - 1] == "    return [None] * 500_000"
    assert first.own >= 4_000_000 > 0.9 * first.own
    assert peak_shifts(one, other) == ()
