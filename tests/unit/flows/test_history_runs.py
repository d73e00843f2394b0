"""Which runs are pruned, what git adds to those that are stored, and how far apart a change's runs are."""

from __future__ import annotations

import datetime as dt
import random
from typing import TYPE_CHECKING

import msgspec
import pytest
from tests.records import MACHINE, NOW, record
from tests.repository import Repository

from hivegate.flows.history.runs import Retention, import_runs, list_stored_runs, load_stored_runs, prune_runs
from hivegate.flows.history.trends import find_trends
from hivegate.flows.project import Project, Settings
from hivegate.history.exported import render_record
from hivegate.history.runs import add
from hivegate.history.store import open_store
from hivegate.model.run import Commit

if TYPE_CHECKING:
    from pathlib import Path

    from hivegate.model.record import Record, StoredRun

OTHER = msgspec.structs.replace(MACHINE, cpu="another")


def stored(folder: Path, *records: Record) -> Project:
    """Make a project whose history holds records."""
    add(open_store("history.db", folder=folder, create=True), list(records), now=NOW)
    return Project(folder=folder, settings=Settings(history="history.db"))


def commits(runs: tuple[StoredRun, ...]) -> set[int]:
    """Name runs by the numbers of their commits."""
    return {int(one.commit or "0", 16) - 1 for one in runs}


@pytest.mark.parametrize(("newest", "pruned"), [(1, {0, 1, 2, 4}), (2, {0, 1}), (3, {0}), (4, set())])
def test_the_newest_runs_of_each_machine_stay(tmp_path: Path, newest: int, pruned: set[int]) -> None:
    """So many of each, however they lie among each other; the others are removed, and none by a dry run."""
    machines = (MACHINE, MACHINE, MACHINE, MACHINE, OTHER, OTHER)
    project = stored(tmp_path, *(record(number, environment=machine) for number, machine in enumerate(machines)))
    retention = Retention(newest=newest)
    assert commits(prune_runs(project, retention, dry_run=True)) == pruned
    assert len(list_stored_runs(project)[1]) == 6
    assert commits(prune_runs(project, retention, dry_run=False)) == pruned
    assert commits(list_stored_runs(project)[1]) == set(range(6)) - pruned


@pytest.mark.parametrize(("newest", "pruned"), [(None, {0, 1}), (3, {0, 1}), (1, {0, 1, 2})])
def test_runs_before_a_day_go_whatever_else_stays(tmp_path: Path, newest: int | None, pruned: set[int]) -> None:
    """A run of the day itself stays, unless newer ones are enough."""
    days = [record(24 * day) for day in range(4)]
    project = stored(tmp_path, *days)
    retention = Retention(since=dt.date(2026, 1, 3), newest=newest)
    assert {number // 24 for number in commits(prune_runs(project, retention, dry_run=False))} == pruned


def test_git_says_what_a_run_does_not(tmp_path: Path) -> None:
    """The time and the subject of a commit are asked of git where the run has none, and never replaced."""
    repository = Repository.new(tmp_path)
    shas = [repository.commit({"file": str(number)}, message=f"change {number}") for number in range(2)]
    own = record(0, commit=Commit(sha=shas[0], branch="main"), subject="its own subject")
    bare = record(1, commit=Commit(sha=shas[1], branch="main"), committed=None, subject=None)
    exported = tmp_path / "runs.jsonl"
    exported.write_bytes(b"".join(map(render_record, (own, bare))))
    project = Project(folder=tmp_path, settings=Settings(history="history.db"))
    assert import_runs(project, (exported,)).new == 2
    (_, kept), *_ = load_stored_runs(project, shas[0])
    (_, asked), *_ = load_stored_runs(project, shas[1])
    assert (kept.subject, kept.committed) == ("its own subject", own.committed)
    committed = dt.datetime.fromisoformat(repository.git("show", "-s", "--format=%cI", shas[1]))
    assert asked.subject == "change 1"
    assert asked.committed is not None
    assert dt.datetime.fromisoformat(asked.committed) == committed


def test_the_commits_between_a_changes_runs_are_counted(tmp_path: Path) -> None:
    """A change lies within three where every third is measured; of commits that the clone lacks nobody knows."""
    repository = Repository.new(tmp_path)
    shas = [repository.commit({"file": str(number)}) for number in range(120)]
    chance = random.Random(9)  # noqa: S311  reproducible input, no secret
    records = []
    for run in range(40):
        values = {
            name: 1e-3 * chance.gauss(1.3 if run >= step else 1.0, 0.004) for name, step in (("a", 20), ("b", 30))
        }
        sha = shas[3 * run] if run < 25 else f"{run:040x}"
        records.append(record(run, values, commit=Commit(sha=sha, branch="main")))
    (machine,) = find_trends(stored(tmp_path, *records))
    assert [len(trend.changes) for trend in machine.trends] == [1, 1]
    assert machine.between == {f"{shas[57]}..{shas[60]}": 3}
