"""The truth of the proof: head does exactly so much more, whatever else it brings along."""

from __future__ import annotations

import compileall
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from detection.exactness import count
from detection.plan import Share, draw
from detection.revisions import Repository, make_revisions
from detection.workloads import WORKLOADS, dosed

if TYPE_CHECKING:
    from pathlib import Path

NAMES = [one.name for one in WORKLOADS]


def test_counted_lines_are_as_many_more_as_the_dose_says() -> None:
    """At +10 % every function executes 9.8 to 10 % more lines; the few outside its units are the rest."""
    counted = {one.benchmark: one.lines for one in count(10, instructions=False)}
    assert set(counted) == {one.name for one in WORKLOADS if one.dosed} - {"sleep"}
    threads = {one.name for one in WORKLOADS if one.kind == "threads"}  # one may be a line behind or ahead of the other
    assert all(9.8 <= lines <= 10 for name, lines in counted.items() if name not in threads), counted
    assert all(9.0 <= counted[name] <= 11.0 for name in threads), counted


def test_doses_are_exact_percents() -> None:
    """Each constant grows by its own share, to the unit; others stay."""
    base, head = (
        dict(line.split(" = ") for line in dosed(doses).splitlines() if " = " in line)
        for doses in ({}, {"sleep": 3, "tally": 1})
    )
    assert (base["TALLY"], head["TALLY"]) == ("100", "101")
    assert (base["SLEEP"].split()[0], head["SLEEP"].split()[0]) == ("4000", "4120")
    assert {name for name in base if base[name] != head[name]} == {"TALLY", "SLEEP"}


def test_revisions_are_made_anew_alike(tmp_path: Path) -> None:
    """The same trial makes the same trees, another one other code; base never differs."""
    shares = dict.fromkeys(NAMES, Share(1, 0))
    trees = []
    for place, trial in (("a", 1), ("b", 1), ("c", 2)):
        commits = make_revisions(tmp_path / place, trial, shares)
        repository = Repository(tmp_path / place)
        trees.append([repository.git("rev-parse", f"{commit}^{{tree}}") for commit in commits])
    assert trees[0] == trees[1]
    assert trees[2][0] == trees[0][0]
    assert trees[2][1] != trees[0][1]


@pytest.mark.parametrize("trial", range(5))
def test_unrelated_code_is_valid(tmp_path: Path, trial: int) -> None:
    """What comes along compiles, and head at a dose of nothing keeps every unit."""
    make_revisions(tmp_path / "project", trial, dict.fromkeys(NAMES, Share(1, 0)))
    assert compileall.compile_dir(tmp_path / "project" / "src", quiet=1)
    changed = Repository(tmp_path / "project").git("diff", "--stat", "HEAD~1", "--", "src/subject/doses.py")
    assert changed == ""


def test_shares_are_drawn_by_the_trial() -> None:
    """The same trial draws the same; over many, half are equal revisions at the strict budget."""
    assert draw(7, NAMES) == draw(7, NAMES)
    drawn = Counter(share for trial in range(400) for share in draw(trial, NAMES).values())
    assert 0.42 < drawn[Share(1, 0)] / drawn.total() < 0.52
    assert {share.dose for share in drawn} == {0, 1, 2, 3, 5, 10}
