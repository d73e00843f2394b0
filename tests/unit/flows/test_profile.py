"""What `profile` works on, where there is little or nothing to profile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest
from tests.measured import benchmark, gate, run, target, targets
from tests.repository import Repository

import hivegate
from hivegate.flows.profile.flow import ProfileOptions, profile_benchmarks
from hivegate.flows.project import find_project
from hivegate.flows.workspace import save_result
from hivegate.model.events import Started
from hivegate.model.run import Commit

if TYPE_CHECKING:
    from pathlib import Path

    from hivegate.flows.project import Project
    from hivegate.model.events import Event
    from hivegate.model.verdict import GateResult


pytestmark = pytest.mark.slow


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Make a project of one benchmark, in a repository."""
    made = Repository.new(tmp_path)
    made.commit({
        "pyproject.toml": "[project]\nname = 'toy'\nversion = '0'\n",
        ".gitignore": ".hivegate\n__pycache__\n",
        "benches/bench_toy.py": "def test_work(benchmark): benchmark.pedantic(sum, args=(range(9),), rounds=3)\n",
    })  # fmt: skip
    return find_project(tmp_path)


def result(limit: float, seconds: tuple[float, ...] = (1.0, 1.001, 0.999)) -> GateResult:
    """Judge a benchmark of a second against a limit, at a commit that is not there any more."""
    at = Commit(sha="0123456789abcdef", branch="main")
    return gate(targets(target("toy/work", maximum=limit)), run(benchmark("toy/work", seconds), commit=at))


def test_without_a_result_there_is_nothing_to_explain(project: Project) -> None:
    """The command that makes one is named."""
    with pytest.raises(hivegate.HivegateError, match="there is no result yet") as refused:
        profile_benchmarks(project)
    assert "hivegate bench" in str(refused.value)
    assert not (project.folder / ".hivegate" / "profiles").exists()


def test_what_passed_is_not_profiled(project: Project) -> None:
    """A green result leaves no page, and what is inconclusive only by option."""
    unsure = result(1.0, (0.8, 1.2, 1.0))
    for kept in (result(2.0), unsure):
        save_result(project.folder, "bench", kept)
        events: list[Event] = []
        assert profile_benchmarks(project, on_progress=events.append).profiles == ()
        assert "profiling" not in {one.stage for one in events if isinstance(one, Started)}
    assert not (project.folder / ".hivegate" / "profiles" / "index.html").exists()
    asked = profile_benchmarks(project, ProfileOptions(inconclusive=True, tools=("memray",)))
    assert [one.benchmark for one in asked.profiles] == ["toy/work"]
    assert (project.folder / ".hivegate" / "profiles" / "index.html").exists()


def test_what_failed_is_profiled_and_that_the_code_moved_on_is_said(project: Project) -> None:
    """The newest result is meant, of whichever flow; a profile is of the code as it is now."""
    save_result(project.folder, "compare", result(2.0))
    save_result(project.folder, "bench", result(1e-3))
    profiles = profile_benchmarks(project, ProfileOptions(tools=("memray",)))
    assert [(one.benchmark, one.kind) for one in profiles.profiles] == [("toy/work", "memray")]
    assert any(note.startswith("the result is of 0123456, and the project is at ") for note in profiles.notes)
    index = (project.folder / ".hivegate" / "profiles" / "profiles.json").read_bytes()
    assert msgspec.json.decode(index, type=hivegate.Profiles) == profiles


def test_selected_benchmarks_are_profiled_without_a_result(project: Project) -> None:
    """Failed or not; one that is not there is an error."""
    profiles = profile_benchmarks(project, ProfileOptions(selectors=("toy/*",), tools=("memray",)))
    assert [one.benchmark for one in profiles.profiles] == ["toy/work"]
    with pytest.raises(hivegate.HivegateError, match="toy/wrok"):
        profile_benchmarks(project, ProfileOptions(selectors=("toy/wrok",), tools=("memray",)))
