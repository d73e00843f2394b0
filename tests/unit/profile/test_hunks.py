"""Hunks as git spells them: what they touch, and where old lines stand."""

import difflib
import subprocess
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from hivegate.profile.hunks import Hunk, new_line, read_hunks, touching
from hivegate.system import git

OLD = [f"line {number}\n" for number in range(1, 41)]


def hunks_of(folder: Path, old: list[str], new: list[str]) -> tuple[Hunk, ...]:
    """Let git compare two files."""
    for name, lines in (("old", old), ("new", new)):
        (folder / name).write_text("".join(lines), encoding="utf-8")
    return read_hunks(git.difference(folder / "old", folder / "new"))


def test_a_line_that_changed_belongs_to_its_function_only(tmp_path: Path) -> None:
    """Its neighbours in the same hunk are shown, not touched."""
    new = [*OLD[:9], "changed\n", *OLD[10:]]
    (hunk,) = hunks_of(tmp_path, OLD, new)
    assert touching((hunk,), 10, 12) == (hunk,)
    assert touching((hunk,), 7, 9) == ()
    assert touching((hunk,), 11, 14) == ()
    assert "-line 10\n+changed" in hunk.text


def test_lines_that_are_gone_touch_the_function_they_were_in(tmp_path: Path) -> None:
    """Taken from the middle or the end of it, but not from before its first line."""
    hunks = hunks_of(tmp_path, OLD, [*OLD[:9], *OLD[12:]])
    assert touching(hunks, 5, 20) == hunks
    assert touching(hunks, 5, 9) == hunks
    assert touching(hunks, 10, 20) == ()


def test_lines_keep_their_places_between_and_after_hunks(tmp_path: Path) -> None:
    """What was moved by insertions is found again, what was replaced is at its replacement, what is gone is nowhere."""
    new = ["first\n", *OLD[:9], "changed\n", *OLD[10:30], *OLD[32:]]
    hunks = hunks_of(tmp_path, OLD, new)
    assert new_line(hunks, 1) == 2
    assert new_line(hunks, 10) == 11
    assert new_line(hunks, 20) == 21
    assert new_line(hunks, 31) is None
    assert new_line(hunks, 40) == 39


def test_equal_files_and_new_files(tmp_path: Path) -> None:
    """Equal ones have no hunk and every line its place; of a new one every line is added."""
    assert hunks_of(tmp_path, OLD, OLD) == ()
    assert new_line((), 7) == 7
    (hunk,) = read_hunks(git.difference(tmp_path / "absent", tmp_path / "new"))
    assert hunk.added == frozenset(range(1, 41))


@given(st.lists(st.sampled_from("abc"), max_size=30), st.lists(st.sampled_from("abc"), max_size=30))
def test_a_line_that_stands_in_both_is_found_with_its_text(old: list[str], new: list[str]) -> None:
    """Whatever differs, a place that is told holds the same text, unless the line there was replaced."""
    text = "\n".join(difflib.unified_diff(old, new, lineterm="", n=3))
    hunks = read_hunks(text)
    added = {line for hunk in hunks for line in hunk.added}
    for number, line in enumerate(old, 1):
        there = new_line(hunks, number)
        assert there is None or there in added or new[there - 1] == line


def test_git_compares_files_outside_repositories_and_by_its_own_rules_only(tmp_path: Path) -> None:
    """A user's external differ or pager is not asked, and what a path is called matters not."""
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    subprocess.run(["git", "-C", str(tmp_path), "config", "diff.external", "false"], check=True)
    folder = tmp_path / "-odd name"
    folder.mkdir()
    assert len(hunks_of(folder, ["a\n"], ["b\n"])) == 1
