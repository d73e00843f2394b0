"""This repository compares its hive, a second distribution with a source root of its own, with the base's."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.conftest import Project
from tests.environments import Environment
from tests.repository import Repository

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.timed

_ROOT = Path(__file__).resolve().parents[2]
_FUNCTION = "hive/src/hivemind/primitives/conflicts.py"
_SLOWER = """
from itertools import cycle
_once, _again = find_conflicts, cycle((True, False, False, False, False))
def find_conflicts(proposals):
    if next(_again):
        _once(proposals)
    return _once(proposals)
"""
_SELECTED = "swarm_primitives/conflict_detection[500]"
_ISOLATED = """
import asyncio
from hive_agents import SpellingAgent
from hivemind.queen import isolated

async def spawn():
    async with isolated([SpellingAgent(name="speller")], patience=60) as team:
        return len(team)

def bench_spawning(benchmark):
    assert benchmark.pedantic(lambda: asyncio.run(spawn()), rounds=1) == 1
"""
_TARGETS = """
schema: 1
regressions:
  - {benchmark: "swarm_primitives/*", budget: 5 %}
  - {benchmark: "isolated/*", budget: 900 %}
"""


class Clone:
    """A clone of this repository, both of whose distributions are installed editable."""

    def __init__(self, folder: Path) -> None:
        self.repository = Repository(_ROOT).clone(folder / "hivegate", "--depth=1")
        self.folder = self.repository.folder
        self.environment = Environment(folder / "environment")
        self.environment.install("-e", str(self.folder), "-e", str(self.folder / "hive"))

    def keep_base(self) -> None:
        """Take the tree as it is as the base."""
        self.base = self.repository.commit()

    def move_back(self) -> None:
        """Take as the base what there was before the hive was a distribution: a package of hivegate's."""
        former = self.folder / "src" / "hivegate" / "hive"
        shutil.copytree(self.folder / "hive" / "src" / "hivemind", former)
        self.repository.git("rm", "-r", "-q", "hive", "benches/conftest.py", "benches/former")
        for file in (*former.rglob("*.py"), *(self.folder / "benches").rglob("*.py")):
            file.write_text(file.read_text("utf-8").replace("hivemind", "hivegate.hive"), encoding="utf-8")
        self.base = self.repository.commit()
        self.repository.git("rm", "-r", "-q", "src/hivegate/hive")
        self.repository.git("checkout", "-q", "HEAD^", "--", ".")

    def compare(self, *selected: str) -> dict[str, str]:
        """Commit the tree and compare it with its base; returns the outcomes."""
        self.repository.commit()
        project = Project(self.folder)
        targets = project.write(".hivegate/targets.yaml", _TARGETS)
        options = ("--python", self.environment.python, "--targets", str(targets), "--max-time", "3m")
        project.hivegate("compare", self.base, *options, *(f"--select={one}" for one in selected))
        return {one["benchmark"]: one["outcome"] for one in project.result("compare")["verdicts"]}


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Clone:
    """Clone the last commit of this repository."""
    if not (_ROOT / ".git").exists():
        pytest.skip("not in a checkout of hivegate")
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p no:hypothesispytest -p no:xdist -p no:codspeed")
    return Clone(tmp_path)


@pytest.mark.parametrize("base", [Clone.keep_base, Clone.move_back])
def test_a_fifth_more_work_in_the_hive_is_slower(clone: Clone, base: Callable[[Clone], None]) -> None:
    """Every fifth call works twice. Base runs its own hive, also where that is still a package of hivegate's.

    Equal trees are not slower, and agents in processes of their own find base's hive, too.
    """
    base(clone)
    clone.repository.write({"benches/bench_isolated.py": _ISOLATED})
    equal = clone.compare(_SELECTED, "isolated/spawning")
    assert equal[_SELECTED] != "slower"
    assert equal["isolated/spawning"] == "passed"
    function = clone.folder / _FUNCTION
    function.write_text(function.read_text(encoding="utf-8") + _SLOWER, encoding="utf-8")
    assert clone.compare(_SELECTED) == {_SELECTED: "slower"}
